package dev.latchkey.boot;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;

import dev.latchkey.testing.Databases;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.Relay;
import io.restassured.http.ContentType;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database that is away is an expected state: told as such, and over when the database is back. */
@Tag("chaos")
class DatabaseAwayIT {

    private static final Duration RECOVERY = Duration.ofSeconds(5);

    @Test
    void whileTheDatabaseIsAwayEveryAnswerSaysSoAndAfterwardsNoneDoes() {
        Databases.Database database = Databases.create();
        String url = database.reactiveUrl();
        int port = Integer.parseInt(url.replaceAll(".*:(\\d+)/.*", "$1"));
        try (Relay relay = Relay.to(port);
                LatchkeyProcess latchkey = LatchkeyProcess
                        .on(new Databases.Database(url.replace(":" + port + "/", ":" + relay.port() + "/"), database.username(),
                                database.password()))
                        .ready()) {
            String token = latchkey.token("acme", "ana", "owner", "platform");
            String key = create(latchkey, token).then().statusCode(201).extract().path("key");

            String known = as(latchkey, token)
                    .body("{\"name\":\"known\",\"scopes\":[],\"access\":{\"type\":\"all\"},\"rateLimit\":null}")
                    .post("/api/v1/keys").path("key");
            assertThat(verify(latchkey, token, known).<String> path("code")).isEqualTo("VALID");

            relay.cut();
            assertThat(verify(latchkey, token, known).<String> path("code")).as("from memory, while the lease runs")
                    .isEqualTo("VALID");
            given().baseUri(latchkey.baseUrl()).get("/q/health/ready").then().statusCode(200);
            Response away = as(latchkey, token).get("/api/v1/keys");
            assertAway(away);
            assertLoggedAsJson(latchkey.log(), away);
            assertAway(create(latchkey, token));
            assertAway(as(latchkey, latchkey.token("never-seen-" + UUID.randomUUID(), "ana", "owner")).get("/api/v1/keys"));
            assertAway(as(latchkey, token).delete("/api/v1/keys/" + UUID.randomUUID()));
            assertAway(verify(latchkey, token, key));
            assertAway(given().baseUri(latchkey.baseUrl()).header("X-API-Key", key).header("X-Forwarded-Method", "GET")
                    .header("X-Forwarded-Uri", "/api/v1/orders").get("/api/v1/auth"));
            Eventually.holds(() -> given().baseUri(latchkey.baseUrl()).get("/q/health/ready").then().statusCode(503));
            assertAway(verify(latchkey, token, known));
            given().baseUri(latchkey.baseUrl()).get("/q/health/live").then().statusCode(200);

            relay.restore();
            awaitStatus(200, () -> verify(latchkey, token, key));
            as(latchkey, token).get("/api/v1/keys").then().statusCode(200);
            create(latchkey, token).then().statusCode(201);
            given().baseUri(latchkey.baseUrl()).get("/q/health/ready").then().statusCode(200);
        }
    }

    @Test
    void theEmbeddedDatabaseComesBackWithinFiveSecondsWhenItsProcessDies(@TempDir Path here) throws IOException {
        try (LatchkeyProcess latchkey = LatchkeyProcess.embeddedIn(here.toRealPath()).ready()) {
            String token = Files.readString(latchkey.dataDirectory().resolve("admin.token"));
            String key = create(latchkey, token).then().statusCode(201).extract().path("key");
            long postmaster = Long
                    .parseLong(Files.readAllLines(latchkey.dataDirectory().resolve("postgres/postmaster.pid")).get(0));

            ProcessHandle.of(postmaster).orElseThrow().destroyForcibly();
            ProcessHandle.of(postmaster).ifPresent(process -> process.onExit().join());

            awaitStatus(200, () -> as(latchkey, token).get("/api/v1/keys"));
            assertThat(verify(latchkey, token, key).<String> path("code")).isEqualTo("VALID");
        }
    }

    /** The id that the caller was told leads to the line that says what happened. */
    private static void assertLoggedAsJson(String log, Response response) {
        String id = response.header("X-Request-Id");
        assertThat(response.<String> path("requestId")).isEqualTo(id);
        assertThat(log.lines()).as(log).allMatch(line -> line.startsWith("{") && line.endsWith("}"));
        JsonPath line = log.lines().map(JsonPath::new).filter(each -> id.equals(each.getString("mdc.requestId"))).findFirst()
                .orElseThrow();
        assertThat(line.getString("level")).isEqualTo("WARN");
        assertThat(line.getString("message")).startsWith("database away: path=/api/v1/keys");
    }

    private static void assertAway(Response response) {
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(503);
        assertThat(response.contentType()).startsWith("application/problem+json");
        assertThat(response.header("Retry-After")).isEqualTo("2");
        assertThat(response.<String> path("code")).isEqualTo("unavailable");
    }

    private static void awaitStatus(int status, java.util.function.Supplier<Response> request) {
        Instant patience = Instant.now().plus(RECOVERY);
        Response response = request.get();
        while (response.statusCode() != status && Instant.now().isBefore(patience)) {
            response = request.get();
        }
        assertThat(response.statusCode()).as("after " + RECOVERY).isEqualTo(status);
    }

    private static Response create(LatchkeyProcess latchkey, String token) {
        return as(latchkey, token)
                .body(Map.of("name", "ERP", "scopes", new String[] { "orders:read" }, "access", Map.of("type", "all")))
                .post("/api/v1/keys");
    }

    private static Response verify(LatchkeyProcess latchkey, String token, String key) {
        return as(latchkey, token).body(Map.of("key", key)).post("/api/v1/keys/verify");
    }

    private static RequestSpecification as(LatchkeyProcess latchkey, String token) {
        return given().baseUri(latchkey.baseUrl()).auth().oauth2(token).contentType(ContentType.JSON);
    }
}
