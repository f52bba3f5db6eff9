package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.Together;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A key with a secret is never valid without it. How callers present it is in {@link KeyPairCallersTest}. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class KeyPairTest {

    private static final Map<String, Object> BAD_SECRET = Map.of("valid", false, "code", "BAD_SECRET");

    @Inject
    DataSource source;

    private Api api;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
    }

    @Test
    void aSecretIsShownOnceAndNowhereElse() {
        Response created = api.aKey().withSecret().requestedBy(api.asOwner());
        created.then().statusCode(201).header("Cache-Control", "no-store").body("hasSecret", equalTo(true))
                .body("key", matchesPattern("lk_live_[0-9A-Za-z]{38}"))
                .body("secret", matchesPattern("lk_secret_[0-9A-Za-z]{38}"));
        String secret = created.path("secret");

        String one = api.asOwner().get("/api/v1/keys/" + created.path("id")).then().body("hasSecret", equalTo(true))
                .body("secret", nullValue()).extract().asString();
        String list = api.asOwner().get("/api/v1/keys").then().body("items[0].hasSecret", equalTo(true)).extract().asString();
        String log = api.asOwner().get("/api/v1/activity").asString();

        assertThat(List.of(one, list, log)).allSatisfy(
                text -> assertThat(text).doesNotContain(secret).doesNotContain(secret.substring(10, 22)));
        assertThat(log).contains("withSecret");
        api.aKey().requestedBy(api.asOwner()).then().body("hasSecret", equalTo(false))
                .body("secret", nullValue());
    }

    @Test
    void aKeyIsNeverValidWithoutItsSecret() {
        Created key = api.aKey().withSecret().create();
        Created other = api.aKey().withSecret().create();

        assertThat(verdict(key.key(), key.secret())).isEqualTo("VALID");
        api.verify(Map.of("key", key.key())).statusCode(200).body("$", equalTo(BAD_SECRET));
        for (String wrong : List.of("", " ", other.secret(), key.key(), key.secret() + " ", key.secret().toUpperCase(),
                key.secret().substring(1), "lk_secret_", "\u00e9\u2602")) {
            api.verify(Map.of("key", key.key(), "secret", wrong)).statusCode(200).body("$", equalTo(BAD_SECRET));
        }
        assertThat(verdict(key.secret(), key.key())).as("the wrong way round").isEqualTo("MALFORMED");
        assertThat(verdict(key.key(), key.secret())).isEqualTo("VALID");
    }

    @Test
    void aBadSecretComesBeforeEverythingThatIsToldOfAKey() {
        Created key = api.aKey().withSecret().networks("203.0.113.0/24").create();
        api.patch(key.id(), Map.of("active", false)).then().statusCode(200);
        assertThat(verdict(key.key(), key.secret())).isEqualTo("INACTIVE");
        api.verify(Map.of("key", key.key())).body("$", equalTo(BAD_SECRET));

        api.act(key.id(), "revoke").then().statusCode(200);
        assertThat(verdict(key.key(), key.secret())).isEqualTo("REVOKED");
        api.verify(Map.of("key", key.key(), "secret", "wrong")).body("$", equalTo(BAD_SECRET));
    }

    @Test
    void anotherOrganizationsVerifierDoesNotLearnThatThereIsASecret() {
        Created key = api.aKey().withSecret().create();
        String verifier = Api.ofNewOrganization().aKey().scopes("keys:verify").create().key();

        for (Map<String, String> question : List.of(Map.of("key", key.key()),
                Map.of("key", key.key(), "secret", key.secret()))) {
            Api.withKey(verifier).body(question).post("/api/v1/keys/verify").then().statusCode(200).body("code",
                    equalTo("NOT_FOUND"));
        }
    }

    @Test
    void aSecretThatAKeyDoesNotHaveIsNotLookedAt() {
        Created key = api.aKey().create();

        for (String any : List.of("x", "", api.aKey().withSecret().create().secret())) {
            assertThat(verdict(key.key(), any)).isEqualTo("VALID");
        }
    }

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
    void revokingKillsBothPairs() {
        Created key = api.aKey().withSecret().create();
        String next = regenerate(key, Map.of("part", "secret", "gracePeriod", "PT1H")).path("secret");

        api.act(key.id(), "revoke").then().statusCode(200).body("previous", nullValue());

        assertThat(verdict(key.key(), next)).isEqualTo("REVOKED");
        assertThat(verdict(key.key(), key.secret())).isEqualTo("BAD_SECRET");
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
    void itsOwnerLearnsThatSomeoneHasHalfOfAKey() {
        Created key = api.aKey().withSecret().create();
        api.verify(Map.of("key", key.key())).body("code", equalTo("BAD_SECRET"));
        api.verify(Map.of("key", key.key(), "secret", "a guess at it")).body("code", equalTo("BAD_SECRET"));

        Eventually.holds(() -> api.asOwner().get("/api/v1/keys/" + key.id() + "/usage?bucket=day").then()
                .body("series.counts.BAD_SECRET.findAll { it != null }.sum()", equalTo(2)));
        assertThat(api.asOwner().get("/api/v1/keys/" + key.id() + "/recent").asString()).contains("BAD_SECRET")
                .doesNotContain("a guess");
    }

    @Test
    void aKeyGetsItsSecretAtItsCreationOrNever() {
        Created plain = api.aKey().create();

        api.asOwner().body(Map.of("part", "secret")).post("/api/v1/keys/" + plain.id() + "/regenerate").then().statusCode(409)
                .body("code", equalTo("conflict"));
        api.asOwner().body(Map.of("part", "both")).post("/api/v1/keys/" + plain.id() + "/regenerate").then().statusCode(422)
                .body("errors[0].field", equalTo("part"));
        api.patch(plain.id(), Map.of("withSecret", true)).then().statusCode(422).body("errors[0].field",
                equalTo("withSecret"));
        api.patch(plain.id(), Map.of("recoverable", false)).then().statusCode(422);
        regenerate(plain, Map.of("part", "key")).then().body("secret", nullValue()).body("hasSecret", equalTo(false));
    }

    /** Whoever can write to the database turns no secret of his own into one of another key. */
    @Test
    void aDigestThatIsCopiedToAnotherKeyFitsNothing() {
        Created victim = api.aKey().withSecret().create();
        Created own = api.aKey().withSecret().create();

        assertThat(new Behind(source).execute("""
                update key_material v set secret_digest = o.secret_digest, secret_pepper_id = o.secret_pepper_id
                  from key_material o where v.key_id = ? and o.key_id = ?
                """, UUID.fromString(victim.id()), UUID.fromString(own.id()))).isEqualTo(1);

        Eventually.holds(() -> assertThat(verdict(victim.key(), victim.secret())).isEqualTo("BAD_SECRET"));
        assertThat(verdict(victim.key(), own.secret())).isEqualTo("BAD_SECRET");
        assertThat(verdict(own.key(), own.secret())).isEqualTo("VALID");
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

    @Test
    void whatIsRepeatedShowsTheSamePair() {
        String once = UUID.randomUUID().toString();
        Response first = api.aKey().withSecret().requestedBy(api.asOwner().header("Idempotency-Key", once));
        Response again = api.aKey().withSecret().requestedBy(api.asOwner().header("Idempotency-Key", once));

        again.then().statusCode(201).header("Idempotency-Replayed", equalTo("true")).body("key",
                equalTo(first.<String> path("key"))).body("secret", equalTo(first.<String> path("secret")));
        assertThat(verdict(again.path("key"), again.path("secret"))).isEqualTo("VALID");
    }

    private String verdict(String key, String secret) {
        return api.verify(Map.of("key", key, "secret", secret, "cost", 0, "ip", "203.0.113.7")).statusCode(200).extract()
                .path("code");
    }

    private Response regenerate(Created key, Map<String, ?> body) {
        Response answer = api.asOwner().body(body).post("/api/v1/keys/" + key.id() + "/regenerate");
        answer.then().statusCode(200);
        return answer;
    }
}
