package dev.latchkey.webhook;

import jakarta.inject.Singleton;

import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlResult;
import org.jboss.logging.Logger;

/**
 * Destroys secrets whose overlap has passed. They have signed nothing since ({@link Targets}): this takes them out of backups
 * to come. No version is raised, since nothing that anybody sees or sends has changed.
 */
@Singleton
class EndedSecrets {

    private static final Logger LOG = Logger.getLogger(EndedSecrets.class);

    private final Pool database;

    EndedSecrets(Pool database) {
        this.database = database;
    }

    @Scheduled(every = "1h", delayed = "2m", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> run() {
        return destroy().replaceWithVoid().onFailure()
                .invoke(fault -> LOG.warnf("ended secrets of webhooks stay for another hour: cause=%s", fault)).onFailure()
                .recoverWithNull().replaceWithVoid();
    }

    // By the partial index webhook_previous.
    /** How many there were. */
    Uni<Integer> destroy() {
        return database.query("""
                update webhook set previous_secret = null, previous_version = null, previous_until = null
                 where previous_until <= now()
                """).execute().map(SqlResult::rowCount);
    }
}
