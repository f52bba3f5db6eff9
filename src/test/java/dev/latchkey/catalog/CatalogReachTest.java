package dev.latchkey.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;

import java.util.List;
import java.util.Map;
import java.util.UUID;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.KeyBuilder.Created;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import org.junit.jupiter.api.Test;

/** Whoever owns keys learns that a new catalogue changed what they reach; and who put it there stands in a log. */
@QuarkusTest
class CatalogReachTest extends CatalogCase {

    private static final String OF_CATALOG = "items.findAll { it.action.startsWith('catalog.') }";

    /** That no other test's keys hold. */
    private final String path = "/v2/" + UUID.randomUUID();
    private final String reading = "read:" + UUID.randomUUID();
    private final String deleting = "remove:" + UUID.randomUUID();

    @Test
    void aPatternThatLetsDoWithoutAScopeWhatDemandedOneIsTold() {
        put(readingAndDeleting()).then().statusCode(200);
        String wide = "* " + path + "/**";
        Created key = api.aKey().scopes(reading).methods(wide).unlimited().create();
        api.aKey().scopes(reading).methods("GET " + path + "/*").create();
        verdict(key, "DELETE").body("code", equalTo("SCOPE_MISSING"));

        put(reading()).then().statusCode(200).body("vanished.complete", equalTo(true)).body("vanished.methods", empty())
                .body("opened.name", contains(wide)).body("opened[0].keys", equalTo(1))
                .body("opened[0].examples.id", contains(key.id()))
                .body("opened[0].examples.organization", contains(api.organization())).body("organizations", equalTo(1));

        verdict(key, "DELETE").body("code", equalTo("VALID"));
        notices().body("items", hasSize(1)).body("items[0].title", equalTo("What your API keys reach has changed"))
                .body("items[0].text", containsString("what demanded one before: 1 (" + wide + ")."))
                .body("items[0].text", containsString("any more: 0."));
        api.as("viewer").header("Accept-Language", "es").get("/api/v1/notifications?kind=key.reach_changed").then()
                .body("items[0].title", equalTo("Ha cambiado lo que alcanzan sus claves de API"));
    }

    /** Its methods are all that it was given, whatever a catalogue demands. */
    @Test
    void aKeyOfMethodsAloneGainsNothing() {
        put(readingAndDeleting()).then().statusCode(200);
        Created key = api.aKey().with("scopes", List.of()).methods("* " + path + "/**").unlimited().create();
        verdict(key, "DELETE").body("code", equalTo("VALID"));

        put(reading()).then().statusCode(200).body("opened", empty()).body("organizations", equalTo(0));

        verdict(key, "DELETE").body("code", equalTo("VALID"));
        notices().body("items", empty());
    }

    @Test
    void eachOrganizationIsToldOnceOfWhatItsOwnKeysLose() {
        put(readingAndDeleting()).then().statusCode(200);
        Api other = Api.ofNewOrganization();
        Api third = Api.ofNewOrganization();
        api.aKey().scopes(deleting).create();
        api.aKey().scopes(deleting, reading).methods("DELETE " + path + "/*").create();
        other.aKey().scopes(deleting).create();
        Created revoked = third.aKey().scopes(deleting).create();
        third.act(revoked.id(), "revoke").then().statusCode(200);
        third.aKey().scopes(reading).create();

        put(reading(), "?dryRun=true").then().statusCode(200).body("organizations", equalTo(2));
        notices().body("items", empty());
        put(reading()).then().statusCode(200).body("organizations", equalTo(2));
        put(reading()).then().statusCode(200).body("organizations", equalTo(0));

        notices().body("items", hasSize(1)).body("items[0].text",
                containsString("any more: 2 (DELETE " + path + "/*, " + deleting + ")."));
        other.as("viewer").get("/api/v1/notifications?kind=key.reach_changed").then().body("items", hasSize(1))
                .body("items[0].text", containsString("any more: 1 (" + deleting + ")."))
                .body("items[0].text", not(containsString(path)));
        third.as("viewer").get("/api/v1/notifications?kind=key.reach_changed").then().body("items", empty());
    }

    @Test
    void aReplacementStandsInTheLogOfTheOrganizationThatThePlatformsTokenNames() {
        Api merchant = Api.ofNewOrganization();
        merchant.organizationId();
        put(api.asPlatform(), readingAndDeleting(), "").then().statusCode(200);
        put(api.asPlatform(), readingAndDeleting(), "").then().statusCode(200);
        put(api.asPlatform(), reading(), "?dryRun=true").then().statusCode(200);
        put(api.asPlatform().header("X-Organization", merchant.organization()), reading(), "").then().statusCode(200);
        api.asPlatform().delete(CATALOG).then().statusCode(200);

        entries(api).body(OF_CATALOG + ".action", contains("catalog.reset", "catalog.replaced", "catalog.replaced"))
                .body(OF_CATALOG + "[2].actor.name", equalTo("ana@" + api.organization()))
                .body(OF_CATALOG + "[2].changes.find { it.field == 'groups' }.after", equalTo(1))
                .body(OF_CATALOG + "[2].changes.find { it.field == 'scopes' }.after", equalTo(2))
                .body(OF_CATALOG + "[2].changes.find { it.field == 'methods' }.after", equalTo(2))
                .body(OF_CATALOG + "[1].changes.find { it.field == 'methods' }.after", equalTo(1));
        int before = entries(api).extract().path(OF_CATALOG + "[2].changes.find { it.field == 'version' }.before");
        int after = entries(api).extract().path(OF_CATALOG + "[2].changes.find { it.field == 'version' }.after");
        assertThat(after).isEqualTo(before + 1);
        entries(merchant).body(OF_CATALOG, empty());
    }

    private static ValidatableResponse entries(Api of) {
        return of.as("viewer").get("/api/v1/activity?limit=200").then().statusCode(200);
    }

    private ValidatableResponse notices() {
        return api.as("viewer").get("/api/v1/notifications?kind=key.reach_changed").then().statusCode(200);
    }

    private ValidatableResponse verdict(Created key, String method) {
        return api.verify(Map.of("key", key.key(), "method", method, "path", path + "/5")).statusCode(200);
    }

    private static Response put(RequestSpecification by, String document, String query) {
        return by.body(document).put(CATALOG + query);
    }

    private String reading() {
        return document("\"get\": {\"security\": [{\"oauth\": [\"" + reading + "\"]}]}");
    }

    private String readingAndDeleting() {
        return document("\"get\": {\"security\": [{\"oauth\": [\"" + reading + "\"]}]},"
                + "\"delete\": {\"security\": [{\"oauth\": [\"" + deleting + "\"]}]}");
    }

    private String document(String operations) {
        return """
                {"openapi": "3.1.0", "paths": {"PATH/{id}": {OPERATIONS}},
                "components": {"securitySchemes": {"oauth": {"type": "oauth2", "flows": {}}}}}"""
                .replace("PATH", path).replace("OPERATIONS", operations);
    }
}
