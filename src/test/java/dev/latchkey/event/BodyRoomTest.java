package dev.latchkey.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.Pause;
import dev.latchkey.web.ProblemException;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who gets room for a large body, and in which order. */
class BodyRoomTest {

    private static final UUID ACME = UUID.randomUUID();
    private static final UUID OTHER = UUID.randomUUID();
    private static final UUID THIRD = UUID.randomUUID();
    private static final UUID FOURTH = UUID.randomUUID();
    private static final int LONGEST = 10;

    private final Vertx vertx = Vertx.vertx();
    /** One, so that they come in the order of the test. */
    private final Context context = vertx.getOrCreateContext();
    private final Map<String, BodyRoom.Place> places = new HashMap<>();
    private final List<String> admitted = new CopyOnWriteArrayList<>();
    private BodyRoom room = new BodyRoom(20, LONGEST, 1, Duration.ofMinutes(1));

    @AfterEach
    void close() {
        vertx.close();
    }

    @Test
    void whoeverFitsIsAdmittedAndTheOthersWaitInTheirTurn() {
        take("a", ACME, 10);
        take("b", OTHER, 10);
        admitted("a", "b");
        take("c", THIRD, 10);
        take("d", THIRD, 1);
        waits("a", "b");

        leave("a");
        // Less would do for the one behind it; it does not pass.
        admitted("a", "b", "c");
        leave("c");
        admitted("a", "b", "c", "d");
    }

    @Test
    void anOrganizationThatTakesAllItMayKeepsNoOtherWaiting() {
        take("a", ACME, 10);
        take("b", ACME, 5);
        admitted("a");
        take("c", OTHER, 10);
        admitted("a", "c");
        leave("a");
        admitted("a", "c", "b");
    }

    @Test
    void whoAnnouncesMuchAndSendsNothingHoldsNothing() {
        for (UUID slow : List.of(ACME, OTHER)) {
            grow("slow", slow, LONGEST, 0);
        }
        take("a", THIRD, 10);
        take("b", FOURTH, 10);
        admitted("slow", "slow", "a", "b");
    }

    @Test
    void beginningsNeverFillTheRoomSoThatAllComeToTheirEnd() {
        grow("a", ACME, LONGEST, 4);
        grow("b", OTHER, LONGEST, 4);
        grow("c", THIRD, LONGEST, 4);
        admitted("a", "b", "c");
        // There is room for its beginning, and then for nobody's end.
        grow("d", FOURTH, LONGEST, 4);
        waits("a", "b", "c");

        hold("b", 10);
        // Before the one that holds nothing yet, who came earlier.
        admitted("a", "b", "c", "b");
        hold("a", 10);
        waits("a", "b", "c", "b");
        leave("b");
        admitted("a", "b", "c", "b", "a", "d");
        leave("a");
        hold("c", 10);
        hold("d", 10);
        admitted("a", "b", "c", "b", "a", "d", "c", "d");
    }

    @Test
    void ofOneOrganizationBeginningsDoNotBlockEachOtherEither() {
        grow("a", ACME, LONGEST, 4);
        grow("b", ACME, LONGEST, 4);
        admitted("a");
        hold("a", 10);
        admitted("a", "a");
        leave("a");
        admitted("a", "a", "b");
    }

    @Test
    void roomIsGivenInPieces() {
        room = new BodyRoom(20, 10, 5, Duration.ofMinutes(1));
        grow("a", ACME, 7, 1);
        hold("a", 5);
        admitted("a", "a");
        grow("b", ACME, 6, 1);
        // One more of them would leave none for the second of either.
        waits("a", "a");
        leave("a");
        admitted("a", "a", "b");
    }

    @Test
    void nobodyWaitsForLong() {
        room = new BodyRoom(10, 10, 1, Duration.ofMillis(200));
        take("a", ACME, 10);
        take("b", OTHER, 10);
        admitted("a", "b: 503, 2");

        leave("b");
        leave("a");
        take("c", THIRD, 10);
        admitted("a", "b: 503, 2", "c");
    }

    @Test
    void whoGivesUpWaitingLeavesItsTurnToTheNext() {
        take("a", ACME, 10);
        take("b", OTHER, 6);
        take("c", THIRD, 10);
        take("d", FOURTH, 4);
        waits("a", "b");
        leave("c");
        admitted("a", "b", "d");
    }

    @Test
    void whoHoldsRoomIsNotTurnedAwayHoweverManyWait() {
        grow("a", ACME, LONGEST, 4);
        grow("b", OTHER, LONGEST, 4);
        grow("c", THIRD, LONGEST, 4);
        for (int i = 0; i < 32; i++) {
            grow("w" + i, ACME, LONGEST, 4);
        }
        grow("late", ACME, LONGEST, 4);
        admitted("a", "b", "c", "late: 503, 2");
        hold("b", 8);
        hold("a", 8);
        waits("a", "b", "c", "late: 503, 2", "b");

        leave("b");
        admitted("a", "b", "c", "late: 503, 2", "b", "a");
    }

    @Test
    void whoIsInTheWayIsKnown() {
        take("a", ACME, 10);
        take("b", OTHER, 10);
        admitted("a", "b");
        assertThat(place("a").isInTheWay()).isFalse();

        take("c", ACME, 1);
        Eventually.holds(() -> assertThat(place("a").isInTheWay()).isTrue());
        assertThat(place("b").isInTheWay()).as("another organization waits for itself").isFalse();

        take("d", THIRD, 1);
        Eventually.holds(() -> assertThat(place("b").isInTheWay()).isTrue());
        assertThat(place("d").isInTheWay()).as("it holds nothing").isFalse();
    }

    @Test
    void tooManyAreTurnedAwayWhoeverTheyAre() {
        take("a", ACME, 10);
        for (int i = 0; i < 32; i++) {
            take("w" + i, ACME, 1);
        }
        admitted("a");
        take("late", ACME, 1);
        admitted("a", "late: 503, 2");

        take("b", OTHER, 10);
        for (int i = 0; i < 96; i++) {
            take("x" + i, new UUID(1, i), 1);
        }
        take("last", THIRD, 1);
        admitted("a", "late: 503, 2", "b", "last: 503, 2");
    }

    /** All at once, and no more. */
    private void take(String name, UUID organization, long bytes) {
        grow(name, organization, bytes, bytes);
    }

    private void grow(String name, UUID organization, long most, long bytes) {
        places.put(name, room.place(organization, most));
        hold(name, bytes);
    }

    private void hold(String name, long bytes) {
        BodyRoom.Place place = place(name);
        CompletableFuture<Void> asked = new CompletableFuture<>();
        context.runOnContext(turn -> {
            place.hold(bytes).subscribe().with(done -> admitted.add(name),
                    refused -> admitted.add(name + ": " + told(refused)));
            asked.complete(null);
        });
        assertThat(asked).succeedsWithin(Duration.ofSeconds(10));
    }

    private BodyRoom.Place place(String name) {
        return Objects.requireNonNull(places.get(name), name);
    }

    private void leave(String name) {
        place(name).leave();
    }

    private static String told(Throwable refused) {
        ProblemException problem = (ProblemException) refused;
        return problem.code().status() + ", " + problem.headers().get("Retry-After");
    }

    private void admitted(String... names) {
        Eventually.holds(() -> assertThat(admitted).containsExactly(names));
    }

    private void waits(String... names) {
        Pause.ofMillis(50);
        assertThat(admitted).containsExactly(names);
    }
}
