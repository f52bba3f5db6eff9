package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

import dev.latchkey.web.ProblemException;
import org.junit.jupiter.api.Test;

/** An organization tests as often as it may, whatever the others do. */
class TestAllowanceTest {

    private final AtomicLong nanos = new AtomicLong(-5);
    private final TestAllowance allowance = new TestAllowance(6, nanos::get);
    private final UUID organization = UUID.randomUUID();

    @Test
    void aMinutesWorthAtOnceAndThenOneAtATime() {
        take(6);
        assertRefused("10");
        allowance.take(UUID.randomUUID());

        nanos.addAndGet(Duration.ofSeconds(4).toNanos());
        assertRefused("6");
        nanos.addAndGet(Duration.ofSeconds(6).toNanos());
        take(1);
        assertRefused("10");

        nanos.addAndGet(Duration.ofHours(1).toNanos());
        take(6);
        assertRefused("10");
    }

    private void take(int tests) {
        for (int i = 0; i < tests; i++) {
            allowance.take(organization);
        }
    }

    private void assertRefused(String seconds) {
        assertThatThrownBy(() -> allowance.take(organization)).isInstanceOfSatisfying(ProblemException.class,
                problem -> assertThat(problem.headers()).containsEntry("Retry-After", seconds));
    }
}
