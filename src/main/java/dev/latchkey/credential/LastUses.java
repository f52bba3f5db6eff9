package dev.latchkey.credential;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jboss.logging.Logger;

/**
 * When credentials were used last: noted in memory, written every few seconds and at an orderly stop. Statistics: a kill loses
 * what was noted since.
 */
@Singleton
public class LastUses {

    private static final Logger LOG = Logger.getLogger(LastUses.class);
    /** A replica does not use more within some seconds; should it, the rest waits for its next use. */
    private static final int MOST = 50_000;
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration PATIENCE_AT_THE_END = Duration.ofSeconds(3);

    private final Pool database;
    private Map<UUID, Instant> noted = new HashMap<>();

    LastUses(Pool database) {
        this.database = database;
    }

    /** Waits for nothing. */
    public synchronized void note(UUID credential, Instant at) {
        if (noted.size() < MOST || noted.containsKey(credential)) {
            noted.merge(credential, at, (one, other) -> one.isAfter(other) ? one : other);
        }
    }

    private synchronized Map<UUID, Instant> take() {
        Map<UUID, Instant> taken = noted;
        noted = new HashMap<>();
        return taken;
    }

    @Scheduled(every = "${latchkey.credential.last-use-every:5s}", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> flush() {
        Map<UUID, Instant> taken = take();
        if (taken.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return write(taken).ifNoItem().after(PATIENCE).fail().onFailure().invoke(fault -> {
            taken.forEach(this::note);
            LOG.warnf("last uses of credentials cannot be written, and are held: credentials=%d cause=%s", taken.size(), fault);
        }).onFailure().recoverWithNull();
    }

    /** Blocks the thread that stops the application, which has nothing else to do. */
    void flushAtTheEnd(@Observes ShutdownEvent stopping) {
        Map<UUID, Instant> taken = take();
        if (!taken.isEmpty()) {
            try {
                write(taken).subscribeAsCompletionStage()
                        .orTimeout(PATIENCE_AT_THE_END.toMillis(), TimeUnit.MILLISECONDS).join();
            } catch (CompletionException away) {
                LOG.warnf("last uses of credentials are lost: credentials=%d cause=%s", taken.size(), away.getCause());
            }
        }
    }

    // In the order of ids, so that no two replicas wait for each other in a circle; those that have gone are passed over, and
    // those that are here stay until the commit. By primary keys.
    private Uni<Void> write(Map<UUID, Instant> taken) {
        List<Map.Entry<UUID, Instant>> uses = List.copyOf(taken.entrySet());
        return database.preparedQuery("""
                insert into credential_last_use as l (credential_id, last_used_at)
                select c.id, u.at from unnest($1::uuid[], $2::timestamptz[]) u (id, at) join credential c on c.id = u.id
                 order by c.id for key share of c
                on conflict (credential_id) do update set last_used_at = greatest(l.last_used_at, excluded.last_used_at)
                """).execute(Tuple.of(uses.stream().map(Map.Entry::getKey).toArray(UUID[]::new),
                uses.stream().map(use -> use.getValue().atOffset(ZoneOffset.UTC)).toArray(OffsetDateTime[]::new)))
                .replaceWithVoid();
    }
}
