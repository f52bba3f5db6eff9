package dev.latchkey.panel;

import jakarta.inject.Singleton;

import io.quarkus.runtime.Startup;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jboss.logging.Logger;

/**
 * Removes links and sessions that have expired. Nothing rests on it: they open nothing from their expiry on. A session in which
 * nothing is done stays until it would have ended anyway. Made at the start, so that a batch of nothing stops it.
 */
@Startup
@Singleton
class SignInPurge {

    private static final Logger LOG = Logger.getLogger(SignInPurge.class);

    private final Pool database;
    private final int batch;

    SignInPurge(Pool database, PanelConfig config) {
        this.database = database;
        this.batch = config.panel().purgeBatch();
        if (batch < 1) {
            throw new ConfigurationException("LATCHKEY_PANEL_PURGE_BATCH must be at least 1.");
        }
    }

    @Scheduled(every = "${latchkey.panel.purge-every:1m}", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> purge() {
        return untilDone("panel_link").chain(() -> untilDone("panel_session")).onFailure()
                .invoke(fault -> LOG.warnf("expired sign-ins stay until the next purge: cause=%s", fault)).onFailure()
                .recoverWithNull();
    }

    private Uni<Void> untilDone(String table) {
        return Uni.createFrom().deferred(() -> remove(table)).repeat().whilst(rows -> rows > 0 && rows == batch).collect()
                .last()
                .replaceWithVoid();
    }

    // In batches, oldest first, by the index on the expiry; replicas that purge at once pass over each other's rows.
    private Uni<Integer> remove(String table) {
        return database.preparedQuery("""
                delete from %1$s
                 where id in (select id from %1$s where expires_at <= now()
                               order by expires_at limit $1 for update skip locked)
                """.formatted(table)).execute(Tuple.of(batch)).map(rows -> rows.rowCount());
    }
}
