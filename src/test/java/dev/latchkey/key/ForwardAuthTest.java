package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.List;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.RawHttp;
import dev.latchkey.testing.RawHttp.Answer;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.path.json.JsonPath;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What gateways are answered, each asking in its own wire form. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class ForwardAuthTest {

    private static final String CLIENT = "203.0.113.7";

    private Api api;
    private RawHttp latchkey;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
        latchkey = RawHttp.to(RestAssured.port);
    }

    @Test
    void traefikIsAnswered() {
        answersAsAGatewayNeeds(GatewayForms.TRAEFIK, 204, 429);
    }

    @Test
    void caddyIsAnswered() {
        answersAsAGatewayNeeds(GatewayForms.CADDY, 204, 429);
    }

    @Test
    void haproxyIsAnswered() {
        answersAsAGatewayNeeds(GatewayForms.HAPROXY, 204, 429);
    }

    @Test
    void envoyIsAnswered() {
        answersAsAGatewayNeeds(GatewayForms.ENVOY, 200, 429);
    }

    @Test
    void ingressNginxIsAnswered() {
        answersAsAGatewayNeeds(GatewayForms.INGRESS_NGINX, 204, 403);
    }

    private void answersAsAGatewayNeeds(String form, int allowed, int limited) {
        Created key = api.aKey().networks(CLIENT).rateLimit(2, "PT24H").create();
        Created elsewhere = api.aKey().networks("198.51.100.0/24").create();
        String unknown = KeyToken.generate("lk", "live", new SecureRandom()).text();

        Answer yes = asked(form, key.key(), "GET", "/api/v1/orders/statuses?status=open");
        assertThat(yes.status()).as(yes.toString()).isEqualTo(allowed);
        assertThat(yes.body()).isEmpty();
        assertThat(yes.header("X-Auth-Key-Id")).isEqualTo(key.id());
        assertThat(yes.header("X-Auth-Organization")).isEqualTo(api.organization());
        assertThat(yes.header("X-Auth-Scopes")).isEqualTo("orders:read");
        assertThat(yes.header("X-Auth-Stores")).isEqualTo("all");
        assertThat(yes.header("RateLimit")).startsWith("\"key\";r=1;t=");
        assertThat(yes.header("RateLimit-Policy")).isEqualTo("\"key\";q=2;w=86400");

        assertRefused(form, asked(form, "", "GET", "/api/v1/orders"), 401, "invalid-key");
        assertRefused(form, asked(form, unknown, "GET", "/api/v1/orders"), 401, "invalid-key");
        assertRefused(form, asked(form, key.key(), "POST", "/api/v1/orders"), 403, "scope-missing");
        assertRefused(form, asked(form, key.key(), "GET", "/api/v1/orders/../customers"), 403, "scope-missing");
        assertRefused(form, asked(form, key.key(), "GET", "/api/v1/orders/..;/customers"), 403, "method-forbidden");
        assertRefused(form, asked(form, key.key(), "GET", "/nothing"), 403, "method-forbidden");
        assertRefused(form, asked(form, elsewhere.key(), "GET", "/api/v1/orders"), 403, "network-forbidden");

        assertThat(asked(form, key.key(), "HEAD", "/api/v1/orders").status()).isEqualTo(allowed);
        Answer beyond = assertRefused(form, asked(form, key.key(), "GET", "/api/v1/orders"), limited, "rate-limited");
        assertThat(beyond.header("Retry-After")).matches("[1-9]\\d*");
        assertThat(beyond.header("RateLimit")).isEqualTo("\"key\";r=0;t=" + beyond.header("Retry-After"));
    }

    /** HEAD has no body to look at. */
    private static Answer assertRefused(String form, Answer answer, int status, String code) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
        assertThat(answer.headers("X-Auth-Key-Id")).isEmpty();
        assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
        if (!form.startsWith("HEAD")) {
            assertThat(JsonPath.from(answer.body()).getString("code")).isEqualTo(code);
        }
        return answer;
    }

    @Test
    void aRequestWithoutAKeyIsChallenged() {
        Answer answer = latchkey.ask("GET", "/api/v1/auth", "X-Forwarded-Method: GET", "X-Forwarded-Uri: /api/v1/orders");

        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.header("WWW-Authenticate")).isEqualTo("Bearer realm=\"latchkey\"");
    }

    @Test
    void nginxIsToldTheTrueStatusAndTheProblemInHeaders() {
        Created key = api.aKey().rateLimit(1, "PT24H").create();
        String[] question = { "X-Original-Method: GET", "X-Original-URI: /api/v1/orders", "X-API-Key: " + key.key() };
        assertThat(latchkey.ask("GET", "/api/v1/auth/nginx", question).status()).isEqualTo(204);

        Answer limited = latchkey.ask("GET", "/api/v1/auth/nginx", question);
        Answer missing = latchkey.ask("GET", "/api/v1/auth/nginx", "X-Original-Method: GET", "X-Original-URI: /api/v1/orders");

        assertThat(limited.status()).isEqualTo(403);
        assertThat(limited.header("X-Auth-Status")).isEqualTo("429");
        assertThat(limited.header("Retry-After")).isNotNull();
        assertThat(missing.status()).isEqualTo(401);
        assertThat(missing.header("X-Auth-Status")).isEqualTo("401");
        assertThat(List.of(limited, missing)).allSatisfy(answer -> {
            assertThat(answer.header("X-Auth-Problem")).isEqualTo(answer.body()).isASCII();
            assertThat(JsonPath.from(answer.body()).getInt("status"))
                    .isEqualTo(Integer.parseInt(String.valueOf(answer.header("X-Auth-Status"))));
        });
    }

    @Test
    void withTheOtherGatewaysA429IsA429() {
        Created key = api.aKey().rateLimit(1, "PT24H").create();
        String[] question = { "X-Forwarded-Method: GET", "X-Forwarded-Uri: /api/v1/orders", "X-API-Key: " + key.key() };

        assertThat(latchkey.ask("GET", "/api/v1/auth", question).status()).isEqualTo(204);
        assertThat(latchkey.ask("GET", "/api/v1/auth", question).status()).isEqualTo(429);
        assertThat(latchkey.ask("GET", "/api/v1/auth/envoy/api/v1/orders", question).status()).isEqualTo(429);
    }

    /** Envoy takes a 200 for a yes, whatever answers it. */
    @ParameterizedTest
    @ValueSource(strings = { "/../../../../q/health/live", "/%2e%2e/%2e%2e/%2e%2e/%2e%2e/q/health/live",
            "/.%2E/.%2e/../%2e./q/health/live", "/../../keys/self", "/..", "/../nginx", "/../envoy/api/v1/orders",
            "/..;/..;/..;/..;/q/health/live", "/..%2f..%2f..%2f..%2fq/health/live", "//q/health/live",
            "/\\..\\..\\..\\q\\health",
            "/%zz", "/%00", "/%", "?/../q/health/live", "*", "", "/", "/q/health/live", "/../../../../q/openapi#" })
    void whatIsBehindThePrefixOfEnvoyNeverLeadsElsewhere(String path) {
        Created key = api.aKey().create();

        for (String method : List.of("GET", "HEAD", "POST", "OPTIONS", "PURGE")) {
            assertThat(asked(GatewayForms.ENVOY, key.key(), method, path).status()).as(method).isIn(400, 403, 404);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE" })
    void theMethodByWhichAGatewayAsksSelectsNothing(String method) {
        Created key = api.aKey().create();
        String[] question = { "X-Forwarded-Method: GET", "X-Forwarded-Uri: /api/v1/orders", "X-API-Key: " + key.key() };

        assertThat(latchkey.ask(method, "/api/v1/auth", question).status()).isEqualTo(204);
        assertThat(latchkey.ask(method, "/api/v1/auth/nginx", question).status()).isEqualTo(204);
    }

    @ParameterizedTest
    @ValueSource(strings = {
            "X-Forwarded-Uri: /api/v1/orders",
            "X-Forwarded-Method: GET",
            "X-Forwarded-Method: GET\nX-Forwarded-Uri:",
            "X-Forwarded-Method: GET\nX-Forwarded-Uri: ?",
            "X-Forwarded-Method: GET\nX-Forwarded-Uri: api/v1/orders",
            "X-Forwarded-Method: GET\nX-Forwarded-Uri: /api/v1/orders\nX-Forwarded-Uri: /api/v1/customers",
            "X-Forwarded-Method: GET\nX-Forwarded-Method: DELETE\nX-Forwarded-Uri: /api/v1/orders",
            "X-Forwarded-Method: GET, GET\nX-Forwarded-Uri: /api/v1/orders",
            "X-Forwarded-Method: GET\nX-Forwarded-Uri: /api/v1/orders\nX-Original-URL: https://api.example/api/v1/customers",
            "X-Forwarded-Method: GET\nX-Forwarded-Uri: /api/v1/orders\nX-Original-URI: /api/v1/customers",
            "X-Forwarded-Method: GET\nX-Forwarded-Uri: /api/v1/orders\nX-Original-Method: DELETE",
            "X-Original-Method: GET\nX-Original-URI: /api/v1/orders\nX-Original-URL: https://api.example/api/v1/customers",
            "X-Original-Method: GET\nX-Original-URL: https://api.example?/api/v1/orders",
            "X-Original-Method: GET\nX-Original-URI: /api/v1/orders\nX-Store: madrid\nX-Store: london",
            "X-Original-Method: GET\nX-Original-URI: /api/v1/orders\nX-Auth-Organization-Required: %ORG%\n"
                    + "X-Auth-Organization-Required: other" })
    void whatAGatewayLeavesOpenIsRefused(String told) {
        Created key = api.aKey().create();

        Answer answer = latchkey.ask("GET", "/api/v1/auth/nginx", "X-API-Key: " + key.key(),
                told.replace("%ORG%", api.organization()));

        assertThat(answer.status()).isEqualTo(403);
        assertThat(JsonPath.from(answer.body()).getString("code")).isIn("method-forbidden", "scope-missing");
    }

    @Test
    void headersThatSayTheSameDoNotContradict() {
        Created key = api.aKey().create();

        assertThat(latchkey.ask("GET", "/api/v1/auth/nginx", "X-API-Key: " + key.key(), "X-API-Key: " + key.key(),
                "X-Original-Method: GET", "X-Original-URI: /api/v1/orders?a=1",
                "X-Original-URL: https://api.example/api/v1/orders?a=1", "X-Forwarded-Uri: /api/v1/%6frders").status())
                .isEqualTo(204);
    }

    @Test
    void twoDifferentKeysAreNone() {
        Created key = api.aKey().create();
        Created other = api.aKey().create();

        assertThat(latchkey.ask("GET", "/api/v1/auth", "X-API-Key: " + key.key(), "X-API-Key: " + other.key(),
                "X-Forwarded-Method: GET", "X-Forwarded-Uri: /api/v1/orders").status()).isEqualTo(401);
    }

    @Test
    void aGatewayThatPinsAnOrganizationKnowsNoOther() {
        Created key = api.aKey().create();
        String[] question = { "X-Forwarded-Method: GET", "X-Forwarded-Uri: /api/v1/orders", "X-API-Key: " + key.key(),
                "X-Auth-Organization-Required: " + api.organization() };
        assertThat(latchkey.ask("GET", "/api/v1/auth", question).status()).isEqualTo(204);

        question[3] = "X-Auth-Organization-Required: another";
        Answer foreign = latchkey.ask("GET", "/api/v1/auth", question);
        question[2] = "X-API-Key: " + KeyToken.generate("lk", "live", new SecureRandom()).text();
        Answer unknown = latchkey.ask("GET", "/api/v1/auth", question);

        assertThat(foreign.status()).isEqualTo(401);
        assertThat(withoutRequestId(foreign)).isEqualTo(withoutRequestId(unknown));
    }

    private static String withoutRequestId(Answer answer) {
        return answer.toString().replace(String.valueOf(answer.header("X-Request-Id")), "…");
    }

    @Test
    void aStoreIsToldByIdOrKey() {
        String madrid = api.createStore("madrid");
        String london = api.createStore("london");
        Created key = api.aKey().stores("madrid").create();

        for (String allowed : List.of(madrid, "madrid")) {
            Answer answer = askedForStore(key, allowed);
            assertThat(answer.status()).isEqualTo(204);
            assertThat(answer.header("X-Auth-Stores")).isEqualTo("madrid");
        }
        for (String refused : List.of(london, "london", "paris", "madrid, london", "")) {
            Answer answer = askedForStore(key, refused);
            assertThat(answer.status()).as(refused).isEqualTo(403);
            assertThat(JsonPath.from(answer.body()).getString("code")).isEqualTo("store-forbidden");
        }
        assertThat(latchkey.ask("GET", "/api/v1/auth", "X-Forwarded-Method: GET", "X-Forwarded-Uri: /api/v1/orders",
                "X-API-Key: " + key.key()).header("X-Auth-Stores")).isEqualTo("madrid");
    }

    private Answer askedForStore(Created key, String store) {
        return latchkey.ask("GET", "/api/v1/auth", "X-Forwarded-Method: GET", "X-Forwarded-Uri: /api/v1/orders",
                "X-API-Key: " + key.key(), "X-Store: " + store);
    }

    @Test
    void aKeyBoundToNetworksIsRefusedWhereTheGatewayTellsNoAddress() {
        Created key = api.aKey().networks("0.0.0.0/0", "::/0").create();
        String question = "X-API-Key: " + key.key();

        assertThat(latchkey.ask("GET", "/api/v1/auth/envoy/api/v1/orders", question).status()).isEqualTo(403);
        assertThat(latchkey.ask("GET", "/api/v1/auth/envoy/api/v1/orders", question, "X-Forwarded-For: unknown").status())
                .isEqualTo(403);
        assertThat(latchkey.ask("GET", "/api/v1/auth/envoy/api/v1/orders", question, "X-Forwarded-For: " + CLIENT).status())
                .isEqualTo(200);
    }

    @Test
    void whatAClientWroteBeforeTheGatewayIsNotItsAddress() {
        Created key = api.aKey().networks(CLIENT).create();

        assertThat(latchkey.ask("GET", "/api/v1/auth/envoy/api/v1/orders", "X-API-Key: " + key.key(),
                "X-Forwarded-For: " + CLIENT + ", 198.51.100.9").status()).isEqualTo(403);
    }

    private Answer asked(String form, String key, String method, String path) {
        return latchkey.send(GatewayForms.asking(form, key, method, path));
    }
}
