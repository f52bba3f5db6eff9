package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.startsWith;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Keys that people may be shown again, and when that ends. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class RecoverableKeysTest {

    @Inject
    DataSource source;

    private Api api;
    private Behind database;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
        database = new Behind(source);
    }

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

    /** A token that leaked has to be replaced, whatever became of the copy of its predecessor. */
    @Test
    void aDataKeyThatDoesNotOpenStopsNoRegeneration() {
        Created key = api.aKey().recoverable().create();
        assertThat(database.execute("""
                update data_key set wrapped = set_byte(wrapped, octet_length(wrapped) - 1,
                       get_byte(wrapped, octet_length(wrapped) - 1) # 1) where organization_id = ?
                """, organization())).isEqualTo(1);

        api.asOwner().post(reveal(key)).then().statusCode(409).body("detail", startsWith("The sealed copy does not open"));
        api.aKey().recoverable().requestedBy(api.asOwner()).then().statusCode(503).body("code", equalTo("unavailable"));
        Response renewed = api.act(key.id(), "regenerate");

        renewed.then().statusCode(200).body("recoverable", equalTo(false));
        assertThat(api.verdictOn(renewed.path("key"))).isEqualTo("VALID");
        assertThat(api.verdictOn(key.key())).isEqualTo("REVOKED");
        assertThat(copies()).isZero();
    }

    @Test
    void ofAKeyThatIsRevokedWhileItIsRegeneratedNoCopyIsLeft() {
        for (int i = 0; i < 5; i++) {
            Created key = api.aKey().recoverable().withSecret().create();
            CompletableFuture<Response> regeneration = CompletableFuture.supplyAsync(() -> api.act(key.id(), "regenerate"));
            CompletableFuture<Response> revocation = CompletableFuture.supplyAsync(() -> api.act(key.id(), "revoke"));

            revocation.join().then().statusCode(200);
            Response renewed = regeneration.join();
            assertThat(renewed.statusCode()).as(renewed.asString()).isIn(200, 409);
            assertThat(copies()).isZero();
            if (renewed.statusCode() == 200) {
                assertThat(api.verify(Map.of("key", renewed.path("key"), "secret", renewed.path("secret"))).extract()
                        .<String> path("code")).isEqualTo("REVOKED");
            }
        }
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
    void switchingItOffDestroysEveryCopyForGood() {
        Created key = api.aKey().recoverable().withSecret().create();
        Created other = Api.ofNewOrganization().aKey().recoverable().create();
        api.asOwner().body(Map.of("gracePeriod", "PT1H")).post("/api/v1/keys/" + key.id() + "/regenerate").then()
                .statusCode(200);
        assertThat(copies()).isEqualTo(1);

        api.set(Map.of("recoverableKeys", false)).then().statusCode(200);

        assertThat(copies()).isZero();
        assertThat(copiesOf(other)).as("another organization's").isEqualTo(1);
        api.set(Map.of("recoverableKeys", true)).then().statusCode(200);
        api.asOwner().post(reveal(key)).then().statusCode(409);
        api.asOwner().get("/api/v1/keys/" + key.id()).then().body("recoverable", equalTo(false));
        api.act(key.id(), "regenerate").then().statusCode(200).body("recoverable", equalTo(false));
        assertThat(copies()).isZero();
    }

    /** A copy that is made while the switch is turned would be seen by nobody who destroys. */
    @Test
    void aKeyThatIsMadeWhileTheSwitchIsTurnedKeepsNoCopy() throws SQLException {
        Created key = api.aKey().recoverable().create();
        CompletableFuture<Response> creation;
        CompletableFuture<Response> regeneration;
        try (Connection connection = source.getConnection();
                PreparedStatement turn = connection
                        .prepareStatement("update organization set recoverable_keys = false where key = ?")) {
            connection.setAutoCommit(false);
            turn.setString(1, api.organization());
            assertThat(turn.executeUpdate()).isEqualTo(1);
            creation = CompletableFuture.supplyAsync(() -> api.aKey().recoverable().requestedBy(api.asOwner()));
            regeneration = CompletableFuture.supplyAsync(() -> api.act(key.id(), "regenerate"));
            Eventually.holds(() -> assertThat(database.count("""
                    select count(*) from pg_stat_activity
                     where wait_event_type = 'Lock' and query like '%recoverable_keys%for share%' and state = 'active'
                    """)).isGreaterThanOrEqualTo(2));
            connection.commit();
            connection.setAutoCommit(true);
        }

        creation.join().then().statusCode(422).body("errors[0].field", equalTo("recoverable"));
        regeneration.join().then().statusCode(200).body("recoverable", equalTo(false));
        assertThat(copies()).isZero();
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

    @Test
    void ofARevokedOrDeletedKeyNoCopyIsLeft() {
        Created revoked = api.aKey().recoverable().create();
        Created deleted = api.aKey().recoverable().create();

        api.act(revoked.id(), "revoke").then().statusCode(200).body("recoverable", equalTo(false));
        api.asOwner().delete("/api/v1/keys/" + deleted.id()).then().statusCode(204);

        assertThat(copies()).isZero();
        api.asOwner().post(reveal(revoked)).then().statusCode(409);
        api.asOwner().post(reveal(deleted)).then().statusCode(404);
    }

    @Test
    void whatIsMovedToAnotherKeyOrOrganizationDoesNotOpen() {
        Created key = api.aKey().recoverable().withSecret().create();
        Created other = api.aKey().recoverable().withSecret().create();
        Api elsewhere = Api.ofNewOrganization();
        Created foreign = elsewhere.aKey().recoverable().withSecret().create();

        for (String column : List.of("sealed_key", "sealed_secret")) {
            String swap = "update key_copy c set " + column + " = o." + column + " from key_copy o where c.key_id = ?"
                    + " and o.key_id = ?";
            database.execute(swap, UUID.fromString(key.id()), UUID.fromString(other.id()));
            api.asOwner().post(reveal(key)).then().statusCode(409);
            database.execute(swap, UUID.fromString(foreign.id()), UUID.fromString(other.id()));
            elsewhere.asOwner().post(reveal(foreign)).then().statusCode(409);
            regenerate(key, Map.of());
            elsewhere.act(foreign.id(), "regenerate").then().statusCode(200);
        }
        database.execute("update key_copy set sealed_key = sealed_secret, sealed_secret = sealed_key where key_id = ?",
                UUID.fromString(other.id()));
        api.asOwner().post(reveal(other)).then().statusCode(409);

        api.asOwner().get("/api/v1/activity?action=key.revealed").then().body("items", empty());
    }

    private Response regenerate(Created key, Map<String, ?> body) {
        Response answer = api.asOwner().body(body).post("/api/v1/keys/" + key.id() + "/regenerate");
        answer.then().statusCode(200).body("recoverable", equalTo(true));
        return answer;
    }

    private static String reveal(Created key) {
        return "/api/v1/keys/" + key.id() + "/reveal";
    }

    private byte[] sealedKey(Created key) {
        return (byte[]) database.query("select sealed_key from key_copy where key_id = ?", UUID.fromString(key.id())).get(0);
    }

    private long copiesOf(Created key) {
        return database.count("select count(*) from key_copy where key_id = ?", UUID.fromString(key.id()));
    }

    private long copies() {
        return database.count("select count(*) from key_copy where organization_id = ?", organization());
    }

    private UUID organization() {
        return database.organization(api);
    }
}
