package dev.latchkey.replica;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

import jakarta.enterprise.event.Event;
import jakarta.inject.Singleton;

import com.github.benmanes.caffeine.cache.Ticker;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Where a change waits, after its commit and before its answer, until no replica can judge by the old state any more: each
 * one that is registered has acknowledged <em>this</em> change, or a full lease has passed since the commit on this
 * replica's own monotonic clock, in which every lease that could hide the change has run out. See {@link Heartbeat} for the
 * whole protocol.
 */
@Singleton
public class Barrier {

    private static final Logger LOG = Logger.getLogger(Barrier.class);
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Heartbeat.Self self;
    private final ReplicaTable table;
    private final Event<Invalidated> invalidated;
    private final ReplicaConfig config;
    private final Vertx vertx;
    private final Ticker monotonic;
    private final InstantSource clock;
    private final Set<Waiting> toAsk = new LinkedHashSet<>();
    private boolean asking;
    private final ConcurrentMap<UUID, Waiting> waiting = new ConcurrentHashMap<>();
    private final Timer acknowledged;
    private final Timer ranOut;
    private final Counter late;
    private final Counter received;

    Barrier(Heartbeat.Self self, ReplicaTable table, Event<Invalidated> invalidated, ReplicaConfig config, Vertx vertx,
            Ticker monotonic, InstantSource clock, MeterRegistry metrics) {
        this.self = self;
        this.table = table;
        this.invalidated = invalidated;
        this.config = config;
        this.vertx = vertx;
        this.monotonic = monotonic;
        this.clock = clock;
        this.acknowledged = Timer.builder("latchkey.replica.wait").tag("end", "acknowledged").publishPercentileHistogram()
                .register(metrics);
        this.ranOut = Timer.builder("latchkey.replica.wait").tag("end", "lease").publishPercentileHistogram()
                .register(metrics);
        this.late = metrics.counter("latchkey.replica.late");
        this.received = metrics.counter("latchkey.replica.acknowledgements", "direction", "received");
        metrics.gaugeMapSize("latchkey.replica.waiting", io.micrometer.core.instrument.Tags.empty(), waiting);
    }

    /**
     * To be called after the commit of a change, or of one whose outcome is unknown, and before its answer. Never fails: what
     * cannot be asked is waited for.
     *
     * @return whether the change is in force everywhere, or when it will be
     */
    public Uni<Settled> settle(Scope scope) {
        Waiting change = new Waiting(UUID.randomUUID(), scope, monotonic.read(), clock.instant().plus(config.lease()));
        invalidated.fire(new Invalidated(scope));
        waiting.put(change.id, change);
        ask(change);
        remind(change);
        if (config.leavesOut(ReplicaConfig.Sabotage.ACKNOWLEDGEMENTS)) {
            return Uni.createFrom().item(Settled.IN_FORCE);
        }
        return Uni.createFrom().completionStage(change.done.copy()).ifNoItem().after(config.patience())
                .recoverWithItem(() -> {
                    late.increment();
                    return new Settled(change.effectiveBy);
                });
    }

    void acknowledged(Message message) {
        Waiting change = message.id() == null ? null : waiting.get(message.id());
        if (change != null && message.replica() != null) {
            received.increment();
            if (change.acknowledge(message.replica())) {
                end(change, acknowledged);
            }
        }
    }

    /** Whether the change is one that waits here. */
    boolean isOwn(UUID change) {
        return waiting.containsKey(change);
    }

    private void ask(Waiting change) {
        synchronized (toAsk) {
            toAsk.add(change);
        }
        ask();
    }

    /** One statement at a time for all who want to ask, so that many changes cannot starve heartbeats. */
    private void ask() {
        List<Waiting> now;
        synchronized (toAsk) {
            if (asking || toAsk.isEmpty()) {
                return;
            }
            asking = true;
            now = List.copyOf(toAsk);
            toAsk.clear();
        }
        table.ask(now.stream().map(change -> Message.awaited(change.id, change.scope)).toList()).ifNoItem()
                .after(PATIENCE).fail().onItemOrFailure().invoke((audience, fault) -> {
                    synchronized (toAsk) {
                        asking = false;
                    }
                    if (fault == null) {
                        now.forEach(change -> heard(change, audience));
                    } else {
                        LOG.warnf("cannot ask replicas to forget, trying again: changes=%d cause=%s", now.size(),
                                fault.getMessage());
                    }
                    ask();
                }).onFailure().recoverWithNull().subscribe().with(done -> {
                });
    }

    private void heard(Waiting change, ReplicaTable.Audience audience) {
        boolean sure = config.alone() || !audience.unsure();
        if (sure && change.hasAudience(audience.replicas(), self.id())) {
            end(change, acknowledged);
        }
    }

    private void remind(Waiting change) {
        Duration left = config.lease().minusNanos(monotonic.read() - change.committedNanos);
        if (left.isNegative() || left.isZero()) {
            end(change, ranOut);
            return;
        }
        Duration pause = left.compareTo(config.remind()) < 0 ? left : config.remind();
        vertx.setTimer(Math.max(1, pause.toMillis()), tick -> {
            if (waiting.containsKey(change.id)) {
                if (left.compareTo(config.remind()) > 0) {
                    ask(change);
                }
                remind(change);
            }
        });
    }

    private void end(Waiting change, Timer how) {
        if (waiting.remove(change.id) != null) {
            how.record(Duration.ofNanos(monotonic.read() - change.committedNanos));
            change.done.complete(Settled.IN_FORCE);
        }
    }

    /**
     * How far a change has come.
     *
     * @param effectiveBy null: it is in force on every replica; else when it will be, at the latest
     */
    public record Settled(@Nullable Instant effectiveBy) {
        static final Settled IN_FORCE = new Settled(null);

        /** How long until then: whole milliseconds, rounded up, since Vert.x has no shorter timers and throws; else nothing. */
        public Duration left(Instant now) {
            Duration left = effectiveBy == null ? Duration.ZERO : Duration.between(now, effectiveBy);
            return left.isNegative() ? Duration.ZERO : Duration.ofMillis(left.plusNanos(999_999).toMillis());
        }
    }

    /** A change that waits. */
    private static final class Waiting {
        private final UUID id;
        private final Scope scope;
        private final long committedNanos;
        private final Instant effectiveBy;
        private final CompletableFuture<Settled> done = new CompletableFuture<>();
        private final Set<UUID> acknowledged = new HashSet<>();
        private @Nullable Set<UUID> audience;

        Waiting(UUID id, Scope scope, long committedNanos, Instant effectiveBy) {
            this.id = id;
            this.scope = scope;
            this.committedNanos = committedNanos;
            this.effectiveBy = effectiveBy;
        }

        /** @return whether nobody is left to wait for. This replica has forgotten before it asked. */
        synchronized boolean hasAudience(Set<UUID> replicas, UUID self) {
            acknowledged.add(self);
            audience = replicas;
            return acknowledged.containsAll(replicas);
        }

        synchronized boolean acknowledge(UUID replica) {
            acknowledged.add(replica);
            return audience != null && acknowledged.containsAll(audience);
        }
    }
}
