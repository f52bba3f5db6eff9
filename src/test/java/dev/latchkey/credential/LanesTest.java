package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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
        return of(host, UUID.randomUUID());
    }

    private static Lanes.Waiting of(String host, UUID organization) {
        return new Lanes.Waiting(new Claim(organization, UUID.randomUUID(), host, 1, 1, 0, 1, Instant.EPOCH, false, false), 0);
    }

    private static Claim at(String host) {
        return of(host).claim();
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

        lanes.end(at("a"));
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
            lanes.end(at("a"));
        }
        // Three were done, one is under way.
        assertThat(lanes.room()).containsEntry("a", 6);

        nanos.addAndGet(Duration.ofMillis(1500).toNanos());
        lanes.end(at("a"));
        assertThat(lanes.room()).containsEntry("a", 7);
    }

    @Test
    void whatNobodyIsAtIsForgotten() {
        add("a", 1);
        begun();
        lanes.end(at("a"));
        nanos.addAndGet(Duration.ofSeconds(30).toNanos());

        assertThat(lanes.room()).isEmpty();
        assertThat(lanes.most()).isEqualTo(20);
    }

    @Test
    void hostsTakeTurnsHoweverMuchOthersHaveToDo() {
        for (String host : new String[] { "a", "b", "c" }) {
            add(host, 4);
        }
        assertThat(begun()).isEqualTo(10);
        add("last", 1);

        List<String> next = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            String host = i == 0 ? "a" : next.get(i - 1);
            add(host, 1);
            lanes.end(at(host));
            next.add(Objects.requireNonNull(lanes.next()).claim().host());
        }
        assertThat(next).contains("last");
    }

    @Test
    void anOrganizationHasHalfOfItWhileOthersWait() {
        UUID greedy = new UUID(0, 7);
        for (String host : new String[] { "a", "b", "c", "d" }) {
            for (int i = 0; i < 4; i++) {
                lanes.add(of(host, greedy));
            }
        }
        for (int i = 0; i < 3; i++) {
            lanes.add(of("e", UUID.randomUUID()));
        }
        List<UUID> begun = new ArrayList<>();
        for (Lanes.Waiting next = lanes.next(); next != null; next = lanes.next()) {
            begun.add(next.claim().organization());
        }

        assertThat(begun).hasSize(10);
        assertThat(begun.stream().filter(organization -> !organization.equals(greedy))).hasSize(3);
    }

    @Test
    void whatSomebodyWaitsForComesFirstAtItsHostAndNotBesideItsBound() {
        add("a", 4);
        assertThat(begun()).isEqualTo(4);
        add("a", 1);
        Lanes.Waiting wanted = of("a");
        lanes.addFirst(wanted);
        assertThat(lanes.next()).isNull();

        lanes.end(at("a"));
        assertThat(lanes.next()).isEqualTo(wanted);
    }
}
