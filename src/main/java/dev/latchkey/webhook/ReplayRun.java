package dev.latchkey.webhook;

import java.security.SecureRandom;
import java.util.stream.Collectors;

import jakarta.inject.Singleton;

import dev.latchkey.webhook.ReplayTable.Running;
import io.quarkus.runtime.Startup;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import org.jboss.logging.Logger;

/**
 * Carries replays out.
 *
 * <p>
 * <b>Invariant:</b> each delivery of the span that is in the wanted state when its turn comes is put back into the queue once.
 * A batch is one transaction: the replay's row locked, its deliveries made pending and queued, its position moved on. A replica
 * that dies in the middle has done nothing of it, its lock ends with its connection, and whoever looks next goes on from the
 * position; nobody holds a lease, and nothing has to run out. Ids grow, so that what was put back and given up again is not met
 * twice.
 *
 * <p>
 * A replay waits while its webhook's queue is long, or the webhook is switched off. Replays take turns, batch by batch; what
 * they put back is sent among everything else by the dispatcher's lanes.
 */
@Startup
@Singleton
class ReplayRun {

    private static final Logger LOG = Logger.getLogger(ReplayRun.class);

    private final ReplayTable table;
    private final LaneNudge lanes;
    private final Dispatcher dispatcher;
    private final SecureRandom random;

    /** @throws ConfigurationException for a batch or a queue that is none */
    ReplayRun(ReplayTable table, LaneNudge lanes, Dispatcher dispatcher, ReplayConfig config, SecureRandom random) {
        if (config.batch() < 1 || config.queue() < 1) {
            throw new ConfigurationException(
                    "LATCHKEY_WEBHOOK_REPLAY_BATCH and LATCHKEY_WEBHOOK_REPLAY_QUEUE must be at least 1.");
        }
        this.table = table;
        this.lanes = lanes;
        this.dispatcher = dispatcher;
        this.random = random;
    }

    @Scheduled(every = "${latchkey.webhook.replay.every:1s}", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> run() {
        return Uni.createFrom().deferred(this::round).repeat().whilst(wentOn -> wentOn).collect().last().onFailure()
                .invoke(fault -> LOG.warnf("replays cannot go on now, tried again: cause=%s", fault)).onFailure()
                .recoverWithNull().replaceWithVoid();
    }

    /** A batch of each that can go on, of those that are looked at this time; whether one could. */
    private Uni<Boolean> round() {
        return table.running(random.nextLong()).flatMap(running -> Multi.createFrom().iterable(running).onItem()
                .transformToUniAndConcatenate(this::goOn).collect().with(Collectors.toSet())
                .map(went -> went.contains(true)));
    }

    /** One that fails holds up no other. */
    private Uni<Boolean> goOn(Running replay) {
        return lanes.warm(replay.webhook()).chain(() -> table.goOn(replay)).invoke(wentOn -> {
            if (wentOn) {
                dispatcher.due(replay.webhook(), replay.organization());
            }
        }).onFailure().invoke(fault -> LOG.warnf("a replay cannot go on now, tried again: webhookId=%s replay=%s cause=%s",
                replay.webhook(), replay.id(), fault)).onFailure().recoverWithItem(false);
    }
}
