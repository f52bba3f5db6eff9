package dev.latchkey.credential;

import java.time.Duration;
import java.time.Instant;
import java.util.Base64;

import dev.latchkey.credential.CredentialData.Bearer;
import dev.latchkey.credential.CredentialData.Grant;
import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.credential.Provider.Renewal;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** When credentials end by themselves: one rule, for tests, the review and whoever uses them. */
final class Ending {

    /** From which time before its end on a credential that nothing renews is told to end soon. */
    static final Duration SOON = Duration.ofDays(14);

    private static final int JWT_PARTS = 3;
    /** 9999-12-31: whoever writes more means something else. */
    private static final long LAST_SECOND = 253_402_300_799L;

    private Ending() {
    }

    /** When what it presents ends, renewed or not; null: not known, or never. */
    static @Nullable Instant presented(CredentialData data) {
        return data instanceof OAuth2 oauth ? oauth.accessToken() == null ? null : oauth.expiresAt()
                : data instanceof Bearer bearer ? ofJwt(bearer.token().reveal()) : null;
    }

    /**
     * When it ends and nothing renews it; null: not known, or it is renewed.
     *
     * @param provider whose entry may know that access tokens renew themselves; null: none is known
     */
    static @Nullable Instant forGood(CredentialData data, @Nullable Provider provider) {
        if (data instanceof OAuth2 oauth && (oauth.grant() == Grant.CLIENT_CREDENTIALS || oauth.refreshToken() != null
                || provider != null && provider.oauth2() != null
                        && provider.oauth2().renewal().by() == Renewal.By.ACCESS_TOKEN)) {
            return null;
        }
        return presented(data);
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
