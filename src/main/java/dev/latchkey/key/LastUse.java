package dev.latchkey.key;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;

import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

import dev.latchkey.net.IpAddress;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * When keys were last used: noted in memory by material, written in batches, so that a verification writes nothing. A kill
 * loses the notes of one flush; a failed flush keeps its notes for the next.
 */
@Singleton
class LastUse {

    private static final Logger LOG = Logger.getLogger(LastUse.class);
    private static final int BATCH = 5_000;
    private static final int MAX_NOTES = 500_000;
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration PATIENCE_AT_THE_END = Duration.ofSeconds(2);

    private final Pool database;
    private final ConcurrentMap<UUID, Note> notes = new ConcurrentHashMap<>();

    LastUse(Pool database) {
        this.database = database;
    }

    /** @param ip null where the verifier did not tell; the last address that was told stays */
    void note(UUID materialId, Instant at, @Nullable IpAddress ip) {
        if (notes.size() < MAX_NOTES || notes.containsKey(materialId)) {
            notes.merge(materialId, new Note(at, ip), Note::with);
        }
    }

    @Scheduled(every = "${latchkey.verification.last-use-flush:5s}", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> flush() {
        // In the order of ids, so that two replicas' batches never wait for each other in a circle.
        List<Map.Entry<UUID, Note>> all = new ArrayList<>(new TreeMap<>(notes).entrySet());
        return Multi.createFrom().iterable(batches(all)).onItem().transformToUniAndConcatenate(this::write).collect().last()
                .ifNoItem().after(PATIENCE).fail().onFailure()
                .invoke(fault -> LOG.warnf("last uses could not be written, kept for the next flush: keys=%d cause=%s",
                        notes.size(), fault))
                .onFailure().recoverWithNull().replaceWithVoid();
    }

    /** The last notes of an orderly stop. Blocks the thread that stops the application, which has nothing else to do. */
    void flushAtTheEnd(@Observes ShutdownEvent stopping) {
        try {
            flush().subscribeAsCompletionStage().orTimeout(PATIENCE_AT_THE_END.toMillis(), TimeUnit.MILLISECONDS).join();
        } catch (CompletionException away) {
            LOG.warnf("the last uses since the last flush are lost: cause=%s", away.getCause());
        }
    }

    private static List<List<Map.Entry<UUID, Note>>> batches(List<Map.Entry<UUID, Note>> all) {
        List<List<Map.Entry<UUID, Note>>> batches = new ArrayList<>();
        for (int from = 0; from < all.size(); from += BATCH) {
            batches.add(all.subList(from, Math.min(all.size(), from + BATCH)));
        }
        return batches;
    }

    // One statement for a batch; time only moves forward; material that is gone is passed over. By primary keys.
    private Uni<Boolean> write(List<Map.Entry<UUID, Note>> batch) {
        return database.preparedQuery("""
                insert into key_last_use as u (material_id, last_used_at, last_used_ip)
                select n.material_id, n.at, n.ip
                  from unnest($1::uuid[], $2::timestamptz[], $3::text[]) as n (material_id, at, ip)
                  join key_material m on m.id = n.material_id
                 order by n.material_id
                on conflict (material_id) do update set last_used_at = excluded.last_used_at,
                       last_used_ip = coalesce(excluded.last_used_ip, u.last_used_ip)
                 where u.last_used_at < excluded.last_used_at
                """).execute(Tuple.of(batch.stream().map(Map.Entry::getKey).toArray(UUID[]::new),
                batch.stream().map(note -> note.getValue().at().atOffset(ZoneOffset.UTC)).toArray(OffsetDateTime[]::new),
                batch.stream().map(note -> note.getValue().address()).toArray(String[]::new)))
                .invoke(() -> batch.forEach(note -> notes.remove(note.getKey(), note.getValue()))).replaceWith(true);
    }

    private record Note(Instant at, @Nullable IpAddress ip) {

        /** Threads may come in any order: the later use counts, and the last address that is known. */
        Note with(Note other) {
            Note later = other.at.isAfter(at) ? other : this;
            Note earlier = later == other ? this : other;
            return later.ip != null || earlier.ip == null ? later : new Note(later.at, earlier.ip);
        }

        @Nullable
        String address() {
            return ip == null ? null : ip.toString();
        }
    }
}
