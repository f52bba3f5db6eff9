package dev.latchkey.replica;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

import jakarta.annotation.Priority;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import org.jboss.logging.Logger;

/**
 * Keeps this replica's lease alive, and hears what the others say.
 *
 * <p>
 * <b>The protocol.</b> <em>Invariant:</em> once a change has been answered, no verification that begins afterwards, on
 * whatever replica, is judged by the state before it. Each replica answers from memory while its {@link Lease} holds. The
 * triggers of the tables that verdicts depend on say in the transaction of the change what it altered; every replica hears
 * it and forgets. A heartbeat that comes back over the listening connection proves that everything committed before it was
 * heard, since PostgreSQL delivers in commit order; it lets the lease run from the moment at which it was <em>sent</em>. The
 * changer, after its commit, waits in {@link Barrier} until each registered replica has acknowledged this very change, or
 * until every lease that could hide it has run out.
 *
 * <p>
 * <em>Who may break it:</em> a connection that dies or goes silent (heartbeats stop coming back, the lease runs out; two
 * missing ones reopen it); a replica that begins to listen again and has missed something (a new {@link Channel generation}:
 * first LISTEN is confirmed, then everything remembered is dropped and every load in flight voided, only then the first
 * heartbeat of that generation is sent, and only its own heartbeats renew); a load that began before the change and ends
 * after it (voided before the acknowledgement); a replica that joins unseen (its row stands before its first heartbeat can
 * come back, so who did not see the row committed before the lease began); a replica that leaves (gives up its lease first,
 * then removes its row); a stopped process (its lease runs on two clocks); a failover that loses rows (changers wait a full
 * lease). Outside of the promise: a failover without a synchronous standby, and a pause of the machine that hides from both
 * clocks.
 */
@Singleton
class Heartbeat implements Channel.Listener {

    private static final Logger LOG = Logger.getLogger(Heartbeat.class);
    private static final int REAP_EVERY = 15;
    private static final int MISSED = 2;
    private static final int REMEMBERED = 8;
    private static final Duration PATIENCE_AT_THE_END = Duration.ofSeconds(1);

    private final Self self;
    private final Channel channel;
    private final ReplicaTable table;
    private final Lease lease;
    private final DatabaseTime time;
    private final Acknowledgements acknowledgements;
    private final Barrier barrier;
    private final Event<Invalidated> invalidated;
    private final Reaper reaper;
    private final ReplicaConfig config;
    private final Vertx vertx;
    private final Deque<Sent> recent = new ArrayDeque<>();
    private long generation;
    private long number;
    private boolean busy;
    private boolean stopped;

    Heartbeat(Self self, Channel channel, ReplicaTable table, Lease lease, DatabaseTime time,
            Acknowledgements acknowledgements, Barrier barrier, Event<Invalidated> invalidated, Reaper reaper,
            ReplicaConfig config,
            Vertx vertx, MeterRegistry metrics) {
        this.self = self;
        this.channel = channel;
        this.table = table;
        this.lease = lease;
        this.time = time;
        this.acknowledgements = acknowledgements;
        this.barrier = barrier;
        this.invalidated = invalidated;
        this.reaper = reaper;
        this.config = config;
        this.vertx = vertx;
        requireSound(config);
        metrics.gauge("latchkey.replica.lease.seconds", lease, Lease::secondsLeft);
    }

    /** A heartbeat on its way: it counts when the database has answered what time it is, and when it has come back. */
    private static final class Sent {
        private final long generation;
        private final long number;
        private final Lease.Moment at;
        private boolean committed;
        private boolean returned;

        Sent(long generation, long number, Lease.Moment at) {
            this.generation = generation;
            this.number = number;
            this.at = at;
        }
    }

    private static void requireSound(ReplicaConfig config) {
        if (config.margin().compareTo(config.lease().dividedBy(2)) > 0
                || config.beat().multipliedBy(2).compareTo(config.lease().minus(config.margin())) > 0
                || config.beat().multipliedBy(2).toSeconds() > DirectConnections.SILENT_SECONDS) {
            throw new ConfigurationException(
                    "LATCHKEY_REPLICA_LEASE, _MARGIN, _BEAT: a lease must last for two heartbeats and its"
                            + " margin, which is at most half of it; a heartbeat comes at least every "
                            + DirectConnections.SILENT_SECONDS / 2 + " s.");
        }
    }

    /** After all that may still refuse the start. */
    void start(@Observes @Priority(10_000) StartupEvent started) {
        config.sabotage().ifPresent(parts -> LOG.errorf("this replica breaks its promises on purpose: sabotage=%s", parts));
        Uni<Void> first = config.alone() ? table.clear(self.id()) : reaper.look();
        first.onFailure().invoke(fault -> LOG.warnf("cannot remove rows of earlier processes: cause=%s", fault.getMessage()))
                .onFailure().recoverWithNull().subscribe().with(done -> {
                    channel.start(this);
                    vertx.setPeriodic(config.beat().toMillis(), tick -> beat());
                });
    }

    @Override
    public void opened(long opened) {
        invalidated.fire(new Invalidated(Scope.everything()));
        synchronized (this) {
            generation = opened;
            recent.clear();
        }
        LOG.debugf("listening: replica=%s generation=%d", self.id(), opened);
        beat();
    }

    @Override
    public void heard(long from, Message message) {
        try {
            switch (message.kind()) {
                case BEAT -> returned(from, message);
                case CHANGED -> forget(message);
                case AWAITED -> {
                    forget(message);
                    // The one who waits has forgotten before it asked.
                    if (message.id() != null && !barrier.isOwn(message.id())) {
                        acknowledgements.say(Message.acknowledged(message.id(), self.id()));
                    }
                }
                case ACKNOWLEDGED -> barrier.acknowledged(message);
            }
        } catch (RuntimeException | Error defect) {
            // No heartbeat of this generation renews any more: what was not forgotten must not be vouched for.
            synchronized (this) {
                generation = 0;
                recent.clear();
            }
            lease.giveUp();
            LOG.errorf(defect, "a change could not be followed, memory is not believed any more: replica=%s", self.id());
            channel.reopen("a change could not be followed");
        }
    }

    private void forget(Message message) {
        if (message.scope() != null) {
            invalidated.fire(new Invalidated(message.scope()));
        }
    }

    private synchronized void returned(long from, Message message) {
        if (!self.id().equals(message.id()) || message.generation() != from || from != generation || stopped) {
            return;
        }
        for (Sent sent : recent) {
            if (sent.number == message.number()) {
                sent.returned = true;
                count(sent);
            }
        }
    }

    private synchronized void committed(Sent sent, Instant shown) {
        time.sample(sent.at.nanos(), shown);
        sent.committed = true;
        if (sent.generation == generation && !stopped) {
            count(sent);
        }
    }

    /** Both, so that whoever sees the lease hold also sees the database's time of its heartbeat. */
    private void count(Sent sent) {
        if (sent.committed && sent.returned) {
            lease.renew(sent.at);
            recent.removeIf(other -> other.number <= sent.number);
        }
    }

    private void beat() {
        Sent now;
        synchronized (this) {
            if (stopped || generation == 0) {
                return;
            }
            long waited = MISSED * config.beat().toNanos();
            if (recent.stream().anyMatch(sent -> sent.committed && lease.moment().nanos() - sent.at.nanos() > waited)) {
                recent.clear();
                channel.reopen("its heartbeats do not come back");
                return;
            }
            if (busy) {
                return;
            }
            busy = true;
            now = new Sent(generation, ++number, lease.moment());
            recent.add(now);
            while (recent.size() > REMEMBERED) {
                recent.removeFirst();
            }
        }
        send(now).subscribe().with(done -> {
        });
    }

    private Uni<Void> send(Sent now) {
        return table.beat(self.id(), Message.beat(self.id(), now.generation, now.number), now.generation).ifNoItem()
                .after(config.beat().multipliedBy(MISSED)).fail().invoke(shown -> committed(now, shown))
                .onFailure().invoke(fault -> LOG.warnf("heartbeat failed: cause=%s", fault.getMessage()))
                .onItemOrFailure().invoke((done, fault) -> idle(now))
                .onItem().call(() -> now.number % REAP_EVERY == 0 ? reaper.look() : Uni.createFrom().voidItem())
                .onFailure().recoverWithNull().replaceWithVoid();
    }

    private void idle(Sent sent) {
        boolean reopened;
        synchronized (this) {
            busy = false;
            reopened = sent.generation != generation;
        }
        if (reopened) {
            beat();
        }
    }

    /** Blocks the thread that stops the application, which has nothing else to do. */
    void stop(@Observes ShutdownEvent stopping) {
        synchronized (this) {
            stopped = true;
        }
        lease.giveUp();
        channel.stop();
        try {
            table.leave(self.id()).subscribeAsCompletionStage()
                    .orTimeout(PATIENCE_AT_THE_END.toMillis(), TimeUnit.MILLISECONDS).join();
        } catch (CompletionException away) {
            LOG.infof("left without removing the row, which is reaped later: replica=%s", self.id());
        }
    }

    /** This replica, new at each start: nobody takes a restarted one for the one that was killed. */
    @Singleton
    static class Self {
        private final UUID id = UUID.randomUUID();

        UUID id() {
            return id;
        }
    }
}
