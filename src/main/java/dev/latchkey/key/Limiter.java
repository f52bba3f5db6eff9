package dev.latchkey.key;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;

import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.latchkey.key.GrantTable.Ask;
import dev.latchkey.key.GrantTable.Grant;
import dev.latchkey.key.GrantTable.Leftover;
import dev.latchkey.replica.DatabaseTime;
import dev.latchkey.replica.Invalidated;
import dev.latchkey.replica.Lease;
import dev.latchkey.replica.ReplicaConfig;
import dev.latchkey.replica.Scope;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
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
 * this replica acknowledges the change it drops what it holds of the key, and what a grant in flight brings is not used. A
 * replica that has lost touch ({@link Lease}) may have missed such a change: it holds nothing, and each request takes for
 * itself. A kill strands the tokens that were held, at most an eighth of what was left when they were taken; they are never
 * admitted twice.
 */
@Singleton
class Limiter {

    private static final Logger LOG = Logger.getLogger(Limiter.class);
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long FORGOTTEN_NANOS = TimeUnit.MINUTES.toNanos(2);
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(3);
    private static final long DISTANCE_NANOS = TimeUnit.MILLISECONDS.toNanos(3);
    private static final Duration PAUSE = Duration.ofMillis(10);
    private static final long PATIENCE_AT_THE_END_MILLIS = 1_000;
    private static final int BATCH = 1_000;

    private final GrantTable table;
    private final DatabaseTime time;
    private final Lease lease;
    private final Ticker monotonic;
    private final ConcurrentMap<UUID, Bucket> buckets = new ConcurrentHashMap<>();
    private final Counter fromMemory;
    private final Counter grants;
    private final Counter voidGrants;

    /** Buckets with requests that wait, in the order in which they came. */
    private final Map<UUID, Bucket> pending = new LinkedHashMap<>();
    /** What was invalidated while the grant in flight was under way. */
    private final Set<Scope> meanwhile = ConcurrentHashMap.newKeySet();
    private final Leftovers leftovers;
    private final boolean anyWindow;
    private boolean busy;
    private boolean answered;
    private long answeredNanos;

    Limiter(GrantTable table, DatabaseTime time, Lease lease, Ticker monotonic, ReplicaConfig replicas, MeterRegistry metrics) {
        this.anyWindow = replicas.leavesOut(ReplicaConfig.Sabotage.WINDOWS);
        this.table = table;
        this.leftovers = new Leftovers(table);
        this.time = time;
        this.lease = lease;
        this.monotonic = monotonic;
        this.fromMemory = metrics.counter("latchkey.limit.decisions", "by", "memory");
        this.grants = metrics.counter("latchkey.limit.grants");
        this.voidGrants = metrics.counter("latchkey.limit.grants.void");
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
        enqueue(List.of(waited));
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
        meanwhile.add(scope);
        Collection<Bucket> affected = scope.keys().isEmpty() ? buckets.values()
                : scope.keys().stream().map(buckets::get).filter(Objects::nonNull).toList();
        for (Bucket bucket : affected) {
            if (scope.covers(bucket.organizationId, bucket.keyId)) {
                drop(bucket);
            }
        }
    }

    private void enqueue(Collection<Bucket> waiting) {
        synchronized (this) {
            waiting.forEach(bucket -> pending.put(bucket.keyId, bucket));
        }
        flush();
    }

    /**
     * One statement at a time: what gathers meanwhile goes with the next. A statement keeps a distance to the answer of the
     * last one, too: where many ask, what comes within a few milliseconds costs the database one statement; who asks alone does
     * not wait.
     */
    private void flush() {
        long early;
        synchronized (this) {
            if (busy || pending.isEmpty()) {
                return;
            }
            busy = true;
            early = answered ? DISTANCE_NANOS - (monotonic.read() - answeredNanos) : 0;
        }
        if (early > 0) {
            // Whole milliseconds: Vert.x has no shorter timers, and throws.
            long millis = TimeUnit.NANOSECONDS.toMillis(early) + 1;
            Uni.createFrom().voidItem().onItem().delayIt().by(Duration.ofMillis(millis)).subscribe().with(done -> send());
        } else {
            send();
        }
    }

    private void send() {
        List<Asked> batch = new ArrayList<>();
        synchronized (this) {
            meanwhile.clear();
            var next = pending.values().iterator();
            while (next.hasNext() && batch.size() < BATCH) {
                batch.add(asked(next.next()));
                next.remove();
            }
        }
        batch.sort((one, other) -> one.bucket.keyId.compareTo(other.bucket.keyId));
        grants.increment();
        // Deferred: whatever goes wrong, even before it is sent, ends in one of the two, or nobody would send again.
        Uni.createFrom().deferred(() -> table.take(batch.stream().map(Asked::ask).toList())).subscribe()
                .with(given -> arrived(batch, given), fault -> failed(batch, fault));
    }

    private Asked asked(Bucket bucket) {
        boolean mayHold = lease.holds();
        if (!mayHold) {
            drop(bucket);
        }
        synchronized (bucket) {
            return new Asked(bucket, bucket.ask(mayHold, monotonic.read()), bucket.waiting());
        }
    }

    private void arrived(List<Asked> batch, List<Grant> given) {
        Map<UUID, Grant> byKey = new HashMap<>();
        given.forEach(grant -> byKey.put(grant.keyId(), grant));
        boolean isVoid = false;
        try {
            for (Asked asked : batch) {
                Grant grant = byKey.get(asked.bucket.keyId);
                if (grant == null) {
                    leave(asked).forEach(waiter -> waiter.answer().complete(Optional.empty()));
                } else {
                    isVoid |= !takeIn(asked, grant);
                }
            }
        } finally {
            next(batch, isVoid);
        }
    }

    /** @return false where the grant gives nothing and has to be asked for again */
    private boolean takeIn(Asked asked, Grant grant) {
        Bucket bucket = asked.bucket;
        List<Bucket.Served> served;
        synchronized (bucket) {
            if (grant.isVoid()
                    || meanwhile.stream().anyMatch(scope -> scope.covers(bucket.organizationId, bucket.keyId))) {
                voidGrants.increment();
                leftovers.add(new Leftover(grant.keyId(), grant.windowSeconds(), grant.windowStart(), grant.granted()));
                return false;
            }
            served = bucket.grant(grant, asked.waiting, monotonic.read());
        }
        served.forEach(Bucket.Served::tell);
        if (!lease.holds()) {
            drop(bucket);
        }
        return true;
    }

    private void failed(List<Asked> batch, Throwable fault) {
        batch.forEach(asked -> leave(asked).forEach(waiter -> waiter.answer().completeExceptionally(fault)));
        next(batch, false);
    }

    private static List<Bucket.Waiter> leave(Asked asked) {
        synchronized (asked.bucket) {
            return asked.bucket.leave(asked.waiting);
        }
    }

    /**
     * Who came while the statement ran, or was given nothing, waits for the next one; not for ever, and not without a pause
     * where it was given nothing: the database's clock may have gone back.
     */
    private void next(List<Asked> batch, boolean isVoid) {
        long nanos = monotonic.read();
        List<Bucket> waiting = new ArrayList<>();
        for (Asked asked : batch) {
            List<Bucket.Waiter> expired;
            synchronized (asked.bucket) {
                expired = asked.bucket.expire(nanos - PATIENCE_NANOS);
                if (asked.bucket.waiting() > 0) {
                    waiting.add(asked.bucket);
                }
            }
            expired.forEach(waiter -> waiter.answer().completeExceptionally(away()));
        }
        synchronized (this) {
            busy = false;
            answered = true;
            answeredNanos = nanos;
        }
        if (isVoid) {
            leftovers.write().onItem().delayIt().by(PAUSE).subscribe().with(done -> enqueue(waiting));
            flush();
        } else {
            enqueue(waiting);
        }
    }

    private static ProblemException away() {
        return new ProblemException(ProblemCode.UNAVAILABLE,
                "What is left of the limit could not be learned in time; try again.")
                .with("Retry-After", "1");
    }

    /**
     * A bucket in a statement.
     *
     * @param waiting how many it asks for
     */
    private record Asked(Bucket bucket, Ask ask, int waiting) {
    }

    private void drop(Bucket bucket) {
        Leftover leftover;
        synchronized (bucket) {
            leftover = bucket.drop();
        }
        if (leftover != null) {
            leftovers.add(leftover);
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
        synchronized (this) {
            if (!busy) {
                meanwhile.clear();
            }
        }
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
        buckets.values().forEach(this::drop);
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
