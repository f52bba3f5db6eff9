package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.latchkey.event.Outbox;
import dev.latchkey.testing.Beside;
import dev.latchkey.testing.Eventually;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is woken needs no clock, of which there is none here. */
@Beside
@NullUnmarked
class DispatcherTest extends FlightCase {

    private final List<String> sent = new CopyOnWriteArrayList<>();
    private final Outbox outbox = new Outbox();
    private Dispatcher dispatcher;

    @BeforeEach
    void aReplica() {
        Flights.Tools tools = new Flights.Tools(new Known(), new Silent(), scene.held, scene.completions,
                new Settings(QueueScene.LEASE, Duration.ofSeconds(5), 64, 8), null,
                new DeliveryMetrics(new SimpleMeterRegistry()), scene.vertx(), new SecureRandom(), InstantSource.system(),
                Ticker.systemTicker());
        dispatcher = new Dispatcher(scene.fanOut, scene.claims, tools, outbox);
    }

    @Test
    void whatIsPutBackIsSentAtOnce() {
        UUID other = scene.webhook(organization);
        scene.queue(organization, 3);

        dispatcher.due(webhook, organization);

        Eventually.holds(() -> assertThat(sent).hasSize(3));
        assertThat(scene.count("select count(*) from webhook_queue where claim is null and webhook_id = ?", other))
                .as("only this webhook's").isEqualTo(3);
    }

    @Test
    void whatIsPublishedIsSentAtOnce() {
        List<UUID> events = scene.publish(organization, 3);

        outbox.arrived();

        Eventually.holds(
                () -> assertThat(sent).containsExactlyInAnyOrderElementsOf(events.stream().map(UUID::toString).toList()));
    }

    private final class Known extends Targets {
        Known() {
            super(null, null, null);
        }

        @Override
        Uni<Map<UUID, Target>> of(Map<UUID, Long> versions) {
            return Uni.createFrom().item(targets(versions.keySet()));
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
