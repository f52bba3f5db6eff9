package dev.latchkey.tenant;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.Together;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class StoresTest {

    private Api api;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
    }

    @Test
    void aStoreLivesAndIsFoundByIdAndKey() {
        String id = api.asOwner()
                .body(Map.of("key", "madrid", "name", "Madrid", "url", "https://madrid.example", "platform", "shopify"))
                .post("/api/v1/stores").then().statusCode(201).header("ETag", notNullValue())
                .header("Location", containsString("/api/v1/stores/")).extract().path("id");

        for (String name : List.of(id, "madrid")) {
            api.asOwner().get("/api/v1/stores/" + name).then().statusCode(200).body("id", equalTo(id))
                    .body("key", equalTo("madrid"))
                    .body("platform", equalTo("shopify"));
        }
        Map<String, Object> patch = new HashMap<>();
        patch.put("url", null);
        patch.put("name", "Madrid Centro");
        api.asOwner().body(patch).patch("/api/v1/stores/madrid").then().statusCode(200).body("name", equalTo("Madrid Centro"))
                .body("url", nullValue()).body("platform", equalTo("shopify"));
        api.asOwner().delete("/api/v1/stores/" + id).then().statusCode(204);
        api.asOwner().get("/api/v1/stores/madrid").then().statusCode(404);
    }

    @Test
    void aKeyIsUniqueInItsOrganizationOnly() {
        api.createStore("madrid");
        api.asOwner().body(Map.of("key", "madrid", "name", "Again")).post("/api/v1/stores").then().statusCode(409)
                .body("errors[0].field", equalTo("key"));
        api.createStore("paris");
        api.asOwner().body(Map.of("key", "madrid")).patch("/api/v1/stores/paris").then().statusCode(409);
        Api.ofNewOrganization().createStore("madrid");
    }

    @Test
    void aStoreThatKeysNameIsNotDeletedAndTheKeysAreTold() {
        api.createStore("madrid");
        var key = api.aKey().with("name", "POS till 4").stores("madrid").create();

        api.asOwner().delete("/api/v1/stores/madrid").then().statusCode(409).body("errors.message",
                hasItem("POS till 4 (" + key.id() + ")"));

        api.asOwner().delete("/api/v1/keys/" + key.id()).then().statusCode(204);
        api.asOwner().delete("/api/v1/stores/madrid").then().statusCode(204);
    }

    @Test
    void aStaleIfMatchChangesNothing() {
        api.createStore("madrid");
        String etag = api.asOwner().get("/api/v1/stores/madrid").header("ETag");
        api.asOwner().header("If-Match", etag).body(Map.of("name", "b")).patch("/api/v1/stores/madrid").then().statusCode(200);

        api.asOwner().header("If-Match", etag).body(Map.of("name", "c")).patch("/api/v1/stores/madrid").then().statusCode(412);
        api.asOwner().header("If-Match", etag).delete("/api/v1/stores/madrid").then().statusCode(412);
        api.asOwner().get("/api/v1/stores/madrid").then().body("name", equalTo("b"));
    }

    @Test
    void concurrentChangesOfAStoreEndInAnswersNotInFaults() {
        api.createStore("madrid");
        try (var together = new Together(6)) {
            together.run(() -> {
                for (int i = 0; i < 5; i++) {
                    api.asOwner().body(Map.of("name", "n" + i)).patch("/api/v1/stores/madrid").then().statusCode(200);
                }
            });
        }
    }

    @Test
    void aStoreThatIsDeletedMeanwhileIsNotNamedByAKey() {
        for (int i = 0; i < 10; i++) {
            String store = "s" + i;
            api.createStore(store);
            try (var together = new Together(2)) {
                var first = new java.util.concurrent.atomic.AtomicInteger();
                together.run(() -> {
                    if (first.getAndIncrement() == 0) {
                        api.asOwner().delete("/api/v1/stores/" + store).then()
                                .statusCode(org.hamcrest.Matchers.oneOf(204, 409));
                    } else {
                        api.aKey().stores(store).requestedBy(api.asOwner()).then()
                                .statusCode(org.hamcrest.Matchers.oneOf(201, 422));
                    }
                });
            }
        }
    }

    @Test
    void readersReadAndOnlyAdminsWrite() {
        api.createStore("madrid");
        for (String role : List.of("viewer", "developer")) {
            api.as(role).get("/api/v1/stores").then().statusCode(200);
            api.as(role).body(Map.of("key", "x", "name", "x")).post("/api/v1/stores").then().statusCode(403);
            api.as(role).delete("/api/v1/stores/madrid").then().statusCode(403);
        }
        api.as("admin").delete("/api/v1/stores/madrid").then().statusCode(204);
    }

    @ParameterizedTest
    @ValueSource(strings = { "Madrid", "-a", "a b", "a/b", "", "ñ", "01890a5d-ac96-774b-bcce-b302099a8057" })
    void aKeyIsAShortNameForAddresses(String key) {
        api.asOwner().body(Map.of("key", key, "name", "x")).post("/api/v1/stores").then().statusCode(422).body(
                "errors[0].field",
                endsWith("key"));
    }

    @ParameterizedTest
    @ValueSource(strings = { "ftp://x", "https://user:pw@x/", "javascript:alert(1)", "https://", "x" })
    void anAddressIsHttpWithoutUserInfo(String url) {
        api.asOwner().body(Map.of("key", "k", "name", "x", "url", url)).post("/api/v1/stores").then().statusCode(422)
                .body("errors[0].field", equalTo("url"));
    }

    @Test
    void anUnknownStoreIs404() {
        api.asOwner().get("/api/v1/stores/nowhere").then().statusCode(404);
        api.asOwner().get("/api/v1/stores/" + UUID.randomUUID()).then().statusCode(404);
    }
}
