package dev.latchkey.bench;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A process of another product, its output in a file, and what it answers. */
final class PeerProcess implements AutoCloseable {

    private static final Duration START = Duration.ofMinutes(5);

    private final Process process;
    private final Path output;
    private final int port;

    private PeerProcess(Process process, Path output, int port) {
        this.process = process;
        this.output = output;
        this.port = port;
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    static PeerProcess start(Path directory, int port, Map<String, String> environment, String... command)
            throws IOException {
        Path output = Files.createTempFile(Files.createDirectories(Path.of("target", "bench", "run")), "peer", ".log");
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toAbsolutePath().toFile())
                .redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        PeerProcess started = new PeerProcess(builder.start(), output, port);
        Runtime.getRuntime().addShutdownHook(new Thread(started::close, "peer-stop"));
        return started;
    }

    /** Runs a command to its end. */
    static void run(Path directory, Map<String, String> environment, String... command)
            throws IOException, InterruptedException {
        PeerProcess process = start(directory, 0, environment, command);
        if (process.process.waitFor() != 0) {
            throw new IllegalStateException(List.of(command) + ":\n" + Files.readString(process.output));
        }
    }

    /** Waits until it answers that path with 200. */
    void await(String path) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        while (!answers(path)) {
            requireAlive();
            if (System.nanoTime() - begin > START.toNanos()) {
                throw new IllegalStateException("it does not start:\n" + Files.readString(output));
            }
        }
    }

    /** Waits a moment; fails with its output where it has ended. */
    void requireAlive() throws IOException, InterruptedException {
        if (process.waitFor(200, TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException("it ended:\n" + Files.readString(output));
        }
    }

    private boolean answers(String path) throws InterruptedException {
        try {
            return Replicas.HTTP.send(HttpRequest.newBuilder(URI.create(url() + path)).timeout(Duration.ofSeconds(5)).build(),
                    HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** @return the body of a 2xx */
    String post(String path, String body, String... headers) throws IOException, InterruptedException {
        HttpResponse<String> response = Replicas.HTTP.send(HttpRequest.newBuilder(URI.create(url() + path)).headers(headers)
                .POST(BodyPublishers.ofString(body)).build(), HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() >= 300) {
            throw new IllegalStateException(path + ": " + response.statusCode() + " " + response.body());
        }
        return response.body();
    }

    /** The text of a field of a JSON object. */
    static String field(String name, String json) {
        Matcher found = Pattern.compile("\"" + name + "\":\"([^\"]*)\"").matcher(json);
        if (!found.find()) {
            throw new IllegalStateException("no " + name + " in " + json);
        }
        return found.group(1);
    }

    String url() {
        return "http://127.0.0.1:" + port;
    }

    /** Of the program itself: a script that started it may wait beside it. */
    long pid() {
        return process.descendants().filter(child -> child.info().command().orElse("").endsWith("/java")).findFirst()
                .map(ProcessHandle::pid).orElse(process.pid());
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
