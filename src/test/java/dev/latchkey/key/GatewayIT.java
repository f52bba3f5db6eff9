package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Backend;
import dev.latchkey.testing.Databases;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.NeedsNginx;
import dev.latchkey.testing.Nginx;
import dev.latchkey.testing.RawHttp;
import dev.latchkey.testing.RawHttp.Answer;
import io.restassured.RestAssured;
import io.restassured.path.json.JsonPath;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client's request through a real nginx, with the configuration that is shipped, to an API whose keys Latchkey judges. */
@NeedsNginx
class GatewayIT {

    private static final String ORDERS = "/api/v1/orders";
    private static final Duration SHORT_LIFE = Duration.ofSeconds(2);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    /** More than this much of a window must be left for a test that fills it. */
    private static final int ENOUGH_SECONDS = 30;

    private static LatchkeyProcess latchkey;
    private static Backend backend;
    private static Nginx nginx;
    private static Api api;

    private RawHttp client;

    @BeforeAll
    static void start() {
        latchkey = LatchkeyProcess.on(Databases.create()).ready();
        RestAssured.baseURI = "http://localhost";
        RestAssured.port = portOf(latchkey);
        api = Api.ofNewOrganization();
        api.createStore("madrid");
        api.createStore("london");
        backend = Backend.start();
        nginx = Nginx.start(portOf(latchkey), backend.port(), GatewayIT::withHosts);
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

    @BeforeEach
    void aClient() {
        client = RawHttp.to(nginx.port());
    }

    @AfterEach
    void asBefore() {
        backend.answers(Backend.Reply.OK);
        backend.reached();
    }

    /** The two maps, filled as their examples show. */
    private static String withHosts(String shipped) {
        return shipped.replace("# shop.madrid.example madrid;", "madrid.example madrid; london.example london;")
                .replace("# shop.madrid.example acme;", "ours.example " + api.organization() + "; theirs.example theirs;");
    }

    private static int portOf(LatchkeyProcess process) {
        return URI.create(process.baseUrl()).getPort();
    }

    @Test
    void anAllowedRequestReachesTheBackendAndTellsItWhoAsks() {
        Created key = api.aKey().scopes("orders:read", "orders:write").create();

        Answer answer = client.ask("GET", ORDERS + "?status=open", "X-API-Key: " + key.key());

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(Backend.Reply.OK.body());
        assertThat(answer.header("RateLimit")).matches("\"key\";r=99;t=\\d+");
        assertThat(answer.header("RateLimit-Policy")).isEqualTo("\"key\";q=100;w=900");
        assertThat(backend.reached()).singleElement().satisfies(request -> {
            assertThat(request.target()).isEqualTo(ORDERS + "?status=open");
            assertThat(request.headers("X-Auth-Key-Id")).containsExactly(key.id());
            assertThat(request.headers("X-Auth-Organization")).containsExactly(api.organization());
            assertThat(request.headers("X-Auth-Scopes")).containsExactly("orders:read orders:write");
            assertThat(request.headers("X-Auth-Stores")).containsExactly("all");
            assertThat(request.headers("X-Forwarded-For")).containsExactly("127.0.0.1");
        });
    }

    @Test
    void whatAClientClaimsReachesNobody() {
        Created key = api.aKey().create();

        assertThat(client.ask("GET", ORDERS, "X-API-Key: " + key.key(), "X-Auth-Key-Id: root", "X_Auth_Key_Id: root",
                "X-Auth-Organization: root", "X-Auth-Scopes: orders:write", "X-Auth-Stores: all", "X-Store: london",
                "X-Original-URL: /api/v1/customers", "X-Rewrite-URL: /api/v1/customers", "X-Original-Method: DELETE",
                "X-HTTP-Method-Override: DELETE", "X-Forwarded-Uri: /api/v1/customers", "X-Forwarded-For: 203.0.113.7",
                "X-Forwarded-Host: root", "Forwarded: for=203.0.113.7", "Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings")
                .status()).isEqualTo(200);

        assertThat(backend.reached()).singleElement().satisfies(request -> {
            assertThat(request.headers("X-Auth-Key-Id")).containsExactly(key.id());
            assertThat(request.headers().toString()).doesNotContain("root", "orders:write", "london", "customers", "DELETE",
                    "203.0.113.7", "h2c");
        });
    }

    @Test
    void aClaimedOperationDoesNotReplaceTheRealOne() {
        Created key = api.aKey().create();

        assertRefused(client.ask("GET", "/api/v1/customers", "X-API-Key: " + key.key(), "X-Original-URI: " + ORDERS,
                "X-Original-URL: " + ORDERS, "X-Forwarded-Uri: " + ORDERS), 403, "scope-missing");
        assertRefused(client.ask("DELETE", ORDERS + "/1", "X-API-Key: " + key.key(), "X-Original-Method: GET",
                "X-Forwarded-Method: GET", "X-HTTP-Method-Override: GET"), 403, "scope-missing");
    }

    @Test
    void theKeyStaysAtTheGateway() {
        Created key = api.aKey().create();

        assertThat(client.ask("GET", ORDERS, "Authorization: Bearer " + key.key()).status()).isEqualTo(200);
        assertThat(client.ask("GET", ORDERS, "X-API-Key: " + key.key(), "Authorization: Bearer of.another.kind").status())
                .isEqualTo(200);

        List<Backend.Request> reached = backend.reached();
        assertThat(reached).hasSize(2).allSatisfy(request -> assertThat(request.headers().toString())
                .doesNotContain(key.key()));
        assertThat(reached.get(0).headers("Authorization")).isEmpty();
        assertThat(reached.get(1).headers("Authorization")).containsExactly("Bearer of.another.kind");
        assertThat(nginx.log("access.log")).contains("key=" + key.id()).doesNotContain(key.key());
    }

    @Test
    void aBodyReachesTheBackendAsItWasSent() {
        Created key = api.aKey().scopes("orders:write").create();
        byte[] body = new byte[3_000_000];
        new SecureRandom().nextBytes(body);
        String head = "POST " + ORDERS + " HTTP/1.1\nHost: api.example\nX-API-Key: " + key.key();

        assertThat(client.send(head + "\nContent-Length: " + body.length, body).status()).isEqualTo(200);
        assertThat(client.send(head + "\nContent-Length: 2", "{}".getBytes(StandardCharsets.US_ASCII)).status()).isEqualTo(200);
        assertThat(client.send(head + "\nTransfer-Encoding: chunked", "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII)).status()).isEqualTo(200);

        List<Backend.Request> reached = backend.reached();
        assertThat(reached).hasSize(3);
        assertThat(reached.get(0).body()).isEqualTo(body);
        assertThat(reached.get(1).body()).asString(StandardCharsets.US_ASCII).isEqualTo("{}");
        assertThat(reached.get(2).body()).asString(StandardCharsets.US_ASCII).isEqualTo("hello world");
    }

    @Test
    void whatTheBackendRefusesItselfIsPassedOnUnchanged() {
        Created key = api.aKey().create();

        for (int status : new int[] { 401, 403, 404, 429, 500, 503 }) {
            backend.answers(new Backend.Reply(status, "text/plain", "the backend's own " + status));
            Answer answer = client.ask("GET", ORDERS, "X-API-Key: " + key.key());
            assertThat(answer.status()).isEqualTo(status);
            assertThat(answer.body()).isEqualTo("the backend's own " + status);
            assertThat(answer.header("Content-Type")).isEqualTo("text/plain");
            assertThat(answer.header("WWW-Authenticate")).isNull();
            assertThat(answer.header("RateLimit")).isNotNull();
        }
    }

    @Test
    void aWebSocketMayBeOpened() {
        Created key = api.aKey().create();

        client.ask("GET", ORDERS, "X-API-Key: " + key.key(), "Upgrade: WebSocket", "Connection: Upgrade");

        assertThat(backend.reached()).singleElement().satisfies(request -> {
            assertThat(request.headers("Upgrade")).containsExactly("websocket");
            assertThat(request.headers("Connection")).containsExactly("upgrade");
        });
    }

    @Test
    void withoutAGoodKeyNobodyPasses() {
        String unknown = KeyToken.generate("lk", "live", new SecureRandom()).text();
        Created inactive = api.aKey().with("active", false).create();
        Created revoked = api.aKey().create();
        api.act(revoked.id(), "revoke").then().statusCode(200);

        Answer missing = assertRefused(client.ask("GET", ORDERS), 401, "unauthenticated");
        assertThat(missing.header("WWW-Authenticate")).isEqualTo("Bearer realm=\"latchkey\"");
        for (String bad : List.of(unknown, "lk_live_", "x".repeat(7000), unknown + "0")) {
            Answer answer = assertRefused(client.ask("GET", ORDERS, "X-API-Key: " + bad), 401, "invalid-key");
            assertThat(answer.header("WWW-Authenticate")).isEqualTo("Bearer realm=\"latchkey\", error=\"invalid_token\"");
            assertThat(answer.body()).doesNotContain(bad);
        }
        assertRefused(client.ask("GET", ORDERS, "X-API-Key: " + inactive.key()), 401, "key-inactive");
        assertRefused(client.ask("GET", ORDERS, "Authorization: Bearer " + inactive.key()), 401, "key-inactive");
        assertRefused(client.ask("GET", ORDERS, "X-API-Key: " + revoked.key()), 401, "key-revoked");
        assertRefused(client.ask("GET", ORDERS, "Authorization: Bearer a.b.c"), 401, "unauthenticated");
        assertThat(client.ask("HEAD", ORDERS).status()).isEqualTo(401);
        assertThat(backend.reached()).isEmpty();
    }

    @Test
    void anExpiredKeyNoLongerPasses() {
        Instant expiry = Instant.now().plus(SHORT_LIFE);
        Created key = api.aKey().unlimited().expiresAt(expiry).create();
        Answer answer = client.ask("GET", ORDERS, "X-API-Key: " + key.key());
        while (answer.status() == 200 && Instant.now().isBefore(expiry.plus(PATIENCE))) {
            answer = client.ask("GET", ORDERS, "X-API-Key: " + key.key());
        }

        assertRefused(answer, 401, "key-expired");
        assertThat(Instant.now()).isAfterOrEqualTo(expiry);
    }

    @Test
    void aRevokedKeyIsRefusedOnTheVeryNextRequest() {
        for (int round = 0; round < 20; round++) {
            Created key = api.aKey().create();
            assertThat(client.ask("GET", ORDERS, "X-API-Key: " + key.key()).status()).isEqualTo(200);
            api.act(key.id(), "revoke").then().statusCode(200);
            assertRefused(client.ask("GET", ORDERS, "X-API-Key: " + key.key()), 401, "key-revoked");
        }
    }

    @Test
    void beyondItsScopesStoresOrNetworksAKeyDoesNotReach() {
        Created key = api.aKey().create();
        Created ofMadrid = api.aKey().stores("madrid").create();
        Created elsewhere = api.aKey().networks("203.0.113.0/24").create();
        Created here = api.aKey().networks("127.0.0.0/8").create();

        assertRefused(client.ask("POST", ORDERS, "X-API-Key: " + key.key(), "Content-Length: 0"), 403, "scope-missing");
        assertRefused(client.ask("GET", "/api/v1/products", "X-API-Key: " + key.key()), 403, "scope-missing");
        assertRefused(client.ask("GET", "/admin", "X-API-Key: " + key.key()), 403, "method-forbidden");
        assertRefused(client.ask("GET", ORDERS, "Host: london.example", "X-Store: madrid", "X-API-Key: " + ofMadrid.key()),
                403, "store-forbidden");
        assertRefused(client.ask("GET", ORDERS, "X-Forwarded-For: 203.0.113.7", "X-API-Key: " + elsewhere.key()), 403,
                "network-forbidden");
        assertThat(backend.reached()).isEmpty();

        assertThat(client.ask("GET", ORDERS, "Host: madrid.example", "X-Store: london", "X-API-Key: " + ofMadrid.key())
                .status()).isEqualTo(200);
        assertThat(backend.reached()).singleElement().satisfies(request -> {
            assertThat(request.headers("X-Auth-Stores")).containsExactly("madrid");
            assertThat(request.headers("X-Store")).containsExactly("madrid");
        });
        assertThat(client.ask("GET", ORDERS, "X-API-Key: " + here.key()).status()).isEqualTo(200);
    }

    @Test
    void whereAnOrganizationIsPinnedKeysOfAnotherAreUnknown() {
        Created key = api.aKey().create();

        assertThat(client.ask("GET", ORDERS, "Host: ours.example", "X-API-Key: " + key.key()).status()).isEqualTo(200);
        assertRefused(client.ask("GET", ORDERS, "Host: theirs.example", "X-Auth-Organization-Required: " + api.organization(),
                "X-API-Key: " + key.key()), 401, "invalid-key");
    }

    @Test
    void theRequestBeyondTheLimitIsATrue429() {
        Created key = aKeyWithAWindowAheadOfIt();
        for (int request = 2; request <= 100; request++) {
            assertThat(client.ask("GET", ORDERS, "X-API-Key: " + key.key()).status()).isEqualTo(200);
        }
        assertThat(backend.reached()).hasSize(100);

        Answer answer = assertRefused(client.ask("GET", ORDERS, "X-API-Key: " + key.key()), 429, "rate-limited");

        String retryAfter = answer.header("Retry-After");
        assertThat(retryAfter).matches("[1-9]\\d*");
        assertThat(answer.header("RateLimit")).isEqualTo("\"key\";r=0;t=" + retryAfter);
        assertThat(answer.header("RateLimit-Policy")).isEqualTo("\"key\";q=100;w=900");
        assertThat(answer.header("WWW-Authenticate")).isNull();
        assertThat(backend.reached()).isEmpty();
    }

    /** A key of the default limit that was used once, in a window that does not end before a test has filled it. */
    private Created aKeyWithAWindowAheadOfIt() {
        while (true) {
            backend.reached();
            Created key = api.aKey().create();
            String left = String.valueOf(client.ask("GET", ORDERS, "X-API-Key: " + key.key()).header("RateLimit"));
            assertThat(left).startsWith("\"key\";r=99;t=");
            if (Integer.parseInt(left.substring(left.lastIndexOf('=') + 1)) > ENOUGH_SECONDS) {
                return key;
            }
            api.act(key.id(), "revoke");
        }
    }

    @Test
    void aVerifierOfTheDefaultLimitVerifiesWithoutEnd() {
        Created verifier = api.aKey().scopes("keys:verify").create();
        Created verified = api.aKey().unlimited().create();
        Map<String, String> question = Map.of("key", verified.key(), "method", "GET", "path", ORDERS);

        for (int call = 0; call < 1000; call++) {
            JsonPath verdict = Api.withKey(verifier.key()).body(question).post("/api/v1/keys/verify").then().statusCode(200)
                    .extract().jsonPath();
            assertThat(verdict.getString("code")).isEqualTo("VALID");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = { "//api/v1/customers", "//api/v1/orders", "/api/v1/orders/../customers",
            "/api/v1/orders/%2e%2e/customers", "/api/v1/orders/%2E./customers", "/api/v1/orders/..;/customers",
            "/api/v1/orders/..;x=1/customers", "/api/v1/orders/%2e%2e;/customers", "/api/v1/orders%2f..%2fcustomers",
            "/api/v1/orders/..%2fcustomers", "/api/v1/orders/%252e%252e/customers", "/api/v1/orders\\..\\customers",
            "/api/v1/orders/..%5ccustomers", "/api/v1/orders/%c0%ae%c0%ae/customers", "/api/v1/orders/../../../etc/passwd",
            "/api/v1/orders%00/../customers", "/api/v1/orders#/../customers", "/api/v1/%63ustomers", "/api//v1//customers",
            "/api/v1/./customers", "/api/v1/customers/", "/api/v1/customers;/orders", "/api/v1/customers%3f/../orders",
            "http://api.example/api/v1/customers", "/API/V1/CUSTOMERS", "/.latchkey", "/%2elatchkey", "/api/v1/orders/%zz" })
    void noSpellingOfAPathEscapesTheScope(String target) {
        Created key = api.aKey().scopes("orders:read").create();

        assertThat(client.ask("GET", target, "X-API-Key: " + key.key()).status()).isIn(400, 403, 404);

        assertThat(backend.reached()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = { "/api//v1/orders", "/api/v1/orders/", "/api/v1/%6frders", "/api/v1/orders;jsessionid=1",
            "/api/v1/orders/%C3%A9?x=%2F..%2F", "/api/v1/orders/a%20b" })
    void anHonestSpellingPassesAndReachesTheBackendRaw(String target) {
        Created key = api.aKey().scopes("orders:read").create();

        assertThat(client.ask("GET", target, "X-API-Key: " + key.key()).status()).isEqualTo(200);

        assertThat(backend.reached()).singleElement().satisfies(request -> assertThat(request.target()).isEqualTo(target));
    }

    @Test
    void unknownMethodsAndTraceDoNotSlipThrough() {
        Created key = api.aKey().create();

        assertThat(client.ask("TRACE", ORDERS, "X-API-Key: " + key.key()).status()).isEqualTo(405);
        assertRefused(client.ask("PURGE", ORDERS, "X-API-Key: " + key.key()), 403, "scope-missing");
        assertRefused(client.ask("OPTIONS", ORDERS, "Origin: https://shop.example", "Access-Control-Request-Method: GET"), 401,
                "unauthenticated");
        assertThat(backend.reached()).isEmpty();
    }

    @Test
    void preflightsPassWhereTheyAreSwitchedOnAndNothingElseDoes() {
        try (Nginx open = Nginx.start(portOf(latchkey), backend.port(), shipped -> shipped.replace("#cors ", ""))) {
            RawHttp browser = RawHttp.to(open.port());

            assertThat(browser.ask("OPTIONS", ORDERS, "Origin: https://shop.example", "Access-Control-Request-Method: GET",
                    "X-Auth-Scopes: all").status()).isEqualTo(200);
            assertThat(backend.reached()).singleElement()
                    .satisfies(request -> assertThat(request.headers("X-Auth-Scopes")).isEmpty());

            assertRefused(browser.ask("OPTIONS", ORDERS), 401, "unauthenticated");
            assertRefused(browser.ask("GET", ORDERS, "Origin: https://shop.example", "Access-Control-Request-Method: OPTIONS"),
                    401, "unauthenticated");
            assertThat(backend.reached()).isEmpty();
        }
    }

    @Test
    void headersTooLargeToBeJudgedAreTheClientsFault() {
        String large = "x".repeat(7000);

        assertRefused(client.ask("GET", ORDERS + "/" + large, "X-API-Key: " + large, "Authorization: Bearer " + large), 431,
                "headers-too-large");
    }

    @Test
    void aKeyOfManyStoresIsToldWhole() {
        List<String> stores = new ArrayList<>();
        for (int store = 0; store < 300; store++) {
            stores.add("store-" + store + "-" + "x".repeat(40));
            api.createStore(stores.get(store));
        }
        Created key = api.aKey().stores(stores.toArray(String[]::new)).create();

        assertThat(client.ask("GET", ORDERS, "X-API-Key: " + key.key()).status()).isEqualTo(200);

        assertThat(backend.reached()).singleElement().satisfies(request -> assertThat(request.headers("X-Auth-Stores"))
                .singleElement().satisfies(told -> assertThat(told.split(",")).containsExactlyInAnyOrderElementsOf(stores)));
    }

    @Test
    void withoutLatchkeyNobodyPasses() {
        try (LatchkeyProcess killed = LatchkeyProcess.on(Databases.create()).with("LATCHKEY_GATEWAYS", "192.0.2.0/24").ready();
                Nginx before = Nginx.start(portOf(killed), backend.port())) {
            RawHttp.Answer foreign = RawHttp.to(portOf(killed)).ask("GET", "/api/v1/auth", "X-Forwarded-Method: GET",
                    "X-Forwarded-Uri: " + ORDERS);
            assertThat(foreign.status()).isEqualTo(403);
            assertThat(JsonPath.from(foreign.body()).getString("code")).isEqualTo("gateway-forbidden");
            assertRefused(RawHttp.to(before.port()).ask("GET", ORDERS), 403, "forbidden");

            killed.kill9();

            Created key = api.aKey().create();
            Answer answer = assertRefused(RawHttp.to(before.port()).ask("GET", ORDERS, "X-API-Key: " + key.key()), 503,
                    "unavailable");
            assertThat(answer.header("Retry-After")).isEqualTo("2");
        }
        assertThat(backend.reached()).isEmpty();
    }

    private static Answer assertRefused(Answer answer, int status, String code) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
        JsonPath problem = JsonPath.from(answer.body());
        assertThat(problem.getString("code")).isEqualTo(code);
        assertThat(problem.getString("type")).isEqualTo("urn:latchkey:problem:" + code);
        assertThat(problem.getInt("status")).isEqualTo(status);
        assertThat(problem.getString("title")).isNotBlank();
        assertThat(problem.getString("detail")).isNotBlank();
        assertThat(problem.getString("requestId")).isEqualTo(answer.header("X-Request-Id"));
        assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
        assertThat(answer.header("WWW-Authenticate") != null).isEqualTo(status == 401);
        return answer;
    }
}
