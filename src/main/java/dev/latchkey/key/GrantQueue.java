package dev.latchkey.key;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.latchkey.key.GrantTable.Ask;
import dev.latchkey.key.GrantTable.Grant;
import dev.latchkey.key.GrantTable.Leftover;
import dev.latchkey.replica.Lease;
import dev.latchkey.replica.Scope;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;

/**
 * Asks the database for tokens on behalf of buckets with requests that wait: one statement at a time, for all that gathered
 * while the last one ran.
 *
 * <p>
 * <b>Invariant:</b> of a bucket that is invalidated while a statement is under way, what that brings is not used. Whoever
 * invalidates says so here first, and drops what the bucket holds after that: a grant that is just being taken in either sees
 * the note, or is dropped with the bucket. Notes are forgotten only before a statement is sent, or while none is under way.
 */
final class GrantQueue {

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(3);
    private static final long DISTANCE_NANOS = TimeUnit.MILLISECONDS.toNanos(3);
    private static final Duration PAUSE = Duration.ofMillis(10);
    private static final int BATCH = 1_000;

    private final GrantTable table;
    private final Leftovers leftovers;
    private final Lease lease;
    private final Ticker monotonic;
    private final Counter grants;
    private final Counter voidGrants;

    /** Buckets with requests that wait, in the order in which they came. */
    private final Map<UUID, Bucket> pending = new LinkedHashMap<>();
    /** What was invalidated while the grant in flight was under way. */
    private final Set<Scope> meanwhile = ConcurrentHashMap.newKeySet();
    private boolean busy;
    private boolean answered;
    private long answeredNanos;

    GrantQueue(GrantTable table, Leftovers leftovers, Lease lease, Ticker monotonic, MeterRegistry metrics) {
        this.table = table;
        this.leftovers = leftovers;
        this.lease = lease;
        this.monotonic = monotonic;
        this.grants = metrics.counter("latchkey.limit.grants");
        this.voidGrants = metrics.counter("latchkey.limit.grants.void");
    }

    /** A grant that is under way gives nothing to what the scope covers. */
    void invalidated(Scope scope) {
        meanwhile.add(scope);
    }

    /** Forgets what no grant needs to know any more. */
    synchronized void tidy() {
        if (!busy) {
            meanwhile.clear();
        }
    }

    /** Asks for them as soon as may be. */
    void enqueue(Collection<Bucket> waiting) {
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
            leftovers.drop(bucket);
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
            leftovers.drop(bucket);
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
}
