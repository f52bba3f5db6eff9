package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import dev.latchkey.net.Destination;
import dev.latchkey.testing.Eventually;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is claimed is sent under a claim that holds, and once while it is under way. */
@NullUnmarked
class FlightLeaseTest {

    private final AtomicLong time = new AtomicLong();
    private final List<String> sent = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Void> opened = new CompletableFuture<>();
    private final Slots slots = new Slots(64, 8, 1 << 20);
    private QueueScene scene;
    private UUID organization;
    private Context context;
    private Flights flights;

    @BeforeEach
    void aReplica() throws SQLException {
        scene = new QueueScene();
        organization = scene.organization();
        scene.webhook(organization);
        context = scene.vertx().getOrCreateContext();
        Flights.Tools tools = new Flights.Tools(new Opened(), new Silent(), scene.claims, scene.completions, new Defaults(),
                null,
                new DeliveryMetrics(new SimpleMeterRegistry()), scene.vertx(), new SecureRandom(), InstantSource.system(),
                time::get);
        flights = new Flights(tools, slots, () -> {
        });
    }

    @AfterEach
    void close() throws SQLException {
        scene.close();
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
        assertThat(sent).isEmpty();
        assertThat(slots.taken()).isZero();
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

    private void begin(List<Claimed> claimed) {
        CompletableFuture<Void> begun = new CompletableFuture<>();
        context.runOnContext(now -> {
            flights.begin(claimed, time.get());
            begun.complete(null);
        });
        begun.orTimeout(5, TimeUnit.SECONDS).join();
    }

    /** Endpoints that are there when the test says so. */
    private final class Opened extends Targets {
        Opened() {
            super(null, null, null);
        }

        @Override
        Uni<Map<UUID, Target>> of(Map<UUID, Long> versions) {
            Map<UUID, Target> targets = new HashMap<>();
            versions.forEach((webhook, version) -> targets.put(webhook, new Target(webhook, version, organization,
                    Destination.parse("https://example.com/").orNull(), List.of(), null)));
            return Uni.createFrom().completionStage(opened).emitOn(run -> context.runOnContext(now -> run.run()))
                    .replaceWith(targets);
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

    private static final class Defaults implements WebhookConfig {
        @Override
        public List<Duration> retries() {
            return List.of(Duration.ofSeconds(5));
        }

        @Override
        public Duration disableAfter() {
            return Duration.ofDays(5);
        }

        @Override
        public int slots() {
            return 64;
        }

        @Override
        public int slotsPerEndpoint() {
            return 8;
        }

        @Override
        public MemorySize memory() {
            return new MemorySize(java.math.BigInteger.valueOf(1 << 20));
        }

        @Override
        public Duration lease() {
            return QueueScene.LEASE;
        }

        @Override
        public Duration stop() {
            return Duration.ZERO;
        }
    }
}
