package dev.latchkey.key;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.latchkey.crypto.Peppers;
import dev.latchkey.tenant.OrganizationChanged;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;

/**
 * What memory knows of keys, so that a verification asks no database.
 *
 * <p>
 * <b>Invariant:</b> within this process, a verification that begins after a change has been answered is never judged by the
 * old state. Whoever changes a key, an organization or a store calls {@code forget} after the commit and before the answer,
 * also when the commit's outcome is unknown. What could break it is a read that began before the commit and ends after
 * {@code forget}: such a load is <em>voided</em> — taken out of the map, so that nobody joins it any more, and barred from the
 * cache. Those who joined it before began before the answer, and may see either state.
 *
 * <p>
 * Replicas do not tell each other of changes yet; an entry lives for {@code latchkey.verification.max-age} at most, which
 * bounds how long another process's change can go unnoticed.
 */
@Singleton
class KeySnapshots {

    private final KeySnapshotQuery database;
    private final Cache<Fingerprint, KeySnapshot> known;
    private final Cache<Fingerprint, Boolean> unknown;
    private final ConcurrentMap<Fingerprint, Load> loads = new ConcurrentHashMap<>();
    private final Counter hits;
    private final Counter misses;

    KeySnapshots(KeySnapshotQuery database, KeyConfig config, MeterRegistry metrics) {
        this.database = database;
        this.known = Caffeine.newBuilder().maximumSize(config.maxSnapshots()).expireAfterWrite(config.maxAge()).build();
        // Apart, so that someone who tries random keys cannot push live ones out.
        this.unknown = Caffeine.newBuilder().maximumSize(config.maxUnknown()).expireAfterWrite(config.maxAge()).build();
        this.hits = metrics.counter("latchkey.snapshots", "result", "hit");
        this.misses = metrics.counter("latchkey.snapshots", "result", "miss");
        metrics.gauge("latchkey.snapshots.size", known, Cache::estimatedSize);
    }

    /** What the token opens; empty when no material has its digest. */
    Uni<Optional<KeySnapshot>> find(KeyToken token) {
        Fingerprint fingerprint = Fingerprint.of(token);
        KeySnapshot snapshot = known.getIfPresent(fingerprint);
        if (snapshot != null) {
            hits.increment();
            return Uni.createFrom().item(Optional.of(snapshot));
        }
        if (unknown.getIfPresent(fingerprint) != null) {
            hits.increment();
            return Uni.createFrom().item(Optional.empty());
        }
        misses.increment();
        return loads.computeIfAbsent(fingerprint, this::load).result;
    }

    /** To be called after the commit of a change to a key and before it is answered. */
    void forget(UUID keyId) {
        voidLoads();
        // A scan is dearer than an index when keys change, and free when they do not, which is nearly always.
        known.asMap().values().removeIf(snapshot -> snapshot.keyId().equals(keyId));
    }

    void forget(@Observes OrganizationChanged change) {
        voidLoads();
        known.asMap().values().removeIf(snapshot -> snapshot.organizationId().equals(change.organization()));
    }

    /** All of them: which token a load is for is known, but not yet which key; they are few and end soon. */
    private void voidLoads() {
        loads.forEach((fingerprint, load) -> {
            load.makeVoid();
            loads.remove(fingerprint, load);
        });
    }

    private Load load(Fingerprint fingerprint) {
        Load load = new Load();
        load.result = database.read(fingerprint.bytes()).onItem()
                .invoke(found -> load.unlessVoid(() -> remember(fingerprint, found)))
                .onTermination().invoke(() -> loads.remove(fingerprint, load)).memoize().indefinitely();
        return load;
    }

    private void remember(Fingerprint fingerprint, Optional<KeySnapshot> found) {
        found.ifPresentOrElse(snapshot -> known.put(fingerprint, snapshot), () -> unknown.put(fingerprint, Boolean.TRUE));
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

        private Uni<Optional<KeySnapshot>> result = Uni.createFrom().item(Optional.empty());
        private boolean isVoid;

        synchronized void makeVoid() {
            isVoid = true;
        }

        /** Under the lock that {@link #makeVoid} takes, so that what is remembered was not void a moment before. */
        synchronized void unlessVoid(Runnable remember) {
            if (!isVoid) {
                remember.run();
            }
        }
    }
}
