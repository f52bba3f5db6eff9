package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import jakarta.inject.Inject;

import dev.latchkey.replica.Barrier;
import dev.latchkey.replica.Scope;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ExtractableResponse;
import io.restassured.response.Response;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What verifiers are told. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class VerificationTest {

    @Inject
    Pool database;
    @Inject
    Barrier barrier;

    private Api api;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
    }

    @Test
    void aValidKeyIsToldWithAllThatItsVerifierNeeds() {
        Created key = api.aKey().scopes("orders:read", "orders:write").with("metadata", Map.of("plan", "gold")).create();

        api.verify(Map.of("key", key.key())).statusCode(200).body("valid", equalTo(true)).body("code", equalTo("VALID"))
                .body("keyId", equalTo(key.id())).body("name", equalTo("ERP")).body("organization", equalTo(api.organization()))
                .body("environment", equalTo("live")).body("scopes", contains("orders:read", "orders:write"))
                .body("stores", equalTo("all")).body("expiresAt", nullValue()).body("metadata.plan", equalTo("gold"))
                .body("rateLimit.limit", equalTo(100)).body("rateLimit.remaining", equalTo(99))
                .body("rateLimit.resetAt", notNullValue());
    }

    @Test
    void ofAnUnknownOrMalformedKeyNothingElseIsTold() {
        String unknown = KeyToken.generate("lk", "live", new SecureRandom()).text();
        String broken = unknown.substring(0, unknown.length() - 1) + (unknown.endsWith("0") ? "1" : "0");

        api.verify(Map.of("key", unknown)).statusCode(200).body("$", equalTo(Map.of("valid", false, "code", "NOT_FOUND")));
        for (String malformed : List.of(broken, "", "x", "lk_live_", unknown + " ", "Bearer " + unknown)) {
            api.verify(Map.of("key", malformed)).statusCode(200)
                    .body("$", equalTo(Map.of("valid", false, "code", "MALFORMED")));
        }
    }

    @Test
    void expiryTakesEffectAtItsInstant() {
        Instant expiry = Instant.now().plusMillis(1500);
        Created key = api.aKey().expiresAt(expiry).create();
        String before = api.verdictOn(key.key());
        Instant asked = Instant.now();
        assertThat(before).isEqualTo("VALID");
        assertThat(asked).as("the machine was too slow for this test").isBefore(expiry.plusMillis(1));

        while (Instant.now().isBefore(expiry)) {
            Thread.onSpinWait();
        }

        assertThat(api.verdictOn(key.key())).isEqualTo("EXPIRED");
        api.asOwner().get("/api/v1/keys/" + key.id()).then().body("status", equalTo("expired"));
    }

    @Test
    void aKeyLimitedToNetworksNeedsAnAddressInside() {
        Created key = api.aKey().networks("203.0.113.0/24", "2001:db8::/32").create();

        assertThat(codeOf(key, Map.of("ip", "203.0.113.7"))).isEqualTo("VALID");
        assertThat(codeOf(key, Map.of("ip", "::ffff:203.0.113.7"))).isEqualTo("VALID");
        assertThat(codeOf(key, Map.of("ip", "2001:DB8:0::1"))).isEqualTo("VALID");
        assertThat(codeOf(key, Map.of("ip", "203.0.114.7"))).isEqualTo("IP_FORBIDDEN");
        assertThat(codeOf(key, Map.of())).as("what cannot be judged is refused").isEqualTo("IP_FORBIDDEN");
        api.verify(Map.of("key", key.key(), "ip", "not an address")).statusCode(422).body("errors[0].field", equalTo("ip"));
    }

    @Test
    void aKeyLimitedToStoresReachesThoseOnly() {
        String madrid = api.createStore("madrid");
        api.createStore("paris");
        Created key = api.aKey().stores("madrid").create();

        assertThat(codeOf(key, Map.of("store", "madrid"))).isEqualTo("VALID");
        assertThat(codeOf(key, Map.of("store", madrid))).isEqualTo("VALID");
        assertThat(codeOf(key, Map.of("store", "paris"))).isEqualTo("STORE_FORBIDDEN");
        assertThat(codeOf(key, Map.of("store", "nowhere"))).isEqualTo("STORE_FORBIDDEN");
        api.verify(Map.of("key", key.key())).body("code", equalTo("VALID")).body("stores[0].id", equalTo(madrid))
                .body("stores[0].key", equalTo("madrid"));

        set("require_store", true);
        assertThat(codeOf(key, Map.of())).isEqualTo("STORE_FORBIDDEN");
        assertThat(codeOf(api.aKey().create(), Map.of())).as("an all-stores key needs none").isEqualTo("VALID");
    }

    @Test
    void aRenamedStoreIsKnownByItsNewKeyAtOnce() {
        String madrid = api.createStore("madrid");
        Created key = api.aKey().stores("madrid").create();
        assertThat(codeOf(key, Map.of("store", "madrid"))).isEqualTo("VALID");

        api.asOwner().body(Map.of("key", "toledo")).patch("/api/v1/stores/" + madrid).then().statusCode(200);

        assertThat(codeOf(key, Map.of("store", "toledo"))).isEqualTo("VALID");
        assertThat(codeOf(key, Map.of("store", "madrid"))).isEqualTo("STORE_FORBIDDEN");
    }

    @Test
    void anOperationDemandsTheScopesOfTheCatalogue() {
        Created reader = api.aKey().scopes("orders:read").create();
        Created writer = api.aKey().scopes("orders:write").create();

        assertThat(codeOf(reader, operation("GET", "/api/v1/orders/17"))).isEqualTo("VALID");
        assertThat(codeOf(reader, operation("POST", "/api/v1/orders"))).isEqualTo("SCOPE_MISSING");
        assertThat(codeOf(writer, operation("POST", "/api/v1/orders"))).isEqualTo("VALID");
        assertThat(codeOf(writer, operation("GET", "/api/v1/orders"))).as("write does not imply read")
                .isEqualTo("SCOPE_MISSING");
        assertThat(codeOf(reader, operation("GET", "/api/v1/customers"))).isEqualTo("SCOPE_MISSING");
        assertThat(codeOf(reader, Map.of("scopes", List.of("orders:read")))).isEqualTo("VALID");
        assertThat(codeOf(reader, Map.of("scopes", List.of("orders:read", "orders:write")))).isEqualTo("SCOPE_MISSING");
    }

    @Test
    void noSpellingOfAPathEscapes() {
        Created reader = api.aKey().scopes("orders:read").create();

        for (String spelling : List.of("/api/v1/orders/../customers", "/api/v1/orders/%2e%2e/customers", "/api/v1//customers/",
                "/api/v1/%63ustomers", "/api/v1/orders/..;/customers", "/api/v1/orders/..%2fcustomers",
                "/api/v1/orders\\..\\customers", "/api/v1/customers;orders", "/api/v1/orders%00/../customers",
                "/api/v1/orders/%252e%252e/customers", "/api/v1/customers?/api/v1/orders", "https://h/api/v1/customers")) {
            assertThat(codeOf(reader, operation("GET", spelling))).as(spelling).isIn("SCOPE_MISSING", "METHOD_FORBIDDEN");
        }
        assertThat(codeOf(reader, operation("GET", "/api/v1//orders/./17/?page=2"))).isEqualTo("VALID");
    }

    @Test
    void anUnknownOperationIsForbiddenUnlessTheOrganizationAllowsIt() {
        Created key = api.aKey().create();
        assertThat(codeOf(key, operation("GET", "/internal/debug"))).isEqualTo("METHOD_FORBIDDEN");

        set("unknown_operations", "allow");

        assertThat(codeOf(key, operation("GET", "/internal/debug"))).isEqualTo("VALID");
        assertThat(codeOf(key, operation("GET", "/internal/../../debug"))).as("not a path at all")
                .isEqualTo("METHOD_FORBIDDEN");
    }

    @Test
    void aSuspendedOrganizationsKeysAreInactive() {
        Created key = api.aKey().create();
        assertThat(api.verdictOn(key.key())).isEqualTo("VALID");

        set("active", false);

        assertThat(api.verdictOn(key.key())).isEqualTo("INACTIVE");
    }

    @Test
    void theFirstReasonThatAppliesIsTold() {
        Created key = api.aKey().networks("203.0.113.0/24").scopes().rateLimit(1, "P1D").create();
        Map<String, Object> everythingWrong = new HashMap<>(operation("GET", "/api/v1/orders"));
        everythingWrong.put("ip", "198.51.100.1");
        assertThat(codeOf(key, everythingWrong)).isEqualTo("IP_FORBIDDEN");

        api.patch(key.id(), Map.of("active", false));
        assertThat(codeOf(key, everythingWrong)).isEqualTo("INACTIVE");
        api.act(key.id(), "revoke");
        assertThat(codeOf(key, everythingWrong)).isEqualTo("REVOKED");
    }

    @Test
    void theHundredAndFirstRequestIsLimited() {
        List<ExtractableResponse<Response>> answers = hundredAndOneWithinOneWindow();

        for (int i = 0; i < 100; i++) {
            assertThat(answers.get(i).<String> path("code")).isEqualTo("VALID");
            assertThat(answers.get(i).<Integer> path("rateLimit.remaining")).isEqualTo(99 - i);
        }
        ExtractableResponse<Response> last = answers.get(100);
        assertThat(last.statusCode()).isEqualTo(200);
        assertThat(last.<Boolean> path("valid")).isFalse();
        assertThat(last.<String> path("code")).isEqualTo("RATE_LIMITED");
        assertThat(last.<Integer> path("rateLimit.remaining")).isZero();
    }

    /** Windows begin every 15 minutes, and a test may be under way then: once more, with another key. */
    private List<ExtractableResponse<Response>> hundredAndOneWithinOneWindow() {
        for (int attempt = 0; attempt < 2; attempt++) {
            Created key = api.aKey().create();
            List<ExtractableResponse<Response>> answers = Stream.generate(() -> api.verify(Map.of("key", key.key())).extract())
                    .limit(101).toList();
            if (answers.get(0).path("rateLimit.resetAt").equals(answers.get(100).path("rateLimit.resetAt"))) {
                return answers;
            }
        }
        throw new AssertionError("two windows of 15 minutes began within seconds");
    }

    @Test
    void aCostIsTakenWholeOrNotAtAll() {
        Created key = api.aKey().rateLimit(10, "P1D").create();
        api.verify(Map.of("key", key.key(), "cost", 7)).body("rateLimit.remaining", equalTo(3));
        api.verify(Map.of("key", key.key(), "cost", 4)).body("code", equalTo("RATE_LIMITED")).body("rateLimit.remaining",
                equalTo(3));
        api.verify(Map.of("key", key.key(), "cost", 0)).body("code", equalTo("VALID")).body("rateLimit.remaining", equalTo(3));
        api.verify(Map.of("key", key.key(), "cost", 3)).body("code", equalTo("VALID")).body("rateLimit.remaining", equalTo(0));
        api.verify(Map.of("key", key.key(), "cost", 0)).body("code", equalTo("RATE_LIMITED"));
        api.verify(Map.of("key", key.key(), "cost", 11)).statusCode(422).body("errors[0].field", equalTo("cost"));
        api.verify(Map.of("key", key.key(), "cost", -1)).statusCode(422);
    }

    @Test
    void refusalsForOtherReasonsCostNothing() {
        Created key = api.aKey().rateLimit(2, "P1D").create();
        for (int i = 0; i < 5; i++) {
            assertThat(codeOf(key, operation("DELETE", "/api/v1/orders/1"))).isEqualTo("SCOPE_MISSING");
        }

        api.verify(Map.of("key", key.key())).body("code", equalTo("VALID")).body("rateLimit.remaining", equalTo(1));
    }

    @Test
    void anUnlimitedKeyIsNeverLimited() {
        Created key = api.aKey().unlimited().create();
        for (int i = 0; i < 150; i++) {
            api.verify(Map.of("key", key.key())).body("code", equalTo("VALID")).body("rateLimit", nullValue());
        }
    }

    @Test
    void aLoweredLimitHoldsFromTheNextRequest() {
        Created key = api.aKey().rateLimit(10, "P1D").create();
        api.verify(Map.of("key", key.key(), "cost", 5)).body("code", equalTo("VALID"));

        api.patch(key.id(), Map.of("rateLimit", Map.of("limit", 3, "window", "P1D"))).then().statusCode(200);

        api.verify(Map.of("key", key.key())).body("code", equalTo("RATE_LIMITED")).body("rateLimit.limit", equalTo(3));
    }

    @Test
    void methodAndPathNameAnOperationTogether() {
        Created key = api.aKey().create();
        api.verify(Map.of("key", key.key(), "method", "GET")).statusCode(422).body("errors[0].field", equalTo("path"));
        api.verify(Map.of("key", key.key(), "path", "/api/v1/orders")).statusCode(422).body("errors[0].field",
                equalTo("method"));
        api.verify(Map.of("key", key.key(), "method", "get", "path", "/")).statusCode(422);
    }

    private static Map<String, Object> operation(String method, String path) {
        return Map.of("method", method, "path", path);
    }

    private String codeOf(Created key, Map<String, ?> question) {
        Map<String, Object> request = new HashMap<>(question);
        request.put("key", key.key());
        return api.verify(request).statusCode(200).extract().path("code");
    }

    /** A setting of the organization, which has no operation yet. */
    private void set(String column, Object value) {
        var id = database.preparedQuery("update organization set " + column + " = $1 where key = $2 returning id")
                .executeAndAwait(Tuple.of(value, api.organization())).iterator().next().getUUID("id");
        barrier.settle(Scope.organization(id)).await().indefinitely();
    }
}
