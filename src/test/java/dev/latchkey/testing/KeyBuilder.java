package dev.latchkey.testing;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;

/** A key with valid defaults: reads orders, reaches all stores. */
public final class KeyBuilder {

    private final Api api;
    private final Map<String, Object> body = new HashMap<>();

    KeyBuilder(Api api) {
        this.api = api;
        body.put("name", "ERP");
        body.put("scopes", Api.ORDERS);
        body.put("access", Map.of("type", "all"));
    }

    /**
     * What the creation answered.
     *
     * @param secret empty for a key that has none
     */
    public record Created(String id, String key, String secret) {
    }

    public KeyBuilder with(String field, Object value) {
        body.put(field, value);
        return this;
    }

    public KeyBuilder scopes(String... scopes) {
        return with("scopes", List.of(scopes));
    }

    public KeyBuilder methods(String... patterns) {
        return with("methods", List.of(patterns));
    }

    public KeyBuilder stores(String... stores) {
        return with("access", Map.of("type", "stores", "stores", List.of(stores)));
    }

    public KeyBuilder expiresAt(Instant instant) {
        return with("expiresAt", instant.toString());
    }

    public KeyBuilder rateLimit(int limit, String window) {
        return with("rateLimit", Map.of("limit", limit, "window", window));
    }

    public KeyBuilder unlimited() {
        body.put("rateLimit", null);
        return this;
    }

    public KeyBuilder networks(String... networks) {
        return with("ipAllowList", List.of(networks));
    }

    public KeyBuilder withSecret() {
        return with("withSecret", true);
    }

    public KeyBuilder recoverable() {
        return with("recoverable", true);
    }

    /** Asks for the key as somebody, who may be refused. */
    public Response requestedBy(RequestSpecification caller) {
        return caller.body(body).post("/api/v1/keys");
    }

    public Created create() {
        return createdBy(api.as("owner", "platform"));
    }

    public Created createdBy(RequestSpecification caller) {
        Response response = requestedBy(caller);
        response.then().statusCode(201);
        String secret = response.path("secret");
        return new Created(response.path("id"), response.path("key"), secret == null ? "" : secret);
    }
}
