package dev.latchkey.key;

import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

import jakarta.inject.Singleton;

import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/** The reads of what keys were used for. */
@Singleton
class UsageQueries {

    private static final int MOST_NAMES = 200;
    private static final int SHOWN = 50;

    private final Pool database;

    UsageQueries(Pool database) {
        this.database = database;
    }

    /**
     * What a key was used for in a span of time.
     *
     * @param counts of each bucket that has any, by verdict
     * @param names of scopes, methods and stores, the most used first
     */
    record Used(Map<Instant, Map<String, Long>> counts, Map<String, List<UsageResource.Used>> names) {
    }

    /** @throws ProblemException 404 when the organization has no such key */
    Uni<Used> used(UUID organization, UUID key, UsagePeriod period) {
        OffsetDateTime from = period.from().atOffset(ZoneOffset.UTC);
        OffsetDateTime to = period.to().atOffset(ZoneOffset.UTC);
        boolean days = period.step() == UsagePeriod.Step.DAY;
        return requireKey(organization, key)
                .flatMap(found -> database.preparedQuery(SERIES).execute(Tuple.of(key, from, to, days)))
                .flatMap(series -> database.preparedQuery(NAMES)
                        .execute(Tuple.of(key, from, to, days, organization, MOST_NAMES))
                        .map(names -> new Used(counts(series), names(names))));
    }

    /** Of the keys among these that the organization has, in the order in which they are named. */
    Uni<List<UsageResource.DailyOfKey>> daily(UUID organization, List<UUID> keys, UsagePeriod days) {
        return database.preparedQuery(DAILY)
                .execute(Tuple.of(organization, keys.toArray(UUID[]::new), days.from().atOffset(ZoneOffset.UTC)))
                .map(rows -> {
                    Map<UUID, Map<LocalDate, Row>> found = new HashMap<>();
                    rows.forEach(row -> found.computeIfAbsent(row.getUUID("id"), id -> new HashMap<>())
                            .put(row.getLocalDate("day"), row));
                    return keys.stream().filter(found::containsKey)
                            .map(id -> daily(id, found.getOrDefault(id, Map.of()), days)).toList();
                });
    }

    private static UsageResource.DailyOfKey daily(UUID id, Map<LocalDate, Row> found, UsagePeriod days) {
        List<@Nullable Row> rows = new ArrayList<>();
        days.buckets().forEach(at -> rows.add(found.get(LocalDate.ofInstant(at, ZoneOffset.UTC))));
        return new UsageResource.DailyOfKey(id, counts(rows, "accepted"), counts(rows, "refused"));
    }

    private static List<Long> counts(List<@Nullable Row> rows, String column) {
        List<Long> counts = new ArrayList<>();
        for (Row row : rows) {
            counts.add(row == null ? 0L : row.getLong(column));
        }
        return counts;
    }

    /** @throws ProblemException 404 when the organization has no such key */
    Uni<UsageResource.Recent> recent(UUID organization, UUID key) {
        return requireKey(organization, key).flatMap(found -> database.preparedQuery(RECENT).execute(Tuple.of(key, SHOWN)))
                .map(rows -> new UsageResource.Recent(samples(rows, true), samples(rows, false)));
    }

    // By primary key.
    private Uni<Boolean> requireKey(UUID organization, UUID key) {
        return database.preparedQuery("select from api_key where id = $2 and organization_id = $1")
                .execute(Tuple.of(organization, key)).map(rows -> {
                    if (rows.size() == 0) {
                        throw ProblemException.notFound();
                    }
                    return true;
                });
    }

    private static Map<Instant, Map<String, Long>> counts(RowSet<Row> rows) {
        Map<Instant, Map<String, Long>> counts = new HashMap<>();
        rows.forEach(row -> counts.computeIfAbsent(row.getOffsetDateTime("bucket").toInstant(), at -> new TreeMap<>())
                .put(row.getString("name"), row.getLong("count")));
        return counts;
    }

    private static Map<String, List<UsageResource.Used>> names(RowSet<Row> rows) {
        Map<String, List<UsageResource.Used>> names = new HashMap<>();
        rows.forEach(row -> names.computeIfAbsent(row.getString("kind"), kind -> new ArrayList<>())
                .add(new UsageResource.Used(row.getString("name"), row.getLong("count"),
                        row.getOffsetDateTime("last_at").toInstant())));
        return names;
    }

    private static List<UsageResource.Sample> samples(RowSet<Row> rows, boolean accepted) {
        return rows.stream().filter(row -> row.getBoolean("accepted") == accepted)
                .map(row -> new UsageResource.Sample(row.getOffsetDateTime("at").toInstant(),
                        Verdict.Code.valueOf(row.getString("code")), row.getString("method"), row.getString("path"),
                        row.getString("store"), row.getString("ip")))
                .toList();
    }

    // Days are in both tables while their hours are moved; hours are asked for only where they are kept. By primary keys.
    private static final String SERIES = """
            select bucket, name, sum(count)::bigint as count
              from (select case when $4 then date_trunc('day', hour, 'UTC') else hour end as bucket, name, count
                      from key_usage where key_id = $1 and kind = 'verdict' and hour >= $2 and hour < $3
                    union all
                    select day::timestamp at time zone 'UTC', name, count
                      from key_usage_day where $4 and key_id = $1 and kind = 'verdict'
                       and day >= ($2 at time zone 'UTC')::date and day < ($3 at time zone 'UTC')::date) counted
             group by bucket, name
            """;

    // A store that was named by its id and by its key is one. By primary keys, and the index of stores by organization.
    private static final String NAMES = """
            select kind, name, count, last_at
              from (select counted.kind, coalesce(s.key, counted.name) as name, sum(count)::bigint as count,
                           max(last_at) as last_at,
                           row_number() over (partition by counted.kind
                                              order by sum(count) desc, coalesce(s.key, counted.name)) as place
                      from (select kind, name, count, last_at from key_usage
                             where key_id = $1 and kind in ('method', 'scope', 'store') and hour >= $2 and hour < $3
                            union all
                            select kind, name, count, last_at from key_usage_day
                             where $4 and key_id = $1 and kind in ('method', 'scope', 'store')
                               and day >= ($2 at time zone 'UTC')::date and day < ($3 at time zone 'UTC')::date) counted
                      left join store s on counted.kind = 'store' and s.organization_id = $5 and s.id::text = counted.name
                     group by counted.kind, coalesce(s.key, counted.name)) named
             where place <= $6
             order by kind, place
            """;

    // A key that nobody asked for has one row, whose day is null. Each key by itself, so that it is read by the primary keys of
    // counts and no more than the days asked for; as SERIES, a day may be in both tables.
    private static final String DAILY = """
            select k.id, c.day, coalesce(sum(c.count) filter (where c.name = 'VALID'), 0)::bigint as accepted,
                   coalesce(sum(c.count) filter (where c.name <> 'VALID'), 0)::bigint as refused
              from api_key k
              left join lateral (
                    select (hour at time zone 'UTC')::date as day, name, count from key_usage
                     where key_id = k.id and kind = 'verdict' and hour >= $3
                    union all
                    select day, name, count from key_usage_day
                     where key_id = k.id and kind = 'verdict' and day >= ($3 at time zone 'UTC')::date) c on true
             where k.organization_id = $1 and k.id = any($2)
             group by k.id, c.day
            """;

    // By the primary key, backwards; a flush may not have trimmed yet.
    private static final String RECENT = """
            (select accepted, at, code, method, path, store, ip from key_sample where key_id = $1 and accepted
              order by at desc, id desc limit $2)
            union all
            (select accepted, at, code, method, path, store, ip from key_sample where key_id = $1 and not accepted
              order by at desc, id desc limit $2)
            """;
}
