package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.Foreign;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.specification.RequestSpecification;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** What an import answers, to whom, and what it makes of tokens that are in use. */
@QuarkusTest
@NullUnmarked
class ImportTest extends ImportCase {

    @Inject
    DataSource database;

    @Test
    void everyRowIsAnsweredInOrderAndTheLastLineSumsUp() {
        Foreign first = aKey();
        List<JsonObject> answer = imported(first, aKey().with("name", " "), aKey(), first);

        assertThat(answer).hasSize(5);
        assertThat(answer).extracting(line -> line.getLong("line")).containsExactly(1L, 2L, 3L, 4L, null);
        assertThat(statuses(answer)).containsExactly("imported", "invalid", "imported", "duplicate", "done");
        assertThat(answer.get(3).getString("id")).isEqualTo(answer.get(0).getString("id"));
        assertThat(answer.get(1).getJsonArray("errors").encode()).contains("\"field\":\"name\"");
        assertThat(answer.get(4).getJsonObject("rows"))
                .isEqualTo(new JsonObject().put("imported", 2).put("duplicate", 1).put("invalid", 1));
    }

    @Test
    void theSameFileAgainIsAllDuplicatesWhateverBecameOfItsKeys() {
        Foreign kept = aKey();
        Foreign regenerated = aKey();
        Foreign revoked = aKey();
        Foreign deleted = aKey();
        List<JsonObject> first = imported(kept, regenerated, revoked, deleted);
        api.asOwner().post("/api/v1/keys/" + first.get(1).getString("id") + "/regenerate").then().statusCode(200);
        api.act(first.get(2).getString("id"), "revoke").then().statusCode(200);
        api.asOwner().delete("/api/v1/keys/" + first.get(3).getString("id")).then().statusCode(204);

        List<JsonObject> again = imported(kept, regenerated, revoked, deleted);
        assertThat(statuses(again)).containsExactly("duplicate", "duplicate", "duplicate", "imported", "done");
        for (int i = 0; i < 3; i++) {
            assertThat(again.get(i).getString("id")).isEqualTo(first.get(i).getString("id"));
        }
        assertThat(api.verdictOn(regenerated.token())).isEqualTo("REVOKED");
        assertThat(api.verdictOn(revoked.token())).isEqualTo("REVOKED");
        assertThat(api.verdictOn(deleted.token())).isEqualTo("VALID");
    }

    @Test
    void ofAnothersKeyNothingIsToldAndItStaysHis() {
        Foreign key = aKey();
        String id = imported(key).get(0).getString("id");
        Api other = Api.ofNewOrganization();

        List<JsonObject> answer = Foreign.imported(other, key.line());
        assertThat(answer.get(0).encode()).isEqualTo(
                "{\"line\":1,\"status\":\"invalid\",\"errors\":[{\"field\":\"hash\",\"message\":\"cannot be imported\"}]}");
        api.verify(Map.of("key", key.token())).body("keyId", equalTo(id)).body("organization", equalTo(api.organization()));
        other.asOwner().get("/api/v1/keys").then().body("items.size()", equalTo(0));
    }

    @Test
    void whatIsNoNdjsonIsRefusedBeforeItIsRead() {
        for (String type : List.of("application/json", "text/plain", "application/x-ndjson-not")) {
            api.asOwner().contentType(type).body(new byte[] { '{', '}' }).post("/api/v1/keys/import").then().statusCode(415)
                    .header("Accept-Post", Foreign.NDJSON).body("code", equalTo("unsupported-media-type"));
        }
        api.asOwner().contentType(Foreign.NDJSON).header("Content-Encoding", "gzip").body(new byte[] { 31, -117 })
                .post("/api/v1/keys/import").then().statusCode(415).header("Accept-Encoding", "identity");
        assertThat(statuses(Foreign.lines(api.asOwner().contentType("application/X-NDJSON; charset=utf-8")
                .body(aKey().line().getBytes(StandardCharsets.UTF_8))
                .post("/api/v1/keys/import").asString()))).containsExactly("imported", "done");
    }

    @Test
    void onlyOwnersAndAdminsImport() {
        for (String role : List.of("viewer", "developer", "platform")) {
            RequestSpecification caller = api.as(role);
            Foreign.post(caller, aKey().line()).then().statusCode(403).body("code", equalTo("forbidden"));
        }
        Foreign.post(Api.withKey(api.aKey().scopes("keys:write", "keys:read").create().key()), aKey().line()).then()
                .statusCode(403);
        Foreign.post(api.as("admin"), aKey().line()).then().statusCode(200);
        api.asOwner().get("/api/v1/keys?q=Carrier").then().body("items.size()", equalTo(1)).body("items[0].lastUsedAt",
                nullValue()).body("items[0].start", startsWith(prefix)).body("items[0].id", notNullValue());
    }

    /** The other one has written the token, and commits while this import waits for it. */
    @Test
    void anImportThatMeetsAnotherOneIsTriedAgainAndFindsWhatIsThere() throws SQLException {
        Foreign met = aKey();
        Foreign other = aKey();
        Behind behind = new Behind(database);
        String id = imported(met).get(0).getString("id");
        byte[] digest = (byte[]) behind.query("select digest from key_material where key_id = ?::uuid", id).get(0);
        api.asOwner().delete("/api/v1/keys/" + id).then().statusCode(204);
        Api stranger = Api.ofNewOrganization();
        String theirs = stranger.aKey().create().id();
        CompletableFuture<List<JsonObject>> importing;
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            try (PreparedStatement insert = connection.prepareStatement("""
                    insert into key_material (id, key_id, digest, pepper_id, start, state, dies_at, created_at)
                    select ?, key_id, ?, pepper_id, start, 'replaced', now(), now() from key_material where key_id = ?::uuid
                    """)) {
                insert.setObject(1, UUID.randomUUID());
                insert.setBytes(2, digest);
                insert.setString(3, theirs);
                assertThat(insert.executeUpdate()).isEqualTo(1);
            }
            importing = CompletableFuture.supplyAsync(() -> imported(met, other));
            Eventually.holds(() -> assertThat(behind.count("""
                    select count(*) from pg_stat_activity
                     where datname = current_database() and wait_event_type = 'Lock' and query like '%json_to_recordset%'
                    """)).isPositive());
            assertThat(importing).isNotDone();
            connection.commit();
        }

        List<JsonObject> answer = importing.join();
        assertThat(statuses(answer)).containsExactly("invalid", "imported", "done");
        assertThat(answer.get(0).encode()).contains("cannot be imported");
        assertThat(api.verdictOn(other.token())).isEqualTo("VALID");
    }

    @Test
    void ofTwoWhoImportTheSameTokensAtOnceEachTokenHasOne() {
        List<Foreign> keys = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            keys.add(aKey());
        }
        List<Api> importers = List.of(api, Api.ofNewOrganization());
        List<CompletableFuture<List<JsonObject>>> running = importers.stream()
                .map(importer -> CompletableFuture.supplyAsync(() -> Foreign.imported(importer, Foreign.file(keys)))).toList();
        List<JsonObject> first = running.get(0).join();
        List<JsonObject> second = running.get(1).join();

        for (int i = 0; i < keys.size(); i++) {
            assertThat(List.of(first.get(i).getString("status"), second.get(i).getString("status")))
                    .containsExactlyInAnyOrder("imported", "invalid");
        }
        assertThat(first.get(keys.size()).getString("status")).isEqualTo("done");
        assertThat(second.get(keys.size()).getString("status")).isEqualTo("done");
    }
}
