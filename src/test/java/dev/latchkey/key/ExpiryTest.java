package dev.latchkey.key;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.Together;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** Expiry takes effect at its second, wherever a key is used and although it is judged from memory. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class ExpiryTest {

    /** How much too early a busy machine may refuse: what a heartbeat takes there. */
    private static final Duration EARLY = Duration.ofMillis(800);
    private static final Duration BEYOND = Duration.ofSeconds(2);

    private final Api api = Api.ofNewOrganization();

    /** A predecessor dies with the expiry of its key, though its grace is longer. */
    @Test
    void aKeyAndItsPredecessorAreAcceptedUntilItExpiresAndNowhereAfter() {
        Instant expiry = Instant.now().plusSeconds(6);
        Created key = api.aKey().scopes("keys:read").unlimited().expiresAt(expiry).create();
        Created predecessor = api.aKey().unlimited().expiresAt(expiry).create();
        api.asOwner().body(Map.of("gracePeriod", "PT1H", "expiresAt", expiry.plusSeconds(3600).toString()))
                .post("/api/v1/keys/" + predecessor.id() + "/regenerate").then().statusCode(200);
        List<BooleanSupplier> ways = List.of(() -> api.verdictOn(key.key()).equals("VALID"),
                () -> given().header("X-API-Key", key.key()).header("X-Forwarded-Method", "GET")
                        .header("X-Forwarded-Uri", "/api/v1/keys").get("/api/v1/auth").statusCode() == 204,
                () -> Api.withKey(key.key()).get("/api/v1/keys").statusCode() == 200,
                () -> api.verdictOn(predecessor.key()).equals("VALID"));

        Together.each(ways.stream().<Runnable> map(way -> () -> askUntilItIsOver(way, expiry)).toList());

        assertThat((String) api.asOwner().get("/api/v1/keys/" + key.id()).path("status")).isEqualTo("expired");
    }

    private static void askUntilItIsOver(BooleanSupplier accepted, Instant expiry) {
        int before = 0;
        int after = 0;
        while (Instant.now().isBefore(expiry.plus(BEYOND))) {
            Instant asked = Instant.now();
            boolean wasAccepted = accepted.getAsBoolean();
            if (!asked.isBefore(expiry)) {
                assertThat(wasAccepted).as("asked at %s, expired at %s", asked, expiry).isFalse();
                after++;
            } else if (Instant.now().isBefore(expiry.minus(EARLY))) {
                assertThat(wasAccepted).as("answered at %s, expires at %s", Instant.now(), expiry).isTrue();
                before++;
            }
        }
        assertThat(before).as("asked from memory before").isGreaterThan(3);
        assertThat(after).as("asked from memory after").isGreaterThan(3);
    }
}
