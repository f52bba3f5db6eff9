package dev.latchkey.credential;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

import jakarta.inject.Singleton;

import dev.latchkey.catalog.Text;
import dev.latchkey.credential.CredentialData.ClientAuth;
import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.crypto.Secret;
import dev.latchkey.net.Destination;
import dev.latchkey.net.Header;
import dev.latchkey.net.Outbound;
import dev.latchkey.net.OutboundAnswer;
import dev.latchkey.net.OutboundLimits;
import dev.latchkey.net.OutboundRequest;
import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import org.jspecify.annotations.Nullable;

/** Gives tokens of deleted credentials back to their providers (RFC 7009), so that copies of them are worth nothing. */
@Singleton
class Revocations {

    private static final OutboundLimits LIMITS = OutboundLimits.of(Duration.ofSeconds(10), 64 * 1024);

    private static final Text DONE = new Text("The provider has revoked the token.", "El proveedor ha revocado el token.");
    private static final Text NOT_DONE = new Text("The provider did not revoke the token. Withdraw it there.",
            "El proveedor no ha revocado el token. Retírelo allí.");

    private final CredentialChecks checks;
    private final Outbound outbound;

    Revocations(CredentialChecks checks, Outbound outbound) {
        this.checks = checks;
        this.outbound = outbound;
    }

    /** Asks the provider; empty where there is no token, or nowhere to give it back. Never fails. */
    Uni<Optional<Revocation>> revoke(OpenCredential deleted, Locale locale) {
        if (!(deleted.data() instanceof OAuth2 oauth)) {
            return Uni.createFrom().item(Optional.empty());
        }
        Secret refresh = oauth.refreshToken();
        Secret token = refresh == null ? oauth.accessToken() : refresh;
        CredentialMaterial material = material(deleted);
        Destination to = material == null ? null : material.revocation().orElse(null);
        if (token == null || material == null || to == null) {
            return Uni.createFrom().item(Optional.empty());
        }
        return outbound.send(request(to, material.provider(), oauth, token, refresh != null)).map(outcome -> {
            OutboundAnswer answer = outcome.answer();
            boolean isDone = answer != null && answer.status() / 100 == 2;
            return Optional.of(
                    new Revocation(isDone, answer == null ? null : answer.status(), (isDone ? DONE : NOT_DONE).in(locale)));
        });
    }

    private @Nullable CredentialMaterial material(OpenCredential deleted) {
        try {
            return checks.material(deleted);
        } catch (ProblemException doesNotFitAnyMore) {
            return null;
        }
    }

    private static OutboundRequest request(Destination to, @Nullable Provider provider, OAuth2 oauth, Secret token,
            boolean isRefreshToken) {
        Provider.OAuth known = provider == null ? null : provider.oauth2();
        Map<String, String> form = new LinkedHashMap<>();
        form.put("token", token.reveal());
        form.put("token_type_hint", isRefreshToken ? "refresh_token" : "access_token");
        List<Header> headers = new ArrayList<>(List.of(new Header("Content-Type", "application/x-www-form-urlencoded"),
                new Header("Accept", "application/json")));
        Secret secret = oauth.clientSecret();
        if (secret != null && (known == null ? oauth.clientAuth() : known.clientAuth()) == ClientAuth.BASIC) {
            headers.add(new Header("Authorization", "Basic " + Base64.getEncoder().encodeToString(
                    (encoded(oauth.clientId()) + ":" + encoded(secret.reveal())).getBytes(StandardCharsets.UTF_8))));
        } else {
            form.put(known == null ? "client_id" : known.renamed().presented("client_id"), oauth.clientId());
            if (secret != null) {
                form.put(known == null ? "client_secret" : known.renamed().presented("client_secret"), secret.reveal());
            }
        }
        return new OutboundRequest(HttpMethod.POST, to, headers, Buffer.buffer(form.entrySet().stream()
                .map(field -> field.getKey() + "=" + encoded(field.getValue())).collect(Collectors.joining("&"))), LIMITS);
    }

    /** As forms are, which RFC 6749 section 2.3.1 also wants of what goes into Basic. */
    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
