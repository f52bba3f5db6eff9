package dev.latchkey.key;

import java.util.Map;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.restassured.response.Response;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;

/** What tests of keys with a secret extend: an organization of its own. */
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
abstract class KeyPairCase {

    Api api;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
    }

    String verdict(String key, String secret) {
        return api.verify(Map.of("key", key, "secret", secret, "cost", 0, "ip", "203.0.113.7")).statusCode(200).extract()
                .path("code");
    }

    Response regenerate(Created key, Map<String, ?> body) {
        Response answer = api.asOwner().body(body).post("/api/v1/keys/" + key.id() + "/regenerate");
        answer.then().statusCode(200);
        return answer;
    }
}
