package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import dev.latchkey.boot.EmbeddedDatabase;
import dev.latchkey.testing.Databases;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.Pause;
import dev.latchkey.testing.Relay;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verifications while the database restarts or is asked too much, on the packaged application with a database of its own. */
@Tag("replicas")
@NullUnmarked
class RecoveryIT {

    private static final Duration LEASE = Duration.ofSeconds(4);
    private static final Duration MARGIN = Duration.ofMillis(500);
    private static final Duration BEAT = Duration.ofMillis(500);
    private static final int CALLERS = 4;
    private static final int STRANGERS = 64;

    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
    private final List<Thread> load = new ArrayList<>();
    private volatile boolean ended;

    private Path directory;
    private EmbeddedDatabase database;
    private Relay relay;
    private LatchkeyProcess latchkey;
    private String verifier;
    private String key;

    /**
     * @param began and {@code ended}, nanoseconds of the monotonic clock
     * @param status of HTTP; 0: none
     */
    private record Answer(long began, long ended, int status, String body, boolean retryAfter) {
        boolean isValid() {
            return status == 200 && body.contains("\"code\":\"VALID\"");
        }
    }

    @BeforeEach
    void aReplicaThatKnowsAKey(@TempDir Path here) throws IOException {
        directory = here.toRealPath();
        database = EmbeddedDatabase.start(directory);
        relay = Relay.to(port());
        latchkey = LatchkeyProcess
                .on(new Databases.Database(database.reactiveUrl().replace(":" + port() + "/", ":" + relay.port() + "/"),
                        database.username(), database.password()))
                .with("LATCHKEY_REPLICA_LEASE", LEASE.toString()).with("LATCHKEY_REPLICA_MARGIN", MARGIN.toString())
                .with("LATCHKEY_REPLICA_BEAT", BEAT.toString()).ready();
        verifier = create("[\"keys:verify\"]");
        key = create("[]");
        Eventually.holds(() -> assertThat(verify(key).isValid()).isTrue());
    }

    @AfterEach
    void end() throws InterruptedException {
        ended = true;
        for (Thread thread : load) {
            thread.join();
        }
        latchkey.close();
        relay.close();
        database.close();
    }

    @Test
    void aRestartOfTheDatabaseUnderLoadIsSatOutWhileTheLeaseHoldsThenToldAndEndsByItself() {
        begin(CALLERS, () -> key);
        long down = System.nanoTime();
        database.close();
        Eventually.holds(() -> assertThat(answers).anyMatch(answer -> answer.status == 503 && answer.retryAfter));
        // Whoever asks without a lease is told so for as long as the database is away.
        Pause.of(LEASE);
        long up = System.nanoTime();
        database = EmbeddedDatabase.start(directory);
        relay.lead(port());
        Eventually.holds(() -> assertThat(answers).anyMatch(answer -> answer.began > up && answer.isValid()));
        long recovered = answers.stream().filter(answer -> answer.began > up && answer.isValid()).mapToLong(Answer::began)
                .min().orElseThrow();
        Pause.of(Duration.ofSeconds(2));

        long surelyLeased = down + LEASE.minus(MARGIN).minus(BEAT.multipliedBy(2)).toNanos();
        assertThat(answers).allMatch(answer -> answer.isValid() || answer.status == 503);
        assertThat(answers.stream().filter(answer -> answer.began < surelyLeased)).hasSizeGreaterThan(100)
                .allMatch(Answer::isValid);
        assertThat(answers.stream().filter(answer -> answer.began > down + LEASE.toNanos() && answer.ended < up))
                .isNotEmpty().allMatch(answer -> answer.status == 503);
        assertThat(answers.stream().filter(answer -> answer.began > recovered + TimeUnit.SECONDS.toNanos(1)))
                .isNotEmpty().allMatch(Answer::isValid);
    }

    @Test
    void aDatabaseThatAnswersNoLookUpDoesNotEndTheLease() throws Exception {
        try (Connection blocker = connect(); Statement statement = blocker.createStatement()) {
            blocker.setAutoCommit(false);
            statement.execute("lock table key_material, api_key in access exclusive mode");
            begin(STRANGERS, RecoveryIT::unknown);
            long until = System.nanoTime() + LEASE.multipliedBy(3).toNanos();
            List<Answer> known = new ArrayList<>();
            while (System.nanoTime() < until) {
                known.add(verify(key));
                Pause.ofMillis(20);
            }
            assertThat(known).hasSizeGreaterThan(50).allMatch(Answer::isValid);
            assertThat(lease()).isPositive();
        }
    }

    @Test
    void askedTooMuchWithoutALeaseItStillFindsBackToOne() {
        begin(STRANGERS, RecoveryIT::unknown);
        relay.cut();
        Eventually.holds(() -> assertThat(lease()).isZero());
        relay.restore();
        Eventually.holds(() -> assertThat(lease()).isPositive());
        Eventually.holds(() -> assertThat(verify(key).isValid()).isTrue());
        assertThat(answers).allMatch(answer -> answer.status == 503 || answer.status == 200 && !answer.isValid());
    }

    private void begin(int threads, Supplier<String> keys) {
        for (int i = 0; i < threads; i++) {
            Thread thread = new Thread(() -> {
                while (!ended) {
                    Answer answer = verify(keys.get());
                    answers.add(answer);
                    Pause.ofMillis(answer.status == 503 ? 20 : 2);
                }
            }, "caller");
            load.add(thread);
            thread.start();
        }
    }

    private Answer verify(String token) {
        long began = System.nanoTime();
        try {
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(URI.create(latchkey.baseUrl() + "/api/v1/keys/verify"))
                            .timeout(Duration.ofSeconds(30)).header("Content-Type", "application/json")
                            .header("X-API-Key", verifier)
                            .POST(HttpRequest.BodyPublishers.ofString("{\"key\":\"" + token + "\"}")).build(),
                    HttpResponse.BodyHandlers.ofString());
            return new Answer(began, System.nanoTime(), answer.statusCode(), answer.body(),
                    answer.headers().firstValue("Retry-After").isPresent());
        } catch (IOException noAnswer) {
            return new Answer(began, System.nanoTime(), 0, noAnswer.toString(), false);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Seconds that are left of the lease. */
    private double lease() {
        String metrics = get("/q/metrics");
        return metrics.lines().filter(line -> line.startsWith("latchkey_replica_lease_seconds"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ')))).findFirst().orElseThrow();
    }

    private String create(String scopes) {
        return send(request("/api/v1/keys").header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(
                "{\"name\":\"k\",\"scopes\":" + scopes + ",\"access\":{\"type\":\"all\"},\"rateLimit\":null}"))).replaceAll(
                        "(?s).*\"key\":\"([^\"]+)\".*", "$1");
    }

    private String get(String path) {
        return send(request(path).GET());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(latchkey.baseUrl() + path)).header("Authorization",
                "Bearer " + latchkey.token("acme", "ana", "owner"));
    }

    private String send(HttpRequest.Builder request) {
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString()).body();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private Connection connect() throws Exception {
        return new Databases.Database(database.reactiveUrl(), database.username(), database.password()).connect();
    }

    private int port() {
        return Integer.parseInt(database.reactiveUrl().replaceAll(".*:(\\d+)/.*", "$1"));
    }

    private static String unknown() {
        return KeyToken.generate("lk", "live", new SecureRandom()).text();
    }
}
