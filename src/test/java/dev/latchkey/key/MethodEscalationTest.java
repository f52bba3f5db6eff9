package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Nobody gives methods that he does not hold, nor by methods what he could not give as a scope. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class MethodEscalationTest {

    private static final String MAKING = "POST /api/v1/keys";
    private static final String EDITING = "PATCH /api/v1/keys/*";
    private static final String STATUSES = "GET /api/v*/orders/statuses";

    private Api api;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
    }

    @ParameterizedTest
    @CsvSource({ "GET /api/v*/orders/statuses, 201", "GET /api/v1/orders/statuses, 201", "GET /api/v*/orders/stat*, 403",
            "* /api/v*/orders/statuses, 403", "GET /api/v*/orders/**, 403", "GET /api/v*/products, 201",
            "GET /api/v*/products/**, 403", "GET /internal/a, 201", "GET /internal/**, 403" })
    void aKeyGivesNoMethodBeyondItsOwn(String pattern, int status) {
        Created maker = api.aKey().scopes("keys:write", "orders:read", "products:read")
                .methods(MAKING, STATUSES, "GET /api/v*/products", "GET /internal/*").create();

        api.aKey().scopes("orders:read").methods(pattern).requestedBy(Api.withKey(maker.key())).then().statusCode(status);
        if (status == 403) {
            api.aKey().scopes("orders:read").methods(pattern).requestedBy(Api.withKey(maker.key())).then()
                    .body("code", equalTo("escalation")).body("errors[0].field", equalTo("methods[0]"));
        }
    }

    @Test
    void aKeyThatIsLimitedToMethodsMakesNoneThatIsNot() {
        Created maker = api.aKey().scopes("keys:write", "orders:read").methods(MAKING, STATUSES).create();

        api.aKey().scopes("orders:read").requestedBy(Api.withKey(maker.key())).then().statusCode(403).body("errors[0].field",
                equalTo("methods"));
        api.aKey().scopes().requestedBy(Api.withKey(maker.key())).then().statusCode(403);
    }

    /** Without scopes, methods are not asked for any; and they reach what the catalogue does not know. */
    @Test
    void methodsAreNoWayAroundTheScopesOfTheirMaker() {
        Created maker = api.aKey().scopes("keys:write", "orders:read").create();

        api.aKey().scopes().methods(STATUSES).requestedBy(Api.withKey(maker.key())).then().statusCode(201);
        for (String beyond : List.of("GET /api/v*/customers", "POST /api/v*/orders", "GET /api/v*/**", "* /**", "GET /internal",
                "POST /api/v1/keys/verify", "GET /api/v*/*/statuses")) {
            api.aKey().scopes().methods(STATUSES, beyond).requestedBy(Api.withKey(maker.key())).then().statusCode(403)
                    .body("errors[0].field", equalTo("methods[1]"));
        }
        api.aKey().scopes("orders:read").methods("GET /internal").requestedBy(Api.withKey(maker.key())).then().statusCode(403);
        api.aKey().scopes("orders:read").methods("GET /api/v*/customers").requestedBy(Api.withKey(maker.key())).then()
                .statusCode(201);
    }

    @Test
    void aKeyOfMethodsAloneGivesThoseAndNoScope() {
        Created maker = api.aKey().scopes().methods(MAKING, STATUSES, "GET /internal/*").create();

        api.aKey().scopes().methods(STATUSES, "GET /internal/a").requestedBy(Api.withKey(maker.key())).then().statusCode(201);
        api.aKey().scopes().methods("GET /api/v*/orders").requestedBy(Api.withKey(maker.key())).then().statusCode(403);
        api.aKey().scopes("orders:read").methods(STATUSES).requestedBy(Api.withKey(maker.key())).then().statusCode(403)
                .body("errors[0].field", equalTo("scopes"));
    }

    @ParameterizedTest
    @CsvSource({ "developer, GET /api/v1/keys, 201", "developer, PATCH /api/v1/stores/*, 403",
            "admin, PATCH /api/v1/stores/*, 201", "owner, POST /api/v1/events, 403", "platform, POST /api/v1/events, 201",
            "owner, POST /api/v1/leaks, 403", "owner, * /api/v*/**, 403", "owner, * /**, 403", "owner, GET /api/v*/**, 201",
            "owner, * /api/v*/orders/**, 201", "developer, POST /api/v1/keys/verify, 201", "owner, GET /internal/**, 201",
            "platform, POST /api/v1/credentials/*/lease, 403" })
    void byMethodsPeopleGiveOfOurOwnOperationsOnlyWhatTheirRoleMayGive(String role, String pattern, int status) {
        api.aKey().scopes().methods(pattern).requestedBy(api.as(role)).then().statusCode(status);
        // With a scope, the scopes decide.
        api.aKey().scopes("orders:read").methods(pattern).requestedBy(api.as(role)).then().statusCode(201);
    }

    @Test
    void takingTheLastScopeAwayFromAKeyWithMethodsGivesItMore() {
        Created editor = api.aKey().scopes("keys:write", "orders:read").create();
        Created wide = api.aKey().scopes("orders:read").methods("GET /api/v*/**", "POST /api/v1/events").create();
        Created narrow = api.aKey().scopes("orders:read").methods(STATUSES).create();

        patchAs(editor, wide, Map.of("scopes", List.of()), 403);
        api.patch(wide.id(), Map.of("scopes", List.of())).then().statusCode(403).body("errors[0].field",
                equalTo("methods[1]"));
        patchAs(editor, narrow, Map.of("scopes", List.of()), 200);
        api.as("owner", "platform").body(Map.of("scopes", List.of())).patch("/api/v1/keys/" + wide.id()).then().statusCode(200);
        assertThat(api.verify(Map.of("key", wide.key(), "method", "POST", "path", "/api/v1/events")).extract()
                .<String> path("code")).isEqualTo("VALID");
    }

    /**
     * Whoever gave a scope of this service gave it for these operations; the rest is not for those to add who may not give it.
     */
    @Test
    void peopleAddNoOperationsOfAScopeThatIsNotTheirsToGive() {
        Created renamer = api.aKey().scopes("stores:write", "orders:read").methods("PATCH /api/v1/stores/*").create();
        String path = "/api/v1/keys/" + renamer.id();

        for (Object wider : Arrays.asList(null, List.of("* /api/v1/stores/**"),
                List.of("PATCH /api/v1/stores/*", "POST /api/v1/stores"))) {
            api.as("developer").body(Collections.singletonMap("methods", wider)).patch(path).then().statusCode(403)
                    .body("code", equalTo("escalation")).body("errors[0].field", startsWith("methods"));
        }
        api.as("developer").body(Map.of("methods", List.of("PATCH /api/v1/stores/*", STATUSES))).patch(path).then()
                .statusCode(200);
        api.as("developer").body(Map.of("methods", List.of("PATCH /api/v1/stores/0*"))).patch(path).then().statusCode(200);
        api.as("admin").body(Collections.singletonMap("methods", null)).patch(path).then().statusCode(200);
    }

    @Test
    void anEditGivesNoMethodMoreButKeepsWhatWasGiven() {
        Created editor = api.aKey().scopes("keys:write", "orders:read").methods(EDITING, STATUSES).create();
        Created partner = api.aKey().scopes("orders:read").methods("GET /api/v*/orders/**", "GET /internal").create();

        patchAs(editor, partner, Map.of("name", "Renamed"), 200);
        patchAs(editor, partner, Map.of("methods", List.of("GET /api/v*/orders/**", "GET /internal", "GET /other")), 403);
        patchAs(editor, partner, Collections.singletonMap("methods", null), 403);
        patchAs(editor, partner, Map.of("methods", List.of("GET /api/v*/orders/17", "GET /internal")), 200);
        patchAs(editor, partner, Map.of("methods", List.of("GET /api/v*/orders/**", "GET /internal")), 403);
        patchAs(editor, partner, Map.of("methods", List.of(STATUSES)), 200);
        patchAs(editor, partner, Collections.singletonMap("methods", null), 403);
        Api.withKey(editor.key()).get("/api/v1/keys/" + partner.id()).then().statusCode(403).body("code",
                equalTo("method-forbidden"));
    }

    @Test
    void aKeyIsNotHandedTheMaterialOfOneWithMoreMethods() {
        Created maker = api.aKey().scopes("keys:write", "orders:read").methods("POST /api/v1/keys/*/regenerate", STATUSES)
                .create();
        Created more = api.aKey().scopes("orders:read").methods("GET /api/v*/orders/**").create();
        Created same = api.aKey().scopes("orders:read").methods(STATUSES).create();

        Api.withKey(maker.key()).post("/api/v1/keys/" + more.id() + "/regenerate").then().statusCode(403);
        Api.withKey(maker.key()).post("/api/v1/keys/" + same.id() + "/regenerate").then().statusCode(200).body("start",
                startsWith("lk_live_"));
    }

    private static void patchAs(Created editor, Created target, Map<String, ?> patch, int status) {
        Api.withKey(editor.key()).contentType("application/merge-patch+json").body(patch)
                .patch("/api/v1/keys/" + target.id()).then().statusCode(status);
    }
}
