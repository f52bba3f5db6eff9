package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import java.time.Instant;
import java.util.List;
import java.util.Map;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Nobody gives what he does not hold. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class EscalationTest {

    private Api api;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
    }

    @ParameterizedTest
    @CsvSource({ "developer, keys:read, 201", "developer, keys:write, 201", "developer, stores:write, 403",
            "admin, stores:write, 201", "developer, credentials:use, 201", "platform, credentials:use, 403",
            "platform, credentials:read, 403", "admin, keys:verify, 201", "owner, keys:verify-any, 403",
            "platform, keys:verify-any, 201", "owner, events:publish, 403", "platform, events:publish, 201",
            "owner, leaks:report, 403", "platform, leaks:report, 201", "developer, orders:write, 201",
            "viewer, orders:read, 403" })
    void peopleGiveTheScopesThatTheirRoleMayGive(String role, String scope, int status) {
        api.aKey().scopes(scope).requestedBy(api.as(role)).then().statusCode(status);
    }

    @Test
    void aKeyGivesOnlyScopesThatItHas() {
        Created maker = api.aKey().scopes("keys:write", "orders:read").create();

        api.aKey().scopes("orders:read").requestedBy(Api.withKey(maker.key())).then().statusCode(201);
        api.aKey().scopes("orders:read", "orders:write").requestedBy(Api.withKey(maker.key())).then().statusCode(403)
                .body("code", equalTo("escalation")).body("errors[0].field", equalTo("scopes"))
                .body("errors[0].message", containsString("orders:write"));
    }

    @Test
    void aKeyGivesOnlyStoresThatItReaches() {
        api.createStore("madrid");
        api.createStore("paris");
        Created maker = api.aKey().scopes("keys:write", "orders:read").stores("madrid").create();

        api.aKey().stores("madrid").requestedBy(Api.withKey(maker.key())).then().statusCode(201);
        api.aKey().stores("madrid", "paris").requestedBy(Api.withKey(maker.key())).then().statusCode(403).body(
                "errors[0].field",
                equalTo("access"));
        api.aKey().requestedBy(Api.withKey(maker.key())).then().statusCode(403);
    }

    @Test
    void aKeyGivesOnlyNetworksThatItMayCallFrom() {
        Created maker = api.aKey().scopes("keys:write", "orders:read").networks("127.0.0.0/8").create();

        api.aKey().networks("127.0.0.1").requestedBy(Api.withKey(maker.key())).then().statusCode(201);
        api.aKey().networks("126.0.0.0/7").requestedBy(Api.withKey(maker.key())).then().statusCode(403).body("errors[0].field",
                equalTo("ipAllowList"));
        api.aKey().requestedBy(Api.withKey(maker.key())).then().statusCode(403);
    }

    @Test
    void anEditGivesNothingMoreButKeepsWhatWasGiven() {
        api.createStore("madrid");
        Created editor = api.aKey().scopes("keys:write", "orders:read").stores("madrid").create();
        Created powerful = api.aKey().scopes("orders:write").create();

        patchAs(editor, powerful, Map.of("name", "Renamed"), 200);
        patchAs(editor, powerful, Map.of("scopes", List.of("orders:write", "customers:read")), 403);
        patchAs(editor, powerful, Map.of("scopes", List.of("orders:write", "orders:read")), 403);

        Created narrow = api.aKey().stores("madrid").networks("127.0.0.1").create();
        patchAs(editor, narrow, Map.of("access", Map.of("type", "all")), 403);
        assertThat(api.asOwner().get("/api/v1/keys/" + narrow.id()).<String> path("access.type")).isEqualTo("stores");
    }

    @Test
    void scopesAndStoresDoNotMultiply() {
        api.createStore("madrid");
        Created editor = api.aKey().scopes("keys:write", "orders:read").stores("madrid").create();
        Created everywhere = api.aKey().scopes("products:read").create();

        patchAs(editor, everywhere, Map.of("scopes", List.of("products:read", "orders:read")), 403);
        patchAs(editor, everywhere, Map.of("scopes", List.of()), 200);
    }

    @Test
    void revivingAKeyHandsOutAllThatItHolds() {
        Created platforms = api.aKey().scopes("keys:verify-any").expiresAt(Instant.now().plusSeconds(3600)).create();
        Created maker = api.aKey().scopes("keys:write").create();
        api.patch(platforms.id(), Map.of("active", false)).then().statusCode(200);

        api.patch(platforms.id(), Map.of("active", true)).then().statusCode(403);
        patchAs(maker, platforms, Map.of("active", true), 403);
        patchAs(maker, platforms, Map.of("expiresAt", Instant.now().plusSeconds(7200).toString()), 403);
        patchAs(maker, platforms, Map.of("expiresAt", Instant.now().plusSeconds(60).toString()), 200);
        assertThat(api.verdictOn(platforms.key())).isEqualTo("INACTIVE");
        api.asPlatform().body(Map.of("active", true)).patch("/api/v1/keys/" + platforms.id()).then().statusCode(200);
    }

    @Test
    void aKeyOfSomeStoresCannotRenameItselfIntoOthers() {
        String madrid = api.createStore("madrid");
        api.createStore("paris");
        Created limited = api.aKey().scopes("stores:write", "stores:read").stores("madrid").create();

        Api.withKey(limited.key()).body(Map.of("key", "toledo")).patch("/api/v1/stores/" + madrid).then().statusCode(403);
        Api.withKey(limited.key()).delete("/api/v1/stores/paris").then().statusCode(403);
        Api.withKey(limited.key()).body(Map.of("key", "x", "name", "x")).post("/api/v1/stores").then().statusCode(403);
        Api.withKey(limited.key()).get("/api/v1/stores").then().statusCode(200);
    }

    @Test
    void aKeyIsNotHandedTheMaterialOfAMorePowerfulOne() {
        Created maker = api.aKey().scopes("keys:write").create();
        Created powerful = api.aKey().scopes("orders:write").create();
        Created platforms = api.aKey().scopes("keys:verify-any").create();

        Api.withKey(maker.key()).post("/api/v1/keys/" + powerful.id() + "/regenerate").then().statusCode(403);
        api.asOwner().post("/api/v1/keys/" + platforms.id() + "/regenerate").then().statusCode(403);
        assertThat(api.verdictOn(powerful.key())).isEqualTo("VALID");
    }

    private static void patchAs(Created editor, Created target, Map<String, ?> patch, int status) {
        Api.withKey(editor.key()).body(patch).patch("/api/v1/keys/" + target.id()).then().statusCode(status);
    }
}
