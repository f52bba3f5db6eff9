package dev.latchkey.credential;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.startsWith;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.credential.FakeProvider.Answer;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.CredentialBuilder;
import dev.latchkey.testing.SignedIn;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.Together;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A person agrees at a provider, comes back, and the credential works; whatever else comes back touches nothing. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class ConnectTest {

    private static final String CREDENTIALS = "/api/v1/credentials/";
    private static final String CALLBACK = "/oauth2/callback";

    @Inject
    DataSource database;

    private Api api;
    private FakeAuthorization server;
    private Behind behind;
    private ConnectScene scene;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
        server = new FakeAuthorization();
        behind = new Behind(database);
        scene = new ConnectScene(api, server, behind);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aPersonAgreesAndTheCredentialWorks() {
        String id = scene.stored(server.data());
        Response begun = scene.connect(id, Map.of("returnTo", "/credentials/" + id));
        begun.then().statusCode(200).header("Cache-Control", "no-store").header("Set-Cookie", equalTo(null))
                .body("redirectUri", equalTo("http://localhost:8081/oauth2/callback"));
        String url = begun.path("authorizationUrl");
        Map<String, String> query = FakeAuthorization.query(url);
        assertThat(url).startsWith(server.url() + "/authorize?tenant=7&");
        assertThat(query).containsEntry("response_type", "code").containsEntry("client_id", FakeAuthorization.CLIENT)
                .containsEntry("redirect_uri", begun.path("redirectUri")).containsEntry("scope", "stock.read orders.read")
                .containsEntry("code_challenge_method", "S256").containsKeys("state", "code_challenge");
        assertThat(query.get("code_challenge")).hasSize(43);

        Map<String, String> back = server.agree(url);
        Response page = ConnectScene.callback(back);

        page.then().statusCode(200).contentType("text/html;charset=utf-8").header("Cache-Control", "no-store")
                .header("Referrer-Policy", "no-referrer").header("X-Content-Type-Options", "nosniff")
                .header("Content-Security-Policy", startsWith("default-src 'none'; style-src 'sha256-"))
                .header("Content-Security-Policy", containsString("frame-ancestors 'none'"));
        assertThat(page.asString()).contains("<title>Connected", "href=\"http://localhost:8081/credentials/" + id + "\"")
                .doesNotContain(back.get("code"), back.get("state"), "<script");
        api.asOwner().get(CREDENTIALS + id).then().body("status", equalTo("green")).body("reason", equalTo("valid"))
                .body("data.accessToken.set", equalTo(true)).body("data.refreshToken.set", equalTo(true))
                .header("ETag", "\"0\"");
        api.asOwner().get("/api/v1/activity?targetId=" + id).then()
                .body("items.action", hasItem("credential.connect_begun")).body("items.action", hasItem("credential.connected"))
                .body("items.find { it.action == 'credential.connected' }.actor.name", equalTo("ana@" + api.organization()));
        api.asOwner().get("/api/v1/events?type=credential.connected").then().body("items[0].data.id", equalTo(id));
    }

    @Test
    void aStateLeadsOnOnce() {
        String id = scene.stored(server.data());
        Map<String, String> back = server.agree(scene.connect(id).path("authorizationUrl"));
        List<Integer> statuses;
        try (Together together = new Together(4)) {
            statuses = together.call(() -> ConnectScene.callback(back).statusCode());
        }

        assertThat(statuses).containsOnlyOnce(200).contains(400);
        ConnectScene.callback(back).then().statusCode(400).body(containsString("has done its work"));
        assertThat(server.asked("token")).hasSize(1);
        api.asOwner().get(CREDENTIALS + id).then().body("status", equalTo("green"));
    }

    @Test
    void whoeverLooksAtTheAddressBeforeThePersonUsesNothingUp() {
        Map<String, String> back = server.agree(scene.connect(scene.stored(server.data())).path("authorizationUrl"));
        given().queryParams(back).head(CALLBACK).then().statusCode(405);
        ConnectScene.callback(back).then().statusCode(200);
    }

    @Test
    void noStateOfOursLeadsNowhere() {
        for (Map<String, String> strange : List.of(Map.<String, String> of(), Map.of("code", "x"),
                Map.of("code", "x", "state", "abc"), Map.of("code", "x", "state", "A".repeat(59)),
                Map.of("error", "access_denied"))) {
            Response page = ConnectScene.callback(strange);
            page.then().statusCode(400);
            assertThat(page.asString()).contains("has done its work").doesNotContain("href");
        }
        assertThat(server.asked("token")).isEmpty();
    }

    @Test
    void denialAndErrorsTouchNothing() {
        String id = scene.connected();
        for (String error : List.of("access_denied", "server_error", "<script>alert(1)</script>")) {
            String state = FakeAuthorization.query(scene.connect(id).path("authorizationUrl")).get("state");
            Response page = ConnectScene.callback(Map.of("error", error, "state", state, "error_description", "<b>x</b>"));
            assertThat(page.asString()).doesNotContain("<script", "<b>").contains("goes on to work");
            page.then().statusCode(error.equals("access_denied") ? 200 : 502);
            // The state is used up all the same.
            ConnectScene.callback(Map.of("code", "x", "state", state)).then().statusCode(400);
        }
        assertThat(server.asked("token")).hasSize(1);
        assertThat(server.revoked()).isEmpty();
        api.asOwner().get(CREDENTIALS + id).then().body("status", equalTo("green"));
        api.asOwner().get("/api/v1/activity?targetId=" + id).then().body("items.action", hasItem("credential.connect_failed"));
    }

    @Test
    void whatComesTooLateLeadsNowhere() {
        String id = scene.stored(server.data());
        Map<String, String> back = server.agree(scene.connect(id).path("authorizationUrl"));
        behind.execute("update oauth_authorization set expires_at = now() where credential_id = ?", UUID.fromString(id));

        ConnectScene.callback(back).then().statusCode(400);
        assertThat(server.asked("token")).isEmpty();
        assertThat(scene.failures(id)).containsExactly("unknown-state");
    }

    @Test
    void whatFailsHereIsToldInThePersonsLanguageAndWrittenDown() {
        String id = scene.stored(server.data());
        Map<String, String> back = scene.back(id);
        behind.execute("update oauth_authorization set verifier = '\\x00' where credential_id = ?", UUID.fromString(id));

        given().header("Accept-Language", "es").queryParams(back).get(CALLBACK).then().statusCode(500)
                .header("Content-Language", "es").body(containsString("Algo ha fallado"));
        assertThat(server.asked("token")).isEmpty();
        assertThat(scene.failures(id)).containsExactly("failed");
    }

    @Test
    void manyWhoBeginAtOnceDoNotWaitForEachOther() {
        String id = scene.stored(server.data());
        try (Together together = new Together(8)) {
            for (int i = 0; i < 4; i++) {
                assertThat(together.call(() -> scene.connect(id).statusCode())).containsOnly(200);
            }
        }
        scene.connect(id);
        assertThat(behind.count("select count(*) from oauth_authorization where credential_id = ?", UUID.fromString(id)))
                .isLessThanOrEqualTo(10);
    }

    @Test
    void whatABrowserHasBegunNoOtherOneFinishes() {
        String id = scene.stored(server.data());
        SignedIn ana = SignedIn.to(api, "developer");
        Response begun = ana.request().post(CREDENTIALS + id + "/connect");
        begun.then().statusCode(200).header("Set-Cookie", startsWith("latchkey-connect-"))
                .header("Set-Cookie", containsString("; HttpOnly; SameSite=Lax"));
        Map<String, String> back = server.agree(begun.path("authorizationUrl"));
        Response page = ConnectScene.callback(back);
        page.then().statusCode(400).body(containsString("another browser"));
        assertThat(page.asString()).doesNotContain("ERP stock");
        // What turned up elsewhere has leaked: it leads on nowhere, not even where it was begun.
        given().cookies(begun.cookies()).queryParams(back).get(CALLBACK).then().statusCode(400);
        assertThat(server.asked("token")).isEmpty();
        assertThat(scene.failures(id)).containsExactly("other-browser");

        Response again = ana.request().post(CREDENTIALS + id + "/connect");
        given().cookies(again.cookies()).queryParams(server.agree(again.path("authorizationUrl"))).get(CALLBACK).then()
                .statusCode(200).header("Set-Cookie", containsString("Max-Age=0"));
        api.asOwner().get("/api/v1/activity?targetId=" + id).then().body(
                "items.find { it.action == 'credential.connected' }.actor.name", equalTo("ana@" + api.organization()));
    }

    @Test
    void aPageOfAnotherOriginBeginsNothing() {
        SignedIn ana = SignedIn.to(api, "developer");
        ana.reading().post(CREDENTIALS + scene.stored(server.data()) + "/connect").then().statusCode(403);
    }

    @Test
    void whatIsAnothersIsNotConnected() {
        String id = scene.stored(server.data());
        Api.ofNewOrganization().asOwner().post(CREDENTIALS + id + "/connect").then().statusCode(404);
        api.as("viewer").post(CREDENTIALS + id + "/connect").then().statusCode(403);
    }

    @Test
    void aSuspendedOrganizationConnectsNothing() {
        String id = scene.stored(server.data());
        Map<String, String> back = server.agree(scene.connect(id).path("authorizationUrl"));
        api.setActive(false);

        ConnectScene.callback(back).then().statusCode(403);
        assertThat(server.asked("token")).isEmpty();
        api.setActive(true);
        api.asOwner().get(CREDENTIALS + id).then().body("reason", equalTo("not-connected"));
    }

    @Test
    void whoEditsTheClientMeanwhileGetsNoCode() {
        String id = scene.stored(server.data());
        Map<String, String> back = server.agree(scene.connect(id).path("authorizationUrl"));
        api.asOwner().contentType("application/merge-patch+json")
                .body(Map.of("data", Map.of("tokenUrl", server.url() + "/elsewhere"), "skipTest", true))
                .patch(CREDENTIALS + id).then().statusCode(200);

        ConnectScene.callback(back).then().statusCode(409);
        assertThat(server.asked("token")).isEmpty();
        assertThat(server.asked("elsewhere")).isEmpty();
    }

    @Test
    void aDeletedCredentialTakesItsStatesAlong() {
        String id = scene.stored(server.data());
        Map<String, String> back = server.agree(scene.connect(id).path("authorizationUrl"));
        api.asOwner().delete(CREDENTIALS + id).then().statusCode(204);

        ConnectScene.callback(back).then().statusCode(400);
        assertThat(server.asked("token")).isEmpty();
    }

    @Test
    void anotherServersCodeIsPresentedToNobody() {
        String id = scene.stored(server.data());
        for (String issuer : List.of("https://honest.example", "not a url", "")) {
            Map<String, String> back = new HashMap<>(server.agree(scene.connect(id).path("authorizationUrl")));
            back.put("iss", issuer);
            ConnectScene.callback(back).then().statusCode(400).body(containsString("another server"));
        }
        assertThat(server.asked("token")).isEmpty();
        server.tellsIssuer = true;
        ConnectScene.callback(server.agree(scene.connect(id).path("authorizationUrl"))).then().statusCode(200);
    }

    @Test
    void withoutPkceNoneIsMadeAndAVerifierIsNeverLeftOut() {
        Map<String, Object> data = server.data();
        data.put("pkce", false);
        String url = scene.connect(scene.stored(data)).path("authorizationUrl");
        assertThat(FakeAuthorization.query(url)).doesNotContainKeys("code_challenge", "code_challenge_method");
        ConnectScene.callback(server.agree(url)).then().statusCode(200);

        // Somebody has taken the challenge out on the way: the server would take any verifier, and gets it all the same.
        String other = scene.connect(scene.stored(server.data())).path("authorizationUrl");
        ConnectScene.callback(server.agree(other.replaceAll("&code_challenge(_method)?=[^&]*", ""))).then().statusCode(200);
        assertThat(server.asked("token").get(1).body()).contains("code_verifier=");
    }

    @Test
    void aPageOfOursLeadsOnlyWhereItMay() {
        String id = scene.stored(server.data());
        for (String bad : List.of("https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example",
                "javascript:alert(1)", "http://localhost:8081@evil.example/", "http://localhost:8081.evil.example/",
                "http://localhost:8082/", "https://localhost:8081/", "/a\nb", "credentials", "")) {
            scene.connect(id, Map.of("returnTo", bad)).then().statusCode(422).body("errors[0].field", equalTo("returnTo"));
        }
        for (String good : List.of("/", "/credentials?a=b#c", "http://localhost:8081/credentials")) {
            scene.connect(id, Map.of("returnTo", good)).then().statusCode(200);
        }
    }

    @Test
    void onlyWhatAPersonHasToAgreeToIsConnected() {
        scene.connect(api.aCredential().create()).then().statusCode(409);
        scene.connect(api.aCredential().of("oauth2", Map.of("grant", "refresh_token", "clientId", "a", "refreshToken",
                CredentialBuilder.aSecret(), "tokenUrl", server.url() + "/token")).create()).then().statusCode(409);
    }

    @Test
    void whatNeverWorkedIsStoredWhateverItsTestReaches() {
        server.apiStatus = 503;
        String id = scene.stored(server.data());
        ConnectScene.callback(server.agree(scene.connect(id).path("authorizationUrl"))).then().statusCode(200)
                .body(containsString("not proved"));
        api.asOwner().get(CREDENTIALS + id).then().body("status", equalTo("red")).body("reason", equalTo("provider-error"))
                .body("data.refreshToken.set", equalTo(true));
    }

    @Test
    void aTokenEndpointThatGivesNothingTouchesNothing() {
        String id = scene.connected();
        Map<Answer, String> cases = Map.of(new Answer(400, "{\"error\": \"invalid_grant\"}"), "did not give access",
                new Answer(401, "{\"error\": \"invalid_client\"}"), "does not know the application",
                new Answer(503, ""), "did not answer", new Answer(200, "{}"), "did not give access");
        long pair = scene.pairVersion(id);
        cases.forEach((answer, said) -> {
            server.instead = answer;
            scene.come(id).then().statusCode(502).body(containsString(said));
        });
        server.instead = null;
        // It has done what was asked, and the answer is lost: a code is never presented twice.
        server.breaksOff = true;
        scene.come(id).then().statusCode(502).body(containsString("did not answer"));
        server.breaksOff = false;
        assertThat(server.asked("token")).hasSize(1 + cases.size() + 1);
        assertThat(scene.pairVersion(id)).isEqualTo(pair);
        api.asOwner().post(CREDENTIALS + id + "/test").then().body("status", equalTo("green"));
    }

    @Test
    void thePageSpeaksSpanishAndTakesNoMarkup() {
        String id = api.aCredential().of("oauth2", server.data()).with("name", "<img src=x>&\"'").create();
        Response page = given().header("Accept-Language", "es-MX,es;q=0.9")
                .queryParams(server.agree(scene.connect(id).path("authorizationUrl"))).get(CALLBACK);
        page.then().header("Content-Language", "es");
        assertThat(page.asString()).contains("<html lang=\"es\">", "«&lt;img src=x&gt;&amp;&quot;&#39;»")
                .doesNotContain("<img");
    }
}
