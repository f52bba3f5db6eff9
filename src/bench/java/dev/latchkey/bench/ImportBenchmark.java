package dev.latchkey.bench;

import static dev.latchkey.bench.Measured.millis;

import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.latchkey.testing.Databases.Database;
import dev.latchkey.testing.Importing;
import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.Tokens;
import io.vertx.core.json.JsonObject;

/**
 * How long a file of keys takes, beside the same rows copied into the same tables (COPY, 10,000 at a time, with all indexes and
 * triggers): what PostgreSQL takes for them however they come. The file is made as it is sent, by the process that measures.
 */
final class ImportBenchmark {

    private static final Pattern HEAP = Pattern.compile("jvm_memory_used_bytes\\{area=\"heap\"[^}]*} ([\\d.E]+)");
    private static final String PREFIX = "bench-";
    private static final int POLL_MILLIS = 500;

    private final int rows;
    private final String owner = Tokens.of("bench-0", "ana@bench.example", "owner");

    ImportBenchmark(Options options) {
        rows = options.number("rows", 1_000_000);
    }

    void run() throws Exception {
        try (Postgres postgres = Postgres.start()) {
            Table table = new Table(String.format(Locale.ROOT, "%,d keys|%%s", rows), "s|%.1f", "rows/s|%,.0f", "÷ COPY|%.2f",
                    "CPU service s|%.1f",
                    "CPU PostgreSQL s|%.1f", "peak heap MiB|%d");
            Database copied = postgres.migrated("copied");
            Keys keys = new Keys(copied);
            Duration cpu = postgres.cpu();
            long begin = System.nanoTime();
            keys.insertVaried(rows);
            Duration baseline = Duration.ofNanos(System.nanoTime() - begin);
            table.row("COPY", seconds(baseline), rows / seconds(baseline), 1.0, null, seconds(postgres.cpu().minus(cpu)), null);

            Database imported = postgres.migrated("imported");
            try (Replicas replicas = Replicas.start(1, imported, new Keys(imported).pepper(), launch -> launch.heap("512m"))) {
                LatchkeyProcess process = replicas.get(0);
                row(table, "import", baseline, measure(process, postgres, "imported"));
                row(table, "the same file again", baseline, measure(process, postgres, "duplicate"));
            }
        }
    }

    /** @param peakHeap bytes, garbage included, as seen twice a second */
    private record Run(Duration taken, Duration service, Duration postgres, long peakHeap) {
    }

    private Run measure(LatchkeyProcess process, Postgres postgres, String expected) throws Exception {
        Duration service = Machine.cpuOf(process.pid());
        Duration inPostgres = postgres.cpu();
        AtomicBoolean over = new AtomicBoolean();
        AtomicLong peak = new AtomicLong();
        Thread watch = new Thread(() -> watch(process, over, peak), "heap");
        watch.start();
        AtomicInteger lines = new AtomicInteger();
        AtomicReference<String> last = new AtomicReference<>("");
        long begin = System.nanoTime();
        Importing.send(process.baseUrl(), owner, rows, number -> Importing.row(PREFIX, number), line -> {
            lines.incrementAndGet();
            last.set(line);
        });
        Duration taken = Duration.ofNanos(System.nanoTime() - begin);
        over.set(true);
        watch.join();
        if (lines.get() != rows + 1 || new JsonObject(last.get()).getJsonObject("rows").getInteger(expected) != rows) {
            throw new IllegalStateException(lines + " lines, the last one: " + last);
        }
        return new Run(taken, Machine.cpuOf(process.pid()).minus(service), postgres.cpu().minus(inPostgres),
                peak.get());
    }

    private static void watch(LatchkeyProcess process, AtomicBoolean over, AtomicLong peak) {
        try {
            while (!over.get()) {
                double used = 0;
                Matcher found = HEAP.matcher(Replicas.metrics(process));
                while (found.find()) {
                    used += Double.parseDouble(found.group(1));
                }
                peak.accumulateAndGet((long) used, Math::max);
                Thread.sleep(POLL_MILLIS);
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void row(Table table, String name, Duration baseline, Run run) {
        table.row(name, seconds(run.taken), rows / seconds(run.taken), millis(baseline) / millis(run.taken),
                seconds(run.service),
                seconds(run.postgres), run.peakHeap >> 20);
    }

    private static double seconds(Duration duration) {
        return millis(duration) / 1e3;
    }
}
