package dev.latchkey.event;

import java.time.Duration;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlClient;
import io.vertx.mutiny.sqlclient.Tuple;
import io.vertx.pgclient.PgException;
import org.jboss.logging.Logger;

/**
 * Makes the daily partitions of payloads, and of what became of them, a week ahead, so that old days can be dropped whole.
 *
 * <p>
 * A day ahead is made as a table of its own and then attached: that waits for no publisher, where {@code create table …
 * partition of} would lock {@code event} against all of them. The default partition takes what comes for a day that is not
 * there yet, at the very first start and after a week without any replica; its rows move over before the day is attached,
 * since PostgreSQL refuses a day of which rows lie in the default one. A day that has begun does lock publishers out for these
 * milliseconds: one that has chosen the default partition already and waits there for its lock would be refused as soon as
 * the day is attached. Whoever comes behind a lock that waits, waits as well. So a day ahead waits a tenth of a second for its
 * locks, and is come back to: somebody has the table open for longer, a dump say. A day that has begun waits for two seconds,
 * since there is none to put its events in.
 */
@Singleton
class EventPartitions {

    private static final Logger LOG = Logger.getLogger(EventPartitions.class);
    /** Of an event's deliveries, too: they lie in the partition of their event's day, and go with it. */
    private static final List<String> TABLES = List.of("event", "delivery", "attempt");
    /** A delivery is written when it is queued and once more when it has its fate; the new row has room beside the old one. */
    private static final Map<String, String> SETTINGS = Map.of("delivery", " with (fillfactor = 70)");

    private static final String LOCK_NOT_AVAILABLE = "55P03";
    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final int TRIES = 10;
    /** Before connections are closed. */
    private static final int EARLY = 2;

    private final Pool database;
    private final InstantSource clock;
    private final int daysAhead;
    private volatile boolean isStopping;

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
                .onFailure(fault -> !isStopping)
                .invoke(fault -> LOG.warnf("partitions for events could not be made, tried again later: cause=%s", fault))
                .onFailure().recoverWithNull().replaceWithVoid();
    }

    /** What is under way then is rolled back with its connection, and made at the next start or by another replica. */
    void stop(@Observes @Priority(EARLY) ShutdownEvent stopping) {
        isStopping = true;
    }

    /** One transaction for each table of a day, so that one that fails takes no other with it; whether it has made any. */
    Uni<Boolean> make(LocalDate day) {
        return Multi.createFrom().iterable(TABLES).onItem().transformToUniAndConcatenate(table -> make(table, day)).collect()
                .asList().map(made -> made.contains(true));
    }

    private Uni<Boolean> make(String table, LocalDate day) {
        String name = table + "_" + DateTimeFormatter.BASIC_ISO_DATE.format(day);
        boolean hasBegun = !clock.instant().isBefore(day.atStartOfDay(ZoneOffset.UTC).toInstant());
        // Asked outside of the transaction: almost always it is there.
        return isThere(database, name).flatMap(there -> there ? Uni.createFrom().item(false)
                : database.withTransaction(connection -> make(connection, name, definition(table, name, day, hasBegun)))
                        .onFailure(EventPartitions::isHeld).retry().withBackOff(PAUSE, LONGEST_PAUSE)
                        .atMost(hasBegun ? 1 : TRIES));
    }

    private static boolean isHeld(Throwable fault) {
        return fault instanceof PgException answer && LOCK_NOT_AVAILABLE.equals(answer.getSqlState());
    }

    // The replica that has the lock makes the day; another one comes back in an hour. Asked once more under the lock, in a
    // statement of its own: the one that takes the lock sees the catalogue as it was before.
    private static Uni<Boolean> make(SqlClient connection, String name, String definition) {
        return connection
                .query("select pg_try_advisory_xact_lock(hashtextextended('latchkey.event-partitions', 0)) as locked").execute()
                .flatMap(rows -> rows.iterator().next().getBoolean("locked") ? isThere(connection, name)
                        : Uni.createFrom().item(true))
                .flatMap(leave -> leave ? Uni.createFrom().item(false)
                        : connection.query(definition).execute().replaceWith(true));
    }

    // By the catalogue's unique index on names.
    private static Uni<Boolean> isThere(SqlClient connection, String name) {
        return connection.preparedQuery("select to_regclass($1) is not null as there").execute(Tuple.of(name))
                .map(rows -> rows.iterator().next().getBoolean("there"));
    }

    // Statements that define tables take no parameters; what is put in are names of ours and digits.
    private static String definition(String table, String name, LocalDate day, boolean hasBegun) {
        return """
                set local lock_timeout = '%7$s';
                %5$s
                create table %2$s (like %1$s including defaults including constraints)%6$s;
                lock table %1$s_default in access exclusive mode;
                with moved as (delete from %1$s_default where at >= '%3$s' and at < '%4$s' returning *)
                insert into %2$s select * from moved;
                alter table %1$s attach partition %2$s for values from ('%3$s') to ('%4$s');
                """.formatted(table, name, day + " 00:00:00+00", day.plusDays(1) + " 00:00:00+00",
                hasBegun ? "lock table " + table + " in share row exclusive mode;" : "", SETTINGS.getOrDefault(table, ""),
                hasBegun ? "2s" : "100ms");
    }
}
