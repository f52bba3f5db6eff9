package dev.latchkey.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;

import jakarta.inject.Inject;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import io.vertx.mutiny.sqlclient.Pool;
import org.junit.jupiter.api.BeforeEach;

/** What tests of repeated requests extend: an organization of its own, and one idempotency key for it. */
@QuarkusTestResource(TestDatabase.class)
abstract class IdempotencyCase {

    static final String KEYS = "/api/v1/keys";
    static final String STORES = "/api/v1/stores";
    static final String WANTED = "{\"name\": \"ERP\", \"scopes\": [\"orders:read\"], \"access\": {\"type\": \"all\"}}";

    @Inject
    Pool database;

    Api api;
    IdempotencyRows rows;
    String once;

    @BeforeEach
    void aNewOrganizationAndKey() {
        api = Api.ofNewOrganization();
        rows = new IdempotencyRows(database, api.organization());
        once = UUID.randomUUID().toString();
    }

    Response post(String path, String body) {
        return post(api.asOwner(), path, body);
    }

    Response post(RequestSpecification caller, String path, String body) {
        RequestSpecification request = caller.header("Idempotency-Key", once);
        return (body.isEmpty() ? request : request.body(body)).post(path);
    }

    List<String> ids() {
        return api.asOwner().get(KEYS).then().statusCode(200).extract().path("items.id");
    }

    static void assertReplayed(Response first, Response repeat) {
        assertThat(repeat.header("Idempotency-Replayed")).isEqualTo("true");
        assertThat(repeat.statusCode()).isEqualTo(first.statusCode());
        assertThat(repeat.asByteArray()).isEqualTo(first.asByteArray());
        for (String header : List.of("Content-Type", "Content-Length", "ETag", "Location", "Cache-Control")) {
            assertThat(repeat.header(header)).as(header).isEqualTo(first.header(header));
        }
        assertThat(repeat.header("X-Request-Id")).isNotEqualTo(first.header("X-Request-Id"));
    }
}
