package dev.latchkey.credential;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

import jakarta.inject.Singleton;

import dev.latchkey.catalog.Text;
import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.crypto.Secret;
import dev.latchkey.net.Destination;
import dev.latchkey.net.Outbound;
import dev.latchkey.net.OutboundAnswer;
import dev.latchkey.net.OutboundLimits;
import dev.latchkey.net.OutboundRequest;
import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Uni;
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
        if (token == null) {
            return Uni.createFrom().item(Optional.empty());
        }
        OutboundRequest request;
        try {
            CredentialMaterial material = checks.material(deleted);
            Destination to = material.revocation().orElse(null);
            if (to == null) {
                return Uni.createFrom().item(Optional.empty());
            }
            request = new TokenCall(material.provider(), material.variables(), oauth).revocation(to, token, refresh != null,
                    LIMITS);
        } catch (ProblemException doesNotFitAnyMore) {
            return Uni.createFrom().item(Optional.of(notDone(null, locale)));
        }
        return outbound.send(request).map(outcome -> {
            OutboundAnswer answer = outcome.answer();
            return Optional.of(answer != null && answer.status() / 100 == 2
                    ? new Revocation(true, answer.status(), DONE.in(locale))
                    : notDone(answer == null ? null : answer.status(), locale));
        });
    }

    /** @param httpStatus what the provider has answered; null: nothing, or it was not asked */
    static Revocation notDone(@Nullable Integer httpStatus, Locale locale) {
        return new Revocation(false, httpStatus, NOT_DONE.in(locale));
    }
}
