package dev.latchkey.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import dev.latchkey.boot.LocalIssuer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * The packaged application as a process of its own, to be started several times over and killed.
 *
 * <p>
 * Each is ended by its pid when it is closed, at the latest when the test process ends; so is the PostgreSQL that a killed
 * one left behind.
 */
public final class LatchkeyProcess implements AutoCloseable {

    private static final Set<LatchkeyProcess> RUNNING = ConcurrentHashMap.newKeySet();
    /** Options of tests for the JVM; benchmarks give none. */
    private static final List<String> JVM = Stream.of(System.getProperty("latchkey.jvm", "").split(" "))
            .filter(option -> !option.isEmpty()).toList();
    private static final Path APPLICATION = Path
            .of(System.getProperty("latchkey.application", "target/quarkus-app/quarkus-run.jar"));
    private static final Duration START = Duration.ofMinutes(2);
    private static final Duration STOP = Duration.ofSeconds(40);
    private static final HttpClient HTTP = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    private static final Pattern SECRET = Pattern
            .compile("_(live|test|secret)_[0-9A-Za-z]{38}|eyJ[\\w-]{10,}\\.[\\w-]+\\.[\\w-]+");
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String MASTER_KEY = TestDatabase.randomKey("m1", RANDOM);
    private static final String PEPPER = TestDatabase.randomKey("p1", RANDOM);

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> RUNNING.forEach(LatchkeyProcess::close), "latchkey-stop"));
    }

    private final Process process;
    private final int port;
    private final Path workingDirectory;
    private final Path output;

    private LatchkeyProcess(Process process, int port, Path workingDirectory, Path output) {
        this.process = process;
        this.port = port;
        this.workingDirectory = workingDirectory;
        this.output = output;
        RUNNING.add(this);
    }

    /** What a process is started with: environment variables by name. */
    public static final class Launch {

        private final Path workingDirectory;
        private final Map<String, String> environment = new HashMap<>();
        private int port = FreePort.draw();
        private String heap = "512m";
        private Path application = APPLICATION;

        private Launch(Path workingDirectory) {
            this.workingDirectory = workingDirectory;
        }

        /** Sets an environment variable, or takes it away again where the value is null. */
        public Launch with(String name, @Nullable String value) {
            if (value == null) {
                environment.remove(name);
            } else {
                environment.put(name, value);
            }
            return this;
        }

        /** Listens there instead of on a free port. */
        public Launch onPort(int chosen) {
            port = chosen;
            return this;
        }

        /** With that much heap at most, as {@code -Xmx} takes it, instead of 512 MiB. */
        public Launch heap(String chosen) {
            heap = chosen;
            return this;
        }

        /** Of that jar, or as that native executable, instead of the one that was packaged. */
        public Launch application(Path chosen) {
            application = chosen;
            return this;
        }

        /** Starts it and waits until {@code /q/health/ready} answers 200. */
        public LatchkeyProcess ready() {
            LatchkeyProcess started = start();
            started.awaitReady();
            return started;
        }

        /** Starts it and does not wait. */
        public LatchkeyProcess start() {
            try {
                Path output = Files.createTempFile(workingDirectory, "latchkey", ".log");
                ProcessBuilder builder = new ProcessBuilder().directory(workingDirectory.toFile()).redirectErrorStream(true)
                        .redirectOutput(output.toFile());
                builder.environment().keySet().removeIf(name -> Stream.of("QUARKUS_", "LATCHKEY_", "MP_JWT_", "SMALLRYE_")
                        .anyMatch(name::startsWith));
                builder.environment().putAll(environment);
                builder.environment().put("QUARKUS_HTTP_PORT", Integer.toString(port));
                // One at a time: one alone writes the archive.
                synchronized (ClassArchive.class) {
                    Process process = builder.command(command()).start();
                    ClassArchive.started(process, builder.command());
                    return new LatchkeyProcess(process, port, workingDirectory, output);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private List<String> command() {
            if (isNative(application)) {
                // The one option that it shares with a JVM.
                return List.of(application.toAbsolutePath().toString(), "-Xmx" + heap);
            }
            List<String> command = new ArrayList<>(
                    List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx" + heap));
            command.addAll(JVM);
            if (!JVM.isEmpty()) {
                command.addAll(ClassArchive.options(application));
            }
            command.addAll(List.of("-jar", application.toAbsolutePath().toString()));
            return command;
        }
    }

    /** Whether what was packaged is a native executable. */
    public static boolean isNative() {
        return isNative(APPLICATION);
    }

    private static boolean isNative(Path application) {
        return !application.toString().endsWith(".jar");
    }

    /**
     * Without any setting, in that working directory: its own database, keys and issuer in {@code .latchkey}. A native
     * executable has none of these: there the test is skipped.
     */
    public static Launch embeddedIn(Path workingDirectory) {
        Assumptions.assumeFalse(isNative(), "a native executable brings no database along: this is of the run on a JVM");
        return bareIn(workingDirectory);
    }

    /** Without any setting, whatever becomes of that. */
    public static Launch bareIn(Path workingDirectory) {
        return new Launch(workingDirectory);
    }

    /** On that database, with all settings that it needs; several on one database are replicas. They believe {@link Tokens}. */
    public static Launch on(Databases.Database database) {
        try {
            Launch launch = new Launch(Files.createTempDirectory("latchkey"));
            return launch.with("QUARKUS_DATASOURCE_REACTIVE_URL", database.reactiveUrl())
                    .with("QUARKUS_DATASOURCE_USERNAME", database.username())
                    .with("QUARKUS_DATASOURCE_PASSWORD", database.password())
                    .with("LATCHKEY_MASTER_KEY", MASTER_KEY)
                    .with("LATCHKEY_PEPPER", PEPPER)
                    .with("MP_JWT_VERIFY_PUBLICKEY_LOCATION", Tokens.publicKeyLocation())
                    .with("MP_JWT_VERIFY_ISSUER", LocalIssuer.NAME)
                    .with("LATCHKEY_PUBLIC_URL", "http://localhost:" + launch.port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until it is ready; fails with its log where it ends before that. */
    public void awaitReady() {
        long begin = System.nanoTime();
        while (!isReady()) {
            if (!process.isAlive()) {
                throw new AssertionError("Latchkey ended with code " + process.exitValue() + ":\n" + log());
            }
            if (System.nanoTime() - begin > START.toNanos()) {
                throw new AssertionError("Latchkey is not ready after " + START + ":\n" + log());
            }
            Pause.ofMillis(50);
        }
    }

    /** Whether {@code /q/health/ready} answers 200 now. */
    public boolean isReady() {
        try {
            return HTTP.send(HttpRequest.newBuilder(URI.create(baseUrl() + "/q/health/ready")).timeout(Duration.ofSeconds(5))
                    .build(), HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether somebody is let in; asks nothing, so that a stop waits for no answer. */
    public boolean isListening() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** Waits for its end and returns its exit code. */
    public int awaitExit() {
        try {
            if (!process.waitFor(START.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("Latchkey still runs after " + START + ":\n" + log());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** {@code http://localhost:port}. */
    public String baseUrl() {
        return "http://localhost:" + port;
    }

    public long pid() {
        return process.pid();
    }

    /** Both outputs up to now. */
    public String log() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where {@code .latchkey} is with the embedded database. */
    public Path dataDirectory() {
        return workingDirectory.resolve(".latchkey");
    }

    /** A token that this process believes, whichever issuer it has. */
    public String token(String org, String subject, String... groups) {
        return Files.exists(dataDirectory())
                ? LocalIssuer.in(dataDirectory(), InstantSource.system()).mint(subject, org, Set.of(groups),
                        Duration.ofHours(1))
                : Tokens.of(org, subject, groups);
    }

    /** SIGKILL: nothing is cleaned up, an embedded PostgreSQL stays. */
    public void kill9() {
        process.destroyForcibly();
        awaitExit();
    }

    /** SIGTERM, as an orchestrator sends it; returns the exit code. */
    public int stop() {
        process.destroy();
        return awaitExit();
    }

    /** Ends it, by force where it does not end when asked, and the PostgreSQL that it left behind. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            RUNNING.remove(this);
            requireNoSecretInLog();
            if (RUNNING.stream()
                    .noneMatch(other -> other.workingDirectory.equals(workingDirectory) && other.process.isAlive())) {
                endPostgresLeftBehind();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What any end-to-end test makes it log. */
    private void requireNoSecretInLog() {
        if (SECRET.matcher(log()).find() || log().contains(MASTER_KEY.substring(3)) || log().contains(PEPPER.substring(3))) {
            throw new AssertionError("a key or a token stands in the log " + output);
        }
    }

    private void endPostgresLeftBehind() throws IOException {
        Path postmaster = dataDirectory().resolve("postgres/postmaster.pid");
        if (Files.exists(postmaster)) {
            ProcessHandle.of(Long.parseLong(Files.readAllLines(postmaster).get(0).strip()))
                    .filter(left -> left.info().command().orElse("").endsWith("/postgres"))
                    .ifPresent(ProcessHandle::destroyForcibly);
        }
    }
}
