package dev.latchkey.panel;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Inject;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.SignedIn;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.Tokens;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** When somebody is out of the panel again, and that it is so everywhere. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class SessionEndTest extends SignInCase {

    @Inject
    SignInPurge purge;

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
    void thePlatformLocksSomeoneOut() {
        SignedIn ana = SignedIn.to(api, "owner");
        SignedIn elsewhere = SignedIn.to(api, "viewer");
        SignedIn bob = SignedIn.withToken(Tokens.of(api.organization(), "bob", "admin"));
        String unused = SignedIn.linkTo(api, Map.of("org", api.organization(), "user", "ana@" + api.organization(), "groups",
                List.of("owner")));
        Api other = Api.ofNewOrganization();
        SignedIn ofAnother = SignedIn.by(SignedIn.linkTo(other,
                Map.of("org", other.organization(), "user", "ana@" + api.organization(), "groups", List.of("owner"))));
        String id = String.valueOf(behind.query("select id from panel_link where organization_id = ?",
                behind.organization(api)).get(0));

        lockOut("?org=" + api.organization() + "&user=ana@" + api.organization()).then().statusCode(200)
                .body(equalTo("{\"sessions\":2,\"links\":1}"));

        for (SignedIn out : List.of(ana, elsewhere)) {
            out.reading().get(SESSION).then().statusCode(401).body("code", equalTo("session-ended"));
        }
        signInBy(unused).then().statusCode(401).body("code", equalTo("invalid-link"));
        bob.reading().get(SESSION).then().statusCode(200);
        ofAnother.reading().get(SESSION).then().statusCode(200);
        api.asOwner().get("/api/v1/activity?targetId=" + id).then()
                .body("items.action", equalTo(List.of("session.link_withdrawn", "session.link_issued")))
                .body("items[0].actor.id", equalTo("operator"));
        api.asOwner().get("/api/v1/activity?action=session.ended").then().body("items", hasSize(2))
                .body("items[0].changes.find { it.field == 'reason' }.after", equalTo("locked out"))
                .body("items[0].actor.id", equalTo("operator"));
        lockOut("?org=" + api.organization()).then().statusCode(200).body("sessions", equalTo(1)).body("links", equalTo(0));
        bob.reading().get(SESSION).then().statusCode(401);
    }

    @Test
    void onlyThePlatformLocksOutAndOnlyWhomItNames() {
        SignedIn ana = SignedIn.to(api, "owner");
        api.asOwner().delete(LINKS + "?org=" + api.organization()).then().statusCode(403);
        lockOut("").then().statusCode(422).body("errors[0].field", equalTo("org"));
        lockOut("?org=nobody-has-this").then().statusCode(404);
        lockOut("?org=" + api.organization() + "&user=").then().statusCode(422).body("errors[0].field", equalTo("user"));

        ana.reading().get(SESSION).then().statusCode(200);
    }

    private static Response lockOut(String query) {
        return given().auth().oauth2(Tokens.withoutOrganization("operator", "platform")).delete(LINKS + query);
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
    void aSessionThatIsReplacedIsToldToHaveEnded() {
        SignedIn ana = SignedIn.to(api, "viewer");
        String id = ana.id(behind);
        ana.request().body(Map.of("link", link("viewer"))).post(SESSION).then().statusCode(200);

        api.asOwner().get("/api/v1/activity?targetId=" + id).then().body("items[0].action", equalTo("session.ended"))
                .body("items[0].changes.find { it.field == 'reason' }.after", equalTo("replaced"));
    }
}
