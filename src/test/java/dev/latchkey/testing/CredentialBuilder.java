package dev.latchkey.testing;

import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;

/** A credential with valid defaults: basic auth of an ERP, not tested. Its secrets are searched for at the end of the suite. */
public final class CredentialBuilder {

    private final Api api;
    private final Map<String, Object> body = new HashMap<>();

    CredentialBuilder(Api api) {
        this.api = api;
        body.put("name", "ERP stock");
        body.put("baseUrl", "http://127.0.0.1:9/api");
        body.put("skipTest", true);
        basic("sync", aSecret());
    }

    /** Looks random, as real ones do. */
    public static String aSecret() {
        String secret = "s3cr3t" + UUID.randomUUID().toString().replace("-", "");
        Planted.add(secret);
        return secret;
    }

    public CredentialBuilder with(String field, Object value) {
        body.put(field, value);
        return this;
    }

    public CredentialBuilder without(String field) {
        body.remove(field);
        return this;
    }

    public CredentialBuilder of(String type, Map<String, ?> data) {
        return with("type", type).with("data", data);
    }

    public CredentialBuilder basic(String username, String password) {
        return of("basic", Map.of("username", username, "password", password));
    }

    /** Tested before it is stored, there. */
    public CredentialBuilder testedAt(String baseUrl) {
        return with("baseUrl", baseUrl).with("test", Map.of("method", "GET", "url", "/stock")).without("skipTest");
    }

    public Response requestedBy(RequestSpecification caller) {
        return caller.body(body).post("/api/v1/credentials");
    }

    public Response requested() {
        return requestedBy(api.asOwner());
    }

    /** @return the credential's id */
    public String create() {
        Response response = requested();
        response.then().statusCode(201);
        return response.path("id");
    }

    /** Tried out only. */
    public Response tried() {
        return api.asOwner().body(body).post("/api/v1/credentials/test");
    }
}
