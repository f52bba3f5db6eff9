package dev.latchkey.panel;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Permission;
import dev.latchkey.identity.Role;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.RawHttp;
import dev.latchkey.testing.SignedIn;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.Tokens;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What somebody may who is signed in to the panel, and by what he is known. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class SessionTest extends SignInCase {

    @ParameterizedTest
    @EnumSource(names = { "VIEWER", "DEVELOPER", "ADMIN", "OWNER" }, value = Role.class)
    void aSessionMayWhatItsRoleMay(Role role) {
        SignedIn ana = SignedIn.to(api, role.group());

        List<String> told = ana.session().path("permissions");
        assertThat(told).isEqualTo(Arrays.stream(Permission.values())
                .filter(permission -> Caller.person("x", "x", null, Set.of(role))
                        .may(permission))
                .map(Permission::permissionName).toList());
        assertThat(ana.request().body("{}").post("/api/v1/keys").statusCode() == 403)
                .isEqualTo(!told.contains("keys:write"));
        assertThat(ana.request().body("{}").post("/api/v1/stores").statusCode() == 403)
                .isEqualTo(!told.contains("stores:write"));
        assertThat(ana.request().post("/api/v1/keys/" + UUID.randomUUID() + "/reveal").statusCode() == 403)
                .isEqualTo(!told.contains("keys:admin"));
        ana.reading().get("/api/v1/organizations").then().statusCode(403);
        ana.request().body(Map.of("org", api.organization(), "user", "x", "groups", List.of("owner"))).post(LINKS).then()
                .statusCode(403);
    }

    @Test
    void aSessionActsForAnotherOrganizationAsATokenDoes() {
        Api other = Api.ofNewOrganization();
        other.createStore("lisbon");
        SignedIn owner = SignedIn.withToken(Tokens.of(api.organization(), "ana", "owner"));
        SignedIn both = SignedIn.withToken(Tokens.of(api.organization(), "pia", "owner", "platform"));

        owner.reading().header("X-Organization", other.organization()).get("/api/v1/stores").then().statusCode(403);
        owner.reading().header("X-Organization", api.organization()).get("/api/v1/stores").then().statusCode(200);
        both.reading().header("X-Organization", other.organization()).get("/api/v1/stores").then().statusCode(200)
                .body("items.key", equalTo(List.of("lisbon")));
        both.reading().header("X-Organization", other.organization()).get("/api/v1/credentials").then().statusCode(403);
        both.reading().header("X-Organization", other.organization()).get("/api/v1/no-such-thing").then().statusCode(404);
        both.request().header("X-Organization", other.organization()).post("/api/v1/keys/" + UUID.randomUUID() + "/reveal")
                .then().statusCode(403);
        both.request().post("/api/v1/keys/" + UUID.randomUUID() + "/reveal").then().statusCode(404);
        both.reading().header("X-Organization", "nobody-has-this").get("/api/v1/stores").then().statusCode(404);
    }

    @Test
    void thePlatformIsAtHomeWhereItsTokenSaysNotWhereItSignedIn() {
        Api merchant = Api.ofNewOrganization();
        merchant.organizationId();
        api.organizationId();
        SignedIn operator = SignedIn.of(api.asPlatform().header("X-Organization", merchant.organization()).body("{}")
                .post(SESSION));
        operator.session().then().body("organization.key", equalTo(merchant.organization())).body("roles",
                equalTo(List.of("platform")));

        try {
            operator.request().body("""
                    {"openapi": "3.1.0", "info": {"title": "Shop", "version": "2"}, "paths": {"/orders/{id}": {"get":
                     {"tags": ["Orders"], "summary": "One order", "security": [{"oauth": ["orders:read"]}]}}},
                     "components": {"securitySchemes": {"oauth": {"type": "oauth2", "flows": {"clientCredentials":
                      {"tokenUrl": "https://id.shop.example/token", "scopes": {"orders:read": "Read orders"}}}}}}}""")
                    .put("/api/v1/catalog").then().statusCode(200);
        } finally {
            operator.request().delete("/api/v1/catalog").then().statusCode(200);
        }

        String ofCatalog = "items.findAll { it.action.startsWith('catalog.') }.action";
        api.as("viewer").get("/api/v1/activity").then().statusCode(200).body(ofCatalog,
                equalTo(List.of("catalog.reset", "catalog.replaced")));
        merchant.as("viewer").get("/api/v1/activity").then().statusCode(200).body(ofCatalog, equalTo(List.of()));
    }

    @Test
    void aLinkIsAtHomeWhereItSignsIn() {
        SignedIn.to(api, "owner");
        SignedIn.withToken(Tokens.of(api.organization(), "bob", "owner"));

        assertThat(behind.query("select home from panel_session where organization_id = ?", behind.organization(api)))
                .containsOnly(api.organization()).hasSize(2);
    }

    @Test
    void theLanguageIsChosenAndGivenBackToTheBrowser() {
        SignedIn ana = SignedIn.to(api, "viewer");

        ana.request().contentType("application/merge-patch+json").body("{\"locale\": \"es\"}").patch(SESSION).then()
                .statusCode(200).body("locale", equalTo("es")).header("ETag", equalTo("\"1\""));
        ana.reading().get(SESSION).then().body("locale", equalTo("es"));
        ana.request().header("If-Match", "\"0\"").body("{\"locale\": \"en\"}").patch(SESSION).then().statusCode(412);
        ana.request().header("If-Match", "\"1\"").body("{\"locale\": null}").patch(SESSION).then().statusCode(200)
                .body("locale", nullValue());
        ana.request().body("{\"locale\": \"fr\"}").patch(SESSION).then().statusCode(422).body("errors[0].field",
                equalTo("locale"));
        ana.request().body("{\"roles\": [\"owner\"]}").patch(SESSION).then().statusCode(422);
        ana.request().header("If-Match", "\"0\"").delete(SESSION).then().statusCode(412);
    }

    @Test
    void aStoreThatIsGoneIsToldAsNone() {
        String store = api.createStore("madrid");
        String link = SignedIn.linkTo(api,
                Map.of("org", api.organization(), "user", "x", "groups", List.of("viewer"), "store", store));
        SignedIn ana = SignedIn.by(link);
        ana.session().then().body("store.key", equalTo("madrid"));
        api.asOwner().delete("/api/v1/stores/" + store).then().statusCode(204);

        ana.reading().get(SESSION).then().statusCode(200).body("store", nullValue());
    }

    @Test
    void whoeverCallsOtherwiseHasNoSession() {
        api.as("owner").get(SESSION).then().statusCode(404);
        Api.withKey(api.aKey().create().key()).get(SESSION).then().statusCode(403);
        given().get(SESSION).then().statusCode(401).body("code", equalTo("unauthenticated"));
    }

    @Test
    void whatIsSaidInHeadersWinsOverTheCookie() {
        SignedIn ana = SignedIn.to(api, "owner");
        String key = api.aKey().scopes("stores:read").create().key();

        ana.reading().header("X-API-Key", key).get("/api/v1/keys").then().statusCode(403);
        ana.reading().header("X-API-Key", key).get("/api/v1/stores").then().statusCode(200);
        ana.reading().header("Authorization", "Bearer " + Tokens.of(api.organization(), "bob", "viewer")).body("{}")
                .post("/api/v1/stores").then().statusCode(403).body("code", equalTo("forbidden"));
        ana.reading().header("Authorization", "Bearer x.y.z").get("/api/v1/stores").then().statusCode(401);
        ana.reading().header("X-API-Key", "junk").get("/api/v1/stores").then().statusCode(401);
    }

    @ParameterizedTest
    @ValueSource(strings = { "latchkey=", "latchkey=x", "latchkey=\"", "latchkey", "=; latchkey=\u00e9; =",
            "latchkey=latchkey_session_",
            "latchkey=latchkey_session_4fTzW7Qm2VbXc9LkR1sNj8PdYh6GaTe05uZqFoIwE3yBn7KxMv4CpS2JrDg",
            "__Host-latchkey=latchkey_session_4fTzW7Qm2VbXc9LkR1sNj8PdYh6GaTe05uZqFoIwE3yBn7KxMv4CpS2JrDg", ";;;,,,",
            "a=b; c" })
    void cookiesThatAreNoneOfOursAdmitNobodyAndHarmNothing(String cookies) {
        RawHttp.Answer answer = RawHttp.to(RestAssured.port).ask("GET", SESSION, "Cookie: " + cookies);

        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
        given().header("Cookie", cookies).header("X-API-Key", api.aKey().create().key()).get("/api/v1/keys/self").then()
                .statusCode(200);
    }

    @Test
    void ofTwoCookiesNeitherIsBelieved() {
        SignedIn ana = SignedIn.to(api, "owner");
        SignedIn mallory = SignedIn.to(Api.ofNewOrganization(), "owner");
        RawHttp http = RawHttp.to(RestAssured.port);

        assertThat(http.ask("GET", SESSION, "Cookie: latchkey=" + ana.cookie() + "; latchkey=" + mallory.cookie()).status())
                .isEqualTo(401);
        assertThat(http.ask("GET", SESSION, "Cookie: other=1; latchkey=" + ana.cookie() + "; more=2").status()).isEqualTo(200);
    }

    @Test
    void whatIsKeptOpensNothing() {
        SignedIn ana = SignedIn.to(api, "owner");
        String hash = String.valueOf(behind.query("select encode(hash, 'hex') from panel_session where organization_id = ?",
                behind.organization(api)).get(0));

        assertThat(ana.cookie()).matches("latchkey_session_[\\w-]{59}");
        for (String shown : List.of(hash, "latchkey_session_" + hash.substring(0, 59))) {
            given().cookie(SignedIn.COOKIE, shown).get(SESSION).then().statusCode(401);
        }
        // As someone would who can write to the database, and does not have the pepper.
        behind.execute("update panel_session set hash = sha256(cast(? as bytea)) where organization_id = ?",
                ana.cookie().getBytes(StandardCharsets.US_ASCII), behind.organization(api));
        try {
            ana.reading().get(SESSION).then().statusCode(401);
        } finally {
            // What the search of NothingLeaksTest would find, rightly: the plain SHA-256 of a cookie.
            behind.execute("delete from panel_session where organization_id = ?", behind.organization(api));
        }
    }

    @Test
    void theActivityLogTellsWhoIssuedALinkWhoUsedItAndWhoWentOut() {
        SignedIn ana = SignedIn.to(api, "developer");
        String id = ana.id(behind);
        ana.signOut().then().statusCode(204);

        Response told = api.asOwner().get("/api/v1/activity?targetId=" + id);

        told.then().body("items.action",
                equalTo(List.of("session.ended", "session.created", "session.link_issued")))
                .body("items[0].actor.id", equalTo("ana@" + api.organization()))
                .body("items[0].changes.find { it.field == 'reason' }.after", equalTo("signed out"))
                .body("items[1].actor.type", equalTo("person"))
                .body("items[1].changes.find { it.field == 'by' }.after", equalTo("link"))
                .body("items[1].changes.find { it.field == 'issuedBy' }.after", containsString("ana@"))
                .body("items[1].changes.find { it.field == 'roles' }.after", equalTo(List.of("developer")))
                .body("items[2].changes.find { it.field == 'subject' }.after", equalTo("ana@" + api.organization()))
                .body("items[2].target.type", equalTo("session"));
        assertThat(told.asString()).doesNotContain(ana.cookie(), ana.csrf(), "latchkey_");
        assertThat(told.<String> path("items[1].ip")).isNotBlank();
    }
}
