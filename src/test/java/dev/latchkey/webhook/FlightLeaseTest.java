package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

import dev.latchkey.testing.Eventually;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is claimed is sent under a claim that holds, and once while it is under way. */
@NullUnmarked
class FlightLeaseTest extends FlightCase {

    private final AtomicLong time = new AtomicLong();
    private final List<String> sent = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Void> opened = new CompletableFuture<>();
    private final Slots slots = new Slots(64, 8, 1 << 20);
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private volatile boolean isSealed;
    private Flights flights;

    @BeforeEach
    void aReplica() {
        Flights.Tools tools = new Flights.Tools(new Opened(), new Silent(), scene.held, scene.completions,
                new Settings(QueueScene.LEASE, Duration.ofSeconds(5), 64, 8), null, new DeliveryMetrics(metrics), scene.vertx(),
                new SecureRandom(), InstantSource.system(), time::get);
        flights = new Flights(tools, slots, () -> {
        });
    }

    @Test
    void underAClaimThatMayHaveEndedNothingIsSent() {
        scene.queue(organization, 2);
        begin(scene.claim(QueueScene.plenty()));
        time.addAndGet(Duration.ofMillis(5_500).toNanos());

        opened.complete(null);

        Eventually.within(Duration.ofSeconds(5),
                () -> assertThat(scene.count("select count(*) from webhook_queue where claim is null"))
                        .isEqualTo(2));
        Eventually.within(Duration.ofSeconds(5), () -> assertThat(slots.taken()).isZero());
        assertThat(sent).isEmpty();
        assertThat(scene.query("select distinct attempt from webhook_queue")).as("it counts as none").containsExactly(0);
    }

    @Test
    void underAClaimThatHoldsItIsSent() {
        scene.queue(organization, 2);
        begin(scene.claim(QueueScene.plenty()));
        time.addAndGet(Duration.ofSeconds(4).toNanos());
        opened.complete(null);
        Eventually.within(Duration.ofSeconds(5), () -> assertThat(sent).hasSize(2));
    }

    @Test
    void whatIsUnderWayIsNotSentOnceMoreThoughItsClaimRanOutAndItIsClaimedHereAgain() {
        opened.complete(null);
        scene.queue(organization, 2);
        List<Claimed> first = scene.claim(QueueScene.plenty());
        begin(first);
        Eventually.within(Duration.ofSeconds(5), () -> assertThat(sent).hasSize(2));
        scene.execute("update webhook_queue set due = now()");
        scene.queue(organization, 1);

        List<Claimed> again = scene.claim(QueueScene.plenty());
        assertThat(again).hasSize(3);
        begin(again);

        Eventually.within(Duration.ofSeconds(5), () -> assertThat(sent).hasSize(3).doesNotHaveDuplicates());
        assertThat(slots.taken()).isEqualTo(3);
        Eventually.within(Duration.ofSeconds(5), () -> assertThat(
                scene.count("select count(*) from webhook_queue where claim = ? and due > now()", first.get(0).claim()))
                .as("under the first claim").isEqualTo(2));
    }

    @Test
    void whoeverDoesNotAnswerIsSuspectedTheSoonerTheMoreIsTaken() {
        opened.complete(null);
        scene.queue(organization, 40);
        begin(scene.claim(QueueScene.room(32, 32)));
        time.addAndGet(Duration.ofMillis(1_500).toNanos());
        assertThat(suspected()).as("half of the slots are free").isEmpty();

        begin(scene.claim(QueueScene.room(1, 1)));

        assertThat(suspected()).hasSize(1);
    }

    @Test
    void whoeverDoesNotAnswerForSecondsIsSuspectedHoweverMuchIsFree() {
        opened.complete(null);
        scene.queue(organization, 1);
        begin(scene.claim(QueueScene.plenty()));
        time.addAndGet(Duration.ofMillis(4_900).toNanos());
        assertThat(suspected()).isEmpty();
        time.addAndGet(Duration.ofMillis(200).toNanos());
        assertThat(suspected()).hasSize(1);
    }

    @Test
    void whatIsClaimedDuringTheStopIsGivenBackAndNotSent() {
        opened.complete(null);
        scene.queue(organization, 3);
        List<Claimed> claimed = scene.claim(QueueScene.plenty());
        run(() -> {
            flights.close();
            flights.giveBackAll();
        });

        begin(claimed);

        Eventually.within(Duration.ofSeconds(3), () -> assertThat(
                scene.count("select count(*) from webhook_queue where claim is null and due <= now() and attempt = 0"))
                .isEqualTo(3));
        Eventually.within(Duration.ofSeconds(5), () -> assertThat(slots.taken()).isZero());
        assertThat(sent).isEmpty();
        assertThat(flights.isDone()).isTrue();
    }

    @Test
    void whatDoesNotOpenHereIsFreeForOthersAndNotAskedForAgainAtOnce() {
        opened.complete(null);
        isSealed = true;
        scene.queue(organization, 3);
        begin(scene.claim(QueueScene.plenty()));

        Eventually.within(Duration.ofSeconds(3), () -> assertThat(
                scene.count("select count(*) from webhook_queue where claim is null and due <= now() and attempt = 0"))
                .isEqualTo(3));
        assertThat(sent).isEmpty();
        assertThat(scene.query("select distinct error || ' ' || attempts from delivery")).containsExactly("webhook-sealed 0");
        assertThat(scene.claim(slots.room())).as("by this replica").isEmpty();
        scene.publish(organization, 1);
        assertThat(scene.fanOut(10, slots.room()).claimed()).isEmpty();
        assertThat(scene.claim(QueueScene.plenty())).as("by another one").hasSize(4);
        assertThat(metrics.counter("latchkey.webhook.sealed").count()).isEqualTo(3);
    }

    private Set<UUID> suspected() {
        run(flights::suspect);
        return slots.room().suspected();
    }

    private void begin(List<Claimed> claimed) {
        run(() -> flights.begin(claimed, time.get()));
    }

    /** Endpoints that are there when the test says so. */
    private final class Opened extends Targets {
        Opened() {
            super(null, null, null);
        }

        @Override
        boolean isShut(UUID webhook) {
            return isSealed;
        }

        @Override
        Uni<Map<UUID, Target>> of(Map<UUID, Long> versions) {
            return Uni.createFrom().completionStage(opened).emitOn(run -> context.runOnContext(now -> run.run()))
                    .replaceWith(targets(isSealed ? Set.of() : versions.keySet()));
        }
    }

    /** Nobody ever answers. */
    private final class Silent extends Sender {
        Silent() {
            super(null, Instant::now, Duration.ofSeconds(15));
        }

        @Override
        Uni<Sent> send(Target target, Message message, boolean dummy) {
            return Uni.createFrom().<Sent> nothing().onSubscription().invoke(() -> sent.add(message.id()));
        }
    }
}
