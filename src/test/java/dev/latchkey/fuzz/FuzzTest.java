package dev.latchkey.fuzz;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;

import com.sun.net.httpserver.HttpServer;
import dev.latchkey.testing.Planted;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Whatever is sent, the answer is one that the contract knows. {@code -Dlatchkey.fuzz.requests=100000} sends more,
 * {@code -Dlatchkey.fuzz.seed=…} others; a failure prints its seed and how to repeat the request alone.
 */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class FuzzTest {

    /** To insist that every operation is reached all the way. */
    private static final int ENOUGH = 10_000;
    private static final int REQUESTS = Integer.getInteger("latchkey.fuzz.requests", ENOUGH);
    private static final long SEED = Long.getLong("latchkey.fuzz.seed", 20_261_122L);
    private static final int CONNECTIONS = 6;
    private static final int MOST_MORE = 2_000;
    private static final int REQUESTS_PER_SCENE = 200;
    private static final int SHOWN = 12;

    /** By operation and complaint, so that one defect is told once. */
    private final Map<String, String> complaints = new ConcurrentSkipListMap<>();
    private final Map<Integer, LongAdder> statuses = new ConcurrentSkipListMap<>();
    private final Map<String, LongAdder> successes = new ConcurrentSkipListMap<>();

    private HttpServer provider;

    @BeforeEach
    void aProviderThatAnswersWhateverItIsAsked() throws IOException {
        provider = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        provider.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        provider.setExecutor(Executors.newCachedThreadPool());
        provider.start();
    }

    @AfterEach
    void stop() {
        provider.stop(0);
    }

    @Test
    void noRequestFindsAFaultALeakOrAnUndocumentedAnswer() throws InterruptedException, ExecutionException, IOException {
        Contract contract = Contract.parse(given().get("/q/openapi?format=json").asString());
        assertThat(contract.operations()).hasSizeGreaterThan(15);
        ExecutorService connections = Executors.newFixedThreadPool(CONNECTIONS);
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            Random random = new Random(SEED * CONNECTIONS + i);
            running.add(connections.submit(() -> {
                fuzz(contract, random);
                return null;
            }));
        }
        for (Future<?> each : running) {
            each.get();
        }
        connections.shutdown();
        if (REQUESTS >= ENOUGH) {
            insist(contract);
        }

        assertThat(complaints.values().stream().limit(SHOWN)).as("-Dlatchkey.fuzz.seed=%d: %d kinds of complaints; answers %s",
                SEED, complaints.size(), statuses).isEmpty();
        long sent = statuses.values().stream().mapToLong(LongAdder::sum).sum();
        long good = statuses.entrySet().stream().filter(each -> each.getKey() < 300).mapToLong(each -> each.getValue().sum())
                .sum();
        assertThat(sent).isGreaterThanOrEqualTo(REQUESTS - CONNECTIONS);
        assertThat(good * 100 / sent).as("percent that reached all the way; answers %s", statuses).isGreaterThanOrEqualTo(15);
        assertThat(contract.operations()).as("operations that never succeeded").allMatch(
                operation -> REQUESTS < ENOUGH || successes.containsKey(operation.id()));
    }

    /** Chance may have left an operation out that succeeds rarely: what never did is asked for some more. */
    private void insist(Contract contract) throws IOException {
        Draw draw = new Draw(new Random(SEED), contract);
        try (Wire wire = new Wire(RestAssured.port)) {
            List<Contract.Operation> left = contract.operations().stream()
                    .filter(operation -> !successes.containsKey(operation.id())).toList();
            for (Contract.Operation operation : left) {
                Scene scene = newScene();
                for (int i = 1; i <= MOST_MORE && !successes.containsKey(operation.id()); i++) {
                    scene = i % REQUESTS_PER_SCENE == 0 ? newScene() : scene;
                    judge(Shot.of(draw, scene, operation), scene, wire);
                }
            }
        }
    }

    private void fuzz(Contract contract, Random random) throws IOException {
        Draw draw = new Draw(random, contract);
        try (Wire wire = new Wire(RestAssured.port)) {
            Scene scene = newScene();
            for (int i = 1; i <= REQUESTS / CONNECTIONS; i++) {
                if (i % REQUESTS_PER_SCENE == 0) {
                    scene = newScene();
                }
                judge(Shot.of(draw, scene, draw.oneOf(contract.operations())), scene, wire);
            }
        }
    }

    /** One at a time: the client that makes it has settings of the whole process. */
    private Scene newScene() {
        synchronized (FuzzTest.class) {
            return new Scene("http://127.0.0.1:" + provider.getAddress().getPort());
        }
    }

    private void judge(Shot shot, Scene scene, Wire wire) {
        String complaint;
        String told;
        try {
            Wire.Answer answer = wire.send(shot.head(), shot.bytes(), shot.isHead());
            statuses.computeIfAbsent(answer.status(), first -> new LongAdder()).increment();
            if (answer.status() < 300) {
                successes.computeIfAbsent(shot.operation().id(), first -> new LongAdder()).increment();
                shot.learn(scene, answer);
            }
            complaint = Oracle.complaint(shot.bent() ? null : shot.operation(), answer, shot.isHead(),
                    shot.target() + shot.body(),
                    shot.secrets());
            if (answer.status() >= 400) {
                Planted.problem(answer.body());
            }
            told = answer.toString();
        } catch (IOException e) {
            complaint = "is not answered: " + e;
            told = "";
        }
        if (complaint != null) {
            complaints.putIfAbsent(shot.operation().id() + complaint,
                    shot.operation() + " " + complaint + "\n  " + shot.toCurl() + "\n  " + cut(told));
        }
    }

    private static String cut(String text) {
        return text.length() > 1_500 ? text.substring(0, 1_500) + "…" : text;
    }
}
