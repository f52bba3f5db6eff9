package dev.latchkey.web;

import java.time.Duration;
import java.util.UUID;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;

/**
 * How often each organization may ask for something within a minute.
 *
 * <p>
 * One bucket for each organization and replica, in memory: it holds a minute's worth and fills evenly. A start fills it, and
 * so many replicas allow so many times as much, which bounds well enough what is asked for by hand.
 */
public final class Throttle {

    private static final double MINUTE_NANOS = Duration.ofMinutes(1).toNanos();
    private static final int MOST = 100_000;

    private final int perMinute;
    private final String detail;
    private final Ticker ticker;
    private final Cache<UUID, Bucket> buckets;

    /** @param detail of the problem: what was too much, and what to do */
    public Throttle(int perMinute, String detail, Ticker ticker) {
        this.perMinute = perMinute;
        this.detail = detail;
        this.ticker = ticker;
        // After two minutes untouched a bucket is full, as a new one is.
        this.buckets = Caffeine.newBuilder().maximumSize(MOST).expireAfterAccess(Duration.ofMinutes(2)).ticker(ticker).build();
    }

    /** How much was left, and when that was. */
    private record Bucket(double left, long nanos) {
    }

    /** @throws ProblemException 429, with the seconds until the next one */
    public void take(UUID organization) {
        long now = ticker.read();
        double[] missing = { 0 };
        buckets.asMap().compute(organization, (id, before) -> {
            double left = before == null ? perMinute
                    : Math.min(perMinute, before.left + (now - before.nanos) * perMinute / MINUTE_NANOS);
            missing[0] = Math.max(0, 1 - left);
            return new Bucket(left < 1 ? left : left - 1, now);
        });
        if (missing[0] > 0) {
            long seconds = (long) Math.ceil(missing[0] * 60 / perMinute);
            throw new ProblemException(ProblemCode.RATE_LIMITED, detail).with("Retry-After", Long.toString(seconds))
                    .with("RateLimit", "\"organization\";r=0;t=" + seconds)
                    .with("RateLimit-Policy", "\"organization\";q=" + perMinute + ";w=60");
        }
    }
}
