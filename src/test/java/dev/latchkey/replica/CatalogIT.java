package dev.latchkey.replica;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.oneOf;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.Tokens;
import io.restassured.response.Response;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Three real replicas on one PostgreSQL, each behind a relay; whoever replaces the catalogue asks another one next. */
@Tag("replicas")
class CatalogIT {

    private static final String CATALOG = "/api/v1/catalog";
    private static final int ROUNDS = 60;

    private final String platform = Tokens.withoutOrganization("operator", "platform");

    @Test
    void aCatalogueThatWasAnsweredIsJudgedByEverywhere() throws InterruptedException {
        try (Fleet fleet = Fleet.start(3, null)) {
            int operations = 400;
            put(fleet.replica(0), shop("one", operations)).then().statusCode(200);
            String key = createdKey(fleet.replica(1), "one");
            AtomicBoolean ended = new AtomicBoolean();
            AtomicLong background = new AtomicLong();
            Queue<String> wrong = new ConcurrentLinkedQueue<>();
            List<Thread> verifiers = new ArrayList<>();
            for (int i = 0; i < fleet.size(); i++) {
                LatchkeyProcess replica = fleet.replica(i);
                Thread thread = new Thread(() -> {
                    while (!ended.get()) {
                        String code = verdict(replica, key);
                        if (!code.equals("VALID") && !code.equals("SCOPE_MISSING")) {
                            wrong.add("besides: " + code);
                        }
                        background.incrementAndGet();
                    }
                });
                thread.start();
                verifiers.add(thread);
            }
            List<Long> micros = new ArrayList<>();
            for (int round = 0; round < ROUNDS; round++) {
                String scope = round % 2 == 0 ? "two" : "one";
                long begin = System.nanoTime();
                put(fleet.replica(round % 3), shop(scope, operations)).then().statusCode(200);
                micros.add((System.nanoTime() - begin) / 1_000);
                for (int i = 1; i <= 3; i++) {
                    String code = verdict(fleet.replica((round + i) % 3), key);
                    if (!code.equals(scope.equals("one") ? "VALID" : "SCOPE_MISSING")) {
                        wrong.add("round " + round + " replica " + (round + i) % 3 + ": " + code);
                    }
                }
                // A scope of the new document can be given at once, and the former one cannot, wherever.
                createdKey(fleet.replica((round + 1) % 3), scope);
            }
            ended.set(true);
            for (Thread thread : verifiers) {
                thread.join(10_000);
            }

            micros.sort(null);
            System.out.printf("catalogue: rounds=%d answered after median=%d µs, most=%d µs; verifications besides=%d%n",
                    ROUNDS,
                    micros.get(ROUNDS / 2), micros.get(ROUNDS - 1), background.get());
            assertThat(wrong).isEmpty();
            assertThat(background.get()).isGreaterThan(ROUNDS);
        }
    }

    @Test
    void aReplicaThatDoesNotHearJudgesByTheOldOneNoLongerThanItWasPromised() {
        try (Fleet fleet = Fleet.start(2, null)) {
            put(fleet.replica(0), shop("one", 1)).then().statusCode(200);
            String key = createdKey(fleet.replica(1), "one");
            assertThat(verdict(fleet.replica(1), key)).isEqualTo("VALID");

            fleet.relay(1).freeze();
            Response late = put(fleet.replica(0), shop("two", 1));
            late.then().statusCode(202);
            assertThat(verdict(fleet.replica(0), key)).isEqualTo("SCOPE_MISSING");
            Instant effective = Instant.parse(late.path("effectiveBy"));
            Eventually.holds(() -> assertThat(Instant.now()).isAfter(effective));
            assertThat(verdict(fleet.replica(1), key)).isEqualTo("503");
            fleet.relay(1).thaw();

            Eventually.holds(() -> assertThat(verdict(fleet.replica(1), key)).isEqualTo("SCOPE_MISSING"));
        }
    }

    @Test
    void aReplicaThatStartsLaterJudgesByTheSameCatalogueFromItsFirstAnswerOn() {
        try (Fleet fleet = Fleet.start(2, null)) {
            put(fleet.replica(0), shop("one", 1)).then().statusCode(200);
            String key = createdKey(fleet.replica(1), "one");
            put(fleet.replica(0), shop("two", 1)).then().statusCode(200);
            for (int i = 0; i < 3; i++) {
                fleet.killAndReplace(1);
                assertThat(verdict(fleet.replica(1), key)).isEqualTo("SCOPE_MISSING");
            }
            fleet.cutSome(1, 1);
            put(fleet.replica(0), shop("one", 1)).then().statusCode(oneOf(200, 202));
            Eventually.holds(() -> assertThat(verdict(fleet.replica(1), key)).isEqualTo("VALID"));
        }
    }

    private Response put(LatchkeyProcess replica, String document) {
        return given().baseUri(replica.baseUrl()).auth().oauth2(platform).contentType("application/json").body(document)
                .put(CATALOG);
    }

    private static String createdKey(LatchkeyProcess replica, String scope) {
        return given().baseUri(replica.baseUrl()).auth().oauth2(replica.token("acme", "ana", "owner"))
                .contentType("application/json")
                .body(Map.of("name", "k", "scopes", List.of(scope), "access", Map.of("type", "all")))
                .post("/api/v1/keys").then().statusCode(201).extract().path("key");
    }

    /** The verdict's code, or the status of a refusal. */
    private String verdict(LatchkeyProcess replica, String key) {
        Response answer = given().baseUri(replica.baseUrl()).auth().oauth2(platform).contentType("application/json")
                .body(Map.of("key", key, "method", "GET", "path", "/v2/orders/5", "cost", 0)).post("/api/v1/keys/verify");
        return answer.statusCode() == 200 ? answer.path("code") : Integer.toString(answer.statusCode());
    }

    /** That many operations, of which {@code GET /v2/orders/*} demands the scope. */
    private static String shop(String scope, int operations) {
        StringBuilder paths = new StringBuilder();
        for (int i = 1; i < operations; i++) {
            paths.append("\"/things").append(i).append("/{id}\": {\"get\": {\"tags\": [\"T").append(i % 20).append("\"]}}, ");
        }
        return """
                {"openapi": "3.1.0", "servers": [{"url": "/v2"}], "paths": {PATHS
                "/orders/{id}": {"get": {"tags": ["Orders"], "security": [{"roles": ["SCOPE"]}]}}},
                "components": {"securitySchemes": {"roles": {"type": "http", "scheme": "bearer"}}}}"""
                .replace("PATHS", paths).replace("SCOPE", scope);
    }
}
