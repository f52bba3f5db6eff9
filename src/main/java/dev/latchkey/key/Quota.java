package dev.latchkey.key;

import java.time.Duration;
import java.time.Instant;

/**
 * What a rate limit had to say, and how it is told in HTTP fields (draft-ietf-httpapi-ratelimit-headers-11).
 *
 * @param admitted whether the cost was taken
 * @param limit requests in a window
 * @param windowSeconds length of the window
 * @param remaining requests left in this window, after this one
 * @param resetAt when the next window begins
 * @param now when it was asked
 */
record Quota(boolean admitted, int limit, int windowSeconds, int remaining, Instant resetAt, Instant now) {

    private static final String POLICY = "\"key\"";

    /** {@code RateLimit-Policy}: the quota and its window in seconds. */
    String policyField() {
        return POLICY + ";q=" + limit + ";w=" + windowSeconds;
    }

    /** {@code RateLimit}: what remains, and the seconds until it is whole again. */
    String limitField() {
        return POLICY + ";r=" + remaining + ";t=" + secondsToReset();
    }

    /** Whole seconds after which a request is admitted again, at least 1: the value of {@code Retry-After}. */
    long secondsToReset() {
        return Math.max(1, Duration.between(now, resetAt).plusNanos(999_999_999).getSeconds());
    }
}
