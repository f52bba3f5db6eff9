package dev.latchkey.panel;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.SignedIn;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.Together;
import dev.latchkey.testing.Tokens;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who comes into the panel, by which way, and who does not. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class SignInTest extends SignInCase {

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
        // Of a platform whose own token names none, so that nothing but the link makes it.
        Response link = ask(Map.of("org", api.organization(), "user", "ana", "groups", List.of("owner")));
        link.then().statusCode(201);

        SignedIn ana = SignedIn.by(tokenOf(link));

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
    void aSignInReplacesTheSessionOfTheSameBrowser() {
        SignedIn ana = SignedIn.to(api, "viewer");
        SignedIn next = SignedIn.of(ana.request().body(Map.of("link", link("owner"))).post(SESSION));

        assertThat(next.cookie()).isNotEqualTo(ana.cookie());
        assertThat(next.csrf()).isNotEqualTo(ana.csrf());
        ana.reading().get(SESSION).then().statusCode(401);
        next.reading().get(SESSION).then().statusCode(200).body("roles", equalTo(List.of("owner")));
        next.reading().header(SignedIn.CSRF_HEADER, ana.csrf()).delete(SESSION).then().statusCode(403);
    }

    /** Otherwise another page could lead someone to the panel with a link of its own, and read what he then types. */
    @Test
    void whoIsSignedInIsSignedInAnewOnlyByHisOwnPage() {
        SignedIn ana = SignedIn.to(api, "owner");
        Api mallory = Api.ofNewOrganization();
        String link = SignedIn.linkTo(mallory, Map.of("org", mallory.organization(), "user", "m", "groups", List.of("owner")));
        String token = Tokens.of(mallory.organization(), "m", "owner");
        for (String wrong : List.of("", "x", SignedIn.to(api, "owner").csrf())) {
            ana.reading().header(SignedIn.CSRF_HEADER, wrong).body(Map.of("link", link)).post(SESSION).then().statusCode(403)
                    .body("code", equalTo("csrf")).header("Set-Cookie", nullValue());
        }
        ana.reading().header("Authorization", "Bearer " + token).body("{}").post(SESSION).then().statusCode(403).body("code",
                equalTo("csrf"));
        ana.reading().get(SESSION).then().statusCode(200).body("organization.key", equalTo(api.organization()));

        SignedIn next = SignedIn.of(ana.request().body(Map.of("link", link)).post(SESSION));

        next.session().then().body("organization.key", equalTo(mallory.organization()));
        ana.reading().get(SESSION).then().statusCode(401);
    }

    @Test
    void aSessionThatIsOverStandsInNobodysWay() {
        SignedIn ana = SignedIn.to(api, "owner");
        ana.signOut().then().statusCode(204);

        SignedIn.of(ana.reading().body(Map.of("link", link("viewer"))).post(SESSION));
    }

    /** Whatever goes wrong before the browser can have its cookie. */
    @Test
    void aLinkIsNotUsedUpByASignInThatFails() {
        String link = link("viewer");
        UUID organization = behind.organization(api);
        behind.execute("""
                create function over_at_once() returns trigger language plpgsql as
                $$ begin new.expires_at = now(); return new; end $$""");
        behind.execute("create trigger over_at_once before insert on panel_session for each row when (new.organization_id = '"
                + organization + "') execute function over_at_once()");
        try {
            signInBy(link).then().statusCode(401).body("code", equalTo("session-ended")).header("Set-Cookie", nullValue());
        } finally {
            behind.execute("drop function over_at_once cascade");
        }

        SignedIn.by(link).session().then().body("roles", equalTo(List.of("viewer")));
        assertThat(behind.count("select count(*) from panel_session where organization_id = ?", organization)).isEqualTo(1);
    }
}
