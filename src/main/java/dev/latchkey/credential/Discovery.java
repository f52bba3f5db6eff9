package dev.latchkey.credential;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import jakarta.inject.Singleton;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.net.Destination;
import dev.latchkey.net.Header;
import dev.latchkey.net.Outbound;
import dev.latchkey.net.OutboundAnswer;
import dev.latchkey.net.OutboundLimits;
import dev.latchkey.net.OutboundRequest;
import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpMethod;
import org.jspecify.annotations.Nullable;

/**
 * What authorization servers publish about themselves (RFC 8414, OpenID Connect Discovery): so that a merchant who connects a
 * service that nobody knows need say its issuer alone.
 *
 * <p>
 * Its addresses are taken over when the credential is stored, and stand in it as if the merchant had said them: who takes the
 * metadata over later has not got the tokens. The document has to name the issuer that it was asked for (RFC 8414 section 3.3).
 */
@Singleton
class Discovery {

    private static final OutboundLimits LIMITS = OutboundLimits.of(Duration.ofSeconds(5), 256 * 1024);
    private static final String ISSUER = "issuer";
    private static final String FIELD = "data." + ISSUER;
    private static final List<String> PUBLISHED = List.of("tokenUrl", "authorizeUrl", "revokeUrl");

    private final Outbound outbound;
    private final TestAllowance allowance;

    Discovery(Outbound outbound, TestAllowance allowance) {
        this.outbound = outbound;
        this.allowance = allowance;
    }

    /**
     * Who has to send a person back.
     *
     * @param name null: not known
     * @param isAlwaysTold whether the redirect says it each time (RFC 9207 section 3)
     */
    record Issuer(@Nullable String name, boolean isAlwaysTold) {
    }

    /**
     * Who has to send people back that are sent to connect a credential. What cannot be asked now is not demanded.
     *
     * @param metadataUrl of the provider's entry; null: it has none
     * @throws ProblemException 429 where the organization has others asked too often
     */
    Uni<Issuer> issuer(UUID organization, OAuth2 data, @Nullable String metadataUrl) {
        String issuer = data.issuer();
        if (issuer == null) {
            return Uni.createFrom().item(new Issuer(Issuers.of(metadataUrl), false));
        }
        allowance.take(organization);
        return metadata(issuer).map(found -> new Issuer(issuer,
                found.map(document -> document.path("authorization_response_iss_parameter_supported").asBoolean(false))
                        .orElse(false)));
    }

    /**
     * Puts what a server publishes in the place of what was not said.
     *
     * @return the same where it names no issuer, or nothing is left to be found out
     * @throws ProblemException 422 where nothing is published there, or by someone else, 429 where the organization has others
     *         asked too often
     */
    Uni<CredentialForm> completed(UUID organization, CredentialForm form) {
        return form.type() != CredentialType.OAUTH2 ? Uni.createFrom().item(form)
                : completed(organization, form.data()).map(form::with);
    }

    /**
     * The same of one that is edited: who says another issuer, and no addresses, means those of that one.
     *
     * @param said the {@code data} of the patch; null: none
     */
    Uni<CredentialForm> completed(UUID organization, CredentialForm wanted, @Nullable JsonNode said) {
        if (wanted.type() != CredentialType.OAUTH2 || said == null || !said.hasNonNull(ISSUER)) {
            return Uni.createFrom().item(wanted);
        }
        ObjectNode data = wanted.data().deepCopy();
        PUBLISHED.stream().filter(field -> !said.has(field)).forEach(data::remove);
        return completed(organization, wanted.with(data));
    }

    private Uni<ObjectNode> completed(UUID organization, ObjectNode data) {
        String said = data.path(ISSUER).asText("");
        if (said.isBlank() || data.hasNonNull("tokenUrl") && data.hasNonNull("authorizeUrl")) {
            return Uni.createFrom().item(data);
        }
        String known = Issuers.of(said);
        String issuer = known == null ? said : known;
        if (!Issuers.isName(issuer)) {
            throw ProblemException.invalid(FIELD, "must be the URL of an authorization server, without a question mark");
        }
        allowance.take(organization);
        return metadata(issuer).map(found -> filled(data, issuer, found.orElseThrow(() -> ProblemException.invalid(FIELD,
                "publishes nothing about itself (RFC 8414, OpenID Connect Discovery); say authorizeUrl and tokenUrl instead"))));
    }

    private static ObjectNode filled(ObjectNode data, String issuer, JsonNode document) {
        ObjectNode filled = data.deepCopy();
        filled.put(ISSUER, document.path(ISSUER).asText(issuer));
        put(filled, "tokenUrl", document, "token_endpoint");
        put(filled, "authorizeUrl", document, "authorization_endpoint");
        put(filled, "revokeUrl", document, "revocation_endpoint");
        JsonNode methods = document.path("token_endpoint_auth_methods_supported");
        if (!filled.hasNonNull("clientAuth") && methods.isArray() && !methods.isEmpty()) {
            List<String> names = new ArrayList<>();
            methods.forEach(method -> names.add(method.asText()));
            // Absent means basic (RFC 8414 section 2), which is our default, too.
            if (!names.contains("client_secret_basic") && names.contains("client_secret_post")) {
                filled.put("clientAuth", "post");
            }
        }
        return filled;
    }

    private static void put(ObjectNode data, String field, JsonNode document, String member) {
        String url = document.path(member).asText("");
        if (!data.hasNonNull(field) && !url.isEmpty()) {
            data.put(field, url);
        }
    }

    /** Of OpenID Connect first, which most have; empty where neither is there, or names another issuer. */
    private Uni<Optional<JsonNode>> metadata(String issuer) {
        String base = issuer.replaceAll("/$", "");
        Destination there = Destination.parse(issuer).orNull();
        String path = there == null ? "" : there.target().replaceAll("/$", "");
        String origin = there == null ? base : there.origin();
        return read(base + "/.well-known/openid-configuration", issuer).flatMap(found -> found.isPresent()
                ? Uni.createFrom().item(found)
                : read(origin + "/.well-known/oauth-authorization-server" + path, issuer));
    }

    private Uni<Optional<JsonNode>> read(String url, String issuer) {
        Destination there = Destination.parse(url).orNull();
        if (there == null) {
            return Uni.createFrom().item(Optional.empty());
        }
        OutboundRequest request = new OutboundRequest(HttpMethod.GET, there,
                List.of(new Header("Accept", "application/json")), null, LIMITS);
        return outbound.send(request).map(outcome -> {
            OutboundAnswer answer = outcome.answer();
            if (answer == null || answer.status() != 200 || answer.truncated()) {
                return Optional.empty();
            }
            JsonNode document = ProbeRule.json(answer);
            String named = document.path(ISSUER).asText("");
            return named.replaceAll("/$", "").equals(issuer.replaceAll("/$", "")) ? Optional.of(document) : Optional.empty();
        });
    }
}
