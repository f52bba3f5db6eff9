package dev.latchkey.bench;

import static dev.latchkey.bench.Measured.millis;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import dev.latchkey.bench.Wrk.Request;
import dev.latchkey.testing.Databases.Database;
import dev.latchkey.testing.LatchkeyProcess;

/**
 * How often the database is asked when all keys are in memory: keys are drawn by rank, which falls off as 1/rank, and their
 * limits are taken from PostgreSQL in leases.
 */
final class ZipfBenchmark {

    private static final int DEFAULT_LIMIT = 100;
    private static final Duration SETTLE = Duration.ofSeconds(10);

    private final Options options;
    private final Duration duration;
    private final double exponent;

    ZipfBenchmark(Options options) {
        this.options = options;
        this.duration = options.seconds(30);
        this.exponent = options.fraction("exponent", 1.0);
    }

    void run() throws Exception {
        List<String> most = new ArrayList<>();
        try (Postgres postgres = Postgres.start()) {
            Table table = new Table("replicas|%d", "limit|%s", "requests/s|%,.0f", "SQL per 1,000|%.1f",
                    "CPU service µs|%.0f", "CPU PostgreSQL µs|%.1f", "p50 ms|%.2f", "p99 ms|%.2f", "verdicts|%s");
            for (int limit : options.numbers("limits", DEFAULT_LIMIT, 10_000)) {
                Database database = postgres.migrated("zipf");
                Keys keys = new Keys(database);
                String caller = keys.insertCaller();
                Path tokens = Wrk.file("zipf", keys.insert(options.number("keys", 100_000),
                        limit == DEFAULT_LIMIT ? Keys.Limit.DEFAULT : Keys.Limit.of(limit, 900)));
                // Of keys that have been used before: the first use of each is told to the activity log.
                Postgres.execute(database, "insert into key_finding (key_id, kind, subject, at, due_at, told_at) "
                        + "select id, 'first-used', '', now(), now(), now() from api_key");
                for (int count : options.numbers("replicas", 1, 3)) {
                    // Each begins with untouched limits.
                    Postgres.execute(database, "truncate rate_window");
                    try (Replicas replicas = Replicas.start(count, database, keys.pepper(), launch -> launch)) {
                        measure(table, limit, new Run(postgres, database, replicas, caller, tokens));
                        most.add("%n%d replicas, limit %d, most executed:%n%s".formatted(count, limit,
                                String.join("\n", Postgres.mostExecuted(database, 6))));
                    }
                }
            }
        }
        most.forEach(System.out::println);
    }

    private record Run(Postgres postgres, Database database, Replicas replicas, String caller, Path tokens) {
    }

    private void measure(Table table, int limit, Run run) throws Exception {
        warm(run);
        load(run, SETTLE);
        Postgres.forgetStatements(run.database);
        Map<String, Long> before = run.replicas.verdicts();
        Duration service = Measured.cpuOf(run.replicas.pids());
        Duration inPostgres = run.postgres.cpu();
        List<Wrk.Result> results = load(run, duration);
        long requests = results.stream().mapToLong(Wrk.Result::requests).sum();
        double micros = requests / 1e6;
        table.row(run.replicas.all().size(), limit + " in 15 min", results.stream().mapToDouble(Wrk.Result::perSecond).sum(),
                Postgres.statements(run.database) * 1000.0 / requests,
                Measured.cpuOf(run.replicas.pids()).minus(service).toNanos() / 1e9 / micros,
                run.postgres.cpu().minus(inPostgres).toNanos() / 1e9 / micros,
                results.stream().mapToDouble(result -> millis(result.p50())).average().orElseThrow(),
                results.stream().mapToDouble(result -> millis(result.p99())).max().orElseThrow(),
                verdicts(before, run.replicas.verdicts()));
    }

    /** Looks at each key once on each replica, until memory holds them all. */
    private static void warm(Run run) throws Exception {
        for (LatchkeyProcess replica : run.replicas.all()) {
            Wrk once = Wrk.each(replica.baseUrl(),
                    Request.postJson("/api/v1/keys/verify", run.caller, Replicas.LOOK), run.tokens);
            long keys = Files.readAllLines(run.tokens).size();
            long asked = 0;
            while (asked < keys) {
                // Begins anew each time: what was asked about already is a hit and quick.
                asked = once.run(Duration.ofSeconds(15)).requests();
            }
        }
    }

    private List<Wrk.Result> load(Run run, Duration how) throws Exception {
        List<Process> loads = new ArrayList<>();
        for (LatchkeyProcess replica : run.replicas.all()) {
            loads.add(Wrk.zipf(replica.baseUrl(), Request.postJson("/api/v1/keys/verify", run.caller, Replicas.QUESTION),
                    run.tokens, exponent).by(64 / run.replicas.all().size()).start(how));
        }
        List<Wrk.Result> results = new ArrayList<>();
        for (Process load : loads) {
            results.add(Wrk.await(load));
        }
        return results;
    }

    /** Each code with its share. */
    private static String verdicts(Map<String, Long> before, Map<String, Long> after) {
        Map<String, Long> gained = new TreeMap<>();
        after.forEach((code, count) -> gained.put(code, count - before.getOrDefault(code, 0L)));
        long all = gained.values().stream().mapToLong(Long::longValue).sum();
        return gained.entrySet().stream().filter(entry -> entry.getValue() > 0)
                .map(entry -> "%s %.0f %%".formatted(entry.getKey(), entry.getValue() * 100.0 / all)).toList().toString()
                .replaceAll("[\\[\\]]", "");
    }
}
