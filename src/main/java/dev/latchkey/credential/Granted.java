package dev.latchkey.credential;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

import dev.latchkey.crypto.Secret;
import org.jspecify.annotations.Nullable;

/**
 * What a token endpoint has given.
 *
 * @param accessToken to present from now on
 * @param refreshToken null: the answer names none, and the one that there is goes on being good (RFC 6749 section 6)
 * @param expiresAt of the access token; null: nobody says, or it does not end
 * @param refreshEndsAt of the refresh token; null: the answer does not say
 * @param scopes that the answer names; none: those that were asked for
 */
record Granted(Secret accessToken, @Nullable Secret refreshToken, @Nullable Instant expiresAt,
        @Nullable Instant refreshEndsAt, List<String> scopes) {

    Granted {
        scopes = List.copyOf(scopes);
        expiresAt = asStored(expiresAt);
        refreshEndsAt = asStored(refreshEndsAt);
    }

    /** As exact as the database, so that it is told alike wherever it stands. */
    private static @Nullable Instant asStored(@Nullable Instant moment) {
        return moment == null ? null : moment.truncatedTo(ChronoUnit.MICROS);
    }
}
