package dev.latchkey.bench;

import static dev.latchkey.bench.Measured.millis;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

import dev.latchkey.bench.Wrk.Request;
import dev.latchkey.testing.Databases.Database;

/**
 * What a verification takes whose key memory does not hold, by how many keys the database has. The keys that are asked about
 * lie evenly among the others; a first pass has PostgreSQL read their pages, and before each further one memory is made to
 * forget everything.
 */
final class ColdBenchmark {

    private static final int SAMPLE = 10_000;
    private static final int PER_SECOND = 1_000;
    private static final int CONNECTIONS = 8;
    private static final Duration PASS = Duration.ofSeconds(8);
    private static final int PASSES = 3;

    private final List<Integer> rows;
    private final boolean onlyFills;

    ColdBenchmark(Options options) {
        rows = options.numbers("rows", 10_000, 10_000_000);
        onlyFills = options.words("fill").contains("only");
    }

    void run() throws Exception {
        try (Postgres postgres = Postgres.start("cold-database")) {
            List<Filled> databases = new ArrayList<>();
            for (int count : rows) {
                databases.add(Filled.of(postgres, count));
            }
            if (onlyFills) {
                return;
            }
            Table table = new Table("rows|%,d", "cold p50 ms|%.2f", "p99 ms|%.2f", "p50 ÷ first|%.2f", "CPU service µs|%.0f",
                    "CPU PostgreSQL µs|%.0f", "database MiB|%,d");
            double first = 0;
            for (Filled filled : databases) {
                try (Replicas replicas = Replicas.start(1, filled.database, filled.pepper, launch -> launch)) {
                    Wrk wrk = Wrk.each(replicas.get(0).baseUrl(),
                            Request.postJson("/api/v1/keys/verify", filled.caller, Replicas.LOOK), filled.sample)
                            .by(CONNECTIONS);
                    Measured best = measure(wrk, replicas, postgres, filled.database);
                    double p50 = millis(best.load().p50());
                    first = first == 0 ? p50 : first;
                    table.row(filled.rows, p50, millis(best.load().p99()), p50 / first, best.serviceMicros(),
                            best.postgresMicros(), Postgres.size(filled.database) >> 20);
                }
            }
        }
    }

    /**
     * A database that is kept, since ten million rows take minutes.
     *
     * @param sample tokens of some of its keys
     */
    private record Filled(int rows, Database database, String pepper, String caller, Path sample) {

        static Filled of(Postgres postgres, int rows) throws Exception {
            String name = "cold_" + rows;
            Path kept = Path.of("target", "bench", "cold-database", name + ".txt");
            if (!Files.exists(kept)) {
                long begin = System.nanoTime();
                Database database = postgres.migrated(name);
                Keys keys = new Keys(database);
                List<String> lines = new ArrayList<>(List.of(keys.pepper(), keys.insertCaller()));
                List<String> sample = Keys.unknown(SAMPLE);
                fill(database, keys, sample, rows);
                lines.addAll(sample);
                Files.write(kept, lines);
                System.out.printf("%,d rows written in %d s%n%n", rows,
                        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin));
            }
            List<String> lines = Files.readAllLines(kept);
            Database database = postgres.named(name);
            // Each run has a master key of its own, and nothing here is sealed.
            Postgres.execute(database, "delete from crypto_canary");
            return new Filled(rows, database, lines.get(0), lines.get(1), Wrk.file(name, lines.subList(2, lines.size())));
        }
    }

    private static Measured measure(Wrk wrk, Replicas replicas, Postgres postgres, Database database) throws Exception {
        // For PostgreSQL's pages and for the compiler of the JVM.
        for (int i = 0; i < PASSES; i++) {
            wrk.run(PASS);
            forget(database);
        }
        Measured best = null;
        for (int i = 0; i < PASSES; i++) {
            Measured pass = Measured.of(wrk.at(PER_SECOND), PASS, replicas.pids(), postgres, database);
            if (pass.statements() < pass.load().requests() || pass.load().refused() > 0) {
                throw new IllegalStateException("some were not cold: " + pass);
            }
            best = best == null || pass.load().p50().compareTo(best.load().p50()) < 0 ? pass : best;
            forget(database);
        }
        return Objects.requireNonNull(best);
    }

    /** As any change of every organization does. */
    private static void forget(Database database) throws Exception {
        Postgres.execute(database, "update organization set name = name");
        // Until the replica has heard of it, which takes it some milliseconds.
        TimeUnit.SECONDS.sleep(1);
    }

    /** In bulk: without the checks and triggers of each row, and with the index of digests made at the end. */
    private static void fill(Database database, Keys keys, List<String> sample, int count) throws Exception {
        Postgres.execute(database, "create table sample (position int primary key, digest bytea)");
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < SAMPLE; i++) {
            lines.append((long) i * count / SAMPLE).append("\t\\\\x").append(keys.digest(sample.get(i))).append('\n');
        }
        keys.copy("sample (position, digest)", lines);
        Postgres.execute(database, "analyze sample",
                // Ids as version 7 makes them: in the order of creation.
                """
                        create function id_of(kind text, i int) returns uuid language sql immutable as $$
                            select (lpad(to_hex(1700000000000 + i), 12, '0') || '7' || substr(md5(kind || i), 1, 3) || 'a'
                                    || substr(md5(kind || i), 4, 15))::uuid
                        $$""",
                "set session_replication_role = replica", "set maintenance_work_mem = '1GB'",
                "alter table key_material drop constraint key_material_digest_key",
                """
                        insert into api_key (id, organization_id, name, active, environment, scopes, all_stores, limit_source,
                               ip_allow_list, metadata, created_by_type, created_by_id, created_by_name, created_at, updated_at)
                        select id_of('key', i), o.ids[1 + i %% cardinality(o.ids)], 'ERP order sync ' || lpad((i %% 100000)::text, 5, '0'),
                               true, 'live', '{orders:read,orders:write,products:read}', true, 'unlimited', '{}', '{}', 'person',
                               'ana', 'ana', now(), now()
                          from generate_series(0, %1$d - 1) i, (select array_agg(id) as ids from organization) o
                        """
                        .formatted(count),
                """
                        insert into key_material (id, key_id, digest, pepper_id, start, state, created_at)
                        select id_of('material', i), id_of('key', i), coalesce(s.digest, sha256(i::text::bytea)), 'b1', 'lk_live_4fTz',
                               'current', now()
                          from generate_series(0, %d - 1) i left join sample s on s.position = i
                        """
                        .formatted(count),
                "alter table key_material add constraint key_material_digest_key unique (digest)",
                "set session_replication_role = origin",
                "vacuum analyze api_key", "vacuum analyze key_material", "checkpoint");
    }
}
