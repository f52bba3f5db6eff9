package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.testing.Behind;
import dev.latchkey.testing.Foreign;
import dev.latchkey.testing.Tokens;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** Each row of an import is answered for itself, good or bad, in files of any length. */
@QuarkusTest
@NullUnmarked
class ImportRowsTest extends ImportCase {

    @Inject
    DataSource database;

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
        rows.put(aKey().with("metadata", Map.of("a", Map.of("\0", 1))).line(), "");
        rows.put(aKey().with("metadata", Map.of("a", List.of("x\0"))).line(), "");
        Foreign good = aKey().with("withSecret", false).with("recoverable", false);

        List<JsonObject> answer = Foreign.imported(api, String.join("\n", rows.keySet()) + "\n" + good.line());
        int line = 0;
        for (Map.Entry<String, String> row : rows.entrySet()) {
            JsonObject told = answer.get(line++);
            assertThat(told.getLong("line")).isEqualTo(line);
            assertThat(told.getString("status")).as(row.getKey()).isEqualTo("invalid");
            assertThat(told.getJsonArray("errors").getJsonObject(0).getString("field")).as(row.getKey() + " " + told)
                    .isEqualTo(row.getValue());
            assertThat(told.encode()).doesNotContain("orders:fly", "tomorrow", prefix, hashIn(row.getKey()));
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

    /** As a client sends it that flushes after every byte: tens of thousands of pieces for one row. */
    @Test
    void aFileMayComeByteByByte() throws Exception {
        Foreign key = aKey();
        byte[] file = ("\n".repeat(20_000) + key.line() + "\n").getBytes(StandardCharsets.UTF_8);
        List<byte[]> pieces = new ArrayList<>();
        for (byte one : file) {
            pieces.add(new byte[] { one });
        }

        HttpRequest request = HttpRequest
                .newBuilder(URI.create(RestAssured.baseURI + ":" + RestAssured.port + "/api/v1/keys/import"))
                .header("Authorization", "Bearer " + Tokens.of(api.organization(), "ana@" + api.organization(), "owner"))
                .header("Content-Type", Foreign.NDJSON).timeout(Duration.ofMinutes(1)).version(HttpClient.Version.HTTP_1_1)
                .POST(HttpRequest.BodyPublishers.ofByteArrays(pieces)).build();
        HttpResponse<String> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(statuses(Foreign.lines(answer.body()))).containsExactly("imported", "done");
        assertThat(api.verdictOn(key.token())).isEqualTo("VALID");
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

    /** What only PostgreSQL finds out, as an operator's own constraint. */
    @Test
    void aRowThatCannotBeStoredTakesNoOtherAlong() {
        Behind behind = new Behind(database);
        behind.execute("alter table api_key add constraint operators_own check (name <> 'Nobody may be called so') not valid");
        try {
            importWithRowsThatCannotBeStored();
        } finally {
            behind.execute("alter table api_key drop constraint operators_own");
        }
    }

    private void importWithRowsThatCannotBeStored() {
        List<String> rows = new ArrayList<>();
        List<Foreign> good = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            good.add(aKey());
            rows.add(good.get(i).line());
        }
        for (int place : List.of(0, 17, 18, 42)) {
            rows.add(place, aKey().with("name", "Nobody may be called so").line());
        }

        List<JsonObject> answer = Foreign.imported(api, String.join("\n", rows));
        assertThat(answer.get(44).getJsonObject("rows")).isEqualTo(
                new JsonObject().put("imported", 40).put("duplicate", 0).put("invalid", 4));
        assertThat(answer.subList(0, 44)).filteredOn(line -> line.getString("status").equals("invalid"))
                .extracting(line -> line.getLong("line")).containsExactly(1L, 18L, 19L, 43L);
        assertThat(answer.get(17).getJsonArray("errors").encode()).contains("cannot be stored");
        for (Foreign key : List.of(good.get(0), good.get(16), good.get(39))) {
            assertThat(api.verdictOn(key.token())).isEqualTo("VALID");
        }
    }

    /** What people put where a hash belongs; of a row without one, something that no answer says. */
    private static String hashIn(String row) {
        int begin = row.indexOf("\"hash\":\"") + 8;
        return begin < 8 ? "\u0000" : row.substring(begin, Math.min(row.length(), begin + 30));
    }
}
