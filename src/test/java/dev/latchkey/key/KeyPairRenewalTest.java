package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import java.util.List;
import java.util.Map;

import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.Together;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** Key and secret are replaced together or each alone, with a grace for the old one, and never mix with what they were not. */
@QuarkusTest
@NullUnmarked
class KeyPairRenewalTest extends KeyPairCase {

    @Test
    void ofTwoPairsTheHalvesDoNotMix() {
        Created old = api.aKey().withSecret().create();
        Response both = regenerate(old, Map.of("gracePeriod", "PT1H"));
        String key = both.path("key");
        String secret = both.path("secret");

        assertThat(List.of(verdict(old.key(), old.secret()), verdict(key, secret))).containsOnly("VALID");
        assertThat(List.of(verdict(key, old.secret()), verdict(old.key(), secret))).containsOnly("BAD_SECRET");
        api.asOwner().get("/api/v1/keys/" + old.id()).then().body("previous.parts", contains("key", "secret"));

        api.act(old.id(), "end-grace").then().statusCode(200).body("previous", nullValue());
        assertThat(verdict(old.key(), old.secret())).isEqualTo("REVOKED");
        assertThat(verdict(key, secret)).isEqualTo("VALID");
    }

    @Test
    void theKeyAloneIsReplacedAndTheSecretGoesOn() {
        Created old = api.aKey().withSecret().create();
        Response answer = regenerate(old, Map.of("gracePeriod", "PT1H", "part", "key"));
        answer.then().body("secret", nullValue()).body("hasSecret", equalTo(true)).body("previous.parts", contains("key"));
        String key = answer.path("key");

        assertThat(List.of(verdict(old.key(), old.secret()), verdict(key, old.secret()))).containsOnly("VALID");
        assertThat(List.of(api.verdictOn(old.key()), api.verdictOn(key))).containsOnly("BAD_SECRET");

        String third = regenerate(old, Map.of("part", "key")).path("key");
        assertThat(List.of(verdict(old.key(), old.secret()), verdict(key, old.secret()))).containsOnly("REVOKED");
        assertThat(verdict(third, old.secret())).isEqualTo("VALID");
    }

    @Test
    void theSecretAloneIsReplacedAndTheKeyGoesOn() {
        Created old = api.aKey().withSecret().create();
        Response answer = regenerate(old, Map.of("gracePeriod", "PT1H", "part", "secret"));
        answer.then().header("Cache-Control", "no-store").body("key", nullValue())
                .body("secret", matchesPattern("lk_secret_[0-9A-Za-z]{38}")).body("start", equalTo(old.key().substring(0, 12)))
                .body("previous.start", equalTo(old.key().substring(0, 12))).body("previous.parts", contains("secret"))
                .body("previous.diesAt", notNullValue());
        String second = answer.path("secret");
        assertThat(List.of(verdict(old.key(), old.secret()), verdict(old.key(), second))).containsOnly("VALID");

        String third = regenerate(old, Map.of("gracePeriod", "PT1H", "part", "secret")).path("secret");
        assertThat(verdict(old.key(), old.secret())).as("at most one predecessor").isEqualTo("BAD_SECRET");
        assertThat(List.of(verdict(old.key(), second), verdict(old.key(), third))).containsOnly("VALID");

        api.act(old.id(), "end-grace").then().statusCode(200).body("previous", nullValue());
        assertThat(verdict(old.key(), second)).isEqualTo("BAD_SECRET");
        assertThat(verdict(old.key(), third)).isEqualTo("VALID");
    }

    @Test
    void aChangeOfTheOtherPartEndsTheFirstGrace() {
        Created old = api.aKey().withSecret().create();
        String secret = regenerate(old, Map.of("gracePeriod", "PT1H", "part", "secret")).path("secret");

        Response answer = regenerate(old, Map.of("gracePeriod", "PT1H", "part", "key"));

        String key = answer.path("key");
        assertThat(List.of(verdict(old.key(), secret), verdict(key, secret))).containsOnly("VALID");
        assertThat(List.of(verdict(old.key(), old.secret()), verdict(key, old.secret()))).containsOnly("BAD_SECRET");

        String third = regenerate(old, Map.of("gracePeriod", "PT1H", "part", "secret")).path("secret");
        assertThat(verdict(old.key(), secret)).isEqualTo("REVOKED");
        assertThat(List.of(verdict(key, secret), verdict(key, third))).containsOnly("VALID");
    }

    @Test
    void withoutGraceAnOldSecretIsWrongOnTheVeryNextRequest() {
        Created key = api.aKey().withSecret().unlimited().create();
        String secret = key.secret();
        for (int round = 0; round < 20; round++) {
            assertThat(verdict(key.key(), secret)).isEqualTo("VALID");
            String next = regenerate(key, Map.of("part", "secret")).path("secret");
            assertThat(verdict(key.key(), secret)).isEqualTo("BAD_SECRET");
            secret = next;
        }
        api.asOwner().get("/api/v1/keys/" + key.id()).then().body("previous", nullValue());
    }

    @Test
    void anOldSecretDiesByItselfWhenItsGraceEnds() {
        Created key = api.aKey().withSecret().create();
        String next = regenerate(key, Map.of("part", "secret", "gracePeriod", "PT2S")).path("secret");

        Eventually.holds(() -> assertThat(verdict(key.key(), key.secret())).isEqualTo("BAD_SECRET"));

        assertThat(verdict(key.key(), next)).isEqualTo("VALID");
        api.asOwner().get("/api/v1/keys/" + key.id()).then().body("previous", nullValue());
    }

    @Test
    void oneSeesWhetherAnOldSecretIsStillInUse() {
        Created key = api.aKey().withSecret().create();
        String next = regenerate(key, Map.of("part", "secret", "gracePeriod", "PT1H")).path("secret");
        api.verify(Map.of("key", key.key(), "secret", next)).body("code", equalTo("VALID"));
        Eventually.holds(() -> api.asOwner().get("/api/v1/keys/" + key.id()).then().body("lastUsedAt", notNullValue())
                .body("previous.lastUsedAt", nullValue()));

        api.verify(Map.of("key", key.key(), "secret", key.secret())).body("code", equalTo("VALID"));

        Eventually.holds(
                () -> api.asOwner().get("/api/v1/keys/" + key.id()).then().body("previous.lastUsedAt", notNullValue()));
    }

    @Test
    void ofManySecretsAtOnceTheLastTwoAreGood() {
        Created key = api.aKey().withSecret().create();

        List<String> handedOut;
        try (Together together = new Together(4)) {
            handedOut = together.call(() -> regenerate(key, Map.of("part", "secret", "gracePeriod", "PT1H")).path("secret"));
        }

        assertThat(handedOut).doesNotHaveDuplicates()
                .filteredOn(secret -> verdict(key.key(), secret).equals("VALID")).hasSize(2);
        assertThat(verdict(key.key(), key.secret())).isEqualTo("BAD_SECRET");
    }
}
