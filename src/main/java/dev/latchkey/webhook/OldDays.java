package dev.latchkey.webhook;

import java.time.Duration;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.PreparedQuery;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import io.vertx.pgclient.PgException;
import org.jboss.logging.Logger;

/**
 * Drops days of events, deliveries and attempts, whole.
 *
 * <p>
 * <b>Invariant:</b> a day is dropped only when nothing of it is in the queue or in the outbox. That is looked up under the lock
 * on {@code delivery} by which nobody can put anything back into the queue meanwhile, and before {@code event} is locked, so
 * that publishers do not wait for it.
 *
 * <p>
 * Dropping a partition locks its table against everybody, and who waits for such a lock has all others wait behind him. So all
 * locks are taken at once, in the order in which publishers come last, and none is waited for longer than {@link #PATIENCE},
 * which is too short for a deadlock: whoever has a table open for longer, a dump say, is come back to.
 */
final class OldDays {

    private static final Logger LOG = Logger.getLogger(OldDays.class);
    private static final String PATIENCE = "100ms";
    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final int TRIES = 30;
    private static final int MANY = 5_000;
    private static final String UNDEFINED_TABLE = "42P01";
    private static final String LOCK_NOT_AVAILABLE = "55P03";

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

    private static final String OPEN = """
            select exists (select from webhook_queue where at >= $1 and at < $2)
                   or exists (select from event_outbox where at >= $1 and at < $2) as open
            """;

    private static final String LOCK = "set local lock_timeout = '" + PATIENCE
            + "'; lock table only attempt, only delivery in access exclusive mode";

    private static final String DROP = """
            lock table only event in access exclusive mode;
            drop table if exists attempt_%1$s;
            drop table if exists delivery_%1$s;
            drop table if exists event_%1$s;
            """;

    private final Pool database;
    private final Alone alone;

    OldDays(Pool database, Alone alone) {
        this.database = database;
        this.alone = alone;
    }

    /** @param retention in seconds */
    Uni<Void> drop(double retention) {
        return database.preparedQuery(DAYS).execute(Tuple.of(retention))
                .map(rows -> rows.stream().map(row -> row.getString("day")).toList())
                .flatMap(days -> Multi.createFrom().iterable(days).onItem().transformToUniAndConcatenate(this::drop).collect()
                        .last())
                .replaceWithVoid();
    }

    private Uni<Void> drop(String day) {
        Tuple span = span(day);
        return isOpen(database.preparedQuery(OPEN), span)
                .flatMap(open -> open ? leave(day) : forgetIdentities("event_" + day).chain(() -> dropTables(day, span)))
                .replaceWithVoid();
    }

    private Uni<Boolean> dropTables(String day, Tuple span) {
        return alone.batch(connection -> connection.query(LOCK).execute()
                .chain(() -> isOpen(connection.preparedQuery(OPEN), span))
                .flatMap(open -> open ? leave(day) : dropNow(connection, day)))
                .onFailure(fault -> is(fault, LOCK_NOT_AVAILABLE)).retry().withBackOff(PAUSE, LONGEST_PAUSE).atMost(TRIES);
    }

    private static Uni<Boolean> dropNow(SqlConnection connection, String day) {
        return connection.query(DROP.formatted(day)).execute()
                .invoke(() -> LOG.infof("events, deliveries and attempts of a day dropped: day=%s", day)).replaceWith(true);
    }

    /** Somebody is at what is left of it, or has put it back. */
    private static Uni<Boolean> leave(String day) {
        LOG.infof("a day is as old as what is kept, and something of it is still to be sent, so it stays for now: day=%s", day);
        return Uni.createFrom().item(false);
    }

    private static Uni<Boolean> isOpen(PreparedQuery<RowSet<Row>> query,
            Tuple span) {
        return query.execute(span).map(rows -> rows.iterator().next().getBoolean("open"));
    }

    /** The day of one table may be missing, since each was made by itself, or dropped by another replica just now. */
    private Uni<Void> forgetIdentities(String table) {
        return database.preparedQuery("select to_regclass($1) is not null as there").execute(Tuple.of(table))
                .map(rows -> rows.iterator().next().getBoolean("there"))
                .flatMap(there -> there ? forgetAllIdentities(table) : Uni.createFrom().voidItem())
                .onFailure(fault -> is(fault, UNDEFINED_TABLE)).recoverWithNull();
    }

    private Uni<Void> forgetAllIdentities(String table) {
        AtomicReference<UUID> after = new AtomicReference<>(new UUID(0, 0));
        return alone.batch(connection -> connection.preparedQuery(IDENTITIES.formatted(table))
                .execute(Tuple.of(after.get(), MANY)).map(rows -> {
                    rows.forEach(row -> after.set(row.getUUID("id")));
                    return rows.size();
                })).repeat().until(rows -> rows == 0).collect().last().replaceWithVoid();
    }

    private static Tuple span(String day) {
        OffsetDateTime from = LocalDate.parse(day, DateTimeFormatter.BASIC_ISO_DATE).atStartOfDay().atOffset(ZoneOffset.UTC);
        return Tuple.of(from, from.plusDays(1));
    }

    private static boolean is(Throwable fault, String state) {
        return fault instanceof PgException answer && state.equals(answer.getSqlState());
    }
}
