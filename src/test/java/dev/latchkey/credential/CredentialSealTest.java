package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.credential.CredentialData.Basic;
import dev.latchkey.crypto.DataKey;
import dev.latchkey.crypto.DataKeys;
import dev.latchkey.crypto.SealBrokenException;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.CredentialBuilder;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A sealed secret opens in its place and as it was set last, and whatever else is put there does not open at all. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class CredentialSealTest {

    @Inject
    DataSource source;
    @Inject
    OpenCredentials open;
    @Inject
    DataKeys dataKeys;

    private Api api;
    private Behind database;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
        database = new Behind(source);
    }

    @Test
    void whatWasSealedIsWhatIsUsed() {
        String password = CredentialBuilder.aSecret();
        UUID id = UUID.fromString(api.aCredential().basic("sync", password).create());

        Basic basic = (Basic) opened(api, id).data();

        assertThat(basic.username().reveal()).isEqualTo("sync");
        assertThat(basic.password().reveal()).isEqualTo(password);
        assertThat(opened(api, id).toString()).doesNotContain(password);
    }

    @Test
    void anotherCredentialsSecretDoesNotOpen() {
        UUID mine = UUID.fromString(api.aCredential().create());
        UUID other = UUID.fromString(api.aCredential().create());
        move("password", other, "password", mine);

        assertDoesNotOpen(api, mine);
        assertThat(opened(api, other)).isNotNull();
    }

    @Test
    void anotherFieldsSecretDoesNotOpen() {
        UUID id = UUID.fromString(api.aCredential()
                .of("api_key", Map.of("key", CredentialBuilder.aSecret(), "secret", CredentialBuilder.aSecret(), "placement",
                        "header", "name", "X-Key"))
                .create());
        move("secret", id, "key", id);

        assertDoesNotOpen(api, id);
    }

    /** Renamed in its own row: the name is sealed in. */
    @Test
    void aFieldThatWasRenamedDoesNotOpen() {
        UUID id = UUID.fromString(
                api.aCredential().of("custom_headers", Map.of("headers", Map.of("X-A", CredentialBuilder.aSecret()))).create());
        database.execute("update credential_secret set field = 'headers.X-B' where credential_id = ?", id);

        assertDoesNotOpen(api, id);
    }

    @Test
    void anotherOrganizationsSecretDoesNotOpen() {
        Api others = Api.ofNewOrganization();
        UUID mine = UUID.fromString(api.aCredential().create());
        UUID theirs = UUID.fromString(others.aCredential().create());
        move("password", theirs, "password", mine);
        assertDoesNotOpen(api, mine);

        // The whole credential as well.
        database.execute("update credential set organization_id = ? where id = ?", database.organization(api), theirs);
        assertDoesNotOpen(api, theirs);
    }

    @Test
    void anOlderSecretThatIsPutBackDoesNotOpen() {
        UUID id = UUID.fromString(api.aCredential().create());
        byte[] older = sealed(id, "password");
        patch(id, Map.of("data", Map.of("password", CredentialBuilder.aSecret()), "skipTest", true));
        database.execute("update credential_secret set sealed = ? where credential_id = ?", older, id);

        assertDoesNotOpen(api, id);
    }

    /** The counter is the credential's: a field that goes and comes again does not begin anew. */
    @Test
    void aRemovedSecretThatIsPutBackInPlaceOfItsSuccessorDoesNotOpen() {
        UUID id = UUID.fromString(api.aCredential().of("api_key", Map.of("key", CredentialBuilder.aSecret(), "secret",
                CredentialBuilder.aSecret(), "placement", "header", "name", "X-Key")).create());
        byte[] older = sealed(id, "secret");
        HashMap<String, Object> gone = new HashMap<>();
        gone.put("secret", null);
        patch(id, Map.of("data", gone, "skipTest", true));
        patch(id, Map.of("data", Map.of("secret", CredentialBuilder.aSecret()), "skipTest", true));
        database.execute("update credential_secret set sealed = ? where credential_id = ? and field = 'secret'", older, id);

        assertDoesNotOpen(api, id);
    }

    /** A credential without one of its rows would sign requests in with less than it has, or as nobody. */
    @Test
    void aCredentialThatLacksARowOrHasOneTooManyDoesNotOpen() {
        UUID id = UUID.fromString(api.aCredential().of("api_key", Map.of("key", CredentialBuilder.aSecret(), "secret",
                CredentialBuilder.aSecret(), "placement", "header", "name", "X-Key")).create());
        byte[] older = sealed(id, "secret");
        database.execute("delete from credential_secret where credential_id = ? and field = 'secret'", id);
        assertDoesNotOpen(api, id);
        api.asOwner().post("/api/v1/credentials/" + id + "/test").then().statusCode(409);
        put(id, "secret", older);
        assertThat(opened(api, id)).isNotNull();

        HashMap<String, Object> gone = new HashMap<>();
        gone.put("secret", null);
        patch(id, Map.of("data", gone, "skipTest", true));
        put(id, "secret", older);
        assertDoesNotOpen(api, id);
    }

    private void put(UUID id, String field, byte[] sealed) {
        database.execute(
                """
                        insert into credential_secret (credential_id, field, organization_id, sealed, updated_at) values (?, ?, ?, ?, now())
                        """,
                id, field, database.organization(api), sealed);
    }

    @Test
    void aSecretThatStaysTheSameIsNotSealedAnew() {
        UUID id = UUID.fromString(api.aCredential().create());
        byte[] before = sealed(id, "password");
        patch(id, Map.of("name", "Renamed"));
        patch(id, Map.of("baseUrl", "http://127.0.0.1:9/api/v2", "skipTest", true));

        assertThat(sealed(id, "password")).isEqualTo(before);
        assertThat(opened(api, id).baseUrl()).isEqualTo("http://127.0.0.1:9/api/v2");
    }

    @Test
    void noByteOfItMayChangeAndNoneMayBeMissing() {
        UUID id = UUID.fromString(api.aCredential().create());
        UUID organization = database.organization(api);
        byte[] sealed = sealed(id, "password");
        DataKey key = Behind.await(() -> dataKeys.of(organization)).orElseThrow();
        assertThat(CredentialSecrets.open(key, organization, id, "password", 1, sealed).reveal()).startsWith("s3cr3t");

        for (int i = 0; i < sealed.length; i++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] flipped = sealed.clone();
                flipped[i] ^= (byte) (1 << bit);
                assertThatThrownBy(() -> CredentialSecrets.open(key, organization, id, "password", 1, flipped))
                        .isInstanceOf(SealBrokenException.class);
            }
            byte[] cut = Arrays.copyOf(sealed, i);
            assertThatThrownBy(() -> CredentialSecrets.open(key, organization, id, "password", 1, cut))
                    .isInstanceOf(SealBrokenException.class);
        }
        assertThatThrownBy(() -> CredentialSecrets.open(key, organization, id, "password", 1,
                Arrays.copyOf(sealed, sealed.length + 1))).isInstanceOf(SealBrokenException.class);
        assertThatThrownBy(() -> CredentialSecrets.open(key, organization, id, "password", 2, sealed))
                .isInstanceOf(SealBrokenException.class);
    }

    @Test
    void whatDoesNotOpenIsToldAndCanBeReplacedByDeletion() {
        UUID id = UUID.fromString(api.aCredential().create());
        database.execute("update credential_secret set sealed = substr(sealed, 1, 20) where credential_id = ?", id);

        api.asOwner().post("/api/v1/credentials/" + id + "/test").then().statusCode(409).body("detail",
                containsString("does not open"));
        api.asOwner().get("/api/v1/credentials/" + id).then().statusCode(200).body("data.password.set", equalTo(true));
        api.asOwner().delete("/api/v1/credentials/" + id).then().statusCode(204);
    }

    private void move(String fromField, UUID from, String toField, UUID to) {
        assertThat(database.execute("""
                update credential_secret t set sealed = f.sealed from credential_secret f
                 where f.credential_id = ? and f.field = ? and t.credential_id = ? and t.field = ?
                """, from, fromField, to, toField)).isEqualTo(1);
    }

    private byte[] sealed(UUID id, String field) {
        return (byte[]) database
                .query("select sealed from credential_secret where credential_id = ? and field = ?", id, field).get(0);
    }

    private void patch(UUID id, Map<String, ?> patch) {
        api.asOwner().contentType("application/merge-patch+json").body(patch).patch("/api/v1/credentials/" + id).then()
                .statusCode(200);
    }

    private OpenCredential opened(Api whose, UUID id) {
        UUID organization = database.organization(whose);
        return Behind.await(() -> open.of(organization, id));
    }

    private void assertDoesNotOpen(Api whose, UUID id) {
        assertThatThrownBy(() -> opened(whose, id)).hasMessageContaining("does not open");
    }
}
