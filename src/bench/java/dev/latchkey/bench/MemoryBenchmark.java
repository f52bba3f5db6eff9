package dev.latchkey.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.latchkey.bench.Wrk.Request;
import dev.latchkey.testing.Databases.Database;
import dev.latchkey.testing.LatchkeyProcess;

/**
 * Bytes of heap for each key in memory: the live objects of the real process, after a full collection, before and after it has
 * looked at all keys. Looked at only ({@code cost} 0) and unlimited, so that nothing but what is remembered of keys grows.
 */
final class MemoryBenchmark {

    /** {@code   1:  3000123  96003936  java.lang.Class (module)}. */
    private static final Pattern LINE = Pattern.compile("^\\s*\\d+:\\s+\\d+\\s+(\\d+)\\s+(\\S+).*");
    private static final Pattern SIZE = Pattern.compile("(?m)^latchkey_snapshots_size(?:\\{[^}]*})? ([\\d.E]+)");
    private static final Duration STEP = Duration.ofSeconds(30);

    private final int count;

    MemoryBenchmark(Options options) {
        count = options.number("keys", 1_000_000);
    }

    void run() throws Exception {
        try (Postgres postgres = Postgres.start()) {
            Database database = postgres.migrated("memory");
            Keys keys = new Keys(database);
            String caller = keys.insertCaller();
            Path first = Wrk.file("first", keys.insert(1_000, Keys.Limit.NONE));
            List<String> tokens = keys.insert(count, Keys.Limit.NONE);
            try (Replicas replicas = Replicas.start(1, database, keys.pepper(),
                    // Room for twice as many.
                    launch -> launch.heap("6g").with("LATCHKEY_VERIFICATION_MEMORY", "4G"))) {
                LatchkeyProcess replica = replicas.get(0);
                look(replica, caller, first, Duration.ofSeconds(5));
                Heap before = Heap.of(replica);
                // In parts that one step manages: whoever is asked about twice is no load.
                int part = 50_000;
                for (int i = 0; i < count; i += part) {
                    Path some = Wrk.file("part", tokens.subList(i, Math.min(count, i + part)));
                    long held = Heap.size(replica);
                    while (Heap.size(replica) < held + Math.min(part, count - i) * 0.999) {
                        look(replica, caller, some, STEP.dividedBy(6));
                    }
                }
                print(before, Heap.of(replica));
            }
        }
    }

    private static void look(LatchkeyProcess replica, String caller, Path tokens, Duration duration) throws IOException {
        Wrk.each(replica.baseUrl(), Request.postJson("/api/v1/keys/verify", caller, Replicas.LOOK), tokens).run(duration);
    }

    private static void print(Heap before, Heap after) {
        double keys = after.keys - before.keys;
        Table table = new Table("keys in memory|%,.0f", "bytes each|%.0f", "heap before MiB|%,.0f", "heap after MiB|%,.0f");
        table.row(keys, (after.bytes() - before.bytes()) / keys, before.bytes() / 1048576.0, after.bytes() / 1048576.0);
        System.out.println();
        Table classes = new Table("class|%s", "bytes for each key|%.1f");
        after.byClass.entrySet().stream()
                .map(entry -> Map.entry(entry.getKey(),
                        (entry.getValue() - before.byClass.getOrDefault(entry.getKey(), 0L)) / keys))
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder())).limit(15)
                .forEach(entry -> classes.row("`" + entry.getKey() + "`", entry.getValue()));
    }

    /** Live objects, and how many keys are among them. */
    private record Heap(Map<String, Long> byClass, long keys) {

        static Heap of(LatchkeyProcess replica) throws IOException, InterruptedException {
            String histogram = Machine.output(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                    Long.toString(replica.pid()), "GC.class_histogram");
            Map<String, Long> byClass = new LinkedHashMap<>();
            histogram.lines().map(LINE::matcher).filter(Matcher::matches)
                    .forEach(line -> byClass.merge(line.group(2), Long.parseLong(line.group(1)), Long::sum));
            return new Heap(byClass, size(replica));
        }

        static long size(LatchkeyProcess replica) throws IOException, InterruptedException {
            Matcher found = SIZE.matcher(Replicas.metrics(replica));
            if (!found.find()) {
                throw new IllegalStateException("no latchkey_snapshots_size among the metrics");
            }
            return (long) Double.parseDouble(found.group(1));
        }

        long bytes() {
            return byClass.values().stream().mapToLong(Long::longValue).sum();
        }
    }
}
