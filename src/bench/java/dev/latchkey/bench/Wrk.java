package dev.latchkey.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Load by {@code wrk}, with one thread, which is more than one of the two cores can answer. Latencies are wrk's own, corrected
 * by it for requests that were not sent while an answer was late.
 *
 * @param url where the service listens
 * @param request what is sent, raw, without Host and Content-Length, with {@code {token}} in it
 * @param tokens one of them goes into each request
 * @param settings of the script, see {@code src/bench/wrk/requests.lua}
 * @param connections each has one request at a time
 */
record Wrk(String url, Request request, Path tokens, Map<String, String> settings, int connections) {

    private static final String SCRIPT = "src/bench/wrk/requests.lua";
    private static final Path DIRECTORY = Path.of("target", "bench", "run");

    /**
     * @param head request line and headers, a line each
     * @param body may be empty
     */
    record Request(List<String> head, String body) {

        static Request postJson(String path, String caller, String body) {
            return new Request(List.of("POST " + path + " HTTP/1.1", "X-API-Key: " + caller, "Content-Type: application/json",
                    "Accept: application/json"), body);
        }

        String raw(String url) {
            URI uri = URI.create(url);
            return String.join("\r\n", head) + "\r\nHost: " + uri.getAuthority()
                    + (body.isEmpty() ? "" : "\r\nContent-Length: {length}") + "\r\n\r\n" + body;
        }
    }

    /**
     * @param refused answers other than 2xx and 3xx
     * @param broken connections that could not be made, read or written, and time-outs
     */
    record Result(long requests, Duration duration, long refused, long broken, Duration p50, Duration p99, Duration max) {

        double perSecond() {
            return requests * 1e9 / duration.toNanos();
        }
    }

    /** Each token in turn, by 64 connections. */
    static Wrk each(String url, Request request, Path tokens) {
        return new Wrk(url, request, tokens, Map.of("BENCH_ORDER", "each"), 64);
    }

    /** Tokens by their rank in the file, which falls off by that exponent. */
    static Wrk zipf(String url, Request request, Path tokens, double exponent) {
        return new Wrk(url, request, tokens, Map.of("BENCH_ORDER", "zipf", "BENCH_EXPONENT", Double.toString(exponent)), 64);
    }

    /** With pauses that make for that rate, as long as answers take no time to speak of. */
    Wrk at(double requestsPerSecond) {
        return new Wrk(url, request, tokens, Map.of("BENCH_ORDER", settings.getOrDefault("BENCH_ORDER", "each"),
                "BENCH_PAUSE", Double.toString(connections * 1000 / requestsPerSecond)), connections);
    }

    Wrk by(int others) {
        return new Wrk(url, request, tokens, settings, others);
    }

    static Path file(String name, List<String> tokens) throws IOException {
        Files.createDirectories(DIRECTORY);
        return Files.write(DIRECTORY.resolve(name + ".txt"), tokens);
    }

    Result run(Duration duration) throws IOException {
        return await(start(duration));
    }

    /** For several at a time. */
    Process start(Duration duration) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("wrk", "--threads", "1", "--connections", Integer.toString(connections),
                "--duration", duration.toSeconds() + "s", "--timeout", "10s", "--script", SCRIPT, url)
                .redirectErrorStream(true);
        builder.environment().putAll(settings);
        builder.environment().putAll(Map.of("BENCH_REQUEST", request.raw(url), "BENCH_TOKENS", tokens.toString(),
                "BENCH_BODY_LENGTH", Integer.toString(request.body().replace("{token}", "").length()),
                "BENCH_TOKEN_IN_BODY", Boolean.toString(request.body().contains("{token}"))));
        return builder.start();
    }

    static Result await(Process wrk) throws IOException {
        String output = new String(wrk.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String[] numbers = output.lines().filter(line -> line.startsWith("RESULT ")).findFirst()
                .orElseThrow(() -> new IllegalStateException("wrk (apt-get install wrk) said:\n" + output)).split(" ");
        return new Result(Long.parseLong(numbers[1]), micros(numbers[2]), Long.parseLong(numbers[3]),
                Long.parseLong(numbers[4]), micros(numbers[5]), micros(numbers[6]), micros(numbers[7]));
    }

    private static Duration micros(String text) {
        return Duration.ofNanos(Long.parseLong(text) * 1000);
    }
}
