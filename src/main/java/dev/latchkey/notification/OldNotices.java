package dev.latchkey.notification;

import java.time.Duration;
import java.time.InstantSource;
import java.util.UUID;
import java.util.stream.Collectors;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;

import io.quarkus.runtime.Startup;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlResult;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jboss.logging.Logger;

/**
 * Drops notifications that have been over for {@code latchkey.notification.retention}, with what people have read of them. What
 * still stands stays, however old it is. Each batch is a statement of its own that passes over what another replica is at.
 */
@Startup
@Singleton
class OldNotices {

    private static final Logger LOG = Logger.getLogger(OldNotices.class);
    private static final int MANY = 1_000;
    /** By which the clock of a replica that made an id may be ahead of the database's. */
    private static final Duration SLACK = Duration.ofDays(1);
    /** The time in an id, which is a UUIDv7, begins here (RFC 9562 section 5.7). */
    private static final int TIME = 16;

    // From the oldest on by primary key, since ids begin with the time: of what is passed over there is what still stands, which
    // is little. Read states and mails go with it.
    private static final String DROP = """
            delete from notification n using (
                select id from notification
                 where id < $1 and resolved_at < now() - make_interval(secs => $2)
                 order by id limit $3 for update skip locked) old
             where n.id = old.id
            """;

    private final Pool database;
    private final InstantSource clock;
    private final Duration retention;
    private final int batch;

    @Inject
    OldNotices(Pool database, InstantSource clock, NotificationConfig config) {
        this(database, clock, config.retention(), MANY);
        if (retention.compareTo(config.mailGiveUp()) < 0) {
            throw new ConfigurationException("LATCHKEY_NOTIFICATION_RETENTION must not be shorter than "
                    + "LATCHKEY_NOTIFICATION_MAIL_GIVE_UP (" + config.mailGiveUp() + "): mails go with what they tell.");
        }
    }

    OldNotices(Pool database, InstantSource clock, Duration retention, int batch) {
        this.database = database;
        this.clock = clock;
        this.retention = retention;
        this.batch = batch;
    }

    @Scheduled(every = "${latchkey.retention-every:1h}", delayed = "1m", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> run() {
        return Uni.createFrom().deferred(this::drop).repeat().whilst(rows -> rows == batch).collect()
                .with(Collectors.summingInt(rows -> rows)).invoke(rows -> {
                    if (rows > 0) {
                        LOG.infof("notifications dropped that were over for %s: rows=%d", retention, rows);
                    }
                }).onFailure()
                .invoke(fault -> LOG.warnf("old notifications cannot be dropped now, tried again: cause=%s", fault))
                .onFailure().recoverWithNull().replaceWithVoid();
    }

    private Uni<Integer> drop() {
        long newest = clock.instant().minus(retention).plus(SLACK).toEpochMilli();
        return database.preparedQuery(DROP)
                .execute(Tuple.of(new UUID(newest << TIME, 0), retention.toMillis() / 1000.0, batch)).map(SqlResult::rowCount);
    }
}
