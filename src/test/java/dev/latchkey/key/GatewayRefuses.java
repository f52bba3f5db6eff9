package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;

import dev.latchkey.testing.Databases;
import dev.latchkey.testing.Gateway;
import dev.latchkey.testing.GatewayKind;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.RawHttp;
import dev.latchkey.testing.RawHttp.Answer;
import io.restassured.path.json.JsonPath;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whom a real gateway turns away, asking Latchkey: in whichever way a request is spelled, and also when nobody can be asked.
 */
abstract class GatewayRefuses extends GatewayTakesPairs {

    private static final Duration SHORT_LIFE = Duration.ofSeconds(2);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    /** More than this much of a window must be left for a test that fills it. */
    private static final int ENOUGH_SECONDS = 30;

    GatewayRefuses(GatewayKind kind) {
        super(kind);
    }

    /** The code of the problem that tells a client of a gateway that Latchkey does not know. */
    String codeOfAStranger() {
        return "gateway-forbidden";
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

    /** HAProxy's own HTTP client, by which its script asks, dies of some hundred lines. */
    @ParameterizedTest
    @ValueSource(strings = { "X-API-Key: b", "X-API-Secret: b", "Authorization: Bearer b", "Authorization: Basic Yjpi",
            "X-API-Key: b\nX-API-Secret: b\nAuthorization: b" })
    void howeverOftenAKeyIsSentTheGatewayStands(String lines) {
        Created key = api.aKey().create();
        int most = 126 / (int) lines.lines().count();

        for (int times : new int[] { 2, most - 16, most - 8, most }) {
            Answer answer = client.ask("GET", ORDERS, Collections.nCopies(times, lines).toArray(String[]::new));
            assertThat(answer.status()).as("%s times", times).isIn(400, 401, 431);
        }
        assertThat(backend.reached()).isEmpty();

        assertThat(client.ask("GET", ORDERS, "X-API-Key: " + key.key()).status()).isEqualTo(200);
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
    void headersTooLargeToBeJudgedAreTheClientsFault() {
        String large = "x".repeat(7000);

        assertRefused(client.ask("GET", ORDERS + "/" + large, "X-API-Key: " + large, "Authorization: Bearer " + large), 431,
                "headers-too-large");
    }

    @Test
    void withoutLatchkeyNobodyPasses() {
        try (LatchkeyProcess killed = LatchkeyProcess.on(Databases.create()).with("LATCHKEY_GATEWAYS", "192.0.2.0/24").ready();
                Gateway before = Gateway.start(kind, portOf(killed), backend.port())) {
            RawHttp.Answer foreign = RawHttp.to(portOf(killed)).ask("GET", "/api/v1/auth", "X-Forwarded-Method: GET",
                    "X-Forwarded-Uri: " + ORDERS);
            assertThat(foreign.status()).isEqualTo(403);
            assertThat(JsonPath.from(foreign.body()).getString("code")).isEqualTo("gateway-forbidden");
            assertRefused(RawHttp.to(before.port()).ask("GET", ORDERS), 403, codeOfAStranger());

            killed.kill9();

            Created key = api.aKey().create();
            Answer answer = assertRefused(RawHttp.to(before.port()).ask("GET", ORDERS, "X-API-Key: " + key.key()), 503,
                    "unavailable");
            assertThat(answer.header("Retry-After")).isEqualTo("2");
        }
        assertThat(backend.reached()).isEmpty();
    }
}
