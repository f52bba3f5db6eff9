package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.startsWith;

import java.util.List;
import java.util.Map;
import java.util.UUID;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.KeyBuilder.Created;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** Keys that people may be shown again: which, and to whom. When that ends is in {@link KeyCopiesTest}. */
@QuarkusTest
@NullUnmarked
class RecoverableKeysTest extends RecoverableKeysCase {

    @Test
    void ownersAndAdminsAreShownARecoverableKeyAgain() {
        Created key = api.aKey().recoverable().create();
        Created pair = api.aKey().recoverable().withSecret().create();

        for (String role : List.of("owner", "admin")) {
            api.as(role).post(reveal(key)).then().statusCode(200).header("Cache-Control", "no-store").body("$",
                    equalTo(Map.of("key", key.key())));
            api.as(role).post(reveal(pair)).then().statusCode(200).body("$",
                    equalTo(Map.of("key", pair.key(), "secret", pair.secret())));
        }
        api.asOwner().get("/api/v1/keys").then().body("items.recoverable", contains(true, true));
    }

    @Test
    void nobodyElseIs() {
        Created key = api.aKey().recoverable().create();

        for (String role : List.of("developer", "viewer", "platform")) {
            api.as(role).post(reveal(key)).then().statusCode(403).body("code", equalTo("forbidden"));
        }
        Created maker = api.aKey().scopes("keys:read", "keys:write").create();
        Api.withKey(maker.key()).post(reveal(key)).then().statusCode(403);
        Api.ofNewOrganization().asOwner().post(reveal(key)).then().statusCode(404);
        api.asOwner().get("/api/v1/activity?action=key.revealed").then().body("items", empty());
    }

    /** A key that the platform made would lend its owner what he may not give. */
    @Test
    void aKeyThatHoldsMoreThanTheOneWhoAsksIsNotShownToHim() {
        Created key = api.aKey().scopes("keys:verify-any").recoverable().create();

        api.asOwner().post(reveal(key)).then().statusCode(403).body("code", equalTo("escalation"));
        api.as("owner", "platform").post(reveal(key)).then().statusCode(200).body("key", equalTo(key.key()));
    }

    @Test
    void whoWasShownAKeyStandsInTheLogAndIsTold() {
        Created key = api.aKey().recoverable().create();
        api.as("admin").post(reveal(key)).then().statusCode(200);

        String log = api.asOwner().get("/api/v1/activity?action=key.revealed").then().body("items", hasSize(1))
                .body("items[0].target.id", equalTo(key.id())).body("items[0].actor.name", equalTo("ana@" + api.organization()))
                .extract().asString();
        String events = api.asOwner().get("/api/v1/events?type=key.revealed").then().body("items", hasSize(1)).extract()
                .asString();

        assertThat(log + events).doesNotContain(key.key().substring(12));
    }

    @Test
    void aRepeatedRequestIsAnsweredOnceMoreAndLoggedOnce() {
        Created key = api.aKey().recoverable().create();
        String once = UUID.randomUUID().toString();

        for (int i = 0; i < 2; i++) {
            api.asOwner().header("Idempotency-Key", once).post(reveal(key)).then().statusCode(200).body("key",
                    equalTo(key.key()));
        }

        api.asOwner().get("/api/v1/activity?action=key.revealed").then().body("items", hasSize(1));
    }

    @Test
    void whatWasDestroyedIsNotRepeatedEither() {
        Created key = api.aKey().recoverable().create();
        String once = UUID.randomUUID().toString();
        api.asOwner().header("Idempotency-Key", once).post(reveal(key)).then().statusCode(200);

        api.set(Map.of("recoverableKeys", false)).then().statusCode(200);

        api.asOwner().header("Idempotency-Key", once).post(reveal(key)).then().statusCode(409).body("code",
                equalTo("conflict"));
    }

    @Test
    void aKeyThatWasNotMadeRecoverableIsNeverShownAgain() {
        Created key = api.aKey().withSecret().create();

        api.asOwner().post(reveal(key)).then().statusCode(409).body("code", equalTo("conflict"));
        api.asOwner().get("/api/v1/keys/" + key.id()).then().body("recoverable", equalTo(false));
        assertThat(copies()).isZero();
        assertThat(database.count("select count(*) from data_key where organization_id = ?", organization())).isZero();
    }

    @Test
    void whereTheOrganizationForbidsItNoRecoverableKeyIsMade() {
        api.set(Map.of("recoverableKeys", false)).then().statusCode(200);

        api.aKey().recoverable().requestedBy(api.asOwner()).then().statusCode(422).body("errors[0].field",
                equalTo("recoverable"));
        api.aKey().requestedBy(api.asOwner()).then().statusCode(201).body("recoverable", equalTo(false));
        api.asOwner().get("/api/v1/keys").then().body("items", hasSize(1));
    }

    @Test
    void aRegeneratedKeyIsShownAsItIsNowAndTheOldCopyIsGone() {
        Created key = api.aKey().recoverable().withSecret().create();
        byte[] first = sealedKey(key);

        String secret = regenerate(key, Map.of("part", "secret", "gracePeriod", "PT1H")).path("secret");
        assertThat(sealedKey(key)).as("the key goes on").isEqualTo(first);
        api.asOwner().post(reveal(key)).then().body("$", equalTo(Map.of("key", key.key(), "secret", secret)));

        String renewed = regenerate(key, Map.of("part", "key")).path("key");
        api.asOwner().post(reveal(key)).then().body("$", equalTo(Map.of("key", renewed, "secret", secret)));

        Response both = regenerate(key, Map.of());
        api.asOwner().post(reveal(key)).then().body("$",
                equalTo(Map.of("key", both.path("key"), "secret", both.path("secret"))));
        assertThat(copies()).isEqualTo(1);

        database.execute("update key_copy set sealed_key = ? where key_id = ?", first, UUID.fromString(key.id()));
        api.asOwner().post(reveal(key)).then().statusCode(409).body("detail", startsWith("The sealed copy does not open"));
        regenerate(key, Map.of());
        api.asOwner().post(reveal(key)).then().statusCode(200);
    }

    private byte[] sealedKey(Created key) {
        return (byte[]) database.query("select sealed_key from key_copy where key_id = ?", UUID.fromString(key.id())).get(0);
    }
}
