package dev.latchkey.key;

import jakarta.inject.Singleton;

import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlClient;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jboss.logging.Logger;

/** Adds up old counts by the day, and removes what is too old: in bounded batches, by one replica at a time. */
@Singleton
class UsageTidying {

    private static final Logger LOG = Logger.getLogger(UsageTidying.class);

    private final Pool database;
    private final UsageConfig config;

    UsageTidying(Pool database, UsageConfig config) {
        this.database = database;
        this.config = config;
    }

    @Scheduled(every = "${latchkey.usage.tidy-every:10m}", delayed = "1m", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> run() {
        double hours = config.keepHours().toSeconds();
        double days = config.keepDays().toSeconds();
        return untilDone(ADD_UP, hours).chain(() -> untilDone(REMOVE_DAYS, days)).chain(() -> untilDone(REMOVE_FINDINGS, days))
                .chain(() -> untilDone(REMOVE_FLUSHES, 0)).onFailure()
                .invoke(fault -> LOG.warnf("old counts of key uses stay until the next time: cause=%s", fault)).onFailure()
                .recoverWithNull().replaceWithVoid();
    }

    private Uni<Integer> untilDone(String sql, double olderThanSeconds) {
        return Uni.createFrom()
                .deferred(() -> database.withTransaction(connection -> mayTidy(connection)
                        .flatMap(may -> may
                                ? connection.preparedQuery(sql).execute(Tuple.of(olderThanSeconds, config.tidyBatch()))
                                        .map(UsageTidying::changed)
                                : Uni.createFrom().item(0))))
                .repeat().whilst(rows -> rows >= config.tidyBatch()).collect().last();
    }

    /** The rows that were taken away, where a statement tells: what they are added up to are fewer. */
    private static int changed(RowSet<Row> rows) {
        for (Row row : rows) {
            return row.getInteger(0);
        }
        return rows.rowCount();
    }

    // For as long as the transaction lasts; who does not get it leaves the work to the one who has it.
    private static Uni<Boolean> mayTidy(SqlClient connection) {
        return connection.query("select pg_try_advisory_xact_lock(hashtextextended('latchkey.usage', 0)) as may").execute()
                .map(rows -> rows.iterator().next().getBoolean("may"));
    }

    // Moves hours to their day, in one statement, so that the sum of both tables stays the same. Keys are locked against
    // deletion, which would wait for the rows taken here while the new ones wait for it; one that is being deleted is passed
    // over. The oldest first, by key_usage_by_hour.
    private static final String ADD_UP = """
            with old as (
                delete from key_usage d
                 using (select u.key_id, u.kind, u.hour, u.name from key_usage u join api_key k on k.id = u.key_id
                         where u.hour < date_trunc('hour', now() - make_interval(secs => $1), 'UTC')
                         order by u.hour limit $2 for update of u skip locked for key share of k skip locked) o
                 where d.key_id = o.key_id and d.kind = o.kind and d.hour = o.hour and d.name = o.name
                returning d.*),
            added as (
                insert into key_usage_day as u (key_id, kind, day, name, count, last_at)
                select key_id, kind, (hour at time zone 'UTC')::date, name, sum(count), max(last_at) from old
                 group by 1, 2, 3, 4 order by 1, 2, 3, 4
                on conflict (key_id, kind, day, name) do update set count = u.count + excluded.count,
                       last_at = greatest(u.last_at, excluded.last_at))
            select count(*)::integer from old
            """;

    // By key_usage_day_by_day.
    private static final String REMOVE_DAYS = """
            delete from key_usage_day d
             using (select key_id, kind, day, name from key_usage_day
                     where day < (now() at time zone 'UTC' - make_interval(secs => $1))::date
                     order by day limit $2 for update skip locked) o
             where d.key_id = o.key_id and d.kind = o.kind and d.day = o.day and d.name = o.name
            """;

    // First uses stay, so that there is no second one. The refusals of an hour cannot come again after two days, which is
    // longer than counts are held anywhere. By key_finding_told.
    private static final String REMOVE_FINDINGS = """
            delete from key_finding d
             using (select key_id, kind, subject from key_finding
                     where kind = 'refused' and told_at < now() - interval '3 days'
                           or kind = 'new-network' and told_at < now() - make_interval(secs => $1)
                     limit $2 for update skip locked) o
             where d.key_id = o.key_id and d.kind = o.kind and d.subject = o.subject
            """;

    // A process that has written nothing for three days has nothing in doubt any more: counts are held for two. A handful of
    // rows.
    private static final String REMOVE_FLUSHES = """
            delete from usage_flush where at < now() - interval '3 days' - make_interval(secs => $1)
               and replica in (select replica from usage_flush order by at limit $2)
            """;
}
