package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.latchkey.replica.Times;
import org.junit.jupiter.api.Test;

/** Whatever a replica's own clock shows, it judges by the database's. */
class VerdictTimeTest {

    private static final Instant SHOWN = Instant.parse("2026-11-22T09:30:00Z");

    private final AtomicLong nanos = new AtomicLong(12_345);
    private final Ticker monotonic = nanos::get;

    @Test
    void replicasWhoseClocksAreApartJudgeAlike() {
        VerdictTime behind = replica(SHOWN.minus(Duration.ofHours(1)));
        VerdictTime ahead = replica(SHOWN.plus(Duration.ofHours(1)));
        nanos.addAndGet(Duration.ofSeconds(2).toNanos());

        assertThat(behind.now()).isEqualTo(ahead.now());
        assertThat(behind.now()).isBetween(SHOWN.plusSeconds(2), SHOWN.plusSeconds(2).plusMillis(3));
    }

    @Test
    void noKeyIsAcceptedOnceTheDatabasesClockShowsItsExpiry() {
        Instant expiry = SHOWN.plusSeconds(5);
        KeySnapshot key = Snapshots.of(new java.util.UUID(1, 1), new java.util.UUID(2, 2)).expiresAt(expiry).build();
        VerdictTime behind = replica(SHOWN.minus(Duration.ofDays(1)));

        nanos.addAndGet(Duration.ofMillis(4_900).toNanos());
        assertThat(key.hasExpired(behind.now())).isFalse();
        nanos.addAndGet(Duration.ofMillis(100).toNanos());
        assertThat(key.hasExpired(behind.now())).isTrue();
    }

    private VerdictTime replica(Instant clock) {
        return new VerdictTime(Times.at(monotonic, SHOWN), InstantSource.fixed(clock));
    }
}
