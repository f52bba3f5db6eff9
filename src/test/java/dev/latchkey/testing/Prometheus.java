package dev.latchkey.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** A real Prometheus that scrapes a Latchkey each second, in a directory and at a port of its own. Ended by its pid. */
public final class Prometheus implements AutoCloseable {

    static final String PROGRAM = "prometheus";

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final HttpClient HTTP = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CONFIGURATION = """
            global:
              scrape_interval: 1s
              scrape_timeout: 1s
            scrape_configs:
              - job_name: %s
                metrics_path: /q/metrics
                static_configs:
                  - targets: ['%s']
            """;

    private final Process process;
    private final int port;
    private final Path directory;

    private Prometheus(Process process, int port, Path directory) {
        this.process = process;
        this.port = port;
        this.directory = directory;
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy, "prometheus-stop"));
    }

    /**
     * Series as a query finds them.
     *
     * @param labels by name
     * @param value may be no number
     */
    public record Series(Map<String, String> labels, double value) {
    }

    /** @param latchkey {@code http://localhost:port} */
    public static Prometheus scraping(String job, String latchkey) {
        try {
            Path program = Programs.find(PROGRAM).orElseThrow(() -> new IllegalStateException(PROGRAM + " is not installed"));
            Path directory = Files.createTempDirectory(PROGRAM);
            Path file = Files.writeString(directory.resolve("prometheus.yml"),
                    CONFIGURATION.formatted(job, URI.create(latchkey).getAuthority()));
            int port = FreePort.draw();
            Process process = new ProcessBuilder(program.toString(), "--config.file=" + file,
                    "--storage.tsdb.path=" + directory.resolve("data"), "--web.listen-address=127.0.0.1:" + port)
                    .redirectErrorStream(true).redirectOutput(directory.resolve("output.log").toFile()).start();
            Prometheus started = new Prometheus(process, port, directory);
            started.awaitReady();
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitReady() throws IOException {
        long begin = System.nanoTime();
        while (!isReady()) {
            if (!process.isAlive() || System.nanoTime() - begin > PATIENCE.toNanos()) {
                close();
                throw new AssertionError("Prometheus is not ready:\n" + Files.readString(directory.resolve("output.log")));
            }
            Pause.ofMillis(50);
        }
    }

    private boolean isReady() {
        try {
            return HTTP.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/-/ready")).build(),
                    BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What it finds now; fails with what it says of a query that it does not understand. */
    public List<Series> query(String expression) {
        try {
            var answer = HTTP.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/v1/query"))
                            .header("Content-Type", "application/x-www-form-urlencoded")
                            .POST(BodyPublishers
                                    .ofString("query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8)))
                            .build(),
                    BodyHandlers.ofString());
            JsonNode told = JSON.readTree(answer.body());
            if (answer.statusCode() != 200 || !told.path("status").asText().equals("success")) {
                throw new AssertionError(expression + "\n" + answer.body());
            }
            List<Series> found = new ArrayList<>();
            told.at("/data/result").forEach(each -> found.add(series(each)));
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Series series(JsonNode each) {
        Map<String, String> labels = new HashMap<>();
        each.path("metric").properties().forEach(label -> labels.put(label.getKey(), label.getValue().asText()));
        String value = each.at("/value/1").asText();
        return new Series(labels, switch (value) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(value);
        });
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
