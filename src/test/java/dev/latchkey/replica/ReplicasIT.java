package dev.latchkey.replica;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Three real replicas on one PostgreSQL, each behind a relay that cuts, delays and freezes its connections; replicas are
 * killed and stopped. What they answer is written down and checked: {@code -Dlatchkey.seed=} repeats a schedule,
 * {@code -Dlatchkey.scale=full} runs at least 100,000 operations and 50 faults.
 */
@Tag("replicas")
class ReplicasIT {

    private static final boolean FULL = "full".equals(System.getProperty("latchkey.scale"));
    private static final int FAULTS = FULL ? 50 : 10;
    private static final int OPERATIONS = FULL ? 100_000 : 10_000;

    @Test
    void noReplicaJudgesByAnOldStateAndNoWindowAdmitsMoreThanItsLimit() {
        long seed = Long.getLong("latchkey.seed", new Random().nextLong());
        try (Fleet fleet = Fleet.start(3, null)) {
            Workload load = new Workload(fleet, seed, 6, 3, fleet.size());
            load.begin();
            new Faults(fleet, seed).strike(FAULTS);
            load.until(OPERATIONS, Duration.ofMinutes(FULL ? 15 : 3));
            History history = load.end();

            System.out.printf("history: seed=%d operations=%d changes=%d revocations=%d unavailable=%d faults=%d%n", seed,
                    history.operations(), history.changes(), history.revocations(), load.unavailable(), FAULTS);
            assertThat(history.stale()).as("seed %d", seed).isEmpty();
            assertThat(history.overAdmitted(Workload.WINDOW_SECONDS)).as("seed %d", seed).isEmpty();
            assertThat(history.unexpected()).as("seed %d", seed).isEmpty();
            assertThat(history.operations()).isGreaterThanOrEqualTo(OPERATIONS);
            assertThat(history.revocations()).as("revocations").isPositive();
        }
    }

    @ParameterizedTest
    @EnumSource(ReplicaConfig.Sabotage.class)
    void aProtocolThatLeavesAPartOutIsFoundOut(ReplicaConfig.Sabotage part) {
        try (Fleet fleet = Fleet.start(3, part)) {
            boolean windows = part == ReplicaConfig.Sabotage.WINDOWS;
            Workload load = new Workload(fleet, 1, windows ? 0 : 2, windows ? 2 : 0, windows ? 0 : 2);
            if (!windows) {
                // On its connections the last replica sees answers and notices in any order.
                fleet.relay(2).delay(400);
            }
            load.begin();
            load.untilFound(windows ? history -> !history.overAdmitted(Workload.WINDOW_SECONDS).isEmpty()
                    : history -> !history.stale().isEmpty(), Duration.ofSeconds(90));
            load.end();
        }
    }
}
