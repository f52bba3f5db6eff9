package dev.latchkey.credential;

import static java.util.Objects.requireNonNull;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import dev.latchkey.credential.CredentialData.ClientAuth;
import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.credential.ProviderOAuth.BodyFormat;
import dev.latchkey.crypto.Secret;
import dev.latchkey.net.Destination;
import dev.latchkey.net.Header;
import dev.latchkey.net.OutboundLimits;
import dev.latchkey.net.OutboundRequest;
import dev.latchkey.web.ProblemException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * A request to a token endpoint (RFC 6749 section 3.2) or to that which revokes tokens, with what is particular about the
 * provider: its names of parameters, its format, how the client signs in.
 *
 * @param provider null where the merchant describes the service himself
 */
record TokenCall(@Nullable Provider provider, Variables variables, OAuth2 data) {

    /**
     * What asks for a token by the client's own credentials, which spends nothing.
     *
     * @throws ProblemException 422 for a token URL that is none of the provider's, 409 for what no header can carry
     */
    @Nullable
    OutboundRequest clientCredentials(Addresses addresses, OutboundLimits limits) {
        Destination there = tokenUrl(addresses);
        if (there == null) {
            return null;
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put(nameOf("grant_type"), "client_credentials");
        ProviderOAuth oauth = oauth();
        List<String> scopes = data.scopes().isEmpty() && oauth != null ? oauth.clientScopes() : data.scopes();
        if (!scopes.isEmpty()) {
            parameters.put(nameOf("scope"), String.join(oauth == null ? " " : oauth.scopeSeparator(), scopes));
        }
        if (oauth != null) {
            oauth.tokenParameters().forEach((name, value) -> parameters.put(name, value.fill(values())));
        }
        return request(there, parameters, oauth == null ? BodyFormat.FORM : oauth.body(), limits, true, true);
    }

    /**
     * What gives a token back, RFC 7009.
     *
     * @throws ProblemException 409 for what no header can carry
     */
    OutboundRequest revocation(Destination there, Secret token, boolean isRefreshToken, OutboundLimits limits) {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("token", token.reveal());
        parameters.put("token_type_hint", isRefreshToken ? "refresh_token" : "access_token");
        return request(there, parameters, BodyFormat.FORM, limits, true, true);
    }

    private @Nullable Destination tokenUrl(Addresses addresses) {
        if (data.tokenUrl() != null) {
            return addresses.of("data.tokenUrl", data.tokenUrl());
        }
        String url = addresses.tokenUrl();
        return url == null ? null : Destination.parse(url).orNull();
    }

    @Nullable
    ProviderOAuth oauth() {
        return provider == null ? null : provider.oauth2();
    }

    /** What a parameter is called there. */
    String nameOf(String parameter) {
        ProviderOAuth oauth = oauth();
        return oauth == null ? parameter : oauth.renamed().presented(parameter);
    }

    /** What fills the texts of the entry. */
    Map<String, String> values() {
        Map<String, String> values = new HashMap<>(variables.values());
        values.put(TextTemplate.CLIENT_ID, data.clientId());
        return values;
    }

    /**
     * Puts a request together.
     *
     * @param parameters by the names that they have there; what signs the client in is added
     * @param signsIn whether the client signs in
     * @param isRepeatable whether it spends nothing, so that it may be sent twice
     * @throws ProblemException 409 for what no header can carry
     */
    OutboundRequest request(Destination there, Map<String, String> parameters, BodyFormat format, OutboundLimits limits,
            boolean signsIn, boolean isRepeatable) {
        List<Header> headers = new ArrayList<>();
        headers.add(new Header("Accept", "application/json"));
        ProviderOAuth oauth = oauth();
        ClientAuth clientAuth = oauth == null || oauth.clientAuth() == null ? data.clientAuth() : oauth.clientAuth();
        Secret secret = data.clientSecret();
        // A public client has nothing to sign in with, and says who it is in the body.
        if (signsIn && clientAuth == ClientAuth.BASIC && secret != null) {
            headers.add(new Header("Authorization", basic(secret)));
        } else if (signsIn) {
            parameters.put(nameOf("client_id"), data.clientId());
            if (secret != null) {
                parameters.put(nameOf("client_secret"), secret.reveal());
            }
        }
        if (oauth != null) {
            oauth.tokenHeaders().forEach((name, value) -> {
                headers.removeIf(header -> header.name().equalsIgnoreCase(name));
                headers.add(new Header(name, value.fill(values())));
            });
        }
        if (headers.stream().anyMatch(header -> !Header.isValue(header.value()))) {
            throw ProblemException.conflict("The client ID or secret holds a character that no header can carry.");
        }
        return switch (format) {
            case FORM -> {
                headers.add(new Header("Content-Type", "application/x-www-form-urlencoded"));
                yield new OutboundRequest(HttpMethod.POST, there, headers, Buffer.buffer(form(parameters)), limits,
                        isRepeatable);
            }
            case JSON -> {
                headers.add(new Header("Content-Type", "application/json"));
                Map<String, Object> members = new LinkedHashMap<>(parameters);
                yield new OutboundRequest(HttpMethod.POST, there, headers, new JsonObject(members).toBuffer(), limits,
                        isRepeatable);
            }
            case QUERY -> new OutboundRequest(HttpMethod.GET,
                    there.withTarget(there.target() + (there.target().indexOf('?') < 0 ? "?" : "&") + form(parameters)),
                    headers, null, limits, isRepeatable);
        };
    }

    /**
     * RFC 6749 section 2.3.1 has both halves form-encoded first, which vendors whose documentation shows {@code curl -u} do not
     * undo; SAP's client ids have characters in which that shows. So as it stands for the entries, and by the book for others.
     */
    private String basic(Secret secret) {
        ProviderOAuth oauth = oauth();
        boolean asItStands = oauth != null && oauth.clientAuth() != null;
        String id = asItStands ? data.clientId() : URLEncoder.encode(data.clientId(), StandardCharsets.UTF_8);
        String password = asItStands ? secret.reveal() : URLEncoder.encode(secret.reveal(), StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString((id + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    private static String form(Map<String, String> parameters) {
        return parameters.entrySet().stream()
                .map(each -> URLEncoder.encode(each.getKey(), StandardCharsets.UTF_8) + "="
                        + URLEncoder.encode(requireNonNull(each.getValue(), each.getKey()), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }
}
