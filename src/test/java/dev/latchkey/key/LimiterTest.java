package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.UUID;

import dev.latchkey.key.KeySnapshot.Limit;
import org.junit.jupiter.api.Test;

class LimiterTest {

    private static final Instant START = Instant.parse("2027-01-01T00:00:00Z");
    private static final Limit THREE_A_MINUTE = new Limit(3, 60, true);

    private Instant now = START;
    private final Limiter limiter = new Limiter(() -> now);
    private final UUID key = UUID.randomUUID();

    @Test
    void aWindowAdmitsItsLimitAndNoMore() {
        for (int left = 2; left >= 0; left--) {
            assertThat(limiter.take(key, THREE_A_MINUTE, 1, now)).returns(true, Quota::admitted).returns(left,
                    Quota::remaining);
        }
        assertThat(limiter.take(key, THREE_A_MINUTE, 1, now)).returns(false, Quota::admitted).returns(0, Quota::remaining);
    }

    @Test
    void windowsAreAlignedToTheEpochAndBeginAnew() {
        Instant late = START.plusSeconds(59);
        limiter.take(key, THREE_A_MINUTE, 3, late);
        assertThat(limiter.take(key, THREE_A_MINUTE, 1, late)).returns(false, Quota::admitted)
                .returns(START.plusSeconds(60), Quota::resetAt).returns(1L, Quota::secondsToReset);

        assertThat(limiter.take(key, THREE_A_MINUTE, 1, START.plusSeconds(60))).returns(true, Quota::admitted).returns(2,
                Quota::remaining);
    }

    @Test
    void aClockThatIsReadEarlierButComesLaterReopensNoWindow() {
        Limit two = new Limit(2, 900, true);
        int admitted = 0;
        for (long millis : new long[] { 899_998, 899_999, 900_001, 899_999, 900_002, 900_003 }) {
            admitted += limiter.take(key, two, 1, Instant.ofEpochMilli(millis)).admitted() ? 1 : 0;
        }
        assertThat(admitted).as("two in each of two windows").isEqualTo(4);
    }

    @Test
    void theWaitIsToldInWholeSecondsThatSuffice() {
        Quota quota = limiter.take(key, THREE_A_MINUTE, 1, START.plusMillis(500));

        assertThat(quota.secondsToReset()).isEqualTo(60);
        assertThat(quota.limitField()).isEqualTo("\"key\";r=2;t=60");
        assertThat(quota.policyField()).isEqualTo("\"key\";q=3;w=60");
    }

    @Test
    void aRefusedCostTakesNothing() {
        limiter.take(key, THREE_A_MINUTE, 2, now);
        assertThat(limiter.take(key, THREE_A_MINUTE, 2, now)).returns(false, Quota::admitted).returns(1, Quota::remaining);
        assertThat(limiter.take(key, THREE_A_MINUTE, 1, now).admitted()).isTrue();
        assertThatThrownBy(() -> limiter.take(key, THREE_A_MINUTE, 4, now)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void keysDoNotShareALimit() {
        limiter.take(key, THREE_A_MINUTE, 3, now);
        assertThat(limiter.take(UUID.randomUUID(), THREE_A_MINUTE, 1, now).admitted()).isTrue();
    }

    @Test
    void onlyEndedWindowsAreForgotten() {
        limiter.take(key, THREE_A_MINUTE, 3, now);
        now = START.plusSeconds(59);
        limiter.forgetEnded();
        assertThat(limiter.take(key, THREE_A_MINUTE, 1, now).admitted()).isFalse();
        assertThat(limiter.size()).isEqualTo(1);

        now = START.plusSeconds(60);
        limiter.forgetEnded();
        assertThat(limiter.take(key, THREE_A_MINUTE, 1, START.plusMillis(59_999)).admitted())
                .as("a thread that read the clock before the end and comes after").isFalse();

        now = START.plusSeconds(120);
        limiter.forgetEnded();
        assertThat(limiter.size()).isZero();
    }
}
