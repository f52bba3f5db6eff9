package dev.latchkey.panel;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Permission;
import dev.latchkey.identity.Role;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.RawHttp;
import dev.latchkey.testing.SignedIn;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.Together;
import dev.latchkey.testing.Tokens;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who comes into the panel, what he may do there, and when he is out again. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class SessionTest {

    private static final String SESSION = SignedIn.SESSION;
    private static final String LINKS = "/api/v1/panel-sessions";

    @Inject
    DataSource database;
    @Inject
    SignInPurge purge;

    private Api api;
    private Behind behind;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
        behind = new Behind(database);
    }

    @Test
    void aLinkOfThePlatformSignsIn() {
        String store = api.createStore("madrid");
        Response link = api.asPlatform().body(Map.of("org", api.organization(), "user", "ana", "name", "Ana García", "groups",
                List.of("developer", "viewer"), "store", "madrid", "locale", "es")).post(LINKS);
        link.then().statusCode(201).header("Cache-Control", "no-store").body("url",
                startsWith("http://localhost:8081/sign-in#latchkey_link_"));
        assertThat(Instant.parse(link.path("expiresAt"))).isBetween(Instant.now(), Instant.now().plus(Duration.ofMinutes(6)));

        SignedIn ana = SignedIn.by(tokenOf(link));

        ana.session().then().header("Cache-Control", "no-store").header("ETag", equalTo("\"0\""))
                .body("person", equalTo(Map.of("subject", "ana", "name", "Ana García")))
                .body("organization",
                        equalTo(Map.of("id", api.organizationId(), "key", api.organization(), "name", api.organization(),
                                "locale", "en")))
                .body("roles", equalTo(List.of("viewer", "developer"))).body("permissions", hasItem("keys:write"))
                .body("permissions", not(hasItem("keys:admin"))).body("locale", equalTo("es"))
                .body("store", equalTo(Map.of("id", store, "key", "madrid"))).body("idleTimeout", equalTo("PT1H"));
        assertThat(Instant.parse(ana.session().path("expiresAt"))).isBetween(Instant.now().plus(Duration.ofHours(11)),
                Instant.now().plus(Duration.ofHours(13)));
        Response read = ana.reading().get(SESSION);
        read.then().statusCode(200).header("Cache-Control", "no-store");
        assertThat(read.<Map<String, Object>> path("")).isEqualTo(ana.session().path(""));
        ana.reading().get("/api/v1/keys").then().statusCode(200).body("items", hasSize(0));
    }

    @Test
    void aTokenOfTheIdentityProviderSignsIn() {
        SignedIn bob = SignedIn.withToken(Tokens.of(api.organization(), "bob", "admin"));

        bob.session().then().body("person.subject", equalTo("bob")).body("roles", equalTo(List.of("admin")))
                .body("store", nullValue()).body("locale", nullValue());
        String key = bob.request().body(Map.of("name", "ERP", "scopes", Api.ORDERS, "access", Map.of("type", "all")))
                .post("/api/v1/keys").then().statusCode(201).body("createdBy.id", equalTo("bob")).extract().path("id");
        api.asOwner().get("/api/v1/activity?targetId=" + key).then().body("items[0].actor.type", equalTo("person"))
                .body("items[0].actor.id", equalTo("bob")).body("items[0].action", equalTo("key.created"));
    }

    @Test
    void thePlatformSignsInForTheOrganizationThatItNames() {
        String token = Tokens.withoutOrganization("operator", "platform", "owner");
        given().auth().oauth2(token).contentType(ContentType.JSON).body("{}").post(SESSION).then().statusCode(400).body("code",
                equalTo("organization-required"));
        api.organizationId();

        SignedIn operator = SignedIn.of(given().auth().oauth2(token).header("X-Organization", api.organization())
                .contentType(ContentType.JSON).body("{}").post(SESSION));

        operator.session().then().body("organization.key", equalTo(api.organization())).body("roles",
                equalTo(List.of("platform")));
        operator.reading().get("/api/v1/organizations?limit=1").then().statusCode(200);
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
        both.reading().header("X-Organization", other.organization()).get("/api/v1/credentials").then()
                .statusCode(404);
        both.request().header("X-Organization", other.organization()).post("/api/v1/keys/" + UUID.randomUUID() + "/reveal")
                .then().statusCode(403);
        both.request().post("/api/v1/keys/" + UUID.randomUUID() + "/reveal").then().statusCode(404);
        both.reading().header("X-Organization", "nobody-has-this").get("/api/v1/stores").then().statusCode(404);
    }

    @Test
    void aLinkSignsInOnceHoweverManyTryAtATime() {
        String link = link("viewer");
        try (Together together = new Together(12)) {
            List<Integer> answers = together.call(() -> signInBy(link).statusCode());

            assertThat(answers).containsOnlyOnce(200);
            assertThat(Collections.frequency(answers, 401)).isEqualTo(11);
        }
        signInBy(link).then().statusCode(401).body("code", equalTo("invalid-link")).header("WWW-Authenticate",
                startsWith("Bearer")).header("Set-Cookie", nullValue());
        assertThat(behind.count("select count(*) from panel_session where organization_id = ?",
                behind.organization(api))).isEqualTo(1);
    }

    @Test
    void anExpiredLinkSignsNobodyIn() {
        String link = link("owner");
        expire("panel_link", "expires_at = now()");

        signInBy(link).then().statusCode(401).body("code", equalTo("invalid-link"));
    }

    @ParameterizedTest
    @ValueSource(strings = { "", " ", "x", "latchkey_link_",
            "latchkey_link_4fTzW7Qm2VbXc9LkR1sNj8PdYh6GaTe05uZqFoIwE3yBn7KxMv4CpS2JrDg",
            "latchkey_session_4fTzW7Qm2VbXc9LkR1sNj8PdYh6GaTe05uZqFoIwE3yBn7KxMv4CpS2JrDg",
            "lk_live_4fTzW7Qm2VbXc9LkR1sNj8PdYh6GaTe05uZqFo" })
    void whatIsNoLinkSignsNobodyIn(String link) {
        signInBy(link).then().statusCode(401).body("code", equalTo("invalid-link"));
    }

    @Test
    void aCookieIsNoLinkAndALinkIsNoCookie() {
        SignedIn ana = SignedIn.to(api, "viewer");
        signInBy(ana.cookie()).then().statusCode(401);
        String link = link("viewer");
        given().cookie(SignedIn.COOKIE, link).get(SESSION).then().statusCode(401);
        given().cookie(SignedIn.COOKIE, link.replace("_link_", "_session_")).get(SESSION).then().statusCode(401);
        signInBy(ana.cookie().replace("_session_", "_link_")).then().statusCode(401);
    }

    @Test
    void whoeverSaysNothingOrTwoThingsSignsNobodyIn() {
        given().contentType(ContentType.JSON).body("{}").post(SESSION).then().statusCode(422).body("errors[0].field",
                equalTo("link"));
        String link = link("viewer");
        api.as("owner").body(Map.of("link", link)).post(SESSION).then().statusCode(422);
        assertThat(signInBy(link).statusCode()).as("it has not been used up").isEqualTo(200);
    }

    @Test
    void onlyPeopleSignInAndOnlyWithGoodTokens() {
        String key = api.aKey().create().key();
        given().auth().oauth2(key).contentType(ContentType.JSON).body("{}").post(SESSION).then().statusCode(403).body("code",
                equalTo("forbidden"));
        for (String token : List.of(Tokens.expired(api.organization(), "ana", "owner"),
                Tokens.foreign(api.organization(), "ana", "owner"), "a.b.c")) {
            given().auth().oauth2(token).contentType(ContentType.JSON).body("{}").post(SESSION).then().statusCode(401)
                    .body("code", equalTo("invalid-token"));
        }
        given().header("Authorization", "Digest x").contentType(ContentType.JSON).body("{}").post(SESSION).then()
                .statusCode(401);
        api.as("nothing").body("{}").post(SESSION).then().statusCode(403);
        SignedIn ana = SignedIn.to(api, "owner");
        ana.request().body("{}").post(SESSION).then().statusCode(422).body("errors[0].field", equalTo("link"));
    }

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
    void aLinkNeverMakesAPlatformNorReachesAnothersStore() {
        Api other = Api.ofNewOrganization();
        String store = other.createStore("lisbon");
        ask(Map.of("org", api.organization(), "user", "x", "groups", List.of("platform"))).then().statusCode(422)
                .body("errors[0].field", equalTo("groups[0]"));
        for (String named : List.of("lisbon", store)) {
            ask(Map.of("org", api.organization(), "user", "x", "groups", List.of("owner"), "store", named)).then()
                    .statusCode(422).body("errors[0].field", startsWith("store"));
        }
        ask(Map.of("org", "no key", "user", "x", "groups", List.of("owner"))).then().statusCode(422);
        ask(Map.of("org", api.organization(), "user", " ", "groups", List.of("owner"))).then().statusCode(422);
        ask(Map.of("org", api.organization(), "user", "x", "groups", List.of())).then().statusCode(422);
    }

    @Test
    void aLinkMakesTheOrganizationThatIsNamedForTheFirstTime() {
        SignedIn ana = SignedIn.to(api, "owner");

        ana.session().then().body("organization.key", equalTo(api.organization()));
        assertThat(ana.session().<String> path("organization.id")).isEqualTo(api.organizationId());
    }

    @Test
    void aRequestForALinkThatIsRepeatedMakesOne() {
        Map<String, ?> wanted = Map.of("org", api.organization(), "user", "ana", "groups", List.of("viewer"));
        String once = UUID.randomUUID().toString();
        Response first = api.asPlatform().header("Idempotency-Key", once).body(wanted).post(LINKS);
        Response second = api.asPlatform().header("Idempotency-Key", once).body(wanted).post(LINKS);

        second.then().statusCode(201).header("Idempotency-Replayed", "true").body("url", equalTo(first.path("url")));
        assertThat(behind.count("select count(*) from panel_link where organization_id = ?", behind.organization(api)))
                .isEqualTo(1);
    }

    @Test
    void signingOutEndsTheSessionAndTakesTheCookieAway() {
        SignedIn ana = SignedIn.to(api, "owner");
        SignedIn elsewhere = SignedIn.to(api, "owner");

        Response out = ana.signOut();

        out.then().statusCode(204).header("Set-Cookie", equalTo("latchkey=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"));
        ana.reading().get(SESSION).then().statusCode(401).body("code", equalTo("session-ended"))
                .header("WWW-Authenticate", startsWith("Bearer")).header("Set-Cookie", nullValue());
        ana.reading().get("/api/v1/keys").then().statusCode(401).body("code", equalTo("session-ended"));
        ana.signOut().then().statusCode(401);
        elsewhere.reading().get(SESSION).then().statusCode(200);
    }

    @Test
    void aSessionEndsWhenNothingIsDoneAndAtTheLatestAfterItsTime() {
        SignedIn idle = SignedIn.to(api, "owner");
        expire("panel_session", "last_seen_at = now() - interval '59 minutes'");
        idle.reading().get(SESSION).then().statusCode(200);
        assertThat(behind.count("select count(*) from panel_session where last_seen_at > now() - interval '1 minute'"
                + " and organization_id = ?", behind.organization(api))).as("the use is noted").isEqualTo(1);
        expire("panel_session", "last_seen_at = now() - interval '61 minutes'");
        idle.reading().get(SESSION).then().statusCode(401).body("code", equalTo("session-ended"));
        idle.reading().get(SESSION).then().statusCode(401);

        expire("panel_session", "last_seen_at = now()");
        idle.reading().get(SESSION).then().statusCode(200);
        expire("panel_session", "expires_at = now()");
        idle.reading().get(SESSION).then().statusCode(401);
    }

    @Test
    void aUseIsNotedOnceAMinute() {
        SignedIn ana = SignedIn.to(api, "owner");
        Object before = row("last_seen_at");
        for (int i = 0; i < 3; i++) {
            ana.reading().get(SESSION).then().statusCode(200);
        }

        assertThat(row("last_seen_at")).isEqualTo(before);
    }

    @Test
    void whatHasExpiredIsRemoved() {
        link("owner");
        SignedIn.to(api, "owner");
        UUID organization = behind.organization(api);
        Behind.await(purge::purge);
        assertThat(behind.count("select count(*) from panel_link where organization_id = ?", organization)).isEqualTo(1);
        assertThat(behind.count("select count(*) from panel_session where organization_id = ?", organization)).isEqualTo(1);

        expire("panel_link", "expires_at = now()");
        expire("panel_session", "expires_at = now()");
        Behind.await(purge::purge);

        assertThat(behind.count("select count(*) from panel_link where organization_id = ?", organization)).isZero();
        assertThat(behind.count("select count(*) from panel_session where organization_id = ?", organization)).isZero();
    }

    @Test
    void aSignInReplacesTheSessionOfTheSameBrowser() {
        SignedIn ana = SignedIn.to(api, "viewer");
        SignedIn next = SignedIn.of(ana.reading().body(Map.of("link", link("owner"))).post(SESSION));

        assertThat(next.cookie()).isNotEqualTo(ana.cookie());
        assertThat(next.csrf()).isNotEqualTo(ana.csrf());
        ana.reading().get(SESSION).then().statusCode(401);
        next.reading().get(SESSION).then().statusCode(200).body("roles", equalTo(List.of("owner")));
        next.reading().header(SignedIn.CSRF_HEADER, ana.csrf()).delete(SESSION).then().statusCode(403);
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
        ana.reading().get(SESSION).then().statusCode(401);
    }

    @Test
    void peopleOfASuspendedOrganizationSeeItAndThoseOfADeletedOneAreOut() {
        SignedIn ana = SignedIn.to(api, "owner");
        SignedIn pia = SignedIn.withToken(Tokens.of(api.organization(), "pia", "owner", "platform"));
        String link = link("owner");
        api.setActive(false);
        ana.reading().get("/api/v1/organization").then().statusCode(200).body("state", equalTo("suspended"));
        api.setActive(true);
        String id = api.organizationId();

        // Held, as a batch of the deletion would, so that nothing of it goes meanwhile.
        behind.execute("update organization set deletion_requested_at = now() + interval '1 hour' where id = cast(? as uuid)",
                id);
        ana.reading().get("/api/v1/keys").then().statusCode(403).body("code", equalTo("organization-deleting"));
        signInBy(link).then().statusCode(403).body("code", equalTo("organization-deleting"));
        ask(Map.of("org", api.organization(), "user", "x", "groups", List.of("owner"))).then().statusCode(403);
        pia.reading().get("/api/v1/organizations/" + id).then().statusCode(200).body("state", equalTo("deleting"));
        pia.reading().header("X-Organization", api.organization()).get("/api/v1/keys").then().statusCode(403);

        behind.execute("update organization set deletion_requested_at = now() where id = cast(? as uuid)", id);
        Eventually.holds(() -> assertThat(ana.reading().get("/api/v1/keys").statusCode()).isEqualTo(401));
        Eventually.holds(() -> assertThat(behind.count("select count(*) from organization where id = cast(? as uuid)", id))
                .isZero());
        signInBy(link).then().statusCode(401);
        ana.reading().get(SESSION).then().statusCode(401);
        assertThat(behind.count("select count(*) from panel_link where organization_id = cast(? as uuid)", id)).isZero();
        assertThat(behind.count("select count(*) from panel_session where organization_id = cast(? as uuid)", id)).isZero();
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

    @Test
    void aSessionThatIsReplacedIsToldToHaveEnded() {
        SignedIn ana = SignedIn.to(api, "viewer");
        String id = ana.id(behind);
        ana.reading().body(Map.of("link", link("viewer"))).post(SESSION).then().statusCode(200);

        api.asOwner().get("/api/v1/activity?targetId=" + id).then().body("items[0].action", equalTo("session.ended"))
                .body("items[0].changes.find { it.field == 'reason' }.after", equalTo("replaced"));
    }

    private String link(String... groups) {
        return SignedIn.linkTo(api, Map.of("org", api.organization(), "user", "ana", "groups", groups));
    }

    private Response ask(Map<String, ?> wanted) {
        return given().auth().oauth2(Tokens.withoutOrganization("operator", "platform")).contentType(ContentType.JSON)
                .body(wanted).post(LINKS);
    }

    private static Response signInBy(String link) {
        return given().contentType(ContentType.JSON).body(Map.of("link", link)).post(SESSION);
    }

    private static String tokenOf(Response link) {
        String url = link.path("url");
        return url.substring(url.indexOf('#') + 1);
    }

    private Object row(String column) {
        return behind.query("select " + column + " from panel_session where organization_id = ?", behind.organization(api))
                .get(0);
    }

    private void expire(String table, String change) {
        assertThat(behind.execute("update " + table + " set " + change + " where organization_id = ?",
                behind.organization(api))).isEqualTo(1);
    }
}
