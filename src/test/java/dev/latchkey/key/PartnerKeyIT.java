package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import java.util.Map;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Backend;
import dev.latchkey.testing.Databases;
import dev.latchkey.testing.Gateway;
import dev.latchkey.testing.GatewayKind;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.NeedsGateway;
import dev.latchkey.testing.RawHttp;
import dev.latchkey.testing.RawHttp.Answer;
import io.restassured.RestAssured;
import io.restassured.path.json.JsonPath;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A partner who may ask for order statuses and nothing else, through a real nginx before the API. */
@NeedsGateway(GatewayKind.NGINX)
class PartnerKeyIT {

    private static final String STATUSES = "/api/v1/orders/statuses";

    private static LatchkeyProcess latchkey;
    private static Backend backend;
    private static Gateway nginx;
    private static Api api;
    private static Created withScope;
    private static Created withoutScope;

    @BeforeAll
    static void start() {
        latchkey = LatchkeyProcess.on(Databases.create()).ready();
        int port = URI.create(latchkey.baseUrl()).getPort();
        RestAssured.baseURI = "http://localhost";
        RestAssured.port = port;
        api = Api.ofNewOrganization();
        withScope = api.aKey().unlimited().scopes("orders:read").methods("GET /api/v*/orders/statuses").create();
        withoutScope = api.aKey().unlimited().scopes().methods("GET /api/v*/orders/statuses").create();
        backend = Backend.start();
        nginx = Gateway.start(GatewayKind.NGINX, port, backend.port());
    }

    @AfterAll
    static void stop() {
        RestAssured.reset();
        for (AutoCloseable started : new AutoCloseable[] { nginx, backend, latchkey }) {
            try {
                started.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @AfterEach
    void asBefore() {
        backend.reached();
    }

    @ParameterizedTest
    @ValueSource(strings = { STATUSES, "/api/v2/orders/statuses", STATUSES + "?since=2026-01-01", STATUSES + "/",
            "/api/v1/orders/status%65s", "/api//v1/orders/statuses", STATUSES + ";jsessionid=1" })
    void orderStatusesAreReached(String target) {
        for (Created key : List.of(withScope, withoutScope)) {
            assertThat(ask("GET", target, key).status()).isEqualTo(200);
            assertThat(backend.reached()).singleElement().satisfies(request -> {
                assertThat(request.target()).isEqualTo(target);
                assertThat(request.headers("X-Auth-Key-Id")).containsExactly(key.id());
            });
        }
    }

    @ParameterizedTest
    @CsvSource({ "GET, /api/v1/orders", "GET, /api/v1/orders/17", "GET, /api/v1/orders/statuses/17",
            "GET, /api/v1/orders/statuses2", "GET, /api/v1/customers", "GET, /api/v1/products/statuses", "GET, /",
            "GET, /api/orders/statuses", "POST, /api/v1/orders/statuses", "PUT, /api/v1/orders/statuses",
            "DELETE, /api/v1/orders/statuses", "HEAD, /api/v1/orders/statuses", "OPTIONS, /api/v1/orders/statuses",
            "PURGE, /api/v1/orders/statuses" })
    void nothingElseIsReached(String method, String target) {
        for (Created key : List.of(withScope, withoutScope)) {
            Answer answer = ask(method, target, key);
            assertThat(answer.status()).isEqualTo(403);
            if (!method.equals("HEAD")) {
                assertThat(JsonPath.from(answer.body()).getString("code")).isEqualTo("method-forbidden");
            }
        }
        assertThat(backend.reached()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = { STATUSES + "/../17", STATUSES + "/%2e%2e/17", "/api/v1/orders/statuses/..;/17",
            "/api/v1/customers/../orders/statuses", "/api/v1/orders%2fstatuses", "/api/v1/orders/..%2forders/statuses",
            "/api/v1/orders\\statuses", STATUSES + "%00", STATUSES + "#/../17", "//x" + STATUSES, "/api/v1/orders/%2573tatuses",
            STATUSES + "%3f/../17", "/API/V1/ORDERS/STATUSES", STATUSES + "%2f17", "/api/v1/orders/17/..%5cstatuses",
            "http://api.example/api/v1/orders/17" })
    void noSpellingOfAPathEscapes(String target) {
        for (Created key : List.of(withScope, withoutScope)) {
            assertThat(ask("GET", target, key).status()).isIn(400, 403, 404);
        }
        assertThat(backend.reached()).isEmpty();
    }

    @Test
    void whatItsMethodsBecomeHoldsForTheVeryNextRequest() {
        Created key = api.aKey().unlimited().methods("GET /api/v*/orders/**").create();
        for (int round = 0; round < 10; round++) {
            assertThat(ask("GET", "/api/v1/orders/17", key).status()).isEqualTo(200);
            api.patch(key.id(), Map.of("methods", List.of("GET /api/v*/orders/statuses"))).then().statusCode(200);
            assertThat(ask("GET", "/api/v1/orders/17", key).status()).isEqualTo(403);
            api.patch(key.id(), Map.of("methods", List.of("GET /api/v*/orders/*"))).then().statusCode(200);
        }
    }

    private static Answer ask(String method, String target, Created key) {
        return RawHttp.to(nginx.port()).ask(method, target, "X-API-Key: " + key.key(), "Content-Length: 0");
    }
}
