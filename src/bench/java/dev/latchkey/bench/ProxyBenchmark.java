package dev.latchkey.bench;

import static dev.latchkey.bench.Measured.millis;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.latchkey.testing.Databases.Database;
import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.Tokens;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/**
 * What the credential proxy adds to a request, beside the same origin asked directly, in turn; and what memory a long body
 * takes, either way. The origin is a server in the process that measures.
 */
final class ProxyBenchmark {

    private static final int WARM = 10_000;
    private static final int POLL_MILLIS = 100;
    private static final int CHUNK = 64 * 1024;
    private static final String OWNER = Tokens.of("bench-0", "ana@bench.example", "owner");

    private final int rounds;
    private final List<Integer> atOnce;
    private final long bytes;
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    ProxyBenchmark(Options options) {
        rounds = options.number("rounds", 2_000);
        atOnce = options.numbers("atOnce", 1, 8);
        bytes = (long) options.number("mebibytes", 1_024) << 20;
    }

    void run() throws Exception {
        Vertx vertx = Vertx.vertx();
        try (Postgres postgres = Postgres.start()) {
            HttpServer origin = vertx.createHttpServer().requestHandler(this::answer).listen(0, "127.0.0.1")
                    .toCompletionStage().toCompletableFuture().join();
            String direct = "http://127.0.0.1:" + origin.actualPort();
            Database database = postgres.migrated("proxy");
            try (Replicas replicas = Replicas.start(1, database, new Keys(database).pepper(),
                    launch -> launch.with("LATCHKEY_EGRESS_ALLOW", "127.0.0.0/8"))) {
                LatchkeyProcess process = replicas.get(0);
                Way proxied = bound(process.baseUrl(), direct);
                latencies(process, new Way(direct, ""), proxied);
                System.out.println();
                memory(process, proxied);
            }
        } finally {
            vertx.close();
        }
    }

    /** @param key empty: none is shown */
    private record Way(String url, String key) {

        HttpRequest.Builder to(String path) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path));
            return key.isEmpty() ? request : request.header("X-API-Key", key);
        }
    }

    private Way bound(String latchkey, String origin) throws IOException, InterruptedException {
        JsonObject key = post(latchkey + "/api/v1/keys", new JsonObject().put("name", "ERP").putNull("rateLimit")
                .put("scopes", new JsonArray().add("credentials:use")).put("access", new JsonObject().put("type", "all")));
        JsonObject credential = post(latchkey + "/api/v1/credentials",
                new JsonObject().put("name", "ERP").put("type", "basic").put("baseUrl", origin).put("skipTest", true)
                        .put("data", new JsonObject().put("username", "erp").put("password", "4fTzW7Qm2VbXc9LkR1s")));
        post(latchkey + "/api/v1/integrations", new JsonObject().put("name", "Stock")
                .put("keyIds", new JsonArray().add(key.getString("id")))
                .put("credentialIds", new JsonArray().add(credential.getString("id"))));
        return new Way(latchkey + "/api/v1/proxy/" + credential.getString("id"), key.getString("key"));
    }

    private JsonObject post(String url, JsonObject body) throws IOException, InterruptedException {
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(URI.create(url)).header("Authorization", "Bearer " + OWNER)
                        .header("Content-Type", "application/json").POST(BodyPublishers.ofString(body.encode())).build(),
                BodyHandlers.ofString());
        if (answer.statusCode() != 201) {
            throw new IllegalStateException(url + " answered " + answer.statusCode() + ": " + answer.body());
        }
        return new JsonObject(answer.body());
    }

    /** What is added is told of each pair: percentiles of both would each be those of other moments. */
    private void latencies(LatchkeyProcess process, Way direct, Way proxied) throws Exception {
        Table table = new Table("1 KiB of JSON|%s", "at once|%d", "p50 ms|%.2f", "p95 ms|%.2f", "p99 ms|%.2f", "added p50|%.2f",
                "added p95|%.2f", "added p99|%.2f", "CPU service µs|%.0f");
        measure(direct, proxied, 1, WARM);
        for (int callers : atOnce) {
            Duration before = Machine.cpuOf(process.pid());
            long[][] nanos = measure(direct, proxied, callers, rounds);
            double cpu = millis(Machine.cpuOf(process.pid()).minus(before)) * 1e3 / nanos[1].length;
            long[] added = IntStream.range(0, nanos[0].length).mapToLong(i -> nanos[1][i] - nanos[0][i]).toArray();
            table.row("the origin itself", callers, percentile(nanos[0], 50), percentile(nanos[0], 95),
                    percentile(nanos[0], 99), null, null, null, null);
            table.row("by the proxy", callers, percentile(nanos[1], 50), percentile(nanos[1], 95), percentile(nanos[1], 99),
                    percentile(added, 50), percentile(added, 95), percentile(added, 99), cpu);
        }
    }

    /** Each caller asks both in turn, so that whatever else the machine does falls on both. */
    private long[][] measure(Way direct, Way proxied, int callers, int count) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        try {
            int each = count / callers;
            Stream<Future<long[][]>> running = IntStream.range(0, callers).mapToObj(caller -> threads.submit(() -> {
                long[][] own = new long[2][each];
                for (int i = 0; i < each; i++) {
                    own[0][i] = ask(direct);
                    own[1][i] = ask(proxied);
                }
                return own;
            })).toList().stream();
            long[][] all = new long[2][0];
            for (Future<long[][]> one : running.toList()) {
                for (int way = 0; way < 2; way++) {
                    all[way] = Stream.of(all[way], one.get()[way]).flatMapToLong(Arrays::stream).toArray();
                }
            }
            return all;
        } finally {
            threads.shutdown();
        }
    }

    private long ask(Way way) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        HttpResponse<String> answer = http.send(way.to("/stock/shirts?size=M").build(), BodyHandlers.ofString());
        long took = System.nanoTime() - begin;
        if (answer.statusCode() != 200) {
            throw new IllegalStateException(answer.statusCode() + ": " + answer.body());
        }
        return took;
    }

    private void memory(LatchkeyProcess process, Way proxied) throws Exception {
        Table table = new Table(bytes / (1 << 20) + " MiB|%s", "s|%.1f", "MiB/s|%,.0f", "RSS before MiB|%d",
                "RSS at most MiB|%d", "after MiB|%d", "CPU service s|%.1f");
        row(table, process, "to the provider", () -> {
            HttpResponse<String> answer = http.send(
                    proxied.to("/sink").POST(BodyPublishers.ofInputStream(() -> new Zeros(bytes))).build(),
                    BodyHandlers.ofString());
            requireAll(answer.body());
        });
        row(table, process, "from the provider", () -> {
            HttpResponse<InputStream> answer = http.send(proxied.to("/source").build(), BodyHandlers.ofInputStream());
            try (InputStream body = answer.body()) {
                requireAll(Long.toString(body.transferTo(OutputStream.nullOutputStream())));
            }
        });
    }

    private void requireAll(String passed) {
        if (!passed.equals(Long.toString(bytes))) {
            throw new IllegalStateException(passed + " of " + bytes + " bytes passed");
        }
    }

    /** Something that passes a long body. */
    private interface Transfer {
        void run() throws Exception;
    }

    private void row(Table table, LatchkeyProcess process, String name, Transfer transfer) throws Exception {
        long before = rss(process.pid());
        AtomicLong most = new AtomicLong(before);
        AtomicBoolean over = new AtomicBoolean();
        Thread watch = new Thread(() -> {
            while (!over.get()) {
                try {
                    most.accumulateAndGet(rss(process.pid()), Math::max);
                    Thread.sleep(POLL_MILLIS);
                } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        }, "rss");
        watch.start();
        Duration cpu = Machine.cpuOf(process.pid());
        long begin = System.nanoTime();
        transfer.run();
        double seconds = (System.nanoTime() - begin) / 1e9;
        over.set(true);
        watch.join();
        table.row(name, seconds, bytes / seconds / (1 << 20), before >> 10, most.get() >> 10, rss(process.pid()) >> 10,
                millis(Machine.cpuOf(process.pid()).minus(cpu)) / 1e3);
    }

    /** Resident, KiB: proc(5). */
    private static long rss(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                .filter(line -> line.startsWith("VmRSS:")).mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst().orElseThrow();
    }

    private static double percentile(long[] nanos, int percent) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return millis(Duration.ofNanos(sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)]));
    }

    private void answer(HttpServerRequest request) {
        switch (request.path()) {
            case "/sink" -> {
                AtomicLong taken = new AtomicLong();
                request.handler(piece -> taken.addAndGet(piece.length()))
                        .endHandler(end -> request.response().end(Long.toString(taken.get())));
            }
            case "/source" -> {
                request.response().putHeader("Content-Length", Long.toString(bytes));
                pour(request, Buffer.buffer(new byte[CHUNK]), bytes);
            }
            default -> request.response().putHeader("Content-Type", "application/json")
                    .end("{\"stock\": \"" + "7".repeat(1_010) + "\"}");
        }
    }

    private static void pour(HttpServerRequest request, Buffer piece, long left) {
        long rest = left;
        while (rest > 0 && !request.response().writeQueueFull()) {
            request.response().write(piece);
            rest -= piece.length();
        }
        long remaining = rest;
        if (remaining > 0) {
            request.response().drainHandler(drained -> pour(request, piece, remaining));
        } else {
            request.response().end();
        }
    }

    /** So many bytes, of which none takes memory. */
    private static final class Zeros extends InputStream {

        private long left;

        Zeros(long bytes) {
            left = bytes;
        }

        @Override
        public int read() {
            return left-- > 0 ? 0 : -1;
        }

        @Override
        public int read(byte[] into, int from, int most) {
            int now = (int) Math.min(left, most);
            left -= now;
            return now == 0 ? -1 : now;
        }
    }
}
