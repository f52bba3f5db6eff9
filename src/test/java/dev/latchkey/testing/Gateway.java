package dev.latchkey.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * A real gateway with the configuration that is shipped. Only addresses and the paths of logs, pid and temporary files are
 * replaced; a test that needs an option of it edits the text as its reader would.
 */
public final class Gateway implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final List<String> LOGS = List.of("output.log", "access.log", "error.log");

    private final Process process;
    private final int port;
    private final Path prefix;

    private Gateway(Process process, int port, Path prefix) {
        this.process = process;
        this.port = port;
        this.prefix = prefix;
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy, "gateway-stop"));
    }

    /** As shipped, before an API, its keys judged by a Latchkey. */
    public static Gateway start(GatewayKind kind, int latchkeyPort, int backendPort) {
        return start(kind, latchkeyPort, backendPort, UnaryOperator.identity());
    }

    /** @param edit what its reader would change in the file */
    public static Gateway start(GatewayKind kind, int latchkeyPort, int backendPort, UnaryOperator<String> edit) {
        try {
            return start(kind, new GatewayKind.Ports(FreePort.draw(), latchkeyPort, backendPort), edit, newPrefix(kind));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** With stores and organizations by host. */
    public static Gateway start(GatewayKind kind, int latchkeyPort, int backendPort, Map<String, String> stores,
            Map<String, String> organizations) {
        try {
            Path prefix = newPrefix(kind);
            kind.writeHosts(prefix, stores, organizations);
            return start(kind, new GatewayKind.Ports(FreePort.draw(), latchkeyPort, backendPort),
                    shipped -> kind.withHosts(shipped, stores, organizations), prefix);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Gateway start(GatewayKind kind, GatewayKind.Ports ports, UnaryOperator<String> edit, Path prefix)
            throws IOException {
        Path program = kind.executable()
                .orElseThrow(() -> new IllegalStateException(kind.program() + " is not installed"));
        Path file = Files.writeString(prefix.resolve("configuration"),
                kind.configured(edit.apply(kind.shipped()), ports, prefix));
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(kind.arguments(file, prefix));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(prefix.resolve("output.log").toFile());
        builder.environment().putAll(kind.environment(prefix));
        Gateway started = new Gateway(builder.start(), ports.own(), prefix);
        started.awaitListening();
        return started;
    }

    private static Path newPrefix(GatewayKind kind) throws IOException {
        return Files.createTempDirectory(kind.program());
    }

    private void awaitListening() {
        long begin = System.nanoTime();
        while (!isListening()) {
            if (!process.isAlive() || System.nanoTime() - begin > PATIENCE.toNanos()) {
                close();
                throw new AssertionError("the gateway does not listen:\n" + log());
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

    /** What it has logged up to now, wherever. */
    public String log() {
        StringBuilder text = new StringBuilder();
        for (String name : LOGS) {
            Path file = prefix.resolve(name);
            try {
                text.append(Files.exists(file) ? Files.readString(file) : "");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return text.toString();
    }

    /** Ends it and its workers. */
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
