package dev.latchkey.key;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import jakarta.inject.Singleton;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.latchkey.key.Verdict.Code;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

/**
 * What operators see of verdicts. On the path of every verification, so it reads the clock twice and adds to numbers that
 * stand there from the start.
 */
@Singleton
class VerdictMetrics {

    /** From memory it is microseconds; the rest waited for a statement, or for a grant of its limit. */
    private static final Duration[] OBJECTIVES = { Duration.ofNanos(10_000), Duration.ofNanos(25_000), Duration.ofNanos(50_000),
            Duration.ofNanos(100_000), Duration.ofNanos(250_000), Duration.ofMillis(1), Duration.ofNanos(2_500_000),
            Duration.ofMillis(5), Duration.ofMillis(10), Duration.ofMillis(25), Duration.ofMillis(50), Duration.ofMillis(100),
            Duration.ofMillis(250), Duration.ofSeconds(1), Duration.ofSeconds(5) };

    private final Ticker ticker;
    private final Map<Code, Counter> verdicts = new EnumMap<>(Code.class);
    private final Timer took;

    VerdictMetrics(MeterRegistry metrics, Ticker ticker) {
        this.ticker = ticker;
        for (Code code : Code.values()) {
            verdicts.put(code, metrics.counter("latchkey.verifications", "code", code.name()));
        }
        took = Timer.builder("latchkey.verification").description("From a question to its verdict")
                .serviceLevelObjectives(OBJECTIVES).register(metrics);
    }

    /** When a question came, by the monotonic clock. */
    long begun() {
        return ticker.read();
    }

    /** @param begun when it was asked */
    Verdict answered(Verdict verdict, long begun) {
        Counter counter = verdicts.get(verdict.code());
        if (counter != null) {
            counter.increment();
        }
        took.record(ticker.read() - begun, TimeUnit.NANOSECONDS);
        return verdict;
    }
}
