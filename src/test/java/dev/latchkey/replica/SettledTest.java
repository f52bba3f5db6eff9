package dev.latchkey.replica;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;

import dev.latchkey.replica.Barrier.Settled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a timer is given: Vert.x throws on less than a millisecond, and less than what is left would be too early. */
class SettledTest {

    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

    @ParameterizedTest
    @CsvSource({ "1, 1", "999999, 1", "1000000, 1", "1000001, 2", "0, 0", "-1, 0", "-5000000000, 0", "9000000000, 9000" })
    void whatIsLeftIsWholeMillisecondsAndNeverTooFew(long nanos, long millis) {
        assertThat(new Settled(NOW.plusNanos(nanos)).left(NOW)).isEqualTo(Duration.ofMillis(millis));
    }

    @Test
    void nothingIsLeftOfWhatIsInForce() {
        assertThat(Settled.IN_FORCE.left(NOW)).isZero();
    }
}
