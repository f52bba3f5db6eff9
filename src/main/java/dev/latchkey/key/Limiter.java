package dev.latchkey.key;

import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;

import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.latchkey.key.GrantTable.Leftover;
import dev.latchkey.replica.DatabaseTime;
import dev.latchkey.replica.Invalidated;
import dev.latchkey.replica.Lease;
import dev.latchkey.replica.ReplicaConfig;
import dev.latchkey.replica.Scope;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Counts requests of keys in fixed windows that are aligned to the Unix epoch in the database's time, over all replicas.
 *
 * <p>
 * <b>Invariant:</b> within one window, the costs admitted for a key by all replicas add up to at most its limit. The row of
 * the key in {@code rate_window} counts what was <em>taken</em>; a replica admits only what it took, in small leases of
 * tokens. What could break it: a token that is spent in a later window than it was taken in — each heartbeat bounds the
 * database's time, and a token is spent only where both bounds lie in its window; in the gap the database decides. A grant
 * that waited for its row into a later window, or whose commit nobody knows, gives nothing. A limit that is lowered: before
 * this replica acknowledges the change it drops what it holds of the key, and what a grant in flight brings is not used
 * ({@link GrantQueue}). A replica that has lost touch ({@link Lease}) may have missed such a change: it holds nothing, and each
 * request takes for itself. A kill strands the tokens that were held, at most an eighth of what was left when they were taken;
 * they are never admitted twice.
 */
@Singleton
class Limiter {

    private static final Logger LOG = Logger.getLogger(Limiter.class);
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long FORGOTTEN_NANOS = TimeUnit.MINUTES.toNanos(2);
    private static final long PATIENCE_AT_THE_END_MILLIS = 1_000;

    private final GrantTable table;
    private final DatabaseTime time;
    private final Lease lease;
    private final Ticker monotonic;
    private final ConcurrentMap<UUID, Bucket> buckets = new ConcurrentHashMap<>();
    private final Counter fromMemory;
    private final Leftovers leftovers;
    private final GrantQueue queue;
    private final boolean anyWindow;

    Limiter(GrantTable table, DatabaseTime time, Lease lease, Ticker monotonic, ReplicaConfig replicas, MeterRegistry metrics) {
        this.anyWindow = replicas.leavesOut(ReplicaConfig.Sabotage.WINDOWS);
        this.table = table;
        this.leftovers = new Leftovers(table);
        this.queue = new GrantQueue(table, leftovers, lease, monotonic, metrics);
        this.time = time;
        this.lease = lease;
        this.monotonic = monotonic;
        this.fromMemory = metrics.counter("latchkey.limit.decisions", "by", "memory");
        metrics.gaugeMapSize("latchkey.limit.buckets", io.micrometer.core.instrument.Tags.empty(), buckets);
    }

    /**
     * Decides from memory.
     *
     * @param cost 0 only looks
     * @return null where the database has to be asked
     */
    @Nullable
    Quota take(KeySnapshot key, KeySnapshot.Limit limit, int cost) {
        // The lease first: while it holds, the heartbeat that says what time it is has come back, too.
        DatabaseTime.Bounds now = lease.holds() ? time.bounds() : null;
        if (now == null) {
            return null;
        }
        long window = now.window(limit.windowSeconds());
        Bucket bucket = window < 0 && !anyWindow ? null : buckets.get(key.keyId());
        if (bucket == null) {
            return null;
        }
        Quota quota;
        synchronized (bucket) {
            quota = bucket.take(limit, anyWindow ? bucket.window() : window, cost, now.middle(), monotonic.read());
        }
        if (quota != null) {
            fromMemory.increment();
        }
        return quota;
    }

    /** Asks the database; empty where the key has no limit any more. */
    Uni<Optional<Quota>> ask(KeySnapshot key, int cost) {
        CompletableFuture<Optional<Quota>> answer = new CompletableFuture<>();
        long nanos = monotonic.read();
        // In one step, so that a bucket that went quiet is not removed between being found and being waited at.
        Bucket waited = buckets.compute(key.keyId(), (id, known) -> {
            Bucket bucket = known == null ? new Bucket(id, key.organizationId()) : known;
            synchronized (bucket) {
                bucket.await(new Bucket.Waiter(cost, nanos, answer));
            }
            return bucket;
        });
        queue.enqueue(List.of(waited));
        return Uni.createFrom().completionStage(answer);
    }

    /**
     * When this returns, nothing that was taken under the old limit is spent any more. Noted first: a grant that is just
     * being taken in either sees the note, or is dropped with the bucket.
     */
    void forget(@Observes Invalidated change) {
        Scope scope = change.scope();
        if (scope.unknown()) {
            return; // What nobody knew has no limit.
        }
        queue.invalidated(scope);
        Collection<Bucket> affected = scope.keys().isEmpty() ? buckets.values()
                : scope.keys().stream().map(buckets::get).filter(Objects::nonNull).toList();
        for (Bucket bucket : affected) {
            if (scope.covers(bucket.organizationId, bucket.keyId)) {
                leftovers.drop(bucket);
            }
        }
    }

    /** Gives back what was idle for a second, and forgets keys that went quiet. */
    @Scheduled(every = "1s", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> giveBackIdle() {
        long nanos = monotonic.read();
        buckets.values().forEach(bucket -> {
            Leftover leftover;
            boolean quiet;
            synchronized (bucket) {
                leftover = bucket.idleSince(nanos, IDLE_NANOS) ? bucket.release() : null;
                quiet = bucket.quietSince(nanos, FORGOTTEN_NANOS);
            }
            if (leftover != null) {
                leftovers.add(leftover);
            }
            if (quiet) {
                removeQuiet(bucket.keyId, nanos);
            }
        });
        queue.tidy();
        return leftovers.write();
    }

    private void removeQuiet(UUID keyId, long nanos) {
        buckets.computeIfPresent(keyId, (id, bucket) -> {
            synchronized (bucket) {
                return bucket.quietSince(nanos, FORGOTTEN_NANOS) ? null : bucket;
            }
        });
    }

    /** Hands over to the other replicas at an orderly stop. Blocks the thread that stops the application. */
    void stop(@Observes ShutdownEvent stopping) {
        buckets.values().forEach(leftovers::drop);
        try {
            leftovers.write().subscribeAsCompletionStage().orTimeout(PATIENCE_AT_THE_END_MILLIS, TimeUnit.MILLISECONDS).join();
        } catch (CompletionException away) {
            LOG.infof("tokens could not be given back at the stop: cause=%s", away.getCause());
        }
    }

    @Scheduled(every = "1h", delayed = "5m", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> forgetEnded() {
        return table.forgetEnded();
    }
}
