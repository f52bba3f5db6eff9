package dev.latchkey.credential;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.credential.ProviderOAuth.ExpiryUnit;
import dev.latchkey.credential.ProviderOAuth.TokenAnswer;
import org.jspecify.annotations.Nullable;

/**
 * When tokens end, as endpoints write it: seconds from now as a number, as a text, with a fraction; a moment as seconds or
 * milliseconds since 1970, as ISO 8601 with and without an offset, as a date of HTTP; under the name of RFC 6749 or one of
 * those that others have. A moment that has passed when it is told is a clock that goes wrong, and is not believed.
 */
final class TokenExpiry {

    private static final List<String> ABSOLUTE = List.of("expires_at", "expiresAt", "expires_on", "expires", ".expires",
            "expiry", "expiry_date", "expiration", "token_expiry", "access_token_expires_at");
    private static final List<String> RELATIVE = List.of("expires_in", "expiresIn", "expires_in_seconds", "ext_expires_in");
    private static final List<String> REFRESH = List.of("refresh_token_expires_in", "refresh_expires_in",
            "x_refresh_token_expires_in", "refreshTokenExpiresIn", "refresh_token_expires_at", "refreshTokenExpiresAt",
            "refresh_token_expiration");
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,15}(\\.[0-9]{1,9})?");
    /** September 2001 in seconds, and January 1970 in milliseconds: whatever lives for 31 years does not end. */
    private static final long FIRST_EPOCH_SECOND = 1_000_000_000L;
    private static final long FIRST_EPOCH_MILLI = 100_000_000_000L;
    /** 9999-12-31, beyond which no column and no JSON goes. */
    private static final Instant LAST = Instant.ofEpochSecond(253_402_300_799L);

    private static final List<Function<String, Instant>> SPELLINGS = List.of(
            text -> OffsetDateTime.parse(text).toInstant(),
            text -> OffsetDateTime.parse(text, DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss[.SSS]XX")).toInstant(),
            text -> ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant(),
            text -> LocalDateTime.parse(text.replace(' ', 'T')).toInstant(ZoneOffset.UTC),
            text -> LocalDateTime.parse(text.replaceFirst(" UTC$", "").replace(' ', 'T')).toInstant(ZoneOffset.UTC));

    private TokenExpiry() {
    }

    /**
     * When the access token ends.
     *
     * @param rule where the entry says that it stands, and in what
     * @param now the moment from which seconds are counted: not later than when the endpoint counted them
     * @return null where the answer does not say, and the token is no JWT that does, and the entry knows nothing
     */
    static @Nullable Instant of(JsonNode body, String accessToken, TokenAnswer rule, Instant now) {
        Instant named = later(read(body.at(JsonPointer.compile(rule.expiryAt())), rule.expiryUnit(), now), now);
        if (named != null) {
            return named;
        }
        for (String member : RELATIVE) {
            Instant told = later(read(body.path(member), ExpiryUnit.SECONDS, now), now);
            if (told != null) {
                return told;
            }
        }
        for (String member : ABSOLUTE) {
            Instant told = later(read(body.path(member), ExpiryUnit.SECONDS, now), now);
            if (told != null) {
                return told;
            }
        }
        Instant own = later(Ending.ofJwt(accessToken), now);
        return own != null ? own : rule.presetLifetime() == null ? null : now.plus(rule.presetLifetime());
    }

    /** When the refresh token ends, which no RFC has a name for; null where the answer does not say. */
    static @Nullable Instant ofRefreshToken(JsonNode body, Instant now) {
        for (String member : REFRESH) {
            Instant told = later(read(body.path(member), ExpiryUnit.SECONDS, now), now);
            if (told != null) {
                return told;
            }
        }
        return null;
    }

    private static @Nullable Instant later(@Nullable Instant told, Instant now) {
        return told == null || !told.isAfter(now) || told.isAfter(LAST) ? null : told;
    }

    private static @Nullable Instant read(JsonNode node, ExpiryUnit unit, Instant now) {
        String text = node.isValueNode() && !node.isNull() ? node.asText().strip() : "";
        if (!NUMBER.matcher(text).matches()) {
            // A number too large for a long, a negative one and a word are no time.
            return text.isEmpty() || node.isNumber() ? null : moment(text);
        }
        double number = Double.parseDouble(text);
        return switch (unit) {
            // What is called a lifetime and is as large as a moment is one.
            case SECONDS, INSTANT -> number >= FIRST_EPOCH_MILLI ? Instant.ofEpochMilli((long) number)
                    : number >= FIRST_EPOCH_SECOND ? Instant.ofEpochSecond((long) number) : plus(now, number * 1000);
            case MILLISECONDS -> number >= FIRST_EPOCH_MILLI * 10 ? Instant.ofEpochMilli((long) number) : plus(now, number);
            case EPOCH_SECONDS -> Instant.ofEpochSecond((long) number);
            case EPOCH_MILLISECONDS -> Instant.ofEpochMilli((long) number);
        };
    }

    private static @Nullable Instant plus(Instant now, double millis) {
        // Zero says that it does not end, or that nobody knows.
        return millis < 1 ? null : now.plus(Duration.ofMillis((long) millis));
    }

    private static @Nullable Instant moment(String text) {
        for (Function<String, Instant> spelling : SPELLINGS) {
            try {
                return spelling.apply(text);
            } catch (DateTimeException another) {
                // The next spelling.
            }
        }
        return null;
    }
}
