package dev.latchkey.replica;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Singleton;

import com.github.benmanes.caffeine.cache.Ticker;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import org.jboss.logging.Logger;

/**
 * Removes the rows of replicas that died without leaving. A row counts as dead when its heartbeat has been seen unchanged for
 * three leases on this replica's own monotonic clock: the database's clock may be set while replicas live, and who is reaped
 * alive is no longer waited for.
 */
@Singleton
class Reaper {

    private static final Logger LOG = Logger.getLogger(Reaper.class);
    private static final int SILENT_LEASES = 3;

    private final ReplicaTable table;
    private final Ticker monotonic;
    private final Duration silence;
    private final Map<UUID, Seen> seen = new HashMap<>();

    Reaper(ReplicaTable table, Ticker monotonic, ReplicaConfig config) {
        this.table = table;
        this.monotonic = monotonic;
        this.silence = config.lease().multipliedBy(SILENT_LEASES);
    }

    private record Seen(Instant beatAt, long sinceNanos) {
    }

    /** Looks at the rows, and removes those that have not changed for too long. */
    Uni<Void> look() {
        return table.beats().flatMap(beats -> Multi.createFrom().iterable(dead(beats)).onItem()
                .transformToUniAndConcatenate(dead -> table.reap(dead.getKey(), dead.getValue())
                        .invoke(rows -> LOG.infof("replica went without a word: replica=%s rows=%d", dead.getKey(), rows)))
                .collect().asList()).replaceWithVoid();
    }

    private synchronized List<Map.Entry<UUID, Instant>> dead(Map<UUID, Instant> beats) {
        long now = monotonic.read();
        seen.keySet().retainAll(beats.keySet());
        beats.forEach((replica, beatAt) -> {
            Seen known = seen.get(replica);
            if (known == null || !known.beatAt.equals(beatAt)) {
                seen.put(replica, new Seen(beatAt, now));
            }
        });
        return seen.entrySet().stream().filter(entry -> now - entry.getValue().sinceNanos >= silence.toNanos())
                .map(entry -> Map.entry(entry.getKey(), entry.getValue().beatAt)).toList();
    }
}
