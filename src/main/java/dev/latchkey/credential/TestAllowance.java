package dev.latchkey.credential;

import java.time.Duration;
import java.util.UUID;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;

/**
 * How many tests an organization may ask for. A test sends what its merchant says to any public host, from our address: without
 * a bound it would try passwords and look for open ports for him.
 *
 * <p>
 * One bucket for each organization and replica, in memory: it holds a minute's worth and fills evenly. A start fills it, and
 * so many replicas allow so many times as much, which bounds it well enough.
 */
@Singleton
class TestAllowance {

    private static final double MINUTE_NANOS = Duration.ofMinutes(1).toNanos();
    private static final int MOST = 100_000;

    private final int perMinute;
    private final Ticker ticker;
    private final Cache<UUID, Bucket> buckets;

    @Inject
    TestAllowance(CredentialConfig config) {
        this(config.testsPerMinute(), Ticker.systemTicker());
    }

    TestAllowance(int perMinute, Ticker ticker) {
        this.perMinute = perMinute;
        this.ticker = ticker;
        // After two minutes untouched a bucket is full, as a new one is.
        this.buckets = Caffeine.newBuilder().maximumSize(MOST).expireAfterAccess(Duration.ofMinutes(2)).ticker(ticker).build();
    }

    /** How many tests were left, and when that was. */
    private record Bucket(double left, long nanos) {
    }

    /** @throws ProblemException 429, with the seconds until the next one */
    void take(UUID organization) {
        long now = ticker.read();
        double[] missing = { 0 };
        buckets.asMap().compute(organization, (id, before) -> {
            double left = before == null ? perMinute
                    : Math.min(perMinute, before.left + (now - before.nanos) * perMinute / MINUTE_NANOS);
            missing[0] = Math.max(0, 1 - left);
            return new Bucket(left < 1 ? left : left - 1, now);
        });
        if (missing[0] > 0) {
            throw new ProblemException(ProblemCode.RATE_LIMITED,
                    "Your organization has tested " + perMinute + " credentials within a minute; wait a little.")
                    .with("Retry-After", Long.toString((long) Math.ceil(missing[0] * 60 / perMinute)));
        }
    }
}
