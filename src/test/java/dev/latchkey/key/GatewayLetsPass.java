package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;

import dev.latchkey.testing.Backend;
import dev.latchkey.testing.FreePort;
import dev.latchkey.testing.Gateway;
import dev.latchkey.testing.GatewayKind;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.RawHttp;
import dev.latchkey.testing.RawHttp.Answer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client's request through a real gateway, with the configuration that is shipped, to an API whose keys Latchkey judges. */
abstract class GatewayLetsPass extends GatewayCase {

    GatewayLetsPass(GatewayKind kind) {
        super(kind);
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

    /** RFC 9110 section 7.6.1: a proxy takes off what the client names there, which must not be what the gateway has set. */
    @Test
    void noHeaderThatAClientNamesInConnectionIsTakenOff() {
        Created key = api.aKey().stores("madrid").create();
        String named = "Connection: X-Store, X-Auth-Organization-Required, X-Auth-Key-Id, X-Auth-Stores, X-Forwarded-For";

        assertThat(client.ask("GET", ORDERS, "Host: madrid.example", named, "X-API-Key: " + key.key()).status())
                .isEqualTo(200);
        assertThat(backend.reached()).singleElement().satisfies(request -> {
            assertThat(request.headers("X-Auth-Key-Id")).containsExactly(key.id());
            assertThat(request.headers("X-Auth-Stores")).containsExactly("madrid");
            assertThat(request.headers("X-Store")).containsExactly("madrid");
            assertThat(request.headers("Connection").toString()).doesNotContainIgnoringCase("x-");
        });

        assertRefused(client.ask("GET", ORDERS, "Host: london.example", named, "X-API-Key: " + key.key()), 403,
                "store-forbidden");
        assertRefused(client.ask("GET", ORDERS, "Host: theirs.example", named, "X-API-Key: " + key.key()), 401,
                "invalid-key");
        assertThat(backend.reached()).isEmpty();
    }

    @Test
    void onlyWebSocketsAreUpgradedWhateverElseIsNamedBesides() {
        Created key = api.aKey().create();

        for (String several : new String[] { "Upgrade: websocket, h2c", "Upgrade: websocket\nUpgrade: h2c",
                "Upgrade: h2c, websocket" }) {
            client.ask("GET", ORDERS, "X-API-Key: " + key.key(), several, "Connection: Upgrade, HTTP2-Settings",
                    "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA", "Sec-WebSocket-Version: 13",
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");

            assertThat(backend.reached())
                    .allSatisfy(request -> assertThat(request.headers("Upgrade").toString()).doesNotContain("h2c"));
        }
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
        assertThat(gateway.log()).doesNotContain(key.key());
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

        client.ask("GET", ORDERS, "X-API-Key: " + key.key(), "Upgrade: WebSocket", "Connection: Upgrade",
                "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");

        assertThat(backend.reached()).singleElement().satisfies(request -> {
            assertThat(request.headers("Upgrade")).singleElement().asString().isEqualToIgnoringCase("websocket");
            assertThat(request.headers("Connection")).singleElement().asString().isEqualToIgnoringCase("upgrade");
        });
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
    void preflightsPassWhereTheyAreSwitchedOnAndNothingElseDoes() {
        try (Gateway open = Gateway.start(kind, portOf(latchkey), backend.port(), kind::withPreflights)) {
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
    void aReplicaThatIsGoneIsPassedOver() {
        Created key = api.aKey().create();
        try (Gateway before = Gateway.start(kind, portOf(latchkey), backend.port(),
                shipped -> kind.withReplica(shipped, FreePort.draw()))) {
            RawHttp asking = RawHttp.to(before.port());

            for (int request = 0; request < 10; request++) {
                assertThat(asking.ask("GET", ORDERS, "X-API-Key: " + key.key()).status()).isEqualTo(200);
            }
        }
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
}
