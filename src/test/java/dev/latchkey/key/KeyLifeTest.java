package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What people do with keys, and that verdicts follow at once. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class KeyLifeTest {

    private Api api;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
    }

    @Test
    void aChangeThatChangesNothingIsNoNewVersion() {
        Created key = api.aKey().stores(api.createStore("madrid")).networks("203.0.113.0/24").create();
        String tag = api.asOwner().get("/api/v1/keys/" + key.id()).header("ETag");

        api.patch(key.id(), Map.of("name", "ERP", "active", true, "ipAllowList", List.of("203.0.113.0/24"))).then()
                .statusCode(200).header("ETag", equalTo(tag));
        api.asOwner().get("/api/v1/activity?action=key.updated").then().body("items.size()", equalTo(0));
        api.asOwner().body(Map.of("name", "Store madrid")).patch("/api/v1/stores/madrid").then().statusCode(200)
                .header("ETag", equalTo(api.asOwner().get("/api/v1/stores/madrid").header("ETag")));
    }

    @Test
    void theActivityLogTellsWhatAKeyWasGiven() {
        Created key = api.aKey().unlimited().networks("203.0.113.0/24").create();
        api.asOwner().body(Map.of("expiresAt", "2099-01-01T00:00:00Z")).post("/api/v1/keys/" + key.id() + "/regenerate").then()
                .statusCode(200);

        api.asOwner().get("/api/v1/activity?targetId=" + key.id()).then().body("items[1].action", equalTo("key.created"))
                .body("items[1].changes.find { it.field == 'rateLimit' }.after", equalTo("unlimited"))
                .body("items[1].changes.find { it.field == 'ipAllowList' }.after", equalTo(List.of("203.0.113.0/24")))
                .body("items[0].action", equalTo("key.regenerated"))
                .body("items[0].changes.find { it.field == 'expiresAt' }.after", equalTo("2099-01-01T00:00:00Z"));
    }

    @Test
    void aKeyThatIsLimitedToStoresDoesNotReadTheOrganizationsLog() {
        api.createStore("madrid");
        Created key = api.aKey().scopes("activity:read").stores("madrid").create();

        Api.withKey(key.key()).get("/api/v1/activity").then().statusCode(403).body("code", equalTo("store-forbidden"));
        Api.withKey(key.key()).get("/api/v1/activity/verify").then().statusCode(403);
    }

    @Test
    void aKeyIsShownOnceAndMaskedEverywhereElse() {
        var created = api.aKey().with("description", "orders").with("metadata", Map.of("team", "logistics"))
                .requestedBy(api.asOwner()).then().statusCode(201).header("Cache-Control", "no-store")
                .header("ETag", notNullValue()).header("Location", containsString("/api/v1/keys/"))
                .body("key", matchesPattern("lk_live_[0-9A-Za-z]{38}")).body("start", matchesPattern("lk_live_[0-9A-Za-z]{4}"))
                .body("status", equalTo("active")).body("createdBy.name", equalTo("ana@" + api.organization()))
                .body("metadata.team", equalTo("logistics")).body("rateLimit.limit", equalTo(100))
                .body("rateLimit.window", equalTo("PT15M")).extract();
        String key = created.path("key");
        String id = created.path("id");

        String shown = api.asOwner().get("/api/v1/keys/" + id).then().statusCode(200).body("key", nullValue())
                .body("start", equalTo(key.substring(0, 12))).extract().asString();
        String listed = api.asOwner().get("/api/v1/keys").then().statusCode(200).body("items", hasSize(1)).extract().asString();

        assertThat(shown).doesNotContain(key.substring(12));
        assertThat(listed).doesNotContain(key.substring(12));
    }

    @Test
    void aTestKeySaysSo() {
        api.aKey().with("environment", "test").requestedBy(api.asOwner()).then().statusCode(201)
                .body("key", startsWith("lk_test_")).body("environment", equalTo("test"));
    }

    @Test
    void aDeactivatedKeyIsInactiveAtOnceAndWorksAgainAtOnce() {
        Created key = api.aKey().create();
        assertThat(api.verdictOn(key.key())).isEqualTo("VALID");

        api.patch(key.id(), Map.of("active", false)).then().statusCode(200).body("status", equalTo("inactive"));
        assertThat(api.verdictOn(key.key())).isEqualTo("INACTIVE");

        api.patch(key.id(), Map.of("active", true)).then().statusCode(200).body("status", equalTo("active"));
        assertThat(api.verdictOn(key.key())).isEqualTo("VALID");
    }

    @Test
    void aRevokedKeyNeverVerifiesAgain() {
        Created key = api.aKey().create();
        assertThat(api.verdictOn(key.key())).isEqualTo("VALID");

        api.asOwner().body(Map.of("reason", "left the project")).post("/api/v1/keys/" + key.id() + "/revoke").then()
                .statusCode(200).body("status", equalTo("revoked")).body("revokedReason", equalTo("left the project"))
                .body("revokedAt", notNullValue());
        assertThat(api.verdictOn(key.key())).isEqualTo("REVOKED");

        api.act(key.id(), "revoke").then().statusCode(200).body("revokedReason", equalTo("left the project"));
        api.patch(key.id(), Map.of("active", true)).then().statusCode(409);
        api.act(key.id(), "regenerate").then().statusCode(409);
        api.act(key.id(), "end-grace").then().statusCode(409);
        assertThat(api.verdictOn(key.key())).isEqualTo("REVOKED");
    }

    @Test
    void aDeletedKeyIsUnknown() {
        Created key = api.aKey().create();
        assertThat(api.verdictOn(key.key())).isEqualTo("VALID");

        api.asOwner().delete("/api/v1/keys/" + key.id()).then().statusCode(204);

        assertThat(api.verdictOn(key.key())).isEqualTo("NOT_FOUND");
        api.asOwner().get("/api/v1/keys/" + key.id()).then().statusCode(404);
        api.asOwner().delete("/api/v1/keys/" + key.id()).then().statusCode(404);
    }

    @Test
    void onlyAdminsAndOwnersDelete() {
        Created key = api.aKey().create();

        api.as("developer").delete("/api/v1/keys/" + key.id()).then().statusCode(403);
        api.as("platform").delete("/api/v1/keys/" + key.id()).then().statusCode(403);
        api.as("admin").delete("/api/v1/keys/" + key.id()).then().statusCode(204);
    }

    @Test
    void anEditKeepsWhatIsNotSent() {
        String madrid = api.createStore("madrid");
        Created key = api.aKey().stores("madrid").networks("203.0.113.7", "2001:DB8::/32").rateLimit(7, "PT1M")
                .with("description", "kept").with("metadata", Map.of("a", 1)).create();

        api.patch(key.id(), Map.of("name", "Renamed")).then().statusCode(200).body("name", equalTo("Renamed"))
                .body("description", equalTo("kept")).body("access.type", equalTo("stores"))
                .body("access.stores[0].id", equalTo(madrid)).body("access.stores[0].key", equalTo("madrid"))
                .body("ipAllowList", contains("203.0.113.7/32", "2001:db8::/32")).body("rateLimit.limit", equalTo(7))
                .body("rateLimit.window", equalTo("PT1M")).body("metadata.a", equalTo(1));
    }

    @Test
    void aPatchMergesAndNullClears() {
        Created key = api.aKey().with("description", "x").with("metadata", Map.of("a", 1, "b", 2)).create();
        Map<String, Object> patch = new HashMap<>();
        patch.put("description", null);
        patch.put("rateLimit", null);
        patch.put("metadata", new HashMap<String, Object>(Map.of("c", 3)));

        api.patch(key.id(), patch).then().statusCode(200).body("description", nullValue()).body("rateLimit", nullValue())
                .body("metadata", equalTo(Map.of("a", 1, "b", 2, "c", 3)));
        Map<String, Object> without = new HashMap<>();
        without.put("a", null);
        without.put("type", "x");
        api.patch(key.id(), Map.of("metadata", without)).then().body("metadata", equalTo(Map.of("b", 2, "c", 3, "type", "x")));
        api.patch(key.id(), Map.of("metadata", Map.of("type", "y"))).then().body("metadata",
                equalTo(Map.of("b", 2, "c", 3, "type", "y")));
        api.patch(key.id(), Map.of("rateLimit", "default")).then().statusCode(200)
                .body("rateLimitSource", equalTo("organization")).body("rateLimit.limit", equalTo(100));
    }

    @Test
    void accessIsWidenedAndNarrowedByAPatch() {
        api.createStore("madrid");
        Created key = api.aKey().stores("madrid").create();

        api.patch(key.id(), Map.of("access", Map.of("type", "all"))).then().statusCode(200).body("access",
                equalTo(Map.of("type", "all")));
        api.patch(key.id(), Map.of("access", Map.of("type", "stores", "stores", List.of("madrid")))).then().statusCode(200)
                .body("access.stores.key", contains("madrid"));
    }

    @Test
    void aStaleIfMatchChangesNothing() {
        Created key = api.aKey().create();
        String etag = api.asOwner().get("/api/v1/keys/" + key.id()).header("ETag");
        api.patch(key.id(), Map.of("name", "Second")).then().statusCode(200).header("ETag", not(equalTo(etag)));

        api.asOwner().header("If-Match", etag).body(Map.of("name", "Third")).patch("/api/v1/keys/" + key.id()).then()
                .statusCode(412).body("code", equalTo("precondition-failed"));
        api.asOwner().header("If-Match", etag).delete("/api/v1/keys/" + key.id()).then().statusCode(412);
        api.asOwner().header("If-Match", etag).post("/api/v1/keys/" + key.id() + "/revoke").then().statusCode(412);
        api.asOwner().get("/api/v1/keys/" + key.id()).then().body("name", equalTo("Second")).body("status", equalTo("active"));
    }

    @Test
    void pagesAreNewestFirstAndStableUnderInserts() {
        List<String> created = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            created.add(0, api.aKey().with("name", "key " + i).create().id());
        }
        var first = api.asOwner().get("/api/v1/keys?limit=2").then().statusCode(200).extract();
        api.aKey().create();
        String cursor = first.path("nextCursor");
        var second = api.asOwner().get("/api/v1/keys?limit=2&cursor=" + cursor).then().statusCode(200).extract();
        cursor = second.path("nextCursor");
        var third = api.asOwner().get("/api/v1/keys?limit=2&cursor=" + cursor).then().statusCode(200)
                .body("nextCursor", nullValue()).extract();

        List<String> read = new ArrayList<>(first.<List<String>> path("items.id"));
        read.addAll(second.<List<String>> path("items.id"));
        read.addAll(third.<List<String>> path("items.id"));
        assertThat(read).isEqualTo(created);
    }

    @Test
    void aCursorOfAnotherListIsRefused() {
        api.aKey().create();
        api.aKey().create();
        String cursor = api.asOwner().get("/api/v1/keys?limit=1").path("nextCursor");
        Api other = Api.ofNewOrganization();

        other.asOwner().get("/api/v1/keys?limit=1&cursor=" + cursor).then().statusCode(400).body("code",
                equalTo("invalid-cursor"));
        api.asOwner().get("/api/v1/stores?cursor=" + cursor).then().statusCode(400);
        api.asOwner().get("/api/v1/keys?status=active&cursor=" + cursor).then().statusCode(400);
    }

    @Test
    void listsAreFiltered() {
        api.createStore("madrid");
        api.createStore("paris");
        String everywhere = api.aKey().with("name", "Everywhere").create().id();
        String madrid = api.aKey().with("name", "50%_off").stores("madrid").scopes("customers:read").create().id();
        String paris = api.aKey().with("name", "Paris").stores("paris").create().id();
        api.patch(paris, Map.of("active", false));

        assertThat(ids("status=active")).containsExactly(madrid, everywhere);
        assertThat(ids("status=inactive")).containsExactly(paris);
        assertThat(ids("status=revoked")).isEmpty();
        assertThat(ids("access=all")).containsExactly(everywhere);
        assertThat(ids("access=stores")).containsExactly(paris, madrid);
        assertThat(ids("store=madrid")).containsExactly(madrid, everywhere);
        api.asOwner().get("/api/v1/keys?store=madird").then().statusCode(422).body("errors[0].field", equalTo("store"));
        assertThat(ids("scope=customers:read")).containsExactly(madrid);
        assertThat(ids("q=everyWHERE")).containsExactly(everywhere);
        assertThat(ids("q=%25_")).containsExactly(madrid);
        assertThat(ids("q=" + paris)).containsExactly(paris);
    }

    @Test
    void lastUseIsToldWithinSeconds() {
        Created key = api.aKey().create();
        api.verify(Map.of("key", key.key(), "ip", "203.0.113.9")).statusCode(200);

        Instant patience = Instant.now().plusSeconds(10);
        String lastUsedAt = null;
        while (lastUsedAt == null && Instant.now().isBefore(patience)) {
            lastUsedAt = api.asOwner().get("/api/v1/keys/" + key.id()).path("lastUsedAt");
        }

        assertThat(lastUsedAt).as("at most 10 s behind").isNotNull();
        api.asOwner().get("/api/v1/keys/" + key.id()).then().body("lastUsedIp", equalTo("203.0.113.9")).header("ETag",
                equalTo("\"0\""));
    }

    private List<String> ids(String query) {
        return api.asOwner().urlEncodingEnabled(false).get("/api/v1/keys?" + query).then().statusCode(200).extract()
                .path("items.id");
    }
}
