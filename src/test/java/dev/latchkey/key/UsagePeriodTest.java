package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;

import dev.latchkey.key.UsagePeriod.Step;
import dev.latchkey.web.ProblemException;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

@NullUnmarked
class UsagePeriodTest {

    private static final Instant NOW = Instant.parse("2026-11-22T09:30:00Z");

    @Test
    void aDayOfHoursUpToTheOneThatHasBegunIsWhatIsMeant() {
        UsagePeriod period = parse(null, null, null);

        assertThat(period.from()).isEqualTo("2026-11-21T10:00:00Z");
        assertThat(period.to()).isEqualTo("2026-11-22T10:00:00Z");
        assertThat(period.buckets()).hasSize(24).startsWith(period.from()).endsWith(Instant.parse("2026-11-22T09:00:00Z"));
    }

    @Test
    void aMonthOfDaysIsWhatIsMeantByDays() {
        UsagePeriod period = parse(null, null, Step.DAY);

        assertThat(period.to()).isEqualTo("2026-11-23T00:00:00Z");
        assertThat(period.buckets()).hasSize(30);
    }

    @Test
    void bucketsAreWholeInUtcWhateverTheOffset() {
        UsagePeriod period = parse("2026-11-20T00:30:00+01:00", "2026-11-21T00:00:00Z", Step.DAY);

        assertThat(period.buckets()).containsExactly(Instant.parse("2026-11-19T00:00:00Z"),
                Instant.parse("2026-11-20T00:00:00Z"));
        assertThat(parse("2026-11-22T08:59:59Z", "2026-11-22T09:00:00.001Z", Step.HOUR).buckets()).hasSize(2);
    }

    @Test
    void thereIsNothingAhead() {
        assertThat(parse("2026-11-22T08:00:00Z", "9999-12-31T23:59:59Z", Step.HOUR).to()).isEqualTo("2026-11-22T10:00:00Z");
        assertRefused("2026-11-22T11:00:00Z", null, Step.HOUR, "past");
        assertRefused("2030-11-22T11:00:00Z", "2031-11-22T11:00:00Z", Step.DAY, "past");
    }

    @Test
    void moreBucketsThanAChartHasPixelsAreRefused() {
        assertThat(parse("2024-02-28T00:00:00Z", null, Step.DAY).buckets()).hasSize(999);
        assertRefused("2023-11-01T00:00:00Z", null, Step.DAY, "1118 buckets, of at most 1000");
        assertRefused("2026-10-10T00:00:00Z", null, Step.HOUR, "bucket=day");
        assertRefused("0000-01-01T00:00:00Z", null, Step.DAY, "buckets");
    }

    @Test
    void hoursThatAreKeptNoMoreAreRefusedRatherThanShownAsEmpty() {
        assertRefused("2026-10-01T00:00:00Z", "2026-10-02T00:00:00Z", null, "45 days");
        assertThat(parse("2026-10-01T00:00:00Z", "2026-10-02T00:00:00Z", Step.DAY).buckets()).hasSize(1);
    }

    private static UsagePeriod parse(String from, String to, Step step) {
        return UsagePeriod.parse(from, to, step, NOW, Duration.ofDays(45));
    }

    private static void assertRefused(String from, String to, Step step, String why) {
        assertThatThrownBy(() -> parse(from, to, step)).isInstanceOf(ProblemException.class)
                .satisfies(refused -> assertThat(((ProblemException) refused).errors().toString()).contains(why));
    }
}
