package dev.latchkey.credential;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import jakarta.inject.Singleton;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.net.Destination;
import dev.latchkey.net.Header;
import dev.latchkey.net.Outbound;
import dev.latchkey.net.OutboundAnswer;
import dev.latchkey.net.OutboundLimits;
import dev.latchkey.net.OutboundRequest;
import dev.latchkey.web.ProblemCode;
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
    private static final String AUTHORIZATION_CODE = "authorization_code";
    private static final String FIELD = "data." + ISSUER;
    private static final List<String> PUBLISHED = List.of("tokenUrl", "authorizeUrl", "revokeUrl", "clientAuth");

    private static final int OK = 200;
    private static final int FAILING = 500;

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
     * Who has to send people back that are sent to connect a credential. What is not published is not demanded; where nobody
     * answers, nobody is sent there: who keeps us from reading it must not be the one who takes the demand away.
     *
     * @param metadataUrl of the provider's entry, which is not asked; null: it has none
     * @throws ProblemException 429 where the organization has others asked too often, 503 where that server cannot be reached
     */
    Uni<Issuer> issuer(UUID organization, OAuth2 data, @Nullable String metadataUrl) {
        String issuer = data.issuer();
        if (issuer == null) {
            return Uni.createFrom().item(new Issuer(Issuers.of(metadataUrl), false));
        }
        allowance.take(organization);
        return metadata(issuer).map(found -> {
            if (found.isUnreachable()) {
                throw new ProblemException(ProblemCode.UNAVAILABLE,
                        "What the issuer publishes about itself cannot be read now; try again later.")
                        .with("Retry-After", "30");
            }
            return new Issuer(issuer,
                    found.document().path("authorization_response_iss_parameter_supported").asBoolean(false));
        });
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
        if (said.isBlank()) {
            return Uni.createFrom().item(data);
        }
        String known = Issuers.of(said);
        String issuer = known == null ? said : known;
        if (!Issuers.isName(issuer)) {
            throw ProblemException.invalid(FIELD, "must be the URL of an authorization server, without a question mark");
        }
        // Its name and not where it is published, since people are sent back with its name.
        ObjectNode named = data.deepCopy().put(ISSUER, issuer);
        boolean isForPeople = AUTHORIZATION_CODE.equals(data.path("grant").asText(""));
        if (data.hasNonNull("tokenUrl") && (data.hasNonNull("authorizeUrl") || !isForPeople)) {
            return Uni.createFrom().item(named);
        }
        allowance.take(organization);
        return metadata(issuer).map(found -> {
            if (found.document().isMissingNode()) {
                throw ProblemException.invalid(FIELD,
                        "publishes nothing about itself (RFC 8414, OpenID Connect Discovery); say authorizeUrl and tokenUrl instead");
            }
            return filled(named, issuer, found.document());
        });
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

    /**
     * What was found.
     *
     * @param document missing where there is none, or it names another issuer
     * @param isUnreachable whether there was none because nobody has answered, or whoever has is failing
     */
    private record Found(JsonNode document, boolean isUnreachable) {

        static Found none(boolean isUnreachable) {
            return new Found(MissingNode.getInstance(), isUnreachable);
        }
    }

    /** Of OpenID Connect first, which most have. */
    private Uni<Found> metadata(String issuer) {
        String base = issuer.replaceAll("/$", "");
        Destination there = Destination.parse(issuer).orNull();
        String path = there == null ? "" : there.target().replaceAll("/$", "");
        String origin = there == null ? base : there.origin();
        return read(base + "/.well-known/openid-configuration", issuer).flatMap(found -> !found.document().isMissingNode()
                ? Uni.createFrom().item(found)
                : read(origin + "/.well-known/oauth-authorization-server" + path, issuer)
                        .map(second -> second.document().isMissingNode()
                                ? Found.none(found.isUnreachable() || second.isUnreachable())
                                : second));
    }

    private Uni<Found> read(String url, String issuer) {
        Destination there = Destination.parse(url).orNull();
        if (there == null) {
            return Uni.createFrom().item(Found.none(false));
        }
        OutboundRequest request = new OutboundRequest(HttpMethod.GET, there,
                List.of(new Header("Accept", "application/json")), null, LIMITS);
        return outbound.send(request).map(outcome -> {
            OutboundAnswer answer = outcome.answer();
            if (answer == null || answer.status() != OK || answer.truncated()) {
                return Found.none(answer == null || answer.status() >= FAILING);
            }
            JsonNode document = ProbeRule.json(answer);
            String named = document.path(ISSUER).asText("");
            return named.replaceAll("/$", "").equals(issuer.replaceAll("/$", "")) ? new Found(document, false)
                    : Found.none(false);
        });
    }
}
