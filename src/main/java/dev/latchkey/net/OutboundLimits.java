package dev.latchkey.net;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * How long a request may take, and how much of its answer is kept.
 *
 * @param connect until the connection stands, TLS included, over all addresses that are tried; 3 s at most
 * @param total from the look-up of the name to the last byte of the answer
 * @param maxBodyBytes of the answer's body; what comes beyond is not read
 */
public record OutboundLimits(Duration connect, Duration total, int maxBodyBytes) {

    static final Duration LONGEST_CONNECT = Duration.ofSeconds(3);

    /** @throws IllegalArgumentException when a duration is not positive, connect exceeds 3 s, or the body is negative */
    public OutboundLimits {
        if (!isPositive(requireNonNull(connect, "connect")) || connect.compareTo(LONGEST_CONNECT) > 0) {
            throw new IllegalArgumentException("connect is " + connect + ", must be up to " + LONGEST_CONNECT);
        }
        if (!isPositive(requireNonNull(total, "total"))) {
            throw new IllegalArgumentException("total is " + total + ", must be positive");
        }
        if (maxBodyBytes < 0) {
            throw new IllegalArgumentException("maxBodyBytes is " + maxBodyBytes + ", must not be negative");
        }
    }

    /** With the longest connect time. */
    public static OutboundLimits of(Duration total, int maxBodyBytes) {
        return new OutboundLimits(LONGEST_CONNECT, total, maxBodyBytes);
    }

    private static boolean isPositive(Duration duration) {
        return duration.toMillis() > 0;
    }
}
