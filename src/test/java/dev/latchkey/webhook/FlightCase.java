package dev.latchkey.webhook;

import java.math.BigInteger;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import dev.latchkey.net.Destination;
import io.quarkus.runtime.configuration.MemorySize;
import io.vertx.core.Context;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;

/** What a replica sends with, without the rest of it. */
@NullUnmarked
abstract class FlightCase extends QueueCase {

    Context context;

    @BeforeEach
    void aContext() {
        context = scene.vertx().getOrCreateContext();
    }

    /** Where a replica does all of it. */
    <T> T on(Supplier<T> work) {
        CompletableFuture<T> done = new CompletableFuture<>();
        context.runOnContext(now -> {
            try {
                done.complete(work.get());
            } catch (Throwable fault) {
                done.completeExceptionally(fault);
            }
        });
        return done.orTimeout(5, TimeUnit.SECONDS).join();
    }

    void run(Runnable work) {
        on(() -> {
            work.run();
            return true;
        });
    }

    /** Of which each opens. */
    Map<UUID, Target> targets(Set<UUID> webhooks) {
        Map<UUID, Target> targets = new HashMap<>();
        webhooks.forEach(id -> targets.put(id,
                new Target(id, 1, organization, Destination.parse("https://example.com/").orNull(), List.of(), null)));
        return targets;
    }

    /**
     * Room and times of a replica.
     *
     * @param retry the only pause: what fails after it is given up
     */
    record Settings(Duration lease, Duration retry, int slots, int slotsPerEndpoint) implements WebhookConfig {

        @Override
        public List<Duration> retries() {
            return List.of(retry);
        }

        @Override
        public Duration disableAfter() {
            return Duration.ofDays(5);
        }

        @Override
        public MemorySize memory() {
            return new MemorySize(BigInteger.valueOf(1 << 20));
        }

        @Override
        public Duration stop() {
            return Duration.ZERO;
        }
    }
}
