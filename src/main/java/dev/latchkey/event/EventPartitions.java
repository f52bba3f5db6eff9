package dev.latchkey.event;

import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.stream.IntStream;

import jakarta.inject.Singleton;

import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlClient;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jboss.logging.Logger;

/**
 * Makes the daily partitions of payloads a week ahead, so that old days can be dropped whole.
 *
 * <p>
 * A day ahead is made as a table of its own and then attached: that waits for no publisher, where {@code create table …
 * partition of} would lock {@code event} against all of them. The default partition takes what comes for a day that is not
 * there yet, at the very first start and after a week without any replica; its rows move over before the day is attached,
 * since PostgreSQL refuses a day of which rows lie in the default one. A day that has begun does lock publishers out for these
 * milliseconds: one that has chosen the default partition already and waits there for its lock would be refused as soon as
 * the day is attached. What cannot be locked within two seconds is left for the next time: whoever queues behind a lock that
 * waits has waited long enough by then.
 */
@Singleton
class EventPartitions {

    private static final Logger LOG = Logger.getLogger(EventPartitions.class);
    private static final DateTimeFormatter NAME = DateTimeFormatter.ofPattern("'event_'yyyyMMdd");

    private final Pool database;
    private final InstantSource clock;
    private final int daysAhead;

    EventPartitions(Pool database, InstantSource clock, EventConfig config) {
        this.database = database;
        this.clock = clock;
        this.daysAhead = config.eventPartitions().daysAhead();
    }

    /** Also at the start: the first time is at once. */
    @Scheduled(every = "${latchkey.event-partitions.every:1h}", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> makeThoseAhead() {
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        List<LocalDate> days = IntStream.rangeClosed(0, daysAhead).mapToObj(today::plusDays).toList();
        return Multi.createFrom().iterable(days).onItem().transformToUniAndConcatenate(this::make).collect().last()
                .onFailure()
                .invoke(fault -> LOG.warnf("partitions for events could not be made, tried again later: cause=%s", fault))
                .onFailure().recoverWithNull().replaceWithVoid();
    }

    /** One transaction for each day, so that one that fails takes no other with it. */
    Uni<Boolean> make(LocalDate day) {
        String name = NAME.format(day);
        boolean hasBegun = !clock.instant().isBefore(day.atStartOfDay(ZoneOffset.UTC).toInstant());
        // Asked outside of the transaction: almost always it is there.
        return isThere(database, name).flatMap(there -> there ? Uni.createFrom().item(false)
                : database.withTransaction(connection -> make(connection, name, day, hasBegun)));
    }

    // The replica that has the lock makes the day; another one comes back in an hour. Asked once more under the lock, in a
    // statement of its own: the one that takes the lock sees the catalogue as it was before.
    private static Uni<Boolean> make(SqlClient connection, String name, LocalDate day, boolean hasBegun) {
        return connection
                .query("select pg_try_advisory_xact_lock(hashtextextended('latchkey.event-partitions', 0)) as locked").execute()
                .flatMap(rows -> rows.iterator().next().getBoolean("locked") ? isThere(connection, name)
                        : Uni.createFrom().item(true))
                .flatMap(leave -> leave ? Uni.createFrom().item(false)
                        : connection.query(definition(name, day, hasBegun)).execute().replaceWith(true));
    }

    // By the catalogue's unique index on names.
    private static Uni<Boolean> isThere(SqlClient connection, String name) {
        return connection.preparedQuery("select to_regclass($1) is not null as there").execute(Tuple.of(name))
                .map(rows -> rows.iterator().next().getBoolean("there"));
    }

    // Statements that define tables take no parameters; what is put in consists of digits here.
    private static String definition(String name, LocalDate day, boolean hasBegun) {
        return """
                set local lock_timeout = '2s';
                %4$s
                create table %1$s (like event including defaults including constraints);
                lock table event_default in access exclusive mode;
                with moved as (delete from event_default where at >= '%2$s' and at < '%3$s' returning *)
                insert into %1$s select * from moved;
                alter table event attach partition %1$s for values from ('%2$s') to ('%3$s');
                """.formatted(name, day + " 00:00:00+00", day.plusDays(1) + " 00:00:00+00",
                hasBegun ? "lock table event in share row exclusive mode;" : "");
    }
}
