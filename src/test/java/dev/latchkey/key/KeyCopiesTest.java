package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.KeyBuilder.Created;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** Of a key that nobody may be shown any more no copy is left, and one that is out of its place does not open. */
@QuarkusTest
@NullUnmarked
class KeyCopiesTest extends RecoverableKeysCase {

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

    private long copiesOf(Created key) {
        return database.count("select count(*) from key_copy where key_id = ?", UUID.fromString(key.id()));
    }
}
