package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryScheduleTest {

    private static final RetrySchedule SCHEDULE = new RetrySchedule(List.of(Duration.ofSeconds(5), Duration.ofMinutes(5)));

    @ParameterizedTest
    @CsvSource({ "1, 0, PT4.5S", "1, 0.5, PT5S", "1, 1, PT5.5S", "2, 0.5, PT5M", "2, 0, PT4M30S" })
    void eachPauseIsATenthMoreOrLess(int attempt, double chance, Duration pause) {
        assertThat(SCHEDULE.after(attempt, Duration.ZERO, chance)).contains(pause);
    }

    @Test
    void afterTheLastAttemptThereIsNone() {
        assertThat(SCHEDULE.after(3, Duration.ZERO, 0.5)).isEmpty();
        assertThat(SCHEDULE.after(3, Duration.ofHours(1), 0.5)).as("whatever is asked").isEmpty();
        assertThat(new RetrySchedule(List.of()).after(1, Duration.ZERO, 0.5)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({ "PT1S, PT5S", "PT1M, PT1M", "PT24H, PT24H", "PT25H, PT24H", "PT8760H, PT24H" })
    void whoAsksForALaterTimeGetsItWithinADay(Duration asked, Duration pause) {
        assertThat(SCHEDULE.after(1, asked, 0.5)).contains(pause);
    }
}
