package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

import dev.latchkey.credential.RenewalTable.Claim;
import org.junit.jupiter.api.Test;

/** A replica claims as much as it can do soon, and asks no host by more at a time than it may. */
class LanesTest {

    private final AtomicLong nanos = new AtomicLong(1);
    private final Lanes lanes = new Lanes(10, 4, nanos::get);

    private static Lanes.Waiting of(String host) {
        return new Lanes.Waiting(new Claim(new UUID(0, 1), UUID.randomUUID(), host, 1, 1, 0, 1, Instant.EPOCH, false, false),
                0);
    }

    private void add(String host, int count) {
        for (int i = 0; i < count; i++) {
            lanes.add(of(host));
        }
    }

    private int begun() {
        int begun = 0;
        while (lanes.next() != null) {
            begun++;
        }
        return begun;
    }

    @Test
    void aHostIsAskedByFewAtATime() {
        add("a", 9);
        assertThat(begun()).isEqualTo(4);

        lanes.end("a");
        assertThat(Objects.requireNonNull(lanes.next()).claim().host()).isEqualTo("a");
        assertThat(lanes.next()).isNull();
    }

    @Test
    void aHostThatHangsLeavesRoomForOthers() {
        add("a", 9);
        add("b", 2);
        assertThat(begun()).isEqualTo(6);
        assertThat(lanes.room()).isEqualTo(Map.of("a", 0, "b", 2));
    }

    @Test
    void noMoreThanItMayIsUnderWay() {
        for (String host : new String[] { "a", "b", "c", "d" }) {
            add(host, 4);
        }
        assertThat(begun()).isEqualTo(10);
        assertThat(lanes.most()).isEqualTo(4);
    }

    @Test
    void asManyMoreAreClaimedAsWereDoneWithinTheLastSecond() {
        add("a", 4);
        begun();
        assertThat(lanes.room()).containsEntry("a", 0);

        for (int i = 0; i < 3; i++) {
            lanes.end("a");
        }
        // Three were done, one is under way.
        assertThat(lanes.room()).containsEntry("a", 6);

        nanos.addAndGet(Duration.ofMillis(1500).toNanos());
        lanes.end("a");
        assertThat(lanes.room()).containsEntry("a", 7);
    }

    @Test
    void whatNobodyIsAtIsForgotten() {
        add("a", 1);
        begun();
        lanes.end("a");
        nanos.addAndGet(Duration.ofSeconds(30).toNanos());

        assertThat(lanes.room()).isEmpty();
        assertThat(lanes.most()).isEqualTo(20);
    }
}
