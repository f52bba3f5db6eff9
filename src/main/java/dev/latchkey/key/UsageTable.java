package dev.latchkey.key;

import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

import jakarta.inject.Singleton;

import dev.latchkey.key.UsageBatch.Columns;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlClient;
import io.vertx.mutiny.sqlclient.SqlResult;
import io.vertx.mutiny.sqlclient.Tuple;

/**
 * The statements that write what was counted: one for each table and batch, rows in the order of keys, so that two replicas'
 * batches never wait for each other in a circle.
 */
@Singleton
class UsageTable {

    private static final int SHOWN = 50;
    /** That are kept of a key. */
    static final int NETWORKS = 50;
    private static final int NEW_NETWORKS_OF_AN_HOUR = 3;

    private final Pool database;

    UsageTable(Pool database) {
        this.database = database;
    }

    /**
     * What became of a batch.
     *
     * @param written false: an earlier attempt, of which nobody had heard, had written it
     * @param rows in all tables
     * @param lost verdicts on keys that are gone
     */
    record Written(boolean written, int rows, long lost) {
    }

    // One statement; time only moves forward; material that is gone is passed over. By primary keys.
    /** Writes when material was last used. May be repeated; fails where a key is being deleted at this moment. */
    Uni<Integer> writeLastUses(Collection<LastUse> uses) {
        List<LastUse> sorted = uses.stream().sorted(Comparator.comparing(LastUse::materialId)).toList();
        return database.preparedQuery("""
                insert into key_last_use as u (material_id, last_used_at, last_used_ip)
                select n.material_id, n.at, n.ip
                  from unnest($1::uuid[], $2::timestamptz[], $3::text[]) as n (material_id, at, ip)
                  join key_material m on m.id = n.material_id
                 order by n.material_id
                on conflict (material_id) do update set last_used_at = excluded.last_used_at,
                       last_used_ip = coalesce(excluded.last_used_ip, u.last_used_ip)
                 where u.last_used_at < excluded.last_used_at
                """).execute(Tuple.of(sorted.stream().map(LastUse::materialId).toArray(UUID[]::new),
                sorted.stream().map(use -> UsageBatch.instant(use.at())).toArray(OffsetDateTime[]::new),
                sorted.stream().map(LastUse::address).toArray(String[]::new))).map(SqlResult::rowCount);
    }

    /** Writes a batch: all of it once, however often this is called with it. */
    Uni<Written> write(UUID replica, UsageBatch batch) {
        return database.withTransaction(connection -> claim(connection, replica, batch.number())
                .flatMap(first -> first ? present(connection, batch)
                        // Rows are put together away from the event loop, where verifications would wait for it.
                        .emitOn(Infrastructure.getDefaultExecutor()).flatMap(present -> write(connection, batch, present))
                        : Uni.createFrom().item(new Written(false, 0, 0))));
    }

    // The row is locked until the commit: a second attempt waits here for the first one, should that still be under way. By
    // the primary key.
    private static Uni<Boolean> claim(SqlClient connection, UUID replica, long number) {
        return connection.preparedQuery("""
                insert into usage_flush as f (replica, batch, at) values ($1, $2, now())
                on conflict (replica) do update set batch = excluded.batch, at = excluded.at where f.batch < excluded.batch
                """).execute(Tuple.of(replica, number)).map(rows -> rows.rowCount() == 1);
    }

    // Locked against deletion, which the foreign keys would otherwise find out about after it. Whoever is deleting a key
    // is not waited for: he may be waiting for a key that is locked here. Edits are not in the way of this lock, nor this of them.
    private static Uni<Set<UUID>> present(SqlClient connection, UsageBatch batch) {
        return connection.preparedQuery("""
                select id from api_key where id = any ($1) order by id for key share skip locked
                """).execute(Tuple.tuple().addValue(batch.keys())).map(rows -> {
            Set<UUID> present = new HashSet<>();
            rows.forEach(row -> present.add(row.getUUID("id")));
            return present;
        });
    }

    private static Uni<Written> write(SqlClient connection, UsageBatch whole, Set<UUID> present) {
        UsageBatch batch = whole.only(present);
        // All of them now: after a statement it is the connection's event loop that goes on.
        Columns findings = batch.findings();
        Columns exercises = batch.exercises();
        Columns networks = batch.networks();
        Columns samples = batch.samples();
        return execute(connection, COUNT, batch.counts(), UsedNames.MOST)
                .flatMap(rows -> execute(connection, FIND, findings).map(more -> rows + more))
                .flatMap(rows -> execute(connection, EXERCISE, exercises, UsedNames.MOST).map(more -> rows + more))
                .flatMap(rows -> writeNetworks(connection, networks).map(more -> rows + more))
                .flatMap(rows -> writeSamples(connection, batch.keys(), samples).map(more -> rows + more))
                .map(rows -> new Written(true, rows, whole.sum() - batch.sum()));
    }

    private static Uni<Integer> writeNetworks(SqlClient connection, Columns networks) {
        if (networks.rows() == 0) {
            return Uni.createFrom().item(0);
        }
        return connection.preparedQuery(NETWORK).execute(networks.tuple().addValue(NEW_NETWORKS_OF_AN_HOUR))
                .flatMap(keys -> keys.size() == 0 ? Uni.createFrom().item(0)
                        : execute(connection, TRIM_NETWORKS,
                                keys.stream().map(row -> row.getUUID("key_id")).toArray(UUID[]::new), NETWORKS)
                                .replaceWith(keys.size()));
    }

    private static Uni<Integer> writeSamples(SqlClient connection, UUID[] keys, Columns samples) {
        return execute(connection, SAMPLE, samples).flatMap(added -> added == 0 ? Uni.createFrom().item(0)
                : execute(connection, TRIM_SAMPLES, keys, SHOWN).replaceWith(added));
    }

    private static Uni<Integer> execute(SqlClient connection, String sql, Columns rows, Object... more) {
        if (rows.rows() == 0) {
            return Uni.createFrom().item(0);
        }
        Tuple tuple = rows.tuple();
        for (Object each : more) {
            tuple.addValue(each);
        }
        return connection.preparedQuery(sql).execute(tuple).map(SqlResult::rowCount);
    }

    private static Uni<Integer> execute(SqlClient connection, String sql, UUID[] keys, int most) {
        return connection.preparedQuery(sql).execute(Tuple.tuple().addValue(keys).addValue(most)).map(SqlResult::rowCount);
    }

    // A name that is not there yet is added while there is room for it, and counted as (other) beyond: the look-up of each
    // name, and the count of the names of its hour for new ones, go by the primary key.
    private static final String COUNT = """
            insert into key_usage as u (key_id, kind, hour, name, count, last_at)
            select key_id, kind, hour, name, sum(count), max(last_at)
              from (select n.key_id, n.kind, n.hour, n.count, n.last_at,
                           case when n.kind = 'verdict' or e.key_id is not null then n.name
                                when row_number() over (partition by n.key_id, n.kind, n.hour, e.key_id is null order by n.name)
                                     + (select count(*) from key_usage x
                                         where x.key_id = n.key_id and x.kind = n.kind and x.hour = n.hour) <= $7 then n.name
                                else '(other)' end as name
                      from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[], $5::bigint[], $6::timestamptz[])
                               as n (key_id, kind, hour, name, count, last_at)
                      left join key_usage e on e.key_id = n.key_id and e.kind = n.kind and e.hour = n.hour
                                           and e.name = n.name) named
             group by key_id, kind, hour, name
             order by key_id, kind, hour, name
            on conflict (key_id, kind, hour, name) do update set count = u.count + excluded.count,
                   last_at = greatest(u.last_at, excluded.last_at)
            """;

    // Names that are not there yet, and those not seen for six hours: what is left of a batch is next to nothing, and no row is
    // locked for it. Beyond the bound a store is (other); scopes are bounded by what a key holds. By the primary key.
    private static final String EXERCISE = """
            insert into key_exercise as x (key_id, kind, name, last_at)
            select key_id, kind, name, max(at)
              from (select n.key_id, n.kind, n.at,
                           case when e.key_id is not null or n.kind in ('scope', 'network') then n.name
                                when dense_rank() over (partition by n.key_id, n.kind, e.key_id is null order by n.name)
                                     + (select count(*) from key_exercise c where c.key_id = n.key_id and c.kind = n.kind) <= $5
                                then n.name
                                else '(other)' end as name
                      from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[]) as n (key_id, kind, name, at)
                      left join key_exercise e on e.key_id = n.key_id and e.kind = n.kind and e.name = n.name
                     where e.key_id is null or e.last_at < n.at - interval '6 hours') named
             group by key_id, kind, name
             order by key_id, kind, name
            on conflict (key_id, kind, name) do update set last_at = greatest(x.last_at, excluded.last_at)
            """;

    // Whoever inserts the row has found it; for the others it is known. By the primary key.
    private static final String FIND = """
            insert into key_finding (key_id, kind, subject, at, ip, due_at)
            select * from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::timestamptz[])
                         as n (key_id, kind, subject, at, ip, due_at)
             order by key_id, kind, subject
            on conflict do nothing
            """;

    // Notes networks, and finds those that are new to a key which has been in others before: the statement sees the table
    // as it was when it began. A row that was inserted has no xmax; one that was seen within the hour is left alone. Of a key
    // that roams, a few are told in an hour, and none a second time. Answers with the keys that have more networks than before. By
    // primary keys.
    private static final String NETWORK = """
            with n as (select * from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[])
                                      as n (key_id, network, at, ip)),
            seen as (insert into key_network as k (key_id, network, last_seen)
                     select key_id, network, at from n order by key_id, network
                     on conflict (key_id, network) do update set last_seen = excluded.last_seen
                      where k.last_seen < excluded.last_seen - interval '1 hour'
                     returning key_id, network, xmax = 0 as is_new),
            told as (
                insert into key_finding (key_id, kind, subject, at, ip, due_at)
                select key_id, 'new-network', network, at, ip, at
                  from (select n.*, row_number() over (partition by n.key_id order by n.at, n.network) as place
                          from n join seen s on s.key_id = n.key_id and s.network = n.network
                         where s.is_new and exists (select from key_network o where o.key_id = n.key_id)) found
                 where place + (select count(*) from key_finding f
                                 where f.key_id = found.key_id and f.kind = 'new-network'
                                   and f.at > found.at - interval '1 hour') <= $5
                 order by key_id, network
                on conflict do nothing)
            select distinct key_id from seen where is_new
            """;

    // By primary keys; another replica that trims the same key at the same time is passed over.
    private static final String TRIM_NETWORKS = """
            delete from key_network d
             using (select key_id, network from key_network
                     where (key_id, network) in (
                               select key_id, network
                                 from (select key_id, network,
                                              row_number() over (partition by key_id order by last_seen desc, network) as place
                                         from key_network where key_id = any ($1)) ranked
                                where place > $2)
                     order by key_id, network for update skip locked) old
             where d.key_id = old.key_id and d.network = old.network
            """;

    private static final String SAMPLE = """
            insert into key_sample (key_id, accepted, at, code, method, path, store, ip)
            select * from unnest($1::uuid[], $2::boolean[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[],
                                 $8::text[])
            """;

    // As above.
    private static final String TRIM_SAMPLES = """
            delete from key_sample d
             using (select key_id, accepted, at, id from key_sample
                     where (key_id, accepted, at, id) in (
                               select key_id, accepted, at, id
                                 from (select key_id, accepted, at, id,
                                              row_number() over (partition by key_id, accepted order by at desc, id desc) as place
                                         from key_sample where key_id = any ($1)) ranked
                                where place > $2)
                     order by key_id, accepted, at, id for update skip locked) old
             where d.key_id = old.key_id and d.accepted = old.accepted and d.at = old.at and d.id = old.id
            """;
}
