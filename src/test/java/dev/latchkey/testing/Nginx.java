package dev.latchkey.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A real nginx with the configuration that is shipped. Only addresses and the paths of logs, pid and temporary files are
 * replaced; a test that needs an option of it edits the text as its reader would.
 */
public final class Nginx implements AutoCloseable {

    private static final Path CONFIGURATION = Path.of("deploy", "gateway", "nginx.conf");
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Process process;
    private final int port;
    private final Path prefix;

    private Nginx(Process process, int port, Path prefix) {
        this.process = process;
        this.port = port;
        this.prefix = prefix;
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy, "nginx-stop"));
    }

    /** The executable, if there is one on this machine. */
    static Optional<Path> executable() {
        String path = System.getenv().getOrDefault("PATH", "") + File.pathSeparator + "/usr/sbin";
        return Stream.of(path.split(File.pathSeparator)).map(directory -> Path.of(directory, "nginx"))
                .filter(Files::isExecutable).findFirst();
    }

    /** As shipped, before an API, its keys judged by a Latchkey. */
    public static Nginx start(int latchkeyPort, int backendPort) {
        return start(latchkeyPort, backendPort, UnaryOperator.identity());
    }

    /** @param edit what its reader would change in the file */
    public static Nginx start(int latchkeyPort, int backendPort, UnaryOperator<String> edit) {
        Path nginx = executable().orElseThrow(() -> new IllegalStateException("nginx is not installed"));
        try {
            Path prefix = Files.createTempDirectory("nginx");
            int port = FreePort.draw();
            String shipped = Files.readString(CONFIGURATION);
            String text = edit.apply(shipped);
            text = replace(text, "server 127.0.0.1:8080;", "server 127.0.0.1:" + latchkeyPort + ";");
            text = replace(text, "server 127.0.0.1:9000;", "server 127.0.0.1:" + backendPort + ";");
            text = replace(text, "listen 8000;", "listen 127.0.0.1:" + port + ";");
            text = replace(text, "/var/log/nginx/", prefix + "/");
            text = replace(text, "pid /run/nginx.pid;", "pid " + prefix + "/nginx.pid;" + asThisUser());
            text = replace(text, "http {", "http {\n" + temporaryPaths(prefix));
            Path file = Files.writeString(prefix.resolve("nginx.conf"), text);
            Process process = new ProcessBuilder(nginx.toString(), "-p", prefix.toString(), "-c", file.toString(), "-g",
                    "daemon off;").redirectErrorStream(true).redirectOutput(prefix.resolve("output.log").toFile()).start();
            Nginx started = new Nginx(process, port, prefix);
            started.awaitListening();
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Workers of a master that is root become nobody, who may not write where this test's files are. */
    private static String asThisUser() {
        return "root".equals(System.getProperty("user.name")) ? "\nuser root;" : "";
    }

    private static String temporaryPaths(Path prefix) {
        StringBuilder lines = new StringBuilder();
        for (String kind : new String[] { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" }) {
            lines.append(kind).append("_temp_path ").append(prefix).append('/').append(kind).append(";\n");
        }
        return lines.toString();
    }

    private static String replace(String text, String what, String by) {
        if (!text.contains(what)) {
            throw new IllegalStateException(CONFIGURATION + " no longer holds '" + what + "'");
        }
        return text.replace(what, by);
    }

    private void awaitListening() {
        long begin = System.nanoTime();
        while (!isListening()) {
            if (!process.isAlive() || System.nanoTime() - begin > PATIENCE.toNanos()) {
                close();
                throw new AssertionError("nginx does not listen:\n" + log("output.log") + log("error.log"));
            }
            Pause.ofMillis(20);
        }
    }

    private boolean isListening() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    public int port() {
        return port;
    }

    /** {@code access.log} or {@code error.log} up to now. */
    public String log(String name) {
        Path file = prefix.resolve(name);
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends master and workers. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
