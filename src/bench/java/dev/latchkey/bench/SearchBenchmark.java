package dev.latchkey.bench;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import dev.latchkey.testing.Databases.Database;
import dev.latchkey.testing.LatchkeyProcess;

/**
 * What a page of 50 keys takes by how the list is narrowed, in two organizations of many keys: one in which what is rare is
 * rare everywhere, and an aged one, in which the newest have nothing of what the older ones have. One request after the
 * other. Each round asks for all of them in turn, so that whatever else the machine does falls on all alike.
 */
final class SearchBenchmark {

    private static final Pattern ITEM = Pattern.compile("\"createdBy\"");
    /** How lists are named of which each round takes the next page. */
    private static final String PAGES = "page after page";
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
            List<String> callers = tokens.insertReaders(2);
            long began = System.nanoTime();
            fill(database);
            System.out.printf("%,d keys written in %.0f s; table with its indexes %d MiB, of which the index of texts %d%n%n",
                    2 * keys, (System.nanoTime() - began) / 1e9,
                    number(database, "select pg_total_relation_size('api_key')") >> 20,
                    number(database, "select pg_relation_size('api_key_search')") >> 20);
            try (Replicas replicas = Replicas.start(1, database, tokens.pepper(), launch -> launch)) {
                measure(replicas.get(0), callers.get(0), lists());
                measure(replicas.get(0), callers.get(1), agedLists());
            }
        }
    }

    private void measure(LatchkeyProcess replica, String caller, Map<String, String> named)
            throws IOException, InterruptedException {
        List<TimedList> lists = named.entrySet().stream()
                .map(list -> new TimedList(list.getValue(), list.getKey(), rounds, list.getValue().equals(PAGES))).toList();
        TimedList.measure(replica, caller, lists, WARM, ITEM);
        Table table = new Table("list|%s", "items on the page|%d", "p50 ms|%.1f", "p95 ms|%.1f", "p95 ÷ the plain list's|%.2f");
        double plain = lists.get(0).percentile(95);
        lists.forEach(list -> table.row("`" + (list.query().isEmpty() ? "GET /keys" : list.query()) + "`, " + list.name(),
                list.found(),
                list.percentile(50), list.percentile(95), list.percentile(95) / plain));
    }

    /** By what is remarkable about them. */
    private static Map<String, String> lists() {
        Map<String, String> lists = new LinkedHashMap<>();
        lists.put("", "plain");
        lists.put("?status=active", "most keys");
        lists.put("?status=inactive", "one in 1,000");
        lists.put("?status=revoked", "one in 1,000, revoked");
        lists.put("?status=expired", "one in 1,000, by time");
        lists.put("?access=all", "most");
        lists.put("?access=stores", "one in 1,000, of some");
        lists.put("?store=madrid", "most reach it");
        lists.put("?scope=orders:read", "most have it");
        lists.put("?scope=customers:read", "one in 1,000 has it");
        lists.put("?q=order", "in every name");
        lists.put("?q=carrier", "in one name in 1,000");
        lists.put("?q=JODLER", "in one description in 1,000");
        lists.put("?q=sync%20054321", "one key");
        lists.put("?q=order%20carrier", "parts of it everywhere");
        lists.put("?q=no%20such%20key", "nowhere");
        lists.put("?q=legacy", "the oldest half, none of the newest");
        lists.put("?q=sy", "two characters, in every name");
        lists.put("?q=%C3%BF%C3%BF", "two characters, nowhere");
        lists.put("?status=revoked&scope=orders:read&q=sync", "rare and common");
        lists.put("?status=active&access=stores&store=madrid&scope=orders:read&q=erp", "all at once");
        return lists;
    }

    /** With what most keys have but the newest 2 % not: the worst that a text or scope can be. */
    private static Map<String, String> agedLists() {
        Map<String, String> lists = new LinkedHashMap<>();
        lists.put("", "plain");
        lists.put("?status=active", "the newest 30 %");
        lists.put("?status=expired", "45 %, none of the newest 30 %");
        lists.put("?status=expired&limit=50", PAGES);
        lists.put("?status=revoked", "the oldest quarter");
        lists.put("?access=stores", "the older half");
        lists.put("?store=madrid", "all");
        lists.put("?status=revoked&store=madrid", "the oldest quarter");
        lists.put("?status=active&access=stores", "nowhere, of 30 % and 50 %");
        lists.put("?scope=legacy:read", "the older half");
        lists.put("?scope=legacy:read&limit=50", PAGES);
        lists.put("?scope=orders:read", "all but the newest 2 %");
        lists.put("?q=legacy", "the older half");
        lists.put("?q=legacy&limit=50", PAGES);
        lists.put("?q=order", "all but the newest 2 %");
        lists.put("?status=active&q=legacy", "nowhere, of 30 % and 50 %");
        lists.put("?store=madrid&scope=legacy:read", "the older half");
        lists.put("?status=expired&scope=legacy:read&q=legacy", "a quarter");
        lists.put("?status=expired&store=madrid&q=legacy", "a quarter");
        lists.put("?q=%C3%BF%C3%BF", "two characters, nowhere");
        lists.put("?q=zz", "two ASCII characters, nowhere");
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
            Postgres.execute(database, organization.equals("bench-0") ? usual(organization) : aged(organization),
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

    private String usual(String organization) {
        return """
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
                .formatted(organization, keys);
    }

    private String aged(String organization) {
        return """
                insert into api_key (id, organization_id, name, description, active, environment, scopes, all_stores, expires_at,
                       limit_source, ip_allow_list, metadata, revoked_at, created_by_type, created_by_id, created_by_name,
                       created_at, updated_at, start)
                select id_of(o.key, i), o.id,
                       case when i < n / 2 then 'Legacy order ' when i < n * 0.98 then 'ERP order ' else 'ERP stock ' end
                       || lpad(i::text, 6, '0'),
                       case when i %% 3 = 0 then 'Nightly export of the statuses' end, true, 'live',
                       case when i < n / 2 then '{legacy:read,orders:read}'::text[] when i < n * 0.98 then '{orders:read}'
                            else '{products:read}' end,
                       i >= n / 2, case when i between n * 0.25 and n * 0.7 then now() - interval '1 day' end, 'unlimited', '{}', '{}',
                       case when i < n * 0.25 then now() end, 'person', 'ana', 'ana', now(), now(),
                       'lk_live_' || substr(md5('start' || i), 1, 4)
                  from (values (%2$d)) keys (n), generate_series(0, n - 1) i, organization o where o.key = '%1$s'
                """
                .formatted(organization, keys);
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
