package dev.latchkey.bench;

import java.io.IOException;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import dev.latchkey.testing.Databases.Database;
import dev.latchkey.testing.LatchkeyProcess;

/**
 * What a page of 50 findings takes in an organization of many keys where one in a thousand of each kind has something to mend:
 * the worst there is, since a walk then ends by its bound and not by a full page. One request after the other, all in turn.
 */
final class ReviewBenchmark {

    private static final Pattern ITEM = Pattern.compile("\"reason\"");
    private static final int WARM = 20;

    private final int keys;
    private final int rounds;

    ReviewBenchmark(Options options) {
        keys = options.number("keys", 100_000);
        rounds = options.number("rounds", 100);
    }

    void run() throws Exception {
        try (Postgres postgres = Postgres.start()) {
            Database database = postgres.migrated("review");
            Keys tokens = new Keys(database);
            String caller = tokens.insertReader();
            fill(database);
            try (Replicas replicas = Replicas.start(1, database, tokens.pepper(), launch -> launch)) {
                measure(replicas.get(0), caller);
            }
        }
    }

    private void measure(LatchkeyProcess replica, String caller) throws IOException, InterruptedException {
        List<TimedList> lists = lists().entrySet().stream()
                .map(list -> new TimedList(list.getKey(), list.getValue(), rounds)).toList();
        TimedList.measure(replica, caller, lists, WARM, ITEM);
        Table table = new Table("list|%s", "findings on the page|%d", "p50 ms|%.1f", "p95 ms|%.1f");
        lists.forEach(list -> table.row("`" + list.query() + "`, " + list.name(), list.found(), list.percentile(50),
                list.percentile(95)));
    }

    private static Map<String, String> lists() {
        Map<String, String> lists = new LinkedHashMap<>();
        lists.put("the plain list of keys", "");
        lists.put("about one key in 160 has something", "/review");
        lists.put("one in 1,000, of scopes", "/review?reason=unused-scopes");
        lists.put("one in 1,000", "/review?reason=never-used");
        lists.put("one in 1,000, of counts", "/review?reason=shared");
        lists.put("one in 1,000, of names", "/review?reason=all-stores-but-uses-one");
        lists.put("none has it", "/review?reason=older-than-policy");
        return lists;
    }

    private void fill(Database database) throws SQLException {
        Postgres.execute(database, """
                insert into store (id, organization_id, key, name, created_at, updated_at)
                select gen_random_uuid(), id, s, s, now(), now() from organization, unnest(array['madrid', 'paris']) s
                 where key = 'bench-0'
                """,
                """
                        insert into api_key (id, organization_id, name, active, environment, scopes, all_stores, expires_at, limit_source,
                               ip_allow_list, metadata, created_by_type, created_by_id, created_by_name, created_at, updated_at, granted_at)
                        select (lpad(to_hex(1700000000000 + i), 12, '0') || '7' || substr(md5(i::text), 1, 3) || 'a'
                                || substr(md5(i::text), 4, 15))::uuid, o.id, 'Carrier sync ' || i, true, 'live',
                               '{orders:read,orders:write,products:read}', true,
                               case when i %% 1000 = 1 then null when i %% 1000 = 2 then now() + interval '5 days'
                                    else now() + interval '60 days' end,
                               'unlimited', '{}', '{}', 'person', 'ana', 'ana', now() - interval '40 days', now(), now() - interval '40 days'
                          from generate_series(1, %d) i, organization o where o.key = 'bench-0'
                        """
                        .formatted(keys),
                """
                        insert into key_material (id, key_id, digest, pepper_id, start, state, created_at)
                        select k.id, k.id, sha256(convert_to(k.id::text, 'UTF8')), 'b1', 'lk_live_4fTz', 'current', k.created_at
                          from api_key k where k.name like 'Carrier%'
                        """, """
                        insert into key_last_use (material_id, last_used_at)
                        select id, now() from api_key where name like 'Carrier%' and hashtext(id::text) % 1000 <> 3
                        """, """
                        insert into key_exercise (key_id, kind, name, last_at)
                        select k.id, case when n = 'madrid' or n = 'paris' then 'store' else 'scope' end, n, now()
                          from api_key k, unnest(array['orders:read', 'orders:write', 'products:read', 'madrid', 'paris']) n
                         where k.name like 'Carrier%' and not (n = 'paris' and hashtext(k.id::text) % 1000 = 4)
                               and not (n = 'products:read' and hashtext(k.id::text) % 1000 = 5)
                        """, """
                        insert into key_network (key_id, network, last_seen)
                        select k.id, '203.0.' || n || '.0/24', now() from api_key k, generate_series(1, 12) n
                         where k.name like 'Carrier%' and (n <= 3 or hashtext(k.id::text) % 1000 = 6)
                        """);
        for (String table : new String[] { "api_key", "key_material", "key_last_use", "key_exercise", "key_network" }) {
            Postgres.execute(database, "vacuum analyze " + table);
        }
    }
}
