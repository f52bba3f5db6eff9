package dev.latchkey.catalog;

import static io.restassured.RestAssured.given;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.Tokens;
import io.quarkus.test.common.QuarkusTestResource;
import io.restassured.response.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What tests of the catalogue extend. It is one for the installation: each test leaves the one built in behind. */
@QuarkusTestResource(TestDatabase.class)
abstract class CatalogCase {

    static final String CATALOG = "/api/v1/catalog";
    static final String PLATFORM = Tokens.withoutOrganization("operator", "platform");

    Api api;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
    }

    @AfterEach
    void theCatalogueBuiltIn() {
        given().auth().oauth2(PLATFORM).delete(CATALOG).then().statusCode(200);
    }

    static Response put(String document) {
        return put(document, "");
    }

    static Response put(String document, String query) {
        return given().auth().oauth2(PLATFORM).contentType("application/json").body(document).put(CATALOG + query);
    }

    /** One operation, {@code GET /v2/orders/*}, that demands the scope. */
    static String shop(String scope) {
        return """
                {"openapi": "3.1.0", "servers": [{"url": "https://api.shop.example/v2"}],
                "tags": [{"name": "Orders", "description": "All of them"}],
                "paths": {"/orders/{id}": {"get": {"tags": ["Orders"], "security": [{"oauth": ["SCOPE"]}]}}},
                "components": {"securitySchemes": {"oauth": {"type": "oauth2", "flows": {"clientCredentials":
                {"scopes": {"SCOPE": "Reads orders"}}}}}}}""".replace("SCOPE", scope);
    }
}
