package dev.latchkey.key;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.Foreign;
import dev.latchkey.testing.KeyBuilder.Created;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** Keys that were issued elsewhere go on working, and are keys like any other. */
@QuarkusTest
@NullUnmarked
class ImportedKeyTest extends ImportCase {

    @Inject
    MeterRegistry metrics;
    @Inject
    Verifier verifier;
    @Inject
    DataSource database;

    @Test
    void anImportedKeyIsGoodWhereverAKeyIs() {
        String scope = "keys:read";
        Foreign key = aKey().with("scopes", List.of("orders:read", scope));
        String id = imported(key).get(0).getString("id");

        api.verify(Map.of("key", key.token(), "method", "GET", "path", "/api/v1/orders")).body("code", equalTo("VALID"))
                .body("keyId", equalTo(id)).body("environment", equalTo("live"));
        given().header("X-API-Key", key.token()).header("X-Forwarded-Method", "GET").header("X-Forwarded-Uri", "/api/v1/orders")
                .get("/api/v1/auth").then().statusCode(204).header("X-Auth-Key-Id", id);
        given().header("X-API-Key", key.token()).get("/api/v1/keys/self").then().statusCode(200).body("keyId", equalTo(id));
        given().header("Authorization", "Bearer " + key.token()).get("/api/v1/keys").then().statusCode(200);
        api.asOwner().get("/api/v1/keys/" + id).then().body("start", equalTo(prefix)).body("status", equalTo("active"))
                .body("createdBy.name", equalTo("ana@" + api.organization()));
    }

    /** With a verifier that calls by a key, which is answered before Quarkus REST is reached. */
    @Test
    void theShortWayOfVerificationsKnowsForeignKeysAsCallersAndAsQuestions() {
        Foreign gateway = aKey().with("scopes", List.of("keys:verify"));
        Foreign asked = aKey();
        imported(gateway, asked);
        double before = metrics.get("latchkey.verifications.direct").counter().count();

        Api.withKey(gateway.token()).body(Map.of("key", asked.token(), "cost", 0)).post("/api/v1/keys/verify").then()
                .statusCode(200).body("code", equalTo("VALID"));
        assertThat(metrics.get("latchkey.verifications.direct").counter().count()).isGreaterThan(before);
    }

    /** As those of JWTs are: two dots in Authorization are a JWT by contract, in X-API-Key they are part of a key. */
    @Test
    void aForeignKeyMayHoldWhateverCanBeSeen() {
        for (String token : List.of(prefix + "a.b.c", prefix + "!\"#$%&'()*+,-./;<=>?@[\\]^_`{|}~", prefix + "x".repeat(3_000),
                "sk_live_" + prefix + "4eC39HqLyjWDarjtT1zdp7dc", prefix + "_live_00000000000000000000000000000000000000")) {
            Foreign key = Foreign.ofToken(token.startsWith(prefix) ? prefix : "sk_live_" + prefix, token);
            assertThat(statuses(imported(key))).containsExactly("imported", "done");
            assertThat(api.verdictOn(token)).as(token).isEqualTo("VALID");
            given().header("X-API-Key", token).get("/api/v1/keys/self").then().statusCode(200);
        }
    }

    @Test
    void aKeyVerifiesAtOnceThoughItWasAskedForJustBefore() {
        Foreign declaring = aKey();
        Foreign key = aKey();
        assertThat(api.verdictOn(key.token())).as("its prefix is unknown").isEqualTo("MALFORMED");
        imported(declaring);
        assertThat(api.verdictOn(key.token())).as("its prefix is known").isEqualTo("NOT_FOUND");
        double before = reads();
        assertThat(api.verdictOn(key.token())).isEqualTo("NOT_FOUND");
        assertThat(reads()).as("remembered as unknown").isEqualTo(before);

        imported(key);
        assertThat(api.verdictOn(key.token())).isEqualTo("VALID");
        assertThat(api.verdictOn(declaring.token())).isEqualTo("VALID");
    }

    @Test
    void importsMakeNoReplicaForgetWhatItKnows() {
        api.createStore("madrid");
        Created live = api.aKey().unlimited().create();
        imported(aKey());
        assertThat(api.verdictOn(live.key())).isEqualTo("VALID");
        double before = reads();

        List<Foreign> limited = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            limited.add(aKey().with("access", Map.of("type", "stores", "stores", List.of("madrid"))));
        }
        imported(limited.toArray(Foreign[]::new));
        assertThat(api.verdictOn(live.key())).isEqualTo("VALID");
        assertThat(reads()).isEqualTo(before);
        assertThat(api.verdictOn(limited.get(0).token())).isEqualTo("VALID");
    }

    /** What the trigger lets pass for new keys it must not let pass for old ones. */
    @Test
    void aStoreThatIsGivenToALivingKeyIsToldOf() {
        api.createStore("madrid");
        String vigo = api.createStore("vigo");
        Created key = api.aKey().unlimited().stores("madrid").create();
        api.verify(Map.of("key", key.key(), "store", "vigo")).body("code", equalTo("STORE_FORBIDDEN"));
        new Behind(database).execute("insert into api_key_store (key_id, store_id) values (?::uuid, ?::uuid)", key.id(), vigo);

        Eventually.holds(
                () -> api.verify(Map.of("key", key.key(), "store", "vigo")).body("code", equalTo("VALID")));
    }

    /** A column that is added to keys is added to the statement, or to those that an import leaves out. */
    @Test
    void everyColumnOfAKeyIsImportedOrLeftOutOnPurpose() {
        Set<Object> columns = new HashSet<>(new Behind(database)
                .query("select column_name::text from information_schema.columns where table_name = 'api_key'"));

        assertThat(columns).containsExactlyInAnyOrder("id", "organization_id", "name", "description", "active", "environment",
                "scopes", "methods", "start", "all_stores", "expires_at", "limit_source", "rate_limit", "rate_window_seconds",
                "ip_allow_list", "metadata", "created_by_type", "created_by_id", "created_by_name", "created_at", "updated_at",
                // Left out: as they begin.
                "version", "revoked_at", "revoked_reason", "granted_at");
    }

    @Test
    void anImportedKeyIsLikeOneThatWasCreated() {
        Map<String, Object> fields = Map.of("description", "Nightly", "active", false, "methods",
                List.of("GET /api/v*/orders/statuses", "* /api/v1/orders/7"), "expiresAt", "2099-01-31T12:00:00.5Z",
                "rateLimit", Map.of("limit", 7, "window", "PT1M"), "ipAllowList", List.of("203.0.113.7", "2001:db8::/32"),
                "environment", "test", "metadata", Map.of("team", "logistics", "n", 1.5, "list", List.of(1, "two")));
        Foreign key = aKey().with("start", prefix + "12345678");
        fields.forEach(key::with);
        var made = api.aKey().with("name", "Carrier");
        fields.forEach(made::with);
        Map<String, Object> created = view(made.create().id());

        Map<String, Object> imported = view(imported(key).get(0).getString("id"));
        assertThat(imported.remove("start")).isEqualTo(prefix + "12345678");
        api.asOwner().get("/api/v1/keys?q=" + prefix + "1234567").then().body("items.id", equalTo(List.of(imported.get("id"))));
        for (String own : List.of("id", "start", "createdAt", "updatedAt")) {
            created.remove(own);
            imported.remove(own);
        }
        assertThat(imported).isEqualTo(created);
    }

    @Test
    void anImportedKeyIsLimitedToItsMethods() {
        Foreign key = aKey().with("methods", List.of("GET /api/v*/orders/statuses", "GET /api/v1/nowhere"));

        JsonObject told = imported(key).get(0);
        assertThat(told.getString("status")).isEqualTo("imported");
        assertThat(told.getJsonArray("warnings").encode()).contains("methods[1]", "matches no operation of the catalogue");
        api.verify(Map.of("key", key.token(), "method", "GET", "path", "/api/v1/orders/statuses")).body("code",
                equalTo("VALID"));
        api.verify(Map.of("key", key.token(), "method", "GET", "path", "/api/v1/orders")).body("code",
                equalTo("METHOD_FORBIDDEN"));
    }

    @Test
    void anImportedKeyGetsATokenOfLatchkeysOwnAndNoSecret() {
        Foreign key = aKey();
        String id = imported(key).get(0).getString("id");
        api.asOwner().body(Map.of("part", "secret")).post("/api/v1/keys/" + id + "/regenerate").then().statusCode(409);

        String own = api.asOwner().body(Map.of("gracePeriod", "PT1H")).post("/api/v1/keys/" + id + "/regenerate").then()
                .statusCode(200).body("hasSecret", equalTo(false)).body("recoverable", equalTo(false))
                .body("start", startsWith("lk_live_")).extract().path("key");
        assertThat(api.verdictOn(own)).isEqualTo("VALID");
        assertThat(api.verdictOn(key.token())).isEqualTo("VALID");
        api.act(id, "end-grace").then().statusCode(200);
        assertThat(api.verdictOn(key.token())).isEqualTo("REVOKED");
        api.asOwner().get("/api/v1/keys?q=" + own.substring(0, 10)).then().body("items.id", equalTo(List.of(id)));
    }

    private Map<String, Object> view(String id) {
        return new LinkedHashMap<>(api.asOwner().get("/api/v1/keys/" + id).then().statusCode(200).extract().path("$"));
    }

    private double reads() {
        return metrics.get("latchkey.snapshots.reads").counter().count();
    }
}
