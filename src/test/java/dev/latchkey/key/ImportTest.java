package dev.latchkey.key;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.net.IpAddress;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.Foreign;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.TestDatabase;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** Keys that were issued elsewhere go on working. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class ImportTest {

    @Inject
    MeterRegistry metrics;
    @Inject
    Verifier verifier;
    @Inject
    KeyConfig config;
    @Inject
    DataSource database;

    private final Api api = Api.ofNewOrganization();
    private final String prefix = Foreign.aPrefix();

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
    void junkIsStillTurnedAwayWithoutALookUp() {
        Foreign key = aKey();
        imported(key);
        assertThat(api.verdictOn(prefix.toUpperCase(Locale.ROOT) + "junk")).isEqualTo("MALFORMED");
        double before = reads();

        String broken = api.aKey().create().key() + "x";
        for (String junk : List.of(broken, "junk", prefix, prefix + "with space", prefix + "ñ", prefix.substring(0, 4) + "x",
                prefix.toUpperCase(Locale.ROOT) + "junk", prefix + "x".repeat(8_200 - prefix.length()), "x" + key.token())) {
            Response verdict = api.asPlatform().body(Map.of("key", junk, "cost", 0)).post("/api/v1/keys/verify");
            assertThat(verdict.statusCode() == 422 || "MALFORMED".equals(verdict.path("code"))).as(junk).isTrue();
        }
        assertThat(reads()).isEqualTo(before);
    }

    @Test
    void guessesUnderAForeignPrefixReachTheDatabaseAtABoundedRate() {
        imported(aKey());
        double before = reads();
        List<CompletableFuture<Boolean>> guesses = new ArrayList<>();
        long begin = System.nanoTime();
        for (int i = 0; i < 5_000; i++) {
            Question question = new Question(null, null, null, List.of(), null, IpAddress.parse("198.51.100." + i % 250), 0);
            guesses.add(verifier.verify(PresentedKey.alone(prefix + i), question).subscribeAsCompletionStage()
                    .handle((verdict, fault) -> verdict != null && verdict.code() == Verdict.Code.NOT_FOUND));
        }
        long found = guesses.stream().filter(CompletableFuture::join).count();
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin) + 1;

        assertThat(found).as("looked up").isPositive().isLessThanOrEqualTo(config.unknownRate() * (20 + seconds) / 20);
        assertThat(reads() - before).isLessThanOrEqualTo(found);
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
    void badRowsAreToldByFieldAndNothingOfThemIsRepeated() {
        Map<String, String> rows = new LinkedHashMap<>();
        rows.put("{", "");
        rows.put("[]", "");
        rows.put("\"" + prefix + "\"", "");
        rows.put(aKey().line() + aKey().line(), "");
        rows.put(aKey().line().replaceFirst("\\{", "{\"name\": \"twice\","), "");
        rows.put(aKey().without("hash").line(), "hash");
        rows.put(aKey().with("hash", "f".repeat(63)).line(), "hash");
        rows.put(aKey().with("hash", "g".repeat(64)).line(), "hash");
        rows.put(aKey().with("hash", 17).line(), "hash");
        rows.put(aKey().with("hash", aKey().token()).line(), "hash");
        rows.put(aKey().with("hash", Foreign.sha256(prefix)).line(), "hash");
        rows.put(aKey().without("prefix").line(), "prefix");
        rows.put(aKey().with("prefix", "").line(), "prefix");
        rows.put(aKey().with("prefix", "ab").line(), "prefix");
        rows.put(aKey().with("prefix", "a b c").line(), "prefix");
        rows.put(aKey().with("prefix", "x".repeat(33)).line(), "prefix");
        rows.put(aKey().with("start", "other").line(), "start");
        rows.put(aKey().with("start", prefix + "123456789").line(), "start");
        rows.put(aKey().without("name").line(), "name");
        rows.put(aKey().with("scopes", List.of("orders:fly")).line(), "scopes[0]");
        rows.put(aKey().with("scopes", List.of("keys:verify-any")).line(), "scopes");
        rows.put(aKey().with("access", Map.of("type", "stores", "stores", List.of("nowhere"))).line(), "access.stores[0]");
        rows.put(aKey().with("access", Map.of("type", "some")).line(), "access.type");
        rows.put(aKey().with("expiresAt", "2020-01-01T00:00:00Z").line(), "expiresAt");
        rows.put(aKey().with("expiresAt", "tomorrow").line(), "expiresAt");
        rows.put(aKey().with("methods", List.of("GET /api/v1/orders", "GET orders")).line(), "methods[1]");
        rows.put(aKey().with("methods", List.of()).line(), "methods");
        rows.put(aKey().with("scopes", List.of()).with("methods", List.of("* /**")).line(), "methods[0]");
        rows.put(aKey().with("ipAllowList", List.of("10.0.0.0/33")).line(), "ipAllowList[0]");
        rows.put(aKey().with("rateLimit", Map.of("limit", 0, "window", "PT1M")).line(), "rateLimit");
        rows.put(aKey().with("metadata", Map.of("long", "x".repeat(5_000))).line(), "metadata");
        rows.put(aKey().with("withSecret", true).line(), "withSecret");
        rows.put(aKey().with("recoverable", true).line(), "recoverable");
        rows.put(aKey().with("whatever", 1).line(), "whatever");
        Foreign good = aKey().with("withSecret", false).with("recoverable", false);

        List<JsonObject> answer = Foreign.imported(api, String.join("\n", rows.keySet()) + "\n" + good.line());
        int line = 0;
        for (Map.Entry<String, String> row : rows.entrySet()) {
            JsonObject told = answer.get(line++);
            assertThat(told.getLong("line")).isEqualTo(line);
            assertThat(told.getString("status")).as(row.getKey()).isEqualTo("invalid");
            assertThat(told.getJsonArray("errors").getJsonObject(0).getString("field")).as(row.getKey() + " " + told)
                    .isEqualTo(row.getValue());
            assertThat(told.encode()).doesNotContain("orders:fly", "tomorrow", aKey().line().substring(9, 40));
        }
        assertThat(answer.get(line).getString("status")).isEqualTo("imported");
        assertThat(answer.get(line + 1).getJsonObject("rows").getInteger("invalid")).isEqualTo(rows.size());
        assertThat(api.verdictOn(good.token())).isEqualTo("VALID");
    }

    @Test
    void severalFaultsOfARowAreToldTogether() {
        JsonObject told = imported(aKey().with("hash", "x").with("prefix", "y").with("name", "").with("scopes", List.of()))
                .get(0);

        assertThat(told.getJsonArray("errors").stream().map(each -> ((JsonObject) each).getString("field")))
                .containsExactly("hash", "prefix", "name");
    }

    @Test
    void aFileMayBeWrittenInAnyWay() {
        Foreign first = aKey();
        Foreign last = aKey();
        String file = "\ufeff" + first.line() + "\r\n\n  \t\n{\"x\": \"" + "y".repeat(200_000) + "\"}\n" + aKey().line() + "\n"
                + last.line();

        List<JsonObject> answer = Foreign.imported(api, file);
        assertThat(answer).extracting(line -> line.getLong("line")).containsExactly(1L, 4L, 5L, 6L, null);
        assertThat(statuses(answer)).containsExactly("imported", "invalid", "imported", "imported", "done");
        assertThat(answer.get(1).encode()).contains("is longer than 131072 bytes");
        assertThat(api.verdictOn(last.token())).isEqualTo("VALID");

        Response notUtf8 = api.asOwner().contentType(Foreign.NDJSON).body(new byte[] { '{', (byte) 0xE9, '}' })
                .post("/api/v1/keys/import");
        assertThat(notUtf8.asString()).contains("is not UTF-8");
        assertThat(statuses(Foreign.imported(api, ""))).containsExactly("done");
        assertThat(statuses(Foreign.imported(api, "\n\n"))).containsExactly("done");
    }

    @Test
    void aFileMayBeLongerThanAnyBody() {
        List<Foreign> keys = new ArrayList<>();
        for (int i = 0; i < 2_500; i++) {
            keys.add(aKey().with("name", "Carrier " + i));
        }
        String file = Foreign.file(keys) + "\n".repeat(9 << 20);
        assertThat(file.length()).as("beyond what the server takes of any other body").isGreaterThan(8 << 20);

        List<JsonObject> answer = Foreign.imported(api, file);
        assertThat(answer).hasSize(2_501);
        assertThat(answer.get(2_500).getJsonObject("rows").getInteger("imported")).isEqualTo(2_500);
        assertThat(api.verdictOn(keys.get(2_499).token())).isEqualTo("VALID");
        String importId = answer.get(2_500).getString("import");
        api.asOwner().get("/api/v1/activity?targetId=" + importId).then().body("items.size()", equalTo(3))
                .body("items.action.unique()", equalTo(List.of("key.imported")))
                .body("items[2].target.name", equalTo("lines 1 to 1000"))
                .body("items.collect { it.changes[0].after }.sum()", equalTo(2_500));
        api.asOwner().get("/api/v1/events?type=key.imported").then().body("items.size()", equalTo(3))
                .body("items[0].data.import", equalTo(importId)).body("items[0].data.lastLine", equalTo(2_500));
    }

    @Test
    void storesAreNamedByIdOrKeyAndBound() {
        String id = api.createStore("madrid");
        api.createStore("lugo");
        Foreign key = aKey().with("access",
                Map.of("type", "stores", "stores", List.of(id, "lugo", "lugo", id.toUpperCase(Locale.ROOT))));
        Foreign both = aKey().with("access", Map.of("type", "stores", "stores", List.of("lugo", "vigo")));

        List<JsonObject> answer = imported(key, both, both, key);
        assertThat(statuses(answer)).containsExactly("imported", "invalid", "invalid", "duplicate", "done");
        assertThat(answer.get(1).encode()).contains("access.stores[1]").doesNotContain("access.stores[0]");
        api.asOwner().get("/api/v1/keys/" + answer.get(0).getString("id")).then().body("access.stores.key",
                equalTo(List.of("lugo", "madrid")));
        api.verify(Map.of("key", key.token(), "store", "lugo")).body("code", equalTo("VALID"));
        api.createStore("vigo");
        api.verify(Map.of("key", key.token(), "store", "vigo")).body("code", equalTo("STORE_FORBIDDEN"));
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

    @Test
    void anOrganizationDeclaresABoundedNumberOfPrefixes() {
        List<Foreign> keys = new ArrayList<>();
        for (int i = 0; i <= ForeignPrefixTable.MOST; i++) {
            keys.add(Foreign.key(Foreign.aPrefix()));
        }
        keys.add(Foreign.ofToken(keys.get(0).token().substring(0, 10), keys.get(0).token() + "x"));

        List<JsonObject> answer = imported(keys.toArray(Foreign[]::new));
        assertThat(statuses(answer).subList(0, ForeignPrefixTable.MOST)).containsOnly("imported");
        assertThat(answer.get(ForeignPrefixTable.MOST).encode()).contains("\"field\":\"prefix\"").contains("one too many");
        assertThat(statuses(answer).get(ForeignPrefixTable.MOST + 1)).isEqualTo("imported");
        assertThat(api.verdictOn(keys.get(ForeignPrefixTable.MOST).token())).isEqualTo("MALFORMED");
    }

    @Test
    void ourOwnPrefixExemptsNothingAndIsSaidTo() {
        String ours = KeyToken.generate("lk", "live", new SecureRandom()).text();
        Foreign moved = Foreign.ofToken("lk_live_", ours);
        Foreign unlike = Foreign.ofToken("lk_live_", "lk_live_without-checksum-" + prefix);

        List<JsonObject> answer = imported(moved, unlike);
        assertThat(answer.get(0).getString("status")).isEqualTo("imported");
        assertThat(answer.get(0).getJsonArray("warnings").encode()).contains("checksum");
        assertThat(api.verdictOn(moved.token())).as("of another Latchkey").isEqualTo("VALID");
        assertThat(api.verdictOn(unlike.token())).isEqualTo("MALFORMED");
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

    private Foreign aKey() {
        return Foreign.key(prefix);
    }

    private List<JsonObject> imported(Foreign... keys) {
        return Foreign.imported(api, Foreign.file(List.of(keys)));
    }

    private Map<String, Object> view(String id) {
        return new LinkedHashMap<>(api.asOwner().get("/api/v1/keys/" + id).then().statusCode(200).extract().path("$"));
    }

    private static List<String> statuses(List<JsonObject> answer) {
        return answer.stream().map(line -> line.getString("status")).toList();
    }

    private double reads() {
        return metrics.get("latchkey.snapshots.reads").counter().count();
    }
}
