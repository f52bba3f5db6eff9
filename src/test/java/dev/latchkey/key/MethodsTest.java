package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys that are limited to some API methods. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class MethodsTest {

    private static final String STATUSES = "GET /api/v*/orders/statuses";

    private Api api;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
    }

    @ParameterizedTest
    @CsvSource({ "GET, /api/v1/orders/statuses, VALID", "GET, /api/v2/orders/statuses, VALID",
            "GET, /api/v1/orders/statuses/, VALID", "GET, /api/v1/orders/statuses?since=1, VALID",
            "GET, /api/v1/orders, METHOD_FORBIDDEN", "GET, /api/v1/orders/17, METHOD_FORBIDDEN",
            "GET, /api/v1/orders/statuses/17, METHOD_FORBIDDEN", "POST, /api/v1/orders/statuses, METHOD_FORBIDDEN",
            "HEAD, /api/v1/orders/statuses, METHOD_FORBIDDEN", "DELETE, /api/v1/orders/statuses, METHOD_FORBIDDEN",
            "GET, /api/v1/customers, METHOD_FORBIDDEN", "GET, /api/orders/statuses, METHOD_FORBIDDEN",
            "GET, /api/v1/orders/Statuses, METHOD_FORBIDDEN", "GET, /, METHOD_FORBIDDEN" })
    void aPartnersKeyForOrderStatusesReachesExactlyThat(String method, String path, String code) {
        Created withScope = api.aKey().scopes("orders:read").methods(STATUSES).create();
        Created withoutScope = api.aKey().scopes().methods(STATUSES).create();

        for (Created key : List.of(withScope, withoutScope)) {
            assertThat(codeOf(key, method, path)).isEqualTo(code);
            int status = code.equals("VALID") ? 204 : 403;
            Api.withKey(key.key()).header("X-Forwarded-Method", method).header("X-Forwarded-Uri", path).get("/api/v1/auth")
                    .then().statusCode(status);
            Api.withKey(key.key()).header("X-Original-Method", method).header("X-Original-URI", path)
                    .get("/api/v1/auth/nginx").then().statusCode(status);
            Api.withKey(key.key()).urlEncodingEnabled(false).request(method, "/api/v1/auth/envoy" + path).then()
                    .statusCode(code.equals("VALID") ? 200 : 403);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = { "/api/v1/orders/statuses/../17", "/api/v1/orders/17/..%2fstatuses", "/api/v1/orders%2fstatuses",
            "/api/v1/orders/%2e%2e/orders/statuses/x", "/api/v1/customers/../orders/statuses", "/api/v1/orders/..;/statuses",
            "/api/v1/orders/statuses%00", "/api/v1/orders\\statuses", "//x/api/v1/orders/statuses",
            "/api/v1/orders/statuses#/../17", "/api/v1/orders/%73tatuses%252f17", "/api/v1/x%2f..%2forders/statuses" })
    void noSpellingOfAPathEscapes(String path) {
        Created key = api.aKey().scopes().methods(STATUSES).create();

        assertThat(codeOf(key, "GET", path)).isEqualTo("METHOD_FORBIDDEN");
    }

    @Test
    void everyReadingOfAPathHasToBeAllowedByWhicheverMethod() {
        Created one = api.aKey().scopes().methods("GET /files/*").create();
        Created both = api.aKey().scopes().methods("GET /files/*", "GET /files/*/*").create();

        assertThat(codeOf(one, "GET", "/files/a%2Fb")).isEqualTo("METHOD_FORBIDDEN");
        assertThat(codeOf(both, "GET", "/files/a%2Fb")).isEqualTo("VALID");
    }

    @Test
    void withoutMethodAndPathAMethodLimitedKeyCannotBeJudged() {
        Created key = api.aKey().methods(STATUSES).create();

        assertThat(api.verdictOn(key.key())).isEqualTo("METHOD_FORBIDDEN");
        api.verify(Map.of("key", key.key(), "method", "GET")).statusCode(422);
    }

    @Test
    void scopesAreDemandedBesidesMethods() {
        Created key = api.aKey().scopes("orders:read").methods("* /api/v*/orders/**", "GET /api/v*/customers").create();

        assertThat(codeOf(key, "GET", "/api/v1/orders/17")).isEqualTo("VALID");
        assertThat(codeOf(key, "POST", "/api/v1/orders/17")).isEqualTo("SCOPE_MISSING");
        assertThat(codeOf(key, "GET", "/api/v1/customers")).isEqualTo("SCOPE_MISSING");
        assertThat(codeOf(key, "GET", "/api/v1/orders")).as("first of all the method").isEqualTo("METHOD_FORBIDDEN");
    }

    @Test
    void withoutScopesMethodsGrantExactlyThose() {
        Created key = api.aKey().scopes().methods("* /api/v*/orders/**", "GET /api/v*/customers").create();

        assertThat(codeOf(key, "POST", "/api/v1/orders/17")).isEqualTo("VALID");
        assertThat(codeOf(key, "GET", "/api/v1/customers")).isEqualTo("VALID");
        assertThat(codeOf(key, "GET", "/api/v1/products")).isEqualTo("METHOD_FORBIDDEN");
        api.verify(Map.of("key", key.key(), "method", "GET", "path", "/api/v1/customers", "scopes", List.of("customers:read")))
                .body("code", equalTo("SCOPE_MISSING"));
    }

    @Test
    void ofAPairTheSecretIsAskedForBeforeTheMethods() {
        Created key = api.aKey().methods(STATUSES).withSecret().create();
        Map<String, Object> asked = new HashMap<>(Map.of("key", key.key(), "method", "POST", "path", "/api/v1/orders"));
        api.verify(asked).body("code", equalTo("BAD_SECRET"));
        asked.put("secret", key.secret());
        api.verify(asked).body("code", equalTo("METHOD_FORBIDDEN"));
        asked.putAll(Map.of("method", "GET", "path", "/api/v1/orders/statuses"));
        api.verify(asked).body("code", equalTo("VALID"));

        String next = api.asOwner().body(Map.of("part", "secret")).post("/api/v1/keys/" + key.id() + "/regenerate").then()
                .statusCode(200).body("methods", equalTo(List.of(STATUSES))).body("$", not(hasKey("warnings"))).extract()
                .path("secret");
        asked.putAll(Map.of("secret", next, "method", "POST"));
        api.verify(asked).body("code", equalTo("METHOD_FORBIDDEN"));
    }

    @Test
    void anOperationThatTheCatalogueDoesNotKnowNeedsAMethodOrASetting() {
        Created byScopes = api.aKey().create();
        Created byMethod = api.aKey().methods("GET /internal/*").create();
        Created byOther = api.aKey().methods(STATUSES).create();

        assertThat(codeOf(byScopes, "GET", "/internal/x")).isEqualTo("METHOD_FORBIDDEN");
        assertThat(codeOf(byMethod, "GET", "/internal/x")).isEqualTo("VALID");
        assertThat(codeOf(byOther, "GET", "/internal/x")).isEqualTo("METHOD_FORBIDDEN");

        api.set(Map.of("unknownOperations", "allow")).then().statusCode(200);
        assertThat(codeOf(byScopes, "GET", "/internal/x")).isEqualTo("VALID");
        assertThat(codeOf(byMethod, "GET", "/internal/x")).isEqualTo("VALID");
        assertThat(codeOf(byOther, "GET", "/internal/x")).as("still limited to its methods").isEqualTo("METHOD_FORBIDDEN");
    }

    @Test
    void methodsAreInForceWhenTheEditIsAnswered() {
        Created key = api.aKey().create();
        assertThat(codeOf(key, "GET", "/api/v1/orders")).isEqualTo("VALID");

        api.patch(key.id(), Map.of("methods", List.of(STATUSES))).then().statusCode(200).body("methods", contains(STATUSES));
        assertThat(codeOf(key, "GET", "/api/v1/orders")).isEqualTo("METHOD_FORBIDDEN");
        assertThat(codeOf(key, "GET", "/api/v1/orders/statuses")).isEqualTo("VALID");

        api.patch(key.id(), Map.of("name", "Carrier")).then().statusCode(200).body("methods", contains(STATUSES));
        api.patch(key.id(), Collections.singletonMap("methods", null)).then().statusCode(200).body("methods", nullValue());
        assertThat(codeOf(key, "GET", "/api/v1/orders")).isEqualTo("VALID");
    }

    @Test
    void aKeyIsShownWithItsMethods() {
        Created key = api.aKey().methods(STATUSES, "* /api/v*/products/**", STATUSES).create();
        Created free = api.aKey().create();

        api.asOwner().get("/api/v1/keys/" + key.id()).then().body("methods", contains(STATUSES, "* /api/v*/products/**"))
                .body("$", not(hasKey("warnings")));
        api.asOwner().get("/api/v1/keys").then().body("items[1].methods", hasSize(2)).body("items[0].methods", nullValue());
        Api.withKey(key.key()).get("/api/v1/keys/self").then().statusCode(200)
                .body("methods", contains(STATUSES, "* /api/v*/products/**"));
        Api.withKey(free.key()).get("/api/v1/keys/self").then().body("methods", nullValue());
    }

    @ParameterizedTest
    @CsvSource({ "GET orders, 4, must begin with a slash", "get /orders, 0, capital letters", "GET, 3, path is missing",
            "GET /orders/{id}, 12, write *", "GET /a/**/b, 7, only at the end", "GET /a//b, 7, two slashes",
            "GET /orders?x=1, 11, leave out query", "'', 0, method is missing" })
    void aBadPatternIsRefusedWithItsPosition(String pattern, int position, String why) {
        api.aKey().methods(STATUSES, pattern).requestedBy(api.asOwner()).then().statusCode(422)
                .body("errors.size()", equalTo(1)).body("errors[0].field", equalTo("methods[1]"))
                .body("errors[0].message", containsString("position " + position + " "))
                .body("errors[0].message", containsString(why));
    }

    @Test
    void whatIsNoListOfPatternsIsRefused() {
        Created key = api.aKey().create();
        List<Object> bad = Arrays.asList(List.of(), List.of(1), Collections.singletonList(null), "GET /x", Map.of(),
                List.of("GET /" + "x".repeat(300)), Collections.nCopies(101, STATUSES));

        for (Object methods : bad) {
            api.aKey().with("methods", methods).requestedBy(api.asOwner()).then().statusCode(422);
            api.patch(key.id(), Map.of("methods", methods)).then().statusCode(422);
        }
        assertThat(codeOf(key, "GET", "/api/v1/orders")).isEqualTo("VALID");
    }

    @Test
    void aPatternThatMatchesNothingIsAcceptedWithAWarning() {
        Response created = api.aKey().methods(STATUSES, "GET /api/v*/ordres", "GET /api/v*/customers")
                .requestedBy(api.asOwner());
        created.then().statusCode(201).body("warnings", hasSize(2)).body("warnings[0].field", equalTo("methods[1]"))
                .body("warnings[0].message", equalTo("matches no operation of the catalogue"))
                .body("warnings[1].field", equalTo("methods[2]"))
                .body("warnings[1].message", containsString("no scope for"));

        String id = created.path("id");
        api.patch(id, Map.of("scopes", List.of())).then().statusCode(200).body("warnings", hasSize(1));
        api.patch(id, Map.of("methods", List.of(STATUSES))).then().statusCode(200).body("$", not(hasKey("warnings")));
        api.asOwner().get("/api/v1/keys/" + id).then().body("$", not(hasKey("warnings")));
    }

    @Test
    void theActivityLogTellsOfMethods() {
        Created key = api.aKey().methods(STATUSES).create();
        api.patch(key.id(), Map.of("methods", List.of("GET /api/v*/orders/**"))).then().statusCode(200);
        api.patch(key.id(), Map.of("methods", List.of("GET /api/v*/orders/**"))).then().statusCode(200);
        api.patch(key.id(), Collections.singletonMap("methods", null)).then().statusCode(200);

        api.asOwner().get("/api/v1/activity?targetId=" + key.id()).then().body("items", hasSize(3))
                .body("items[2].changes.find { it.field == 'methods' }.after", equalTo(List.of(STATUSES)))
                .body("items[1].changes", hasSize(1)).body("items[1].changes[0].field", equalTo("methods"))
                .body("items[1].changes[0].before", equalTo(List.of(STATUSES)))
                .body("items[1].changes[0].after", equalTo(List.of("GET /api/v*/orders/**")))
                .body("items[0].changes[0].after", nullValue());
    }

    @Test
    void ourOwnOperationsAreJudgedByMethodsToo() {
        Created lister = api.aKey().scopes("keys:read", "stores:read").methods("GET /api/v1/keys").create();

        Api.withKey(lister.key()).get("/api/v1/keys").then().statusCode(200);
        Api.withKey(lister.key()).get("/api/v1/keys?limit=1").then().statusCode(200);
        for (String other : List.of("/api/v1/stores", "/api/v1/keys/" + lister.id(), "/api/v1/catalog")) {
            Api.withKey(lister.key()).get(other).then().statusCode(403).body("code", equalTo("method-forbidden"));
        }
        Api.withKey(lister.key()).head("/api/v1/keys").then().statusCode(403);
        Api.withKey(lister.key()).get("/api/v1/keys/self").then().statusCode(200);
        Api.withKey(api.aKey().methods("GET /api/v1/keys").create().key()).get("/api/v1/keys").then().statusCode(403)
                .body("code", equalTo("forbidden"));
    }

    @Test
    void withoutScopesMethodsGrantOurOwnOperationsTooButNoneThatIsForPeople() {
        Created key = api.aKey().scopes().methods("GET /api/v1/keys", "* /api/v1/keys/*").create();

        Api.withKey(key.key()).get("/api/v1/keys").then().statusCode(200);
        Api.withKey(key.key()).get("/api/v1/keys/" + key.id()).then().statusCode(200);
        Api.withKey(key.key()).delete("/api/v1/keys/" + key.id()).then().statusCode(403).body("code", equalTo("forbidden"));
        Api.withKey(key.key()).body(Map.of("key", key.key())).post("/api/v1/keys/verify").then().statusCode(200);
        Api.withKey(key.key()).get("/api/v1/stores").then().statusCode(403).body("code", equalTo("method-forbidden"));
    }

    @Test
    void aGatewaysKeyMayBeLimitedToVerifying() {
        Created judged = api.aKey().create();
        Created gateway = api.aKey().scopes("keys:verify").methods("POST /api/v1/keys/verify").create();
        Created other = api.aKey().scopes("keys:verify").methods(STATUSES).create();
        Map<String, String> question = Map.of("key", judged.key());

        Api.withKey(gateway.key()).body(question).post("/api/v1/keys/verify").then().statusCode(200).body("code",
                equalTo("VALID"));
        Api.withKey(other.key()).body(question).post("/api/v1/keys/verify").then().statusCode(403).body("code",
                equalTo("method-forbidden"));
    }

    private String codeOf(Created key, String method, String path) {
        Map<String, Object> question = new HashMap<>(Map.of("key", key.key(), "cost", 0, "method", method, "path", path));
        return api.verify(question).statusCode(200).extract().path("code");
    }
}
