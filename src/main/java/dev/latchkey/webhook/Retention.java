package dev.latchkey.webhook;

import java.time.Duration;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;

import io.quarkus.runtime.Startup;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.SqlResult;
import io.vertx.mutiny.sqlclient.Tuple;
import io.vertx.pgclient.PgException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Ends what is older than {@code LATCHKEY_RETENTION}: gives up what is not delivered by then, and drops the days that lie
 * wholly
 * before it.
 *
 * <p>
 * <b>Invariant:</b> a day is dropped only when nothing of it is in the queue or in the outbox any more, and when its events'
 * identities are gone: nothing is left that leads to what was dropped. Each batch is a transaction of its own which whoever
 * runs
 * it at the same time on another replica leaves alone, so a kill leaves what the next run goes on with. Before its partitions
 * exist, and in the default ones, which are never dropped, rows are deleted one by one.
 */
@Startup
@Singleton
class Retention {

    private static final Logger LOG = Logger.getLogger(Retention.class);
    private static final Duration SHORTEST = Duration.ofDays(1);
    private static final int MANY = 5_000;
    private static final String UNDEFINED_TABLE = "42P01";

    // Of the queue, which is small as a rule: what is so old waits for a webhook that is paused, mostly. No index leads to it,
    // since every delivery would have to keep it. The deliveries by primary key, in days that are still there.
    private static final String GIVE_UP = """
            with rows as (
                select delivery_id from webhook_queue where at < now() - make_interval(secs => $1) limit $2
                   for update skip locked
            ), over as (
                delete from webhook_queue q using rows r where q.delivery_id = r.delivery_id
                returning q.delivery_id, q.at, q.webhook_id
            )
            update delivery d set state = 'exhausted', reason = 'retention', finished_at = now(), failed_at = now()
              from over o
             where d.id = o.delivery_id and d.at = o.at and d.webhook_id = o.webhook_id and d.state = 'pending'
            """;

    // What nobody has fanned out: the dispatcher was away for all that time. By event_outbox_by_organization at most once.
    private static final String FORGET = """
            delete from event_outbox where event_id in (
                select event_id from event_outbox where at < now() - make_interval(secs => $1) limit $2)
            """;

    // The days of all three tables that end before the retention begins, by their partitions' names.
    private static final String DAYS = """
            select distinct right(c.relname, 8) as day
              from pg_inherits i join pg_class c on c.oid = i.inhrelid
             where i.inhparent in ('event'::regclass, 'delivery'::regclass, 'attempt'::regclass) and c.relname ~ '_[0-9]{8}$'
               and (to_date(right(c.relname, 8), 'YYYYMMDD') + 1)::timestamp at time zone 'UTC'
                   <= now() - make_interval(secs => $1)
             order by day
            """;

    // From one event to the next by the primary key of the partition; identities by theirs.
    private static final String IDENTITIES = """
            with batch as (
                select id, organization_id, public_id from %s where id > $1 order by id limit $2
            ), gone as (
                delete from event_identity i using batch b
                 where i.organization_id = b.organization_id and i.public_id = b.public_id and i.event_id = b.id
            )
            select id from batch order by id desc limit 1
            """;

    // By the place of the row; what lies in a default partition is little, and only as long as a day is missing.
    private static final String STRAY = """
            delete from %1$s d using (
                select ctid as place from %1$s where at < now() - make_interval(secs => $1) limit $2) batch
             where d.ctid = batch.place
            """;

    // The same, with the identity.
    private static final String STRAY_EVENTS = """
            with batch as (
                select ctid as place, organization_id, public_id, id
                  from event_default where at < now() - make_interval(secs => $1) limit $2
            ), forgotten as (
                delete from event_identity i using batch b
                 where i.organization_id = b.organization_id and i.public_id = b.public_id and i.event_id = b.id
            )
            delete from event_default d using batch b where d.ctid = b.place
            """;

    // What stayed for the log, a day longer than the last delivery that tells of it. Few.
    private static final String WEBHOOKS = """
            delete from webhook where id in (
                select id from webhook where deleted_at < now() - make_interval(secs => $1) - interval '1 day' limit $2)
            """;

    private final Pool database;
    private final Duration retention;

    @Inject
    Retention(Pool database, RetentionConfig config) {
        this(database, config.retention());
    }

    /** @throws ConfigurationException for less than a day */
    Retention(Pool database, Duration retention) {
        if (retention.compareTo(SHORTEST) < 0) {
            throw new ConfigurationException("LATCHKEY_RETENTION must be at least P1D.");
        }
        this.database = database;
        this.retention = retention;
    }

    @Scheduled(every = "${latchkey.retention-every:1h}", delayed = "1m", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> run() {
        return giveUp().chain(() -> repeated("events that were never fanned out", FORGET))
                .chain(this::dropDays).chain(this::clearStrays).chain(() -> repeated("deleted webhooks", WEBHOOKS))
                .onFailure().invoke(fault -> LOG.warnf("what is too old cannot be dropped now, tried again: cause=%s", fault))
                .onFailure().recoverWithNull();
    }

    /** What is still open of then. */
    Uni<Void> giveUp() {
        return repeated("deliveries given up", GIVE_UP);
    }

    /** Batch by batch, until there is none. */
    private Uni<Void> repeated(String what, String sql) {
        return alone(connection -> connection.preparedQuery(sql).execute(Tuple.of(seconds(), MANY)).map(SqlResult::rowCount))
                .repeat().until(rows -> rows == 0).collect().with(Collectors.summingInt(rows -> rows))
                .invoke(rows -> {
                    if (rows > 0) {
                        LOG.infof("%s after %s: rows=%d", what, retention, rows);
                    }
                }).replaceWithVoid();
    }

    private Uni<Void> dropDays() {
        return database.preparedQuery(DAYS).execute(Tuple.of(seconds()))
                .map(rows -> rows.stream().map(row -> row.getString("day")).toList())
                .flatMap(days -> Multi.createFrom().iterable(days).onItem().transformToUniAndConcatenate(this::drop).collect()
                        .last())
                .replaceWithVoid();
    }

    private Uni<Void> drop(String day) {
        return forgetIdentities("event_" + day).chain(() -> alone(connection -> connection.query("""
                set local lock_timeout = '2s';
                drop table if exists attempt_%1$s;
                drop table if exists delivery_%1$s;
                drop table if exists event_%1$s;
                """.formatted(day)).execute().replaceWith(1))).invoke(dropped -> {
            if (dropped > 0) {
                LOG.infof("events, deliveries and attempts of a day dropped after %s: day=%s", retention, day);
            }
        }).onFailure(Retention::isGone).recoverWithItem(0).replaceWithVoid();
    }

    /** Another replica was faster. */
    private static boolean isGone(Throwable fault) {
        return fault instanceof PgException answer && UNDEFINED_TABLE.equals(answer.getSqlState());
    }

    /** The day of one table may be missing, since each was made by itself. */
    private Uni<Void> forgetIdentities(String table) {
        return database.preparedQuery("select to_regclass($1) is not null as there").execute(Tuple.of(table))
                .map(rows -> rows.iterator().next().getBoolean("there"))
                .flatMap(there -> there ? forgetIdentities(table, new UUID(0, 0)) : Uni.createFrom().voidItem());
    }

    private Uni<Void> forgetIdentities(String table, UUID after) {
        return database.preparedQuery(IDENTITIES.formatted(table)).execute(Tuple.of(after, MANY)).map(Retention::last)
                .flatMap(last -> last == null ? Uni.createFrom().voidItem() : forgetIdentities(table, last));
    }

    private static @Nullable UUID last(RowSet<Row> rows) {
        for (Row row : rows) {
            return row.getUUID("id");
        }
        return null;
    }

    private Uni<Void> clearStrays() {
        return repeated("attempts of no day", STRAY.formatted("attempt_default"))
                .chain(() -> repeated("deliveries of no day", STRAY.formatted("delivery_default")))
                .chain(() -> repeated("events of no day", STRAY_EVENTS));
    }

    /** In a transaction that leaves it to another replica which is at it. */
    private Uni<Integer> alone(Function<SqlConnection, Uni<Integer>> work) {
        return database.withTransaction(connection -> connection
                .query("select pg_try_advisory_xact_lock(hashtextextended('latchkey.retention', 0)) as locked").execute()
                .flatMap(rows -> rows.iterator().next().getBoolean("locked") ? work.apply(connection)
                        : Uni.createFrom().item(0)));
    }

    private double seconds() {
        return retention.toMillis() / 1000.0;
    }
}
