package dev.latchkey.bench;

import static dev.latchkey.bench.Measured.millis;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import dev.latchkey.testing.Databases.Database;
import dev.latchkey.testing.LatchkeyProcess;

/**
 * What a page of 50 keys takes by how the list is narrowed, in an organization of many keys beside another one of as many, one
 * request after the other. Each round asks for all of them in turn, so that whatever else the machine does falls on all alike.
 */
final class SearchBenchmark {

    private static final Pattern ITEM = Pattern.compile("\"createdBy\"");
    private static final int WARM = 60;

    private final int keys;
    private final int rounds;

    SearchBenchmark(Options options) {
        keys = options.number("keys", 100_000);
        rounds = options.number("rounds", 200);
    }

    void run() throws Exception {
        try (Postgres postgres = Postgres.start()) {
            Database database = postgres.migrated("search");
            Keys tokens = new Keys(database);
            String caller = tokens.insertReader();
            long began = System.nanoTime();
            fill(database);
            System.out.printf("%,d keys written in %.0f s; table with its indexes %d MiB, of which the index of texts %d%n%n",
                    2 * keys, (System.nanoTime() - began) / 1e9,
                    number(database, "select pg_total_relation_size('api_key')") >> 20,
                    number(database, "select pg_relation_size('api_key_search')") >> 20);
            try (Replicas replicas = Replicas.start(1, database, tokens.pepper(), launch -> launch)) {
                measure(replicas.get(0), caller);
            }
        }
    }

    private void measure(LatchkeyProcess replica, String caller) throws IOException, InterruptedException {
        List<Timed> lists = lists().entrySet().stream()
                .map(list -> new Timed(list.getKey(), list.getValue(), new long[rounds])).toList();
        for (int round = -WARM; round < rounds; round++) {
            for (Timed list : lists) {
                long begin = System.nanoTime();
                HttpResponse<String> answer = Replicas.HTTP.send(
                        HttpRequest.newBuilder(URI.create(replica.baseUrl() + "/api/v1/keys" + list.query))
                                .header("X-API-Key", caller).build(),
                        HttpResponse.BodyHandlers.ofString());
                long took = System.nanoTime() - begin;
                if (answer.statusCode() != 200) {
                    throw new IllegalStateException(list.query + " answered " + answer.statusCode() + ": " + answer.body());
                }
                if (round >= 0) {
                    list.nanos[round] = took;
                }
                list.found = ITEM.matcher(answer.body()).results().count();
            }
        }
        Table table = new Table("list|%s", "items on the page|%d", "p50 ms|%.1f", "p95 ms|%.1f", "p95 ÷ the plain list's|%.2f");
        double plain = lists.get(0).percentile(95);
        lists.forEach(list -> table.row("`" + (list.query.isEmpty() ? "GET /keys" : list.query) + "`, " + list.name, list.found,
                list.percentile(50), list.percentile(95), list.percentile(95) / plain));
    }

    /** A list, and what it took in each round. */
    private static final class Timed {

        private final String name;
        private final String query;
        private final long[] nanos;
        private long found;

        Timed(String name, String query, long[] nanos) {
            this.name = name;
            this.query = query;
            this.nanos = nanos;
        }

        double percentile(int percent) {
            long[] sorted = nanos.clone();
            Arrays.sort(sorted);
            return millis(Duration.ofNanos(sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)]));
        }
    }

    /** By what is remarkable about them. */
    private static Map<String, String> lists() {
        Map<String, String> lists = new LinkedHashMap<>();
        lists.put("plain", "");
        lists.put("most keys", "?status=active");
        lists.put("one in 1,000", "?status=inactive");
        lists.put("one in 1,000, revoked", "?status=revoked");
        lists.put("one in 1,000, by time", "?status=expired");
        lists.put("most", "?access=all");
        lists.put("one in 1,000, of some", "?access=stores");
        lists.put("most reach it", "?store=madrid");
        lists.put("most have it", "?scope=orders:read");
        lists.put("one in 1,000 has it", "?scope=customers:read");
        lists.put("in every name", "?q=order");
        lists.put("in one name in 1,000", "?q=carrier");
        lists.put("in one description in 1,000", "?q=JODLER");
        lists.put("one key", "?q=sync%20054321");
        lists.put("parts of it everywhere", "?q=order%20carrier");
        lists.put("nowhere", "?q=no%20such%20key");
        lists.put("the oldest half, none of the newest", "?q=legacy");
        lists.put("two characters, in every name", "?q=sy");
        lists.put("two characters, nowhere", "?q=%C3%BF%C3%BF");
        lists.put("rare and common", "?status=revoked&scope=orders:read&q=sync");
        lists.put("all at once", "?status=active&access=stores&store=madrid&scope=orders:read&q=erp");
        return lists;
    }

    private void fill(Database database) throws SQLException {
        Postgres.execute(database, """
                create function id_of(kind text, i int) returns uuid language sql immutable as $$
                    select (lpad(to_hex(1700000000000 + i), 12, '0') || '7' || substr(md5(kind || i), 1, 3) || 'a'
                            || substr(md5(kind || i), 4, 15))::uuid
                $$""",
                """
                        insert into store (id, organization_id, key, name, created_at, updated_at)
                        select gen_random_uuid(), id, 'madrid', 'Madrid', now(), now() from organization where key in ('bench-0', 'bench-1')
                        """);
        for (String organization : new String[] { "bench-0", "bench-1" }) {
            Postgres.execute(database,
                    """
                            insert into api_key (id, organization_id, name, description, active, environment, scopes, all_stores, expires_at,
                                   limit_source, ip_allow_list, metadata, revoked_at, created_by_type, created_by_id, created_by_name,
                                   created_at, updated_at, start)
                            select id_of(o.key, i), o.id,
                                   case when i %% 1000 = 7 then 'Night carrier ' when i < %2$d / 2 then 'Legacy order sync '
                                        else 'ERP order sync ' end || lpad(i::text, 6, '0'),
                                   case when i %% 1000 = 8 then 'For the Jodler' when i %% 3 = 0 then 'Nightly export of the order statuses' end,
                                   i %% 1000 <> 2, 'live',
                                   case when i %% 1000 = 5 then '{customers:read}'::text[] else '{orders:read,orders:write,products:read}' end,
                                   i %% 1000 <> 4,
                                   case when i %% 1000 = 3 then now() - interval '1 day' when i %% 2 = 0 then now() + interval '1 year' end,
                                   'unlimited', '{}', '{}', case when i %% 1000 = 1 then now() end, 'person', 'ana', 'ana', now(), now(),
                                   'lk_live_' || substr(md5('start' || i), 1, 4)
                              from generate_series(0, %2$d - 1) i, organization o where o.key = '%1$s'
                            """
                            .formatted(organization, keys),
                    """
                            insert into key_material (id, key_id, digest, pepper_id, start, state, created_at)
                            select k.id, k.id, sha256(convert_to(k.id::text, 'UTF8')), 'b1', k.start, 'current', now()
                              from api_key k join organization o on o.id = k.organization_id
                             where o.key = '%s' and k.start <> ''
                            """.formatted(organization),
                    """
                            insert into api_key_store (key_id, store_id)
                            select k.id, s.id from api_key k join store s on s.organization_id = k.organization_id
                              join organization o on o.id = k.organization_id where o.key = '%s' and not k.all_stores
                            """.formatted(organization));
        }
        for (String table : new String[] { "api_key", "api_key_store", "key_material" }) {
            Postgres.execute(database, "vacuum analyze " + table);
        }
    }

    private static long number(Database database, String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
