package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;
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
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/**
 * A key with a secret is never valid without it. How its halves are replaced is in {@link KeyPairRenewalTest}, how callers
 * present it in {@link KeyPairCallersTest}.
 */
@QuarkusTest
@NullUnmarked
class KeyPairTest extends KeyPairCase {

    private static final Map<String, Object> BAD_SECRET = Map.of("valid", false, "code", "BAD_SECRET");

    @Inject
    DataSource source;

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
    void revokingKillsBothPairs() {
        Created key = api.aKey().withSecret().create();
        String next = regenerate(key, Map.of("part", "secret", "gracePeriod", "PT1H")).path("secret");

        api.act(key.id(), "revoke").then().statusCode(200).body("previous", nullValue());

        assertThat(verdict(key.key(), next)).isEqualTo("REVOKED");
        assertThat(verdict(key.key(), key.secret())).isEqualTo("BAD_SECRET");
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
    void whatIsRepeatedShowsTheSamePair() {
        String once = UUID.randomUUID().toString();
        Response first = api.aKey().withSecret().requestedBy(api.asOwner().header("Idempotency-Key", once));
        Response again = api.aKey().withSecret().requestedBy(api.asOwner().header("Idempotency-Key", once));

        again.then().statusCode(201).header("Idempotency-Replayed", equalTo("true")).body("key",
                equalTo(first.<String> path("key"))).body("secret", equalTo(first.<String> path("secret")));
        assertThat(verdict(again.path("key"), again.path("secret"))).isEqualTo("VALID");
    }
}
