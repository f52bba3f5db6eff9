package dev.latchkey.credential;

import java.time.Duration;
import java.time.Instant;

import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.credential.CredentialData.Bearer;
import dev.latchkey.credential.CredentialData.Grant;
import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.credential.ProviderOAuth.Renewal;
import org.jspecify.annotations.Nullable;

/** When credentials end by themselves: one rule, for tests, the review and whoever uses them. */
final class Ending {

    /** From which time before its end on a credential that nothing renews is told to end soon. */
    static final Duration SOON = Duration.ofDays(14);

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
        JsonNode exp = Jwt.claims(token).path("exp");
        long second = exp.isNumber() ? exp.longValue() : 0;
        return second > 0 && second <= LAST_SECOND ? Instant.ofEpochSecond(second) : null;
    }
}
