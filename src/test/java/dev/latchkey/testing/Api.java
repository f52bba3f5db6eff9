package dev.latchkey.testing;

import static io.restassured.RestAssured.given;

import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;

/** The API as the people of one organization use it. Each test has an organization of its own. */
public final class Api {

    private final String organization;

    private Api(String organization) {
        this.organization = organization;
    }

    public static Api ofNewOrganization() {
        return new Api("org-" + UUID.randomUUID());
    }

    public String organization() {
        return organization;
    }

    /** A request by a person with these roles. */
    public RequestSpecification as(String... roles) {
        return given().auth().oauth2(Tokens.of(organization, "ana@" + organization, roles)).contentType(ContentType.JSON);
    }

    public RequestSpecification asOwner() {
        return as("owner");
    }

    public RequestSpecification asPlatform() {
        return as("platform");
    }

    /** A request by the holder of a key. */
    public static RequestSpecification withKey(String key) {
        return given().header("X-API-Key", key).contentType(ContentType.JSON);
    }

    /** @return the organization's id */
    public String organizationId() {
        return asOwner().get("/api/v1/organization").then().statusCode(200).extract().path("id");
    }

    /** Changes settings as the owner. */
    public Response set(Map<String, ?> patch) {
        return asOwner().contentType("application/merge-patch+json; charset=UTF-8").body(patch)
                .patch("/api/v1/organization");
    }

    /** Suspends or reactivates the organization. */
    public void setActive(boolean active) {
        asPlatform().body(Map.of("active", active)).patch("/api/v1/organizations/" + organizationId()).then().statusCode(200);
    }

    /** @return the store's id */
    public String createStore(String key) {
        return asOwner().body(Map.of("key", key, "name", "Store " + key)).post("/api/v1/stores").then().statusCode(201)
                .extract()
                .path("id");
    }

    public KeyBuilder aKey() {
        return new KeyBuilder(this);
    }

    public CredentialBuilder aCredential() {
        return new CredentialBuilder(this);
    }

    public ValidatableResponse verify(Map<String, ?> request) {
        return asPlatform().body(request).post("/api/v1/keys/verify").then();
    }

    /** The verdict's code on a key of which nothing else is asked. */
    public String verdictOn(String key) {
        return verify(Map.of("key", key, "cost", 0)).statusCode(200).extract().path("code");
    }

    public Response patch(String id, Map<String, ?> patch) {
        return asOwner().contentType("application/merge-patch+json").body(patch).patch("/api/v1/keys/" + id);
    }

    public Response act(String id, String action) {
        return asOwner().post("/api/v1/keys/" + id + "/" + action);
    }

    /** Scopes of several keys that tests need. */
    public static final List<String> ORDERS = List.of("orders:read");
}
