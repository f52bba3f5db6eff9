package dev.latchkey.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ExtractableResponse;
import io.restassured.response.Response;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lists that are walked, resources that are edited: the same rules for keys and for stores. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class WritesTest {

    private Api api;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
    }

    @ParameterizedTest
    @ValueSource(strings = { "keys", "stores" })
    void aWalkMissesNothingThatStandsAndShowsNothingTwice(String list) {
        List<String> standing = new ArrayList<>();
        List<String> going = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            (i % 3 == 1 ? going : standing).add(0, make(list, "x" + i));
        }
        List<String> read = new ArrayList<>();
        Set<String> gone = new HashSet<>();
        String cursor = null;
        int pages = 0;
        do {
            ExtractableResponse<Response> page = api.asOwner().queryParam("limit", 3).queryParam("cursor", orNone(cursor))
                    .get("/api/v1/" + list).then().statusCode(200).extract();
            List<String> shown = page.path("items.id");
            read.addAll(shown);
            cursor = page.path("nextCursor");
            make(list, "new" + pages);
            if (cursor != null) { // One that lies ahead, one that lies behind, and the row to which the cursor points.
                for (String id : List.of(going.get(going.size() - 1 - pages % going.size()), shown.get(shown.size() - 1))) {
                    if (going.contains(id) && gone.add(id)) {
                        api.asOwner().delete("/api/v1/" + list + "/" + id).then().statusCode(204);
                    }
                }
            }
            pages++;
        } while (cursor != null && pages < 20);

        assertThat(cursor).as("it ends").isNull();
        assertThat(pages).isGreaterThan(2);
        assertThat(gone).isNotEmpty();
        assertThat(read).doesNotHaveDuplicates().containsSubsequence(standing);
        read.removeAll(standing);
        assertThat(going).as("nothing that came later").containsAll(read);
    }

    @ParameterizedTest
    @ValueSource(strings = { "keys", "stores" })
    void aRowThatACursorPointsToMayGo(String list) {
        String first = make(list, "a");
        String second = make(list, "b");
        String cursor = api.asOwner().get("/api/v1/" + list + "?limit=1").then().body("items.id", equalTo(List.of(second)))
                .extract().path("nextCursor");
        api.asOwner().delete("/api/v1/" + list + "/" + second).then().statusCode(204);

        api.asOwner().queryParam("cursor", cursor).get("/api/v1/" + list).then().statusCode(200)
                .body("items.id", equalTo(List.of(first))).body("nextCursor", nullValue());
    }

    @ParameterizedTest
    @ValueSource(strings = { "keys", "stores" })
    void aForeignCursorIsRefused(String list) {
        make(list, "a");
        make(list, "b");
        String cursor = api.asOwner().get("/api/v1/" + list + "?limit=1").path("nextCursor");
        String other = list.equals("keys") ? "stores" : "keys";

        Api stranger = Api.ofNewOrganization();
        for (Response refused : List.of(stranger.asOwner().queryParam("cursor", cursor).get("/api/v1/" + list),
                api.asOwner().queryParam("cursor", cursor).get("/api/v1/" + other),
                api.asOwner().queryParam("cursor", cursor + "A").get("/api/v1/" + list),
                api.asOwner().queryParam("cursor", "x".repeat(5000)).get("/api/v1/" + list))) {
            refused.then().statusCode(400).contentType(Problem.MEDIA_TYPE).body("code", equalTo("invalid-cursor"));
        }
        for (String filter : List.of("status=active", "access=all", "scope=orders:read", "q=a")) {
            api.asOwner().queryParam("cursor", cursor).get("/api/v1/keys?" + filter).then().statusCode(400);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = { "keys | \"5\"", "keys | W/\"0\"", "keys | \"5\", \"6\"", "keys | 0",
            "stores | \"5\"", "stores | W/\"0\"", "stores | \"5\", \"6\"", "stores | 0" })
    void anIfMatchThatDoesNotFitChangesNothing(String list, String ifMatch) {
        String path = "/api/v1/" + list + "/" + make(list, "a");
        String before = api.asOwner().get(path).then().header("ETag", "\"0\"").extract().asString();

        api.asOwner().header("If-Match", ifMatch).body(Map.of("name", "b")).patch(path).then().statusCode(412)
                .contentType(Problem.MEDIA_TYPE).body("code", equalTo("precondition-failed")).header("ETag", "\"0\"");
        api.asOwner().header("If-Match", ifMatch).delete(path).then().statusCode(412);
        assertThat(api.asOwner().get(path).asString()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = { "keys", "stores" })
    void anIfMatchThatFitsLetsTheChangeThrough(String list) {
        String path = "/api/v1/" + list + "/" + make(list, "a");
        for (String ifMatch : List.of("\"0\"", "\"9\", \"1\"", "*")) {
            api.asOwner().header("If-Match", ifMatch).body(Map.of("name", "b" + ifMatch.length())).patch(path).then()
                    .statusCode(200);
        }
        String etag = api.asOwner().get(path).then().body("name", equalTo("b1")).extract().header("ETag");
        assertThat(etag).isEqualTo("\"3\"");
        api.asOwner().header("If-Match", etag).delete(path).then().statusCode(204);
        api.asOwner().header("If-Match", "*").delete(path).then().statusCode(404);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = { "keys | {'nope': 1} | nope", "keys | {'id': 'x'} | id",
            "keys | {'status': 'active'} | status",
            "keys | {'createdAt': null} | createdAt", "keys | {'access': {'type': 'all', 'nope': 1}} | access.nope",
            "keys | {'rateLimit': {'limit': 5, 'nope': 1}} | rateLimit", "keys | {'name': null} | name",
            "keys | {'scopes': null} | scopes", "keys | {'name': 5} | name", "keys | {'key': 'lk_live_x'} | key",
            "stores | {'nope': 1} | nope", "stores | {'id': null} | id", "stores | {'name': null} | name",
            "stores | {'name': ''} | name", "stores | {'key': {'a': 1}} | key", "stores | {'version': 1} | version" })
    void aPatchOfWhatCannotBeEditedIsRefusedByName(String list, String patch, String field) {
        String path = "/api/v1/" + list + "/" + make(list, "a");
        String before = api.asOwner().get(path).asString();

        for (String type : List.of("application/merge-patch+json", "application/json")) {
            api.asOwner().contentType(type).body(patch.replace('\'', '"')).patch(path).then().statusCode(422)
                    .body("errors[0].field", equalTo(field));
        }
        assertThat(api.asOwner().get(path).asString()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = { "keys", "stores" })
    void aPatchIsOneJsonObject(String list) {
        String path = "/api/v1/" + list + "/" + make(list, "a");
        for (String patch : List.of("[]", "null", "5", "\"x\"", "", "{", "{\"name\": \"a\", \"name\": \"b\"}")) {
            api.asOwner().contentType("application/merge-patch+json").body(patch).patch(path).then().statusCode(400);
        }
        for (String type : List.of("text/plain", "application/json-patch+json", "application/xml")) {
            api.asOwner().contentType(type).body("{\"name\": \"b\"}").patch(path).then().statusCode(415);
        }
        api.asOwner().get(path).then().header("ETag", "\"0\"");
    }

    @Test
    void aListIsReplacedAndAnAbsentFieldStays() {
        String id = api.aKey().scopes("orders:read", "products:read").with("description", "kept").create().id();

        api.patch(id, Map.of("scopes", List.of("customers:read"))).then().statusCode(200)
                .body("scopes", equalTo(List.of("customers:read"))).body("description", equalTo("kept"));
        api.patch(id, Map.of()).then().statusCode(200).body("scopes", equalTo(List.of("customers:read")));
    }

    private String make(String list, String name) {
        Map<String, Object> body = new HashMap<>(Map.of("name", name));
        if (list.equals("stores")) {
            body.put("key", name);
        } else {
            body.put("scopes", List.of());
            body.put("access", Map.of("type", "all"));
        }
        return api.asOwner().body(body).post("/api/v1/" + list).then().statusCode(201).extract().path("id");
    }

    /** No parameter at all for the first page. */
    private static List<String> orNone(@Nullable String cursor) {
        return cursor == null ? List.of() : List.of(cursor);
    }
}
