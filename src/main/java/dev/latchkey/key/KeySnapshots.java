package dev.latchkey.key;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;

import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.latchkey.crypto.Peppers;
import dev.latchkey.replica.Invalidated;
import dev.latchkey.replica.Lease;
import dev.latchkey.replica.ReplicaConfig;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.scheduler.Scheduled;
import io.smallrye.mutiny.Uni;

/**
 * What memory knows of keys, so that a verification asks no database.
 *
 * <p>
 * <b>Invariant:</b> a verification that begins after a change has been answered is never judged by the old state. While the
 * {@link Lease} holds, every change that was committed is heard as {@link Invalidated} before its answer, from whatever replica
 * it came, and raises the mark of {@link Forgotten}. What could break it is a read that began before the commit and ends after
 * it was heard: such a load bears an older mark, hence nobody joins it any more and its result is not kept. Those who joined
 * it before began before the answer, and may see either state. Without a lease nothing is remembered and nothing is joined:
 * each verification reads for itself, a bounded number at a time, and the rest are told to come back.
 */
@Singleton
class KeySnapshots {

    private static final String RETRY_SECONDS = "1";

    private final KeySnapshotQuery database;
    private final Lease lease;
    private final Cache<Fingerprint, Known> known;
    private final Cache<Fingerprint, Long> unknown;
    private final Forgotten forgotten = new Forgotten();
    private final ConcurrentMap<Fingerprint, Load> loads = new ConcurrentHashMap<>();
    private final Semaphore unleased;
    private final boolean keepsAnything;
    private final Counter hits;
    private final Counter misses;
    private final Counter unleasedReads;
    private final Counter turnedAway;

    KeySnapshots(KeySnapshotQuery database, Lease lease, KeyConfig config, ReplicaConfig replicas, MeterRegistry metrics) {
        this.keepsAnything = replicas.leavesOut(ReplicaConfig.Sabotage.VOIDING);
        this.database = database;
        this.lease = lease;
        this.known = Caffeine.newBuilder().maximumSize(config.maxSnapshots()).build();
        // Apart, so that someone who tries random keys cannot push live ones out. A key that is imported was perhaps asked for
        // before: what is unknown is not believed for long.
        this.unknown = Caffeine.newBuilder().maximumSize(config.maxUnknown()).expireAfterWrite(config.maxUnknownAge()).build();
        this.unleased = new Semaphore(config.maxUnleasedReads());
        this.hits = metrics.counter("latchkey.snapshots", "result", "hit");
        this.misses = metrics.counter("latchkey.snapshots", "result", "miss");
        this.unleasedReads = metrics.counter("latchkey.snapshots", "result", "unleased");
        this.turnedAway = metrics.counter("latchkey.snapshots", "result", "turned-away");
        metrics.gauge("latchkey.snapshots.size", known, Cache::estimatedSize);
    }

    /**
     * What the token opens; empty when no material has its digest.
     *
     * @throws ProblemException 503 where memory may not be believed and too many ask the database already
     */
    Uni<Optional<KeySnapshot>> find(KeyToken token) {
        Fingerprint fingerprint = Fingerprint.of(token);
        // Before memory is read, and not after: see Lease.
        if (!lease.holds()) {
            return readUnleased(fingerprint);
        }
        Known entry = known.getIfPresent(fingerprint);
        KeySnapshot present = entry != null && forgotten.believes(entry) ? entry.snapshot : null;
        boolean absent = entry == null && isUnknown(fingerprint);
        if (present != null) {
            hits.increment();
            return Uni.createFrom().item(Optional.of(present));
        }
        if (absent) {
            hits.increment();
            return Uni.createFrom().item(Optional.empty());
        }
        misses.increment();
        return loads.compute(fingerprint,
                (same, load) -> load != null && load.mark == forgotten.mark() ? load : load(fingerprint)).result;
    }

    /** When this returns, nothing that was read earlier is believed any more, and no load in flight is joined or kept. */
    void forget(@Observes Invalidated change) {
        forgotten.add(change.scope());
    }

    /** Removes what is forgotten from memory, away from those who wait for the change. */
    @Scheduled(every = "1s", delayed = "1s")
    void sweep() {
        forgotten.sweep(known.asMap().values());
    }

    private boolean isUnknown(Fingerprint fingerprint) {
        Long mark = unknown.getIfPresent(fingerprint);
        return mark != null && !forgotten.precedesEverything(mark);
    }

    private Uni<Optional<KeySnapshot>> readUnleased(Fingerprint fingerprint) {
        if (!unleased.tryAcquire()) {
            turnedAway.increment();
            throw new ProblemException(ProblemCode.UNAVAILABLE,
                    "This replica has lost touch with the database and is asked more than it can look up; try again.")
                    .with("Retry-After", RETRY_SECONDS);
        }
        unleasedReads.increment();
        return Uni.createFrom().deferred(() -> database.read(fingerprint.bytes())).onTermination()
                .invoke(() -> unleased.release());
    }

    private Load load(Fingerprint fingerprint) {
        Load load = new Load(forgotten.mark());
        load.result = database.read(fingerprint.bytes()).onItem()
                .invoke(found -> forgotten.ifNothingSince(keepsAnything ? forgotten.mark() : load.mark,
                        () -> remember(fingerprint, found, forgotten.mark())))
                .onTermination().invoke(() -> loads.remove(fingerprint, load)).memoize().indefinitely();
        return load;
    }

    private void remember(Fingerprint fingerprint, Optional<KeySnapshot> found, long mark) {
        found.ifPresentOrElse(snapshot -> known.put(fingerprint, new Known(snapshot, mark)),
                () -> unknown.put(fingerprint, mark));
    }

    /** What is remembered. */
    static final class Known {

        private final KeySnapshot snapshot;
        private final long mark;
        private volatile boolean removed;

        /** @param mark of {@link Forgotten}, when the load began */
        Known(KeySnapshot snapshot, long mark) {
            this.snapshot = snapshot;
            this.mark = mark;
        }

        KeySnapshot snapshot() {
            return snapshot;
        }

        long mark() {
            return mark;
        }

        boolean removed() {
            return removed;
        }

        void remove() {
            removed = true;
        }
    }

    /** SHA-256 of a token as four numbers: compares without arrays, and the cache needs no token. */
    private record Fingerprint(long a, long b, long c, long d) {
        static Fingerprint of(KeyToken token) {
            ByteBuffer bytes = ByteBuffer.wrap(Peppers.fingerprint(token.text()));
            return new Fingerprint(bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong());
        }

        byte[] bytes() {
            return ByteBuffer.allocate(32).putLong(a).putLong(b).putLong(c).putLong(d).array();
        }
    }

    /** A read in flight that those who ask for the same token join. */
    private static final class Load {

        private final long mark;
        private Uni<Optional<KeySnapshot>> result = Uni.createFrom().item(Optional.empty());

        Load(long mark) {
            this.mark = mark;
        }
    }
}
