package dev.latchkey.key;

import static org.hamcrest.Matchers.equalTo;

import java.util.Map;

import jakarta.inject.Inject;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.restassured.response.ValidatableResponse;
import io.vertx.mutiny.sqlclient.Pool;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;

/**
 * What tests of the use of keys extend: an organization of its own, and what was counted of it at once where it is looked for.
 */
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
abstract class KeyUseCase {

    @Inject
    UsageFlush flush;
    @Inject
    UsageHistory history;
    @Inject
    Pool database;

    Api api;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
    }

    void verify(Created key, Map<String, ?> question) {
        Map<String, Object> body = new java.util.HashMap<>(question);
        body.put("key", key.key());
        api.verify(body).statusCode(200);
    }

    /** Until so many accepted uses are told; flushes unless the application is just about it. */
    void flushed(Created key, int accepted) {
        Eventually.holds(() -> {
            Behind.await(flush::flush);
            usage(key, "?bucket=day").body("series.counts.VALID.findAll { it != null }.sum()", equalTo(accepted));
        });
    }

    void tell() {
        Behind.await(history::tell);
    }

    ValidatableResponse usage(Created key, String query) {
        return api.as("viewer").get("/api/v1/keys/" + key.id() + "/usage" + query).then().statusCode(200);
    }
}
