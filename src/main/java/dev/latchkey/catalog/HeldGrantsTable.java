package dev.latchkey.catalog;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import jakarta.inject.Singleton;

import dev.latchkey.catalog.HeldGrants.Affected;
import dev.latchkey.catalog.HeldGrants.Held;
import dev.latchkey.catalog.HeldGrants.Holder;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;

/**
 * Searches the keys of all organizations for what they hold: one pass over all of them each time, whatever is looked for,
 * instead of an index on what nobody else asks of all organizations at once. The time of each is bounded.
 */
@Singleton
class HeldGrantsTable {

    /** Of one search through all keys: some ten million in this time. */
    private static final String STATEMENT_MILLIS = "20000";
    private static final int MOST_NAMED = 4;
    /** As HIT names what it finds. */
    private static final String SCOPE = "scope";
    private static final String METHOD = "method";
    private static final String OPENED = "opened";

    private final Pool database;

    HeldGrantsTable(Pool database) {
        this.database = database;
    }

    /**
     * What is looked for.
     *
     * @param scopes of keys
     * @param methods patterns of keys
     * @param opened patterns of keys that have scopes as well
     */
    record Wanted(List<String> scopes, List<String> methods, List<String> opened) {

        boolean isEmpty() {
            return scopes.isEmpty() && methods.isEmpty() && opened.isEmpty();
        }

        private Tuple tuple() {
            return Tuple.of(scopes.toArray(String[]::new),
                    Stream.concat(methods.stream().map(method -> METHOD), opened.stream().map(method -> OPENED))
                            .toArray(String[]::new),
                    Stream.concat(methods.stream(), opened.stream()).toArray(String[]::new));
        }
    }

    /** What was found, by what it was looked for as. */
    record Found(List<Held> scopes, List<Held> methods, List<Held> opened) {
    }

    // Patterns are joined, since there may be thousands of them.
    private static final String HIT = """
            with wanted as (select * from unnest($2::text[], $3::text[]) as w (kind, what)),
            hit as (
                select 'scope' as kind, held.what, k.id, k.organization_id
                  from api_key k cross join unnest(k.scopes) as held (what)
                 where cardinality($1::text[]) > 0 and k.revoked_at is null and k.scopes && $1 and held.what = any ($1)
                union all
                select w.kind, w.what, k.id, k.organization_id
                  from api_key k cross join unnest(k.methods) as held (what)
                  join wanted w on w.what = held.what and (w.kind = 'method' or cardinality(k.scopes) > 0)
                 where k.methods is not null and k.revoked_at is null)
            """;

    /** Patterns of all keys that are not revoked, those first that most keys hold. */
    Uni<List<String>> patterns(int most) {
        return search("""
                select held.what from api_key k cross join unnest(k.methods) as held (what)
                 where k.methods is not null and k.revoked_at is null
                 group by held.what order by count(*) desc, held.what limit $1
                """, Tuple.of(most)).map(rows -> rows.stream().map(row -> row.getString("what")).toList());
    }

    // The oldest and newest by their ids, which begin with the time, and as text, since PostgreSQL before 18 knows no least
    // uuid. Their rows by primary key.
    Uni<Found> held(Wanted wanted) {
        return search(HIT + """
                select held.kind, held.what, held.keys, k.id, k.name as key_name, o.key as organization
                  from (select kind, what, count(*) as keys, min(id::text collate "C")::uuid as oldest,
                               max(id::text collate "C")::uuid as newest
                          from hit group by kind, what) held
                  join api_key k on k.id in (held.oldest, held.newest)
                  join organization o on o.id = k.organization_id
                 order by held.kind, held.what, k.id
                """, wanted.tuple()).map(rows -> new Found(held(rows, SCOPE), held(rows, METHOD), held(rows, OPENED)));
    }

    Uni<List<Affected>> affected(Wanted wanted, int most) {
        return search(HIT + """
                select organization_id, count(distinct id) filter (where kind <> 'opened') as losing,
                       (array_agg(distinct what) filter (where kind <> 'opened'))[1:$5] as lost,
                       count(distinct id) filter (where kind = 'opened') as gaining,
                       (array_agg(distinct what) filter (where kind = 'opened'))[1:$5] as opened
                  from hit group by organization_id order by organization_id limit $4
                """, wanted.tuple().addValue(most).addValue(MOST_NAMED))
                .map(rows -> rows.stream().map(row -> new Affected(row.getUUID("organization_id"), row.getLong("losing"),
                        texts(row, "lost"), row.getLong("gaining"), texts(row, "opened"))).toList());
    }

    private Uni<RowSet<Row>> search(String sql, Tuple values) {
        return database.withTransaction(connection -> connection
                .query("set local statement_timeout = " + STATEMENT_MILLIS).execute()
                .flatMap(set -> connection.preparedQuery(sql).execute(values)));
    }

    private static List<Held> held(RowSet<Row> rows, String kind) {
        Map<String, Held> held = new LinkedHashMap<>();
        for (Row row : rows) {
            if (row.getString("kind").equals(kind)) {
                held.computeIfAbsent(row.getString("what"),
                        name -> new Held(name, row.getLong("keys"), new ArrayList<>())).examples()
                        .add(new Holder(row.getUUID("id"), row.getString("key_name"), row.getString("organization")));
            }
        }
        return List.copyOf(held.values());
    }

    private static List<String> texts(Row row, String column) {
        String[] texts = row.getArrayOfStrings(column);
        return texts == null ? List.of() : Arrays.asList(texts);
    }
}
