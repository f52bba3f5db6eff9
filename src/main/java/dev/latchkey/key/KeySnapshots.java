package dev.latchkey.key;

import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;

import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Policy;
import dev.latchkey.net.IpAddress;
import dev.latchkey.replica.Invalidated;
import dev.latchkey.replica.Lease;
import dev.latchkey.replica.ReplicaConfig;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.scheduler.Scheduled;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

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
 *
 * <p>
 * Memory is bounded in bytes ({@link Packing}), and what is unknown lies apart, so that nobody pushes live keys out by asking
 * for others; how often he may ask the database is the matter of {@link LookUps}.
 */
@Singleton
class KeySnapshots {

    private static final String RETRY_SECONDS = "1";
    private static final int SHARE_OF_HEAP = 4;

    private final KeySnapshotQuery database;
    private final LookUps lookUps;
    private final Lease lease;
    private final Cache<Fingerprint, Known> known;
    private final Cache<Fingerprint, Long> unknown;
    private final Packing packing = new Packing();
    private final Forgotten forgotten = new Forgotten();
    private final ConcurrentMap<Fingerprint, Load> loads = new ConcurrentHashMap<>();
    private final Semaphore leased;
    private final Semaphore unleased;
    private final boolean keepsAnything;
    private final Counter hits;
    private final Counter misses;
    private final Counter unleasedReads;
    private final Counter throttled;
    private final Counter turnedAway;
    private final Counter reads;

    KeySnapshots(KeySnapshotQuery database, LookUps lookUps, Lease lease, KeyConfig config, ReplicaConfig replicas,
            MeterRegistry metrics) {
        this.keepsAnything = replicas.leavesOut(ReplicaConfig.Sabotage.VOIDING);
        this.database = database;
        this.lookUps = lookUps;
        this.lease = lease;
        this.known = Caffeine.newBuilder().maximumWeight(maxBytes(config))
                .weigher((Fingerprint fingerprint, Known entry) -> entry.bytes).build();
        // Apart, so that someone who tries random keys cannot push live ones out.
        this.unknown = Caffeine.newBuilder().maximumSize(config.maxUnknown()).expireAfterWrite(config.maxUnknownAge()).build();
        this.leased = new Semaphore(config.maxReads());
        this.unleased = new Semaphore(config.maxUnleasedReads());
        this.hits = metrics.counter("latchkey.snapshots", "result", "hit");
        this.misses = metrics.counter("latchkey.snapshots", "result", "miss");
        this.unleasedReads = metrics.counter("latchkey.snapshots", "result", "unleased");
        this.throttled = metrics.counter("latchkey.snapshots", "result", "throttled");
        this.reads = metrics.counter("latchkey.snapshots.reads");
        this.turnedAway = metrics.counter("latchkey.snapshots", "result", "turned-away");
        metrics.gauge("latchkey.snapshots.size", known, Cache::estimatedSize);
        metrics.gauge("latchkey.snapshots.bytes", known, KeySnapshots::bytes);
        metrics.gauge("latchkey.snapshots.max.bytes", known, cache -> eviction(cache).getMaximum());
    }

    private static long maxBytes(KeyConfig config) {
        return config.memory().map(MemorySize::asLongValue).orElse(Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP);
    }

    /** What the remembered keys take, by the estimate that bounds them. */
    long bytes() {
        return bytes(known);
    }

    private static long bytes(Cache<Fingerprint, Known> cache) {
        // What is to be pushed out is counted until it is.
        cache.cleanUp();
        return eviction(cache).weightedSize().orElse(0);
    }

    private static Policy.Eviction<Fingerprint, Known> eviction(Cache<Fingerprint, Known> cache) {
        return cache.policy().eviction().orElseThrow();
    }

    /**
     * What the token opens; empty when no material has its digest. Fails with 503 where memory does not know it, and the
     * database is asked as much as it may be.
     *
     * @param organization that asks; null: the platform, or a gateway
     * @param ip where the holder of the token is said to be; null: not told
     */
    Uni<Optional<KeySnapshot>> find(KeyToken token, @Nullable UUID organization, @Nullable IpAddress ip) {
        Fingerprint fingerprint = Fingerprint.of(token);
        // Before memory is read, and not after: see Lease.
        if (!lease.holds()) {
            return readUnleased(fingerprint, organization, ip);
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
        Load load = loads.compute(fingerprint, (same, running) -> running != null && running.mark == forgotten.mark() ? running
                : load(fingerprint, organization, ip));
        if (load == null) {
            return refused();
        }
        misses.increment();
        return load.result;
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
        return mark != null && forgotten.believesUnknown(mark);
    }

    private Uni<Optional<KeySnapshot>> readUnleased(Fingerprint fingerprint, @Nullable UUID organization,
            @Nullable IpAddress ip) {
        Uni<Optional<KeySnapshot>> read = read(fingerprint, organization, ip, unleased);
        if (read == null) {
            return refused();
        }
        unleasedReads.increment();
        return read;
    }

    private @Nullable Load load(Fingerprint fingerprint, @Nullable UUID organization, @Nullable IpAddress ip) {
        Load load = new Load(forgotten.mark());
        Uni<Optional<KeySnapshot>> read = read(fingerprint, organization, ip, leased);
        if (read == null) {
            return null;
        }
        load.result = read.onItem()
                .invoke(found -> forgotten.ifNothingSince(keepsAnything ? forgotten.mark() : load.mark,
                        () -> remember(fingerprint, found, forgotten.mark())))
                .onTermination().invoke(() -> loads.remove(fingerprint, load)).memoize().indefinitely();
        return load;
    }

    /** @return null where the database is asked as much as it may be */
    private @Nullable Uni<Optional<KeySnapshot>> read(Fingerprint fingerprint, @Nullable UUID organization,
            @Nullable IpAddress ip, Semaphore room) {
        LookUps.Taken taken = lookUps.take(fingerprint, organization, ip);
        if (taken == null) {
            throttled.increment();
            return null;
        }
        if (!room.tryAcquire()) {
            taken.giveBack();
            turnedAway.increment();
            return null;
        }
        return Uni.createFrom().deferred(() -> {
            reads.increment();
            return database.read(fingerprint.bytes());
        }).onItemOrFailure().invoke((found, fault) -> {
            if (found == null || found.isPresent()) {
                taken.giveBack();
            }
            if (found != null && found.isPresent()) {
                lookUps.found(fingerprint);
            }
        }).onTermination().invoke(() -> room.release());
    }

    private static Uni<Optional<KeySnapshot>> refused() {
        return Uni.createFrom().failure(() -> new ProblemException(ProblemCode.UNAVAILABLE,
                "This replica does not know the key yet, and looks up as many as it may; try again.")
                .with("Retry-After", RETRY_SECONDS));
    }

    private void remember(Fingerprint fingerprint, Optional<KeySnapshot> found, long mark) {
        found.ifPresentOrElse(snapshot -> known.put(fingerprint, new Known(packing.pack(snapshot), mark)),
                () -> unknown.put(fingerprint, mark));
    }

    /** What is remembered. */
    static final class Known {

        private final KeySnapshot snapshot;
        private final int bytes;
        private final long mark;
        private volatile boolean removed;

        /** @param mark of {@link Forgotten}, when the load began */
        Known(Packing.Packed packed, long mark) {
            this.snapshot = packed.snapshot();
            this.bytes = packed.bytes();
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

    /** A read in flight that those who ask for the same token join. */
    private static final class Load {

        private final long mark;
        private Uni<Optional<KeySnapshot>> result = Uni.createFrom().item(Optional.empty());

        Load(long mark) {
            this.mark = mark;
        }
    }
}
