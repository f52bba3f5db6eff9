package dev.latchkey.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.Pause;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who gets room for a large body, and in which order. */
class BodyRoomTest {

    private static final UUID ACME = UUID.randomUUID();
    private static final UUID OTHER = UUID.randomUUID();
    private static final UUID THIRD = UUID.randomUUID();

    private final Vertx vertx = Vertx.vertx();
    /** One, so that they come in the order of the test. */
    private final Context context = vertx.getOrCreateContext();
    private final BodyRoom room = new BodyRoom(20, 10);
    private final List<String> admitted = new CopyOnWriteArrayList<>();

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

        room.give(ACME, 10);
        // Less would do for the one behind it; it does not pass.
        admitted("a", "b", "c");
        room.give(THIRD, 10);
        admitted("a", "b", "c", "d");
    }

    @Test
    void anOrganizationThatTakesAllItMayKeepsNoOtherWaiting() {
        take("a", ACME, 10);
        take("b", ACME, 5);
        admitted("a");
        take("c", OTHER, 10);
        admitted("a", "c");
        room.give(ACME, 10);
        admitted("a", "c", "b");
    }

    @Test
    void tooManyAreTurnedAway() {
        take("a", ACME, 10);
        for (int i = 0; i < 500; i++) {
            take("w" + i, ACME, 1);
        }
        Eventually.holds(() -> assertThat(admitted).isNotEmpty());
        take("late", ACME, 1);
        Eventually.holds(() -> assertThat(admitted).contains("late: unavailable"));
    }

    private void take(String name, UUID organization, long bytes) {
        context.runOnContext(turn -> subscribe(name, room.take(organization, bytes)));
    }

    private void subscribe(String name, Uni<Void> taken) {
        taken.subscribe().with(done -> admitted.add(name),
                refused -> admitted.add(name + ": " + String.valueOf(refused.getMessage()).split(":")[0]));
    }

    private void admitted(String... names) {
        Eventually.holds(() -> assertThat(admitted).containsExactly(names));
    }

    private void waits(String... names) {
        Pause.ofMillis(50);
        assertThat(admitted).containsExactly(names);
    }
}
