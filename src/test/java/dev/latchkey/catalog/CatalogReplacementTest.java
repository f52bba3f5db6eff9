package dev.latchkey.catalog;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;

import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.KeyBuilder;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import org.junit.jupiter.api.Test;

/** A document takes the place of the catalogue, and what keys are answered follows it at once. */
@QuarkusTest
class CatalogReplacementTest extends CatalogCase {

    @Inject
    DataSource database;

    @Test
    void aDocumentReplacesTheCatalogueAndVerdictsFollowAtOnce() {
        String key = api.aKey().scopes("orders:read").unlimited().create().key();
        verdict(key, "GET", "/api/v1/orders").body("code", equalTo("VALID"));
        verdict(key, "GET", "/v2/orders/5").body("code", equalTo("METHOD_FORBIDDEN"));

        put(shop("orders:read")).then().statusCode(200).body("groups", equalTo(1)).body("scopes", equalTo(1))
                .body("methods", equalTo(1)).body("dryRun", equalTo(false)).body("warnings", empty());

        verdict(key, "GET", "/v2/orders/5").body("code", equalTo("VALID"));
        verdict(key, "GET", "/api/v1/orders").body("code", equalTo("METHOD_FORBIDDEN"));
        put(shop("orders:all")).then().statusCode(200);
        verdict(key, "GET", "/v2/orders/5").body("code", equalTo("SCOPE_MISSING"));
        verdict(key, "GET", "/api/v1/keys").body("code", equalTo("SCOPE_MISSING"));
        given().auth().oauth2(PLATFORM).delete(CATALOG).then().statusCode(200).body("methods", equalTo(6 * 14 + 8 + 4));
        verdict(key, "GET", "/api/v1/orders").body("code", equalTo("VALID"));
        verdict(key, "GET", "/v2/orders/5").body("code", equalTo("METHOD_FORBIDDEN"));
    }

    @Test
    void forwardAuthJudgesByTheDocumentAtOnce() {
        String key = api.aKey().scopes("orders:read").unlimited().create().key();
        for (int round = 0; round < 5; round++) {
            put(shop("orders:read")).then().statusCode(200);
            assertThat(forward(key)).isEqualTo(204);
            put(shop("orders:all")).then().statusCode(200);
            assertThat(forward(key)).isEqualTo(403);
        }
    }

    private static int forward(String key) {
        return given().header("X-API-Key", key).header("X-Forwarded-Method", "GET").header("X-Forwarded-Uri", "/v2/orders/5")
                .get("/api/v1/auth").statusCode();
    }

    @Test
    void theCatalogueShowsTheDocumentAndThisServicesOwn() {
        String before = api.as("viewer").get(CATALOG).then().statusCode(200)
                .body("groups.description", everyItem(not(empty()))).extract().header("ETag");

        String after = put(shop("orders:read")).then().statusCode(200).extract().header("ETag");

        assertThat(after).isNotEqualTo(before);
        api.as("viewer").header("Accept-Language", "es").get(CATALOG).then().statusCode(200).header("ETag", equalTo(after))
                .body("groups.name", hasItems("Orders", "Claves de API")).body("groups[0].description", equalTo("All of them"))
                .body("groups[0].scopes.name", equalTo(List.of("orders:read")))
                .body("groups[0].methods[0].method", equalTo("GET"))
                .body("groups[0].methods[0].path", equalTo("/v2/orders/*"))
                .body("groups[0].methods[0].scopes", equalTo(List.of("orders:read")))
                .body("groups.scopes.flatten().name", not(hasItem("customers:read")));
    }

    @Test
    void scopesOfTheDocumentCanBeGivenAndFormerOnesNotAnyMore() {
        put(shop("orders:all")).then().statusCode(200);

        KeyBuilder.Created key = api.aKey().scopes("orders:all", "keys:read").create();
        api.aKey().scopes("orders:read").requestedBy(api.asOwner()).then().statusCode(422).body("errors[0].field",
                equalTo("scopes[0]"));
        given().auth().oauth2(PLATFORM).delete(CATALOG).then().statusCode(200);

        // What a key holds it keeps.
        api.patch(key.id(), Map.of("name", "renamed")).then().statusCode(200).body("scopes", hasItem("orders:all"));
        api.patch(key.id(), Map.of("scopes", List.of("orders:all"))).then().statusCode(200);
        verdict(key.key(), "GET", "/api/v1/orders").body("code", equalTo("SCOPE_MISSING"));
    }

    @Test
    void whatVanishesAndIsHeldIsTold() {
        String scope = "shop:" + UUID.randomUUID();
        put(shop(scope)).then().statusCode(200);
        String first = api.aKey().with("name", "first").scopes(scope).create().id();
        api.aKey().scopes(scope).create();
        Api other = Api.ofNewOrganization();
        String last = other.aKey().with("name", "last").scopes(scope, "keys:read").create().id();
        String revoked = api.aKey().scopes(scope).create().id();
        api.act(revoked, "revoke").then().statusCode(200);

        ValidatableResponse preview = put(shop("orders:other"), "?dryRun=true").then().statusCode(200).body("dryRun",
                equalTo(true));
        ValidatableResponse done = put(shop("orders:other")).then().statusCode(200).body("dryRun", equalTo(false));

        for (ValidatableResponse each : List.of(preview, done)) {
            each.body("vanished.complete", equalTo(true)).body("vanished.methods", empty())
                    .body("vanished.scopes", hasSize(1)).body("vanished.scopes[0].name", equalTo(scope))
                    .body("vanished.scopes[0].keys", equalTo(3))
                    .body("vanished.scopes[0].examples.id", equalTo(List.of(first, last)))
                    .body("vanished.scopes[0].examples.name", equalTo(List.of("first", "last")))
                    .body("vanished.scopes[0].examples.organization",
                            equalTo(List.of(api.organization(), other.organization())));
        }
        put(shop("orders:third")).then().statusCode(200).body("vanished.scopes", empty());
    }

    @Test
    void aPatternThatMatchesNothingAnyMoreIsToldAndGoesOnOpeningWhatItMatches() {
        String path = "/v2/" + UUID.randomUUID() + "/5";
        String pattern = "GET " + path;
        put(shop("orders:all").replace("/orders/{id}", path.substring("/v2".length()))).then().statusCode(200);
        String first = api.aKey().with("name", "first").scopes("orders:all").methods(pattern, "GET /v2/**").create().id();
        Api other = Api.ofNewOrganization();
        KeyBuilder.Created last = other.aKey().with("name", "last").scopes("orders:all").methods(pattern).unlimited().create();
        String revoked = api.aKey().scopes("orders:all").methods(pattern).create().id();
        api.act(revoked, "revoke").then().statusCode(200);

        put(shop("orders:all")).then().statusCode(200).body("vanished.complete", equalTo(true))
                .body("vanished.scopes", empty()).body("vanished.methods", hasSize(1))
                .body("vanished.methods[0].name", equalTo(pattern)).body("vanished.methods[0].keys", equalTo(2))
                .body("vanished.methods[0].examples.id", equalTo(List.of(first, last.id())));

        // It is demanded nothing there any more, which is told as well: CatalogReachTest.
        verdict(last.key(), "GET", path).body("code", equalTo("VALID"));
        verdict(last.key(), "GET", "/v2/orders/5").body("code", equalTo("METHOD_FORBIDDEN"));
        put(shop("orders:all")).then().statusCode(200).body("vanished.methods", empty());
    }

    /** A key that has methods alone may do what they say; a document may not make that more. */
    @Test
    void aDocumentThatNamesThisServicesOwnGivesNoKeyMoreOfIt() {
        String verifier = api.aKey().with("scopes", List.of()).methods("POST /api/v1/keys/verify").unlimited().create().key();
        Map<String, String> own = Map.of("key", api.aKey().create().key());
        Map<String, String> anothers = Map.of("key", Api.ofNewOrganization().aKey().create().key());
        put("""
                {"openapi": "3.1.0", "paths": {"/api/v1/keys/verify": {"post": {"security": [{"oauth": ["keys:verify-any"]}]}}},
                "components": {"securitySchemes": {"oauth": {"type": "oauth2", "flows": {"clientCredentials":
                {"scopes": {"keys:verify-any": "Asks about everybody"}}}}}}}""").then().statusCode(200);

        Api.withKey(verifier).body(own).post("/api/v1/keys/verify").then().statusCode(200).body("code", equalTo("VALID"));
        Api.withKey(verifier).body(anothers).post("/api/v1/keys/verify").then().statusCode(200).body("code",
                equalTo("NOT_FOUND"));
    }

    @Test
    void aDryRunChangesNothing() {
        Response before = api.as("viewer").get(CATALOG);

        put(shop("orders:all"), "?dryRun=true").then().statusCode(200).body("methods", equalTo(1)).header("ETag",
                before.header("ETag"));
        put(shop("orders:all"), "?dryRun=maybe").then().statusCode(422).body("errors[0].field", equalTo("dryRun"));

        assertThat(api.as("viewer").get(CATALOG).asString()).isEqualTo(before.asString());
    }

    @Test
    void whoeverHasNotSeenTheLastOneReplacesNothing() {
        String before = api.as("viewer").get(CATALOG).header("ETag");
        String first = put(shop("orders:all")).then().statusCode(200).extract().header("ETag");

        given().auth().oauth2(PLATFORM).header("If-Match", before).contentType("application/json").body(shop("orders:third"))
                .put(CATALOG).then().statusCode(412);
        given().auth().oauth2(PLATFORM).header("If-Match", before).contentType("application/json").body(shop("orders:third"))
                .put(CATALOG + "?dryRun=true").then().statusCode(412);
        given().auth().oauth2(PLATFORM).header("If-Match", before).delete(CATALOG).then().statusCode(412);
        given().auth().oauth2(PLATFORM).header("If-Match", first).contentType("application/json").body(shop("orders:all"))
                .put(CATALOG).then().statusCode(200).header("ETag", first);
    }

    @Test
    void onlyThePlatformReplacesIt() {
        for (String role : List.of("owner", "admin", "developer", "viewer")) {
            api.as(role).body(shop("orders:all")).put(CATALOG).then().statusCode(403);
            api.as(role).delete(CATALOG).then().statusCode(403);
        }
        Api.withKey(api.aKey().scopes("keys:write").create().key()).body(shop("orders:all")).put(CATALOG).then()
                .statusCode(403);
        api.asPlatform().body(shop("orders:all")).put(CATALOG).then().statusCode(200);
    }

    /** Whoever writes to the table by hand is heard like whoever asks for it. */
    @Test
    void whatIsChangedInTheDatabaseIsInForceSoon() {
        put(shop("orders:all")).then().statusCode(200);
        Behind behind = new Behind(database);
        assertThat(behind.execute("delete from catalog")).isEqualTo(1);
        Eventually.holds(() -> api.as("viewer").get(CATALOG).then().header("ETag", "\"0\"")
                .body("groups.scopes.flatten().name", hasItem("customers:read")));
        put(shop("orders:all")).then().statusCode(200).header("ETag", "\"1\"");
    }

    private ValidatableResponse verdict(String key, String method, String path) {
        return api.verify(Map.of("key", key, "method", method, "path", path)).statusCode(200);
    }
}
