package dev.latchkey.bench;

import static dev.latchkey.bench.Measured.millis;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import dev.latchkey.bench.Wrk.Request;
import dev.latchkey.testing.Databases.Database;
import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.Pause;

/**
 * The application on a JVM and as a native executable, where there is one: how long a start takes with the schema in place,
 * what
 * memory it holds idle and under load, and how much it answers. Both get the same heap, and take turns.
 */
final class NativeBenchmark {

    private static final Path TARGET = Path.of("target");
    private static final int KEYS = 100;
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Duration CALM = Duration.ofSeconds(5);

    private final int rounds;
    private final Duration warm;
    private final Duration duration;
    private final String heap;
    private final Optional<Path> executable;

    NativeBenchmark(Options options) throws IOException {
        rounds = options.number("rounds", 5);
        warm = Duration.ofSeconds(options.number("warm", 15));
        duration = options.seconds(15);
        heap = options.words("heap", "512m").get(0);
        List<String> named = options.words("native");
        executable = named.isEmpty() ? packaged() : Optional.of(Path.of(named.get(0)));
    }

    /** What {@code ./mvnw package -Dnative} has left. */
    private static Optional<Path> packaged() throws IOException {
        try (DirectoryStream<Path> runners = Files.newDirectoryStream(TARGET, "*-runner")) {
            for (Path runner : runners) {
                return Optional.of(runner);
            }
            return Optional.empty();
        }
    }

    private record Kind(String name, Path application) {

        /** Bytes of it on the disk. */
        long size() throws IOException {
            if (!application.toString().endsWith(".jar")) {
                return Files.size(application);
            }
            try (Stream<Path> files = Files.walk(application.resolveSibling(""))) {
                return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
            }
        }
    }

    /** @param ready since the process was begun */
    private record Start(Duration ready, long idleKib) {
    }

    private record Row(Kind kind, List<Start> starts, Measured load, long loadedKib) {

        Duration ready() {
            return median(starts.stream().map(Start::ready).sorted().toList());
        }

        long idleKib() {
            return median(starts.stream().map(Start::idleKib).sorted().toList());
        }

        private static <T> T median(List<T> sorted) {
            return sorted.get(sorted.size() / 2);
        }
    }

    void run() throws Exception {
        List<Kind> kinds = new ArrayList<>(List.of(new Kind("JVM", Path.of(System.getProperty("latchkey.application")))));
        executable.ifPresent(file -> kinds.add(new Kind("native", file)));
        try (Postgres postgres = Postgres.start()) {
            Database database = postgres.migrated("native");
            Keys keys = new Keys(database);
            String caller = keys.insertCaller();
            Path tokens = Wrk.file("native", keys.insert(KEYS, Keys.Limit.of(1_000_000_000, 900)));
            List<List<Start>> starts = kinds.stream().map(kind -> (List<Start>) new ArrayList<Start>()).toList();
            for (int round = 0; round < rounds; round++) {
                for (int i = 0; i < kinds.size(); i++) {
                    starts.get(i).add(start(kinds.get(i), database, keys.pepper()));
                }
            }
            List<Row> rows = new ArrayList<>();
            for (int i = 0; i < kinds.size(); i++) {
                rows.add(load(kinds.get(i), starts.get(i), postgres, database, keys.pepper(), caller, tokens));
            }
            print(rows);
        }
    }

    private LatchkeyProcess.Launch launch(Kind kind, Database database, String pepper) {
        return LatchkeyProcess.on(database).with("LATCHKEY_PEPPER", pepper).application(kind.application).heap(heap);
    }

    private Start start(Kind kind, Database database, String pepper) throws IOException {
        long begin = System.nanoTime();
        try (LatchkeyProcess process = launch(kind, database, pepper).start()) {
            // Far shorter pauses than those of tests: an executable is there before their first.
            while (!process.isReady()) {
                if (System.nanoTime() - begin > PATIENCE.toNanos()) {
                    process.awaitReady(); // Which tells why not.
                }
                Pause.ofMillis(1);
            }
            Duration ready = Duration.ofNanos(System.nanoTime() - begin);
            Pause.ofMillis(CALM.toMillis());
            return new Start(ready, Machine.residentKib(process.pid()));
        }
    }

    private Row load(Kind kind, List<Start> starts, Postgres postgres, Database database, String pepper, String caller,
            Path tokens) throws Exception {
        try (LatchkeyProcess process = launch(kind, database, pepper).ready()) {
            Wrk wrk = Wrk.each(process.baseUrl(), Request.postJson("/api/v1/keys/verify", caller, Replicas.QUESTION), tokens);
            wrk.run(warm);
            Measured measured = Measured.of(wrk, duration, List.of(process.pid()), postgres, database);
            return new Row(kind, starts, measured, Machine.residentKib(process.pid()));
        }
    }

    private static void print(List<Row> rows) throws IOException {
        Table table = new Table("-Xmx alike|%s", "ready ms|%,.0f", "RSS idle MiB|%,.0f", "RSS after load MiB|%,.0f",
                "requests/s|%,.0f", "CPU service µs|%.0f", "p50 ms|%.2f", "p99 ms|%.2f", "on disk MiB|%,.0f", "not 2xx|%,d");
        for (Row row : rows) {
            table.row(row.kind.name, millis(row.ready()), row.idleKib() / 1024.0, row.loadedKib / 1024.0,
                    row.load.load().perSecond(), row.load.serviceMicros(), millis(row.load.load().p50()),
                    millis(row.load.load().p99()), row.kind.size() / 1048576.0, row.load.load().refused());
        }
        if (rows.size() < 2) {
            System.out.println("\nNo native executable: ./mvnw package -Dnative, or native=FILE.");
            return;
        }
        Row jvm = rows.get(0);
        Row other = rows.get(1);
        table.row("native ÷ JVM, in %", percent(millis(other.ready()), millis(jvm.ready())),
                percent(other.idleKib(), jvm.idleKib()), percent(other.loadedKib, jvm.loadedKib),
                percent(other.load.load().perSecond(), jvm.load.load().perSecond()),
                percent(other.load.serviceMicros(), jvm.load.serviceMicros()),
                percent(millis(other.load.load().p50()), millis(jvm.load.load().p50())),
                percent(millis(other.load.load().p99()), millis(jvm.load.load().p99())),
                percent(other.kind.size(), jvm.kind.size()), null);
    }

    private static double percent(double part, double whole) {
        return 100 * part / whole;
    }
}
