package dev.latchkey.credential;

import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Locale;

import dev.latchkey.credential.CredentialData.Bearer;
import dev.latchkey.credential.CredentialData.Grant;
import dev.latchkey.credential.CredentialData.OAuth2;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a credential when it is stored.
 *
 * @param checkedAt null: not tested
 * @param expiresAt when what it presents ends; null: not known, or never
 * @param keepsFormerStatus whether the test said nothing
 */
record Outcome(CredentialStatus status, ProbeReason reason, @Nullable Integer httpStatus, @Nullable Long durationMs,
        @Nullable Instant checkedAt, @Nullable Instant expiresAt, boolean keepsFormerStatus) {

    /** From when on what ends by itself is yellow. */
    static final Duration SOON = Duration.ofDays(14);

    private static final int JWT_PARTS = 3;
    /** 9999-12-31: whoever writes more means something else. */
    private static final long LAST_SECOND = 253_402_300_799L;

    static Outcome of(ProbeResult result, CredentialData data) {
        return new Outcome(result.status(), result.reason(), result.httpStatus(), result.durationMs(), result.checkedAt(),
                expiry(data), result.keepsFormerStatus());
    }

    /** Of what was stored without having been tested. */
    static Outcome untested(CredentialData data) {
        ProbeReason reason = data instanceof OAuth2 oauth && oauth.grant() == Grant.AUTHORIZATION_CODE
                && oauth.accessToken() == null ? ProbeReason.NOT_CONNECTED : ProbeReason.NOT_VERIFIABLE;
        return new Outcome(reason.status(), reason, null, null, null, expiry(data), false);
    }

    /** What works, ends soon and is renewed by nobody is yellow. */
    static ProbeResult seenAhead(ProbeResult result, CredentialData data, Locale locale) {
        Instant expiry = isRenewed(data) ? null : expiry(data);
        if (result.status() != CredentialStatus.GREEN || expiry == null
                || expiry.isAfter(result.checkedAt().plus(SOON))) {
            return result;
        }
        ProbeReason expiring = ProbeReason.EXPIRING;
        return new ProbeResult(expiring.status(), expiring, expiring.detail(locale), result.httpStatus(), result.durationMs(),
                result.checkedAt(), expiring.nextStep(locale), result.keepsFormerStatus());
    }

    private static boolean isRenewed(CredentialData data) {
        return data instanceof OAuth2 oauth && (oauth.grant() == Grant.CLIENT_CREDENTIALS || oauth.refreshToken() != null);
    }

    private static @Nullable Instant expiry(CredentialData data) {
        return data instanceof OAuth2 oauth ? oauth.accessToken() == null ? null : oauth.expiresAt()
                : data instanceof Bearer bearer ? ofJwt(bearer.token().reveal()) : null;
    }

    /** A token that is a JWT says itself when it ends (RFC 7519 section 4.1.4); whether it is genuine matters to others. */
    static @Nullable Instant ofJwt(String token) {
        String[] parts = token.split("\\.", -1);
        if (parts.length != JWT_PARTS || !token.startsWith("eyJ")) {
            return null;
        }
        try {
            byte[] claims = Base64.getUrlDecoder().decode(parts[1]);
            Object exp = new JsonObject(Buffer.buffer(claims)).getValue("exp");
            return exp instanceof Number second && second.longValue() > 0 && second.longValue() <= LAST_SECOND
                    ? Instant.ofEpochSecond(second.longValue())
                    : null;
        } catch (IllegalArgumentException | DecodeException none) {
            return null;
        }
    }
}
