package dev.latchkey.replica;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The checker itself: what it must find, and what it must let pass. */
class HistoryTest {

    private final History history = new History();

    @Test
    void aVerificationThatBeganAfterAChangeWasInForceMustSeeIt() {
        history.add(new History.Change("k", 1, 10, 20));
        history.add(new History.Judged("k", 0, 21, 30, 0));

        assertThat(history.stale()).hasSize(1);
    }

    @Test
    void whoeverBeganBeforeMaySeeEitherState() {
        history.add(new History.Change("k", 1, 10, 20));
        history.add(new History.Judged("k", 0, 19, 40, 0));
        history.add(new History.Judged("k", 1, 11, 12, 0));
        history.add(new History.Judged("other", 0, 50, 60, 0));

        assertThat(history.stale()).isEmpty();
    }

    @Test
    void aChangeThatNobodyConfirmedIsNotDemanded() {
        history.add(new History.Change("k", 1, 10, Long.MAX_VALUE));
        history.add(new History.Judged("k", 0, 50, 60, 0));
        assertThat(history.stale()).isEmpty();

        history.add(new History.Change("k", 2, 70, 80));
        history.add(new History.Judged("k", 1, 81, 82, 0));
        assertThat(history.stale()).hasSize(1);
    }

    @Test
    void aWindowAdmitsItsLimit() {
        history.add(new History.Limit("k", 2, 0, 0));
        for (int i = 0; i < 2; i++) {
            history.add(new History.Admitted("k", 1_000_100, 1_000_200, i));
            history.add(new History.Admitted("k", 2_000_100, 2_000_200, i));
        }
        history.add(new History.Admitted("k", 1_999_900, 2_000_200, 0));
        assertThat(history.overAdmitted(1)).as("one lies in two windows").isEmpty();

        history.add(new History.Admitted("k", 2_000_300, 2_000_400, 2));
        assertThat(history.overAdmitted(1)).isNotEmpty();
    }

    @Test
    void aLoweredLimitHoldsFromItsAnswerOn() {
        history.add(new History.Limit("k", 5, 0, 0));
        history.add(new History.Limit("k", 1, 1_000_100, 1_000_200));
        for (int i = 0; i < 3; i++) {
            history.add(new History.Admitted("k", 1_000_010 + i, 1_000_020 + i, 0));
        }
        history.add(new History.Admitted("k", 1_000_300, 1_000_310, 0));
        assertThat(history.overAdmitted(1)).isEmpty();

        history.add(new History.Admitted("k", 1_000_400, 1_000_410, 0));
        assertThat(history.overAdmitted(1)).hasSize(1);
        history.add(new History.Limit("k", 5, 1_000_500, 1_000_600));
        history.add(new History.Admitted("k", 2_000_400, 2_000_410, 0));
        history.add(new History.Admitted("k", 2_000_400, 2_000_410, 0));
        assertThat(history.overAdmitted(1)).as("a raised limit holds as well").hasSize(1);
    }
}
