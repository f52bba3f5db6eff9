package dev.latchkey.webhook;

import java.security.SecureRandom;

import jakarta.inject.Singleton;

import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import org.jboss.logging.Logger;

/** Keeps lanes where deliveries are due, finds what they miss, and cancels what deleted webhooks have left. */
@Singleton
class Housekeeping {

    private static final Logger LOG = Logger.getLogger(Housekeeping.class);

    private final LaneTable lanes;
    private final DeliveryMetrics metrics;
    private final SecureRandom random;

    Housekeeping(LaneTable lanes, DeliveryMetrics metrics, SecureRandom random) {
        this.lanes = lanes;
        this.metrics = metrics;
        this.random = random;
    }

    @Scheduled(every = "${latchkey.webhook.tidy-every:1s}", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> tidy() {
        return guarded(lanes.tidy(random.nextLong()));
    }

    @Scheduled(every = "${latchkey.webhook.sweep-every:10s}", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> sweep() {
        return guarded(lanes.sweep().invoke(this::told).chain(() -> untilNothingIsLeft(lanes.cancel())));
    }

    /** However old it is. */
    @Scheduled(every = "${latchkey.webhook.sweep-all-every:10m}", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> sweepAll() {
        return guarded(lanes.sweepAll().invoke(this::told).replaceWithVoid())
                .chain(() -> guarded(untilNothingIsLeft(lanes.cancelAll())));
    }

    private void told(LaneTable.Swept swept) {
        metrics.waited(swept.waited());
        metrics.missed(swept.missed());
        if (swept.missed() > 0) {
            LOG.infof("deliveries were found that no lane knew of: webhooks=%d", swept.missed());
        }
    }

    private static Uni<Void> untilNothingIsLeft(Uni<Integer> batch) {
        return batch.repeat().whilst(rows -> rows > 0).collect().last().replaceWithVoid();
    }

    private static Uni<Void> guarded(Uni<Void> work) {
        return work.onFailure()
                .invoke(fault -> LOG.warnf("the queue cannot be kept in order now, tried again: cause=%s", fault))
                .onFailure().recoverWithNull();
    }
}
