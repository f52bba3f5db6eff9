package dev.latchkey.key;

import static org.hamcrest.Matchers.equalTo;

import java.util.Map;
import java.util.UUID;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.restassured.response.Response;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;

/** What tests of recoverable keys extend: an organization of its own, and a look at the copies that are kept of its keys. */
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
abstract class RecoverableKeysCase {

    @Inject
    DataSource source;

    Api api;
    Behind database;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
        database = new Behind(source);
    }

    Response regenerate(Created key, Map<String, ?> body) {
        Response answer = api.asOwner().body(body).post("/api/v1/keys/" + key.id() + "/regenerate");
        answer.then().statusCode(200).body("recoverable", equalTo(true));
        return answer;
    }

    static String reveal(Created key) {
        return "/api/v1/keys/" + key.id() + "/reveal";
    }

    long copies() {
        return database.count("select count(*) from key_copy where organization_id = ?", organization());
    }

    UUID organization() {
        return database.organization(api);
    }
}
