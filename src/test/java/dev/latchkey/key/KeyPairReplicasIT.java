package dev.latchkey.key;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Databases;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.LatchkeyProcess;
import io.restassured.RestAssured;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A change of a secret at one replica, judged by another one that answers from memory. */
@Tag("replicas")
class KeyPairReplicasIT {

    private static final int ROUNDS = 50;

    private static LatchkeyProcess changed;
    private static LatchkeyProcess asked;
    private static Api api;

    @BeforeAll
    static void start() {
        Databases.Database database = Databases.create();
        changed = LatchkeyProcess.on(database).start();
        asked = LatchkeyProcess.on(database).start();
        changed.awaitReady();
        asked.awaitReady();
        RestAssured.baseURI = changed.baseUrl();
        api = Api.ofNewOrganization();
    }

    @AfterAll
    static void stop() {
        RestAssured.reset();
        asked.close();
        changed.close();
    }

    @Test
    void aNewSecretIsInForceOnEveryReplicaWhenItIsAnswered() {
        String verifier = api.aKey().scopes("keys:verify").create().key();
        Created key = api.aKey().withSecret().unlimited().create();
        String secret = key.secret();
        for (int round = 0; round < ROUNDS; round++) {
            assertThat(verdict(verifier, key, secret)).isEqualTo("VALID");
            String next = api.asOwner().body(Map.of("part", "secret")).post("/api/v1/keys/" + key.id() + "/regenerate").then()
                    .statusCode(200).extract().path("secret");

            assertThat(verdict(verifier, key, secret)).as("the old one, round %d", round).isEqualTo("BAD_SECRET");
            assertThat(verdict(verifier, key, next)).as("the new one, round %d", round).isEqualTo("VALID");
            secret = next;
        }
    }

    @Test
    void theEndOfAGraceIsInForceOnEveryReplicaWhenItIsAnswered() {
        String verifier = api.aKey().scopes("keys:verify").create().key();
        for (int round = 0; round < ROUNDS / 5; round++) {
            Created key = api.aKey().withSecret().unlimited().create();
            api.asOwner().body(Map.of("part", "secret", "gracePeriod", "PT1H"))
                    .post("/api/v1/keys/" + key.id() + "/regenerate").then().statusCode(200);
            assertThat(verdict(verifier, key, key.secret())).isEqualTo("VALID");

            api.act(key.id(), "end-grace").then().statusCode(200);

            assertThat(verdict(verifier, key, key.secret())).isEqualTo("BAD_SECRET");
        }
    }

    private static String verdict(String verifier, Created key, String secret) {
        return given().baseUri(asked.baseUrl()).header("X-API-Key", verifier).contentType("application/json")
                .body(Map.of("key", key.key(), "secret", secret)).post("/api/v1/keys/verify").then().statusCode(200).extract()
                .path("code");
    }
}
