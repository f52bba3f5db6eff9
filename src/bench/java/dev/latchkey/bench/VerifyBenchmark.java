package dev.latchkey.bench;

import static dev.latchkey.bench.Measured.millis;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

import dev.latchkey.bench.Wrk.Request;
import dev.latchkey.testing.Databases.Database;
import dev.latchkey.testing.LatchkeyProcess;

/**
 * What verifications cost beside an endpoint of the same process that does nothing ({@code Baseline}): 64 connections, one
 * replica, the caller a key of the platform. Rounds take turns, so that a machine that is busy for a while is so for all.
 */
final class VerifyBenchmark {

    private static final int SIZE = 100;
    private static final Duration WARM_UP = Duration.ofSeconds(12);
    /** More than are asked about in all rounds. */
    private static final int COLD = 250_000;

    private final Duration duration;
    private final int rounds;
    private final Options options;

    VerifyBenchmark(Options options) {
        this.options = options;
        duration = options.seconds(8);
        rounds = options.number("rounds", 2);
    }

    /**
     * @param code the verdict that is expected; empty where there is none
     * @param once whether its tokens must not be asked about twice
     */
    private record Case(String name, String path, Path tokens, String code, boolean once) {
    }

    void run() throws Exception {
        try (Postgres postgres = Postgres.start()) {
            Database database = postgres.migrated("verify");
            Keys keys = new Keys(database);
            String caller = keys.insertCaller();
            Path many = Wrk.file("many", keys.insert(SIZE, Keys.Limit.of(1_000_000_000, 900)));
            List<Case> cases = List.of(
                    new Case("baseline", "/api/v1/bench/baseline", many, "", false),
                    verify("hit", many, "VALID"),
                    verify("hit, of 10,000 keys", Wrk.file("more", keys.insert(10_000, Keys.Limit.of(1_000_000_000, 900))),
                            "VALID"),
                    verify("hit, unlimited key", Wrk.file("free", keys.insert(SIZE, Keys.Limit.NONE)), "VALID"),
                    verify("limit exhausted", Wrk.file("poor", keys.insert(SIZE, Keys.Limit.of(1, 86_400))), "RATE_LIMITED"),
                    verify("unknown, repeated", Wrk.file("same", Keys.unknown(SIZE)), "NOT_FOUND"));
            List<Case> once = List.of(
                    new Case("miss", "/api/v1/keys/verify", Wrk.file("cold", keys.insert(COLD, Keys.Limit.DEFAULT)), "VALID",
                            true),
                    new Case("unknown, never seen", "/api/v1/keys/verify", Wrk.file("never", Keys.unknown(COLD)), "NOT_FOUND",
                            true));
            try (Replicas replicas = Replicas.start(1, database, keys.pepper(), this::recorded)) {
                measure(new Run(postgres, database, replicas, caller), chosen(cases), chosen(once));
            }
        }
    }

    /** All, or the one that is to be profiled. */
    private List<Case> chosen(List<Case> cases) {
        List<String> only = options.words("only");
        return only.isEmpty() ? cases : cases.stream().filter(of -> only.contains(of.name)).toList();
    }

    /** By the flight recorder, where a file is named for that. */
    private LatchkeyProcess.Launch recorded(LatchkeyProcess.Launch launch) {
        List<String> file = options.words("jfr");
        return file.isEmpty() ? launch
                : launch.with("JDK_JAVA_OPTIONS",
                        "-XX:FlightRecorderOptions=stackdepth=256 -XX:StartFlightRecording=settings=profile,filename="
                                + file.get(0));
    }

    private static Case verify(String name, Path tokens, String code) {
        return new Case(name, "/api/v1/keys/verify", tokens, code, false);
    }

    private void measure(Run run, List<Case> cases, List<Case> once) throws Exception {
        for (Case warm : cases) {
            run.wrk(warm).run(warm.code.isEmpty() || warm.code.equals("VALID") ? WARM_UP : Duration.ofSeconds(3));
        }
        List<Row> rows = new ArrayList<>(rounds(run, cases, wrk -> wrk));
        for (Case next : once) {
            rows.add(new Row(next, List.of(run.measure(next, run.wrk(next), duration))));
        }
        Table table = new Table("64 connections|%s", "requests/s|%,.0f", "÷ baseline|%.2f", "CPU service µs|%.0f",
                "CPU PostgreSQL µs|%.0f", "SQL per 1,000|%.1f", "p50 ms|%.2f", "p99 ms|%.2f", "not 2xx|%,d");
        for (Row row : rows) {
            Measured median = row.median();
            table.row(row.of.name, row.rate(), row.rate() / rows.get(0).rate(), median.serviceMicros(),
                    median.postgresMicros(), median.statementsPerThousand(), millis(median.load().p50()),
                    millis(median.load().p99()), row.notAnswered());
        }
        if (cases.size() > 1) {
            halfLoad(run, cases.subList(0, 2), rows.get(1).rate() / 2);
        }
    }

    /** The same rate for both: pauses between requests, drawn from an exponential distribution. */
    private void halfLoad(Run run, List<Case> cases, double rate) throws Exception {
        System.out.printf("%nHalf load: 64 connections that pause, meant for %,.0f requests/s%n%n", rate);
        Table table = new Table("half load|%s", "requests/s|%,.0f", "p50 ms|%.2f", "p99 ms|%.2f", "p99 ÷ baseline|%.2f");
        List<Row> rows = rounds(run, cases, wrk -> wrk.at(rate));
        for (Row row : rows) {
            table.row(row.of.name, row.rate(), millis(row.median().load().p50()), row.p99(), row.p99() / rows.get(0).p99());
        }
    }

    /** In turns. */
    private List<Row> rounds(Run run, List<Case> cases, UnaryOperator<Wrk> how) throws Exception {
        List<Row> rows = cases.stream().map(of -> new Row(of, new ArrayList<>())).toList();
        for (int round = 0; round < rounds; round++) {
            for (Row row : rows) {
                row.results.add(run.measure(row.of, how.apply(run.wrk(row.of)), duration));
            }
        }
        return rows;
    }

    /** A case with what its rounds have shown. */
    private record Row(Case of, List<Measured> results) {

        double rate() {
            return results.stream().mapToDouble(result -> result.load().perSecond()).average().orElseThrow();
        }

        double p99() {
            return results.stream().mapToDouble(result -> millis(result.load().p99())).average().orElseThrow();
        }

        long notAnswered() {
            return results.stream().mapToLong(result -> result.load().refused() + result.load().broken()).sum();
        }

        /** By throughput; of two the better one. */
        Measured median() {
            return results.stream().sorted(Comparator.comparing(result -> result.load().perSecond())).toList()
                    .get(results.size() / 2);
        }
    }

    /** What all cases of a run have in common. */
    private record Run(Postgres postgres, Database database, Replicas replicas, String caller) {

        Wrk wrk(Case of) {
            return Wrk.each(replicas.get(0).baseUrl(), Request.postJson(of.path, caller, Replicas.QUESTION), of.tokens);
        }

        /** Fails where the verdicts are not the expected ones: then something else was measured. */
        Measured measure(Case of, Wrk wrk, Duration duration) throws IOException, InterruptedException, SQLException {
            Map<String, Long> before = replicas.verdicts();
            Measured measured = Measured.of(wrk, duration, replicas.pids(), postgres, database);
            Map<String, Long> after = replicas.verdicts();
            long expected = of.code.isEmpty() ? measured.load().requests()
                    : after.getOrDefault(of.code, 0L) - before.getOrDefault(of.code, 0L);
            if (expected < (measured.load().requests() - measured.load().refused()) * 0.99) {
                throw new IllegalStateException(of.name + ": before " + before + ", after " + after);
            }
            if (of.once && measured.load().requests() > COLD) {
                throw new IllegalStateException(of.name + ": more requests than tokens");
            }
            return measured;
        }
    }
}
