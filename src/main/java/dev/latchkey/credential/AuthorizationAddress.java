package dev.latchkey.credential;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.credential.ProviderOAuth.Pkce;
import dev.latchkey.crypto.Secret;
import dev.latchkey.net.Destination;
import dev.latchkey.web.ProblemException;
import org.jspecify.annotations.Nullable;

/**
 * Where a person is sent to agree: the authorization request of RFC 6749 section 4.1.1 as a URL, with what is particular about
 * the provider.
 *
 * @param provider null where the merchant describes the service himself
 */
record AuthorizationAddress(@Nullable Provider provider, Variables variables, OAuth2 data, Addresses addresses) {

    /** @throws ProblemException 422 where what stands does not fit its provider's entry any more */
    static AuthorizationAddress of(CredentialMaterial material, OAuth2 data) {
        return new AuthorizationAddress(material.provider(), material.variables(), data,
                Addresses.of(material.provider(), material.variables(), material.baseUrl()));
    }

    /** The address without our parameters; null where nobody says it. */
    private @Nullable Destination endpoint() {
        if (data.authorizeUrl() != null) {
            return addresses.of("data.authorizeUrl", data.authorizeUrl());
        }
        String url = addresses.authorizeUrl();
        return url == null ? null : Destination.parse(url).orNull();
    }

    /** Where the code is presented; null where nobody says it. */
    private @Nullable Destination tokenEndpoint() {
        if (data.tokenUrl() != null) {
            return addresses.of("data.tokenUrl", data.tokenUrl());
        }
        String url = addresses.tokenUrl();
        return url == null ? null : Destination.parse(url).orNull();
    }

    /** Both, and for whom; null where one of them is said by nobody. */
    @Nullable
    Ends ends() {
        Destination authorize = endpoint();
        Destination token = tokenEndpoint();
        return authorize == null || token == null ? null : new Ends(data.clientId(), authorize, token);
    }

    /** What a code is meant for: who edits it meanwhile does not get it. */
    record Ends(String clientId, Destination authorize, Destination token) {

        /** As {@link ConnectTokens#client} takes them. */
        String[] parts() {
            return new String[] { clientId, authorize.url(), token.url() };
        }
    }

    /** Whether RFC 7636 is spoken. Where the entry demands it, the merchant does not switch it off. */
    boolean usesPkce() {
        ProviderOAuth oauth = oauth();
        Pkce known = oauth == null ? Pkce.SUPPORTED : oauth.pkce();
        return switch (known) {
            case REQUIRED -> true;
            case SUPPORTED -> data.pkce();
            case NONE -> false;
        };
    }

    /** What stands for the address of our callback: some vendors have a name for it. */
    String redirect(String callback) {
        ProviderOAuth oauth = oauth();
        return oauth == null || oauth.redirectUri() == null ? callback : oauth.redirectUri().fill(values());
    }

    /** What is asked for. */
    List<String> scopes() {
        ProviderOAuth oauth = oauth();
        return data.scopes().isEmpty() && oauth != null ? oauth.scopes() : data.scopes();
    }

    /**
     * The whole address.
     *
     * @param there that without our parameters
     * @param redirect {@link #redirect}
     * @param verifier null: without PKCE
     */
    String url(Destination there, String redirect, Secret state, @Nullable Secret verifier) {
        Map<String, String> parameters = new LinkedHashMap<>();
        ProviderOAuth oauth = oauth();
        if (oauth != null) {
            // First, so that no entry takes the place of a parameter that the whole rests on.
            oauth.authorizeParameters().forEach((name, value) -> parameters.put(name, value.fill(values())));
        }
        put(parameters, "response_type", "code");
        put(parameters, "client_id", data.clientId());
        put(parameters, "redirect_uri", redirect);
        if (!scopes().isEmpty()) {
            put(parameters, "scope", String.join(oauth == null ? " " : oauth.scopeSeparator(), scopes()));
        }
        put(parameters, "state", state.reveal());
        if (verifier != null) {
            put(parameters, "code_challenge", ConnectTokens.challenge(verifier));
            put(parameters, "code_challenge_method", "S256");
        }
        return there.withTarget(added(there.target(), parameters)).url();
    }

    private void put(Map<String, String> parameters, String name, String value) {
        ProviderOAuth oauth = oauth();
        parameters.put(oauth == null ? name : oauth.renamed().authorizing(name), value);
    }

    /** Parameters of the same names that stand there already are taken away: of two, a server may take either. */
    private static String added(String target, Map<String, String> parameters) {
        int mark = target.indexOf('?');
        List<String> query = new ArrayList<>();
        if (mark >= 0) {
            for (String parameter : target.substring(mark + 1).split("&", -1)) {
                if (!parameter.isEmpty() && !parameters.containsKey(decoded(parameter.split("=", 2)[0]))) {
                    query.add(parameter);
                }
            }
        }
        parameters.forEach((name, value) -> query.add(UrlTemplate.encoded(name) + "=" + UrlTemplate.encoded(value)));
        return (mark < 0 ? target : target.substring(0, mark)) + "?" + String.join("&", query);
    }

    private static String decoded(String name) {
        try {
            return URLDecoder.decode(name, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException noEscape) {
            return name;
        }
    }

    private Map<String, String> values() {
        Map<String, String> values = new HashMap<>(variables.values());
        values.put(TextTemplate.CLIENT_ID, data.clientId());
        return values;
    }

    private @Nullable ProviderOAuth oauth() {
        return provider == null ? null : provider.oauth2();
    }
}
