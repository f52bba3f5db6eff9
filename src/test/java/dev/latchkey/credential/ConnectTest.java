package dev.latchkey.credential;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
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
import dev.latchkey.testing.Planted;
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

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
        server = new FakeAuthorization();
        behind = new Behind(database);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aPersonAgreesAndTheCredentialWorks() {
        String id = stored(server.data());
        Response begun = connect(id, Map.of("returnTo", "/credentials/" + id));
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
        Response page = callback(back);

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
        String id = stored(server.data());
        Map<String, String> back = server.agree(connect(id).path("authorizationUrl"));
        List<Integer> statuses;
        try (Together together = new Together(4)) {
            statuses = together.call(() -> callback(back).statusCode());
        }

        assertThat(statuses).containsOnlyOnce(200).contains(400);
        callback(back).then().statusCode(400).body(containsString("has done its work"));
        assertThat(server.asked("token")).hasSize(1);
        api.asOwner().get(CREDENTIALS + id).then().body("status", equalTo("green"));
    }

    @Test
    void whoeverLooksAtTheAddressBeforeThePersonUsesNothingUp() {
        Map<String, String> back = server.agree(connect(stored(server.data())).path("authorizationUrl"));
        given().queryParams(back).head(CALLBACK).then().statusCode(405);
        callback(back).then().statusCode(200);
    }

    @Test
    void noStateOfOursLeadsNowhere() {
        for (Map<String, String> strange : List.of(Map.<String, String> of(), Map.of("code", "x"),
                Map.of("code", "x", "state", "abc"), Map.of("code", "x", "state", "A".repeat(59)),
                Map.of("error", "access_denied"))) {
            Response page = callback(strange);
            page.then().statusCode(400);
            assertThat(page.asString()).contains("has done its work").doesNotContain("href");
        }
        assertThat(server.asked("token")).isEmpty();
    }

    @Test
    void denialAndErrorsTouchNothing() {
        String id = connected();
        for (String error : List.of("access_denied", "server_error", "<script>alert(1)</script>")) {
            String state = FakeAuthorization.query(connect(id).path("authorizationUrl")).get("state");
            Response page = callback(Map.of("error", error, "state", state, "error_description", "<b>x</b>"));
            assertThat(page.asString()).doesNotContain("<script", "<b>").contains("goes on to work");
            page.then().statusCode(error.equals("access_denied") ? 200 : 502);
            // The state is used up all the same.
            callback(Map.of("code", "x", "state", state)).then().statusCode(400);
        }
        assertThat(server.asked("token")).hasSize(1);
        assertThat(server.revoked()).isEmpty();
        api.asOwner().get(CREDENTIALS + id).then().body("status", equalTo("green"));
        api.asOwner().get("/api/v1/activity?targetId=" + id).then().body("items.action", hasItem("credential.connect_failed"));
    }

    @Test
    void whatComesTooLateLeadsNowhere() {
        String id = stored(server.data());
        Map<String, String> back = server.agree(connect(id).path("authorizationUrl"));
        behind.execute("update oauth_authorization set expires_at = now() where credential_id = ?", UUID.fromString(id));

        callback(back).then().statusCode(400);
        assertThat(server.asked("token")).isEmpty();
    }

    @Test
    void whatABrowserHasBegunNoOtherOneFinishes() {
        String id = stored(server.data());
        SignedIn ana = SignedIn.to(api, "developer");
        Response begun = ana.request().post(CREDENTIALS + id + "/connect");
        begun.then().statusCode(200).header("Set-Cookie", startsWith("latchkey-connect-"))
                .header("Set-Cookie", containsString("; HttpOnly; SameSite=Lax"));
        Map<String, String> back = server.agree(begun.path("authorizationUrl"));
        Response page = callback(back);
        page.then().statusCode(400).body(containsString("another browser"));
        assertThat(page.asString()).doesNotContain("ERP stock");
        // What turned up elsewhere has leaked: it leads on nowhere, not even where it was begun.
        given().cookies(begun.cookies()).queryParams(back).get(CALLBACK).then().statusCode(400);
        assertThat(server.asked("token")).isEmpty();

        Response again = ana.request().post(CREDENTIALS + id + "/connect");
        given().cookies(again.cookies()).queryParams(server.agree(again.path("authorizationUrl"))).get(CALLBACK).then()
                .statusCode(200).header("Set-Cookie", containsString("Max-Age=0"));
        api.asOwner().get("/api/v1/activity?targetId=" + id).then().body(
                "items.find { it.action == 'credential.connected' }.actor.name", equalTo("ana@" + api.organization()));
    }

    @Test
    void aPageOfAnotherOriginBeginsNothing() {
        SignedIn ana = SignedIn.to(api, "developer");
        ana.reading().post(CREDENTIALS + stored(server.data()) + "/connect").then().statusCode(403);
    }

    @Test
    void whatIsAnothersIsNotConnected() {
        String id = stored(server.data());
        Api.ofNewOrganization().asOwner().post(CREDENTIALS + id + "/connect").then().statusCode(404);
        api.as("viewer").post(CREDENTIALS + id + "/connect").then().statusCode(403);
    }

    @Test
    void aSuspendedOrganizationConnectsNothing() {
        String id = stored(server.data());
        Map<String, String> back = server.agree(connect(id).path("authorizationUrl"));
        api.setActive(false);

        callback(back).then().statusCode(403);
        assertThat(server.asked("token")).isEmpty();
        api.setActive(true);
        api.asOwner().get(CREDENTIALS + id).then().body("reason", equalTo("not-connected"));
    }

    @Test
    void whoEditsTheClientMeanwhileGetsNoCode() {
        String id = stored(server.data());
        Map<String, String> back = server.agree(connect(id).path("authorizationUrl"));
        api.asOwner().contentType("application/merge-patch+json")
                .body(Map.of("data", Map.of("tokenUrl", server.url() + "/elsewhere"), "skipTest", true))
                .patch(CREDENTIALS + id).then().statusCode(200);

        callback(back).then().statusCode(409);
        assertThat(server.asked("token")).isEmpty();
        assertThat(server.asked("elsewhere")).isEmpty();
    }

    @Test
    void aDeletedCredentialTakesItsStatesAlong() {
        String id = stored(server.data());
        Map<String, String> back = server.agree(connect(id).path("authorizationUrl"));
        api.asOwner().delete(CREDENTIALS + id).then().statusCode(204);

        callback(back).then().statusCode(400);
        assertThat(server.asked("token")).isEmpty();
    }

    @Test
    void anotherServersCodeIsPresentedToNobody() {
        String id = stored(server.data());
        for (String issuer : List.of("https://honest.example", "not a url", "")) {
            Map<String, String> back = new HashMap<>(server.agree(connect(id).path("authorizationUrl")));
            back.put("iss", issuer);
            callback(back).then().statusCode(400).body(containsString("another server"));
        }
        assertThat(server.asked("token")).isEmpty();
        server.tellsIssuer = true;
        callback(server.agree(connect(id).path("authorizationUrl"))).then().statusCode(200);
    }

    @Test
    void anIssuerSaysTheAddressesAndHasToSayWhoItIs() {
        server.tellsIssuer = true;
        Map<String, Object> data = new HashMap<>(Map.of("grant", "authorization_code", "clientId", FakeAuthorization.CLIENT,
                "clientSecret", server.clientSecret, "issuer", server.url() + "/.well-known/openid-configuration"));
        String id = stored(data);
        api.asOwner().get(CREDENTIALS + id).then().body("data.issuer", equalTo(server.url()))
                .body("data.tokenUrl", equalTo(server.url() + "/token"))
                .body("data.revokeUrl", equalTo(server.url() + "/revoke"))
                .body("data.clientAuth", equalTo("post"));
        Map<String, String> silent = new HashMap<>(server.agree(connect(id).path("authorizationUrl")));
        silent.remove("iss");
        callback(silent).then().statusCode(400).body(containsString("another server"));
        callback(server.agree(connect(id).path("authorizationUrl"))).then().statusCode(200);

        server.tellsIssuer = false;
        api.aCredential().of("oauth2", data).requested().then().statusCode(422).body("errors[0].field",
                equalTo("data.issuer"));
    }

    @Test
    void withoutPkceNoneIsMadeAndAVerifierIsNeverLeftOut() {
        Map<String, Object> data = server.data();
        data.put("pkce", false);
        String url = connect(stored(data)).path("authorizationUrl");
        assertThat(FakeAuthorization.query(url)).doesNotContainKeys("code_challenge", "code_challenge_method");
        callback(server.agree(url)).then().statusCode(200);

        // Somebody has taken the challenge out on the way: the server would take any verifier, and gets it all the same.
        String other = connect(stored(server.data())).path("authorizationUrl");
        callback(server.agree(other.replaceAll("&code_challenge(_method)?=[^&]*", ""))).then().statusCode(200);
        assertThat(server.asked("token").get(1).body()).contains("code_verifier=");
    }

    @Test
    void aPageOfOursLeadsOnlyWhereItMay() {
        String id = stored(server.data());
        for (String bad : List.of("https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example",
                "javascript:alert(1)", "http://localhost:8081@evil.example/", "http://localhost:8081.evil.example/",
                "http://localhost:8082/", "https://localhost:8081/", "/a\nb", "credentials", "")) {
            connect(id, Map.of("returnTo", bad)).then().statusCode(422).body("errors[0].field", equalTo("returnTo"));
        }
        for (String good : List.of("/", "/credentials?a=b#c", "http://localhost:8081/credentials")) {
            connect(id, Map.of("returnTo", good)).then().statusCode(200);
        }
    }

    @Test
    void onlyWhatAPersonHasToAgreeToIsConnected() {
        connect(api.aCredential().create()).then().statusCode(409);
        connect(api.aCredential().of("oauth2", Map.of("grant", "refresh_token", "clientId", "a", "refreshToken",
                CredentialBuilder.aSecret(), "tokenUrl", server.url() + "/token")).create()).then().statusCode(409);
    }

    @Test
    void theSameAccountTakesThePlaceAndTheOldTokensAreGivenBack() {
        Map<String, Object> data = server.data();
        data.put("revokeUrl", server.url() + "/revoke");
        String id = connected(data);
        callback(server.agree(connect(id).path("authorizationUrl"))).then().statusCode(200);

        assertThat(server.revoked()).hasSize(1);
        api.asOwner().post(CREDENTIALS + id + "/test").then().body("status", equalTo("green"));
        api.asOwner().get("/api/v1/activity?targetId=" + id).then()
                .body("items.action", hasItem("credential.revoked_at_provider"));
    }

    @Test
    void aServerThatEndsTheNewTokensWithTheOldOnesIsRemembered() {
        Map<String, Object> data = server.data();
        data.put("revokeUrl", server.url() + "/revoke");
        String id = connected(data);
        server.endsAll = true;
        callback(server.agree(connect(id).path("authorizationUrl"))).then().statusCode(502)
                .body(containsString("ended again"));
        api.asOwner().get(CREDENTIALS + id).then().body("status", equalTo("red"));

        callback(server.agree(connect(id).path("authorizationUrl"))).then().statusCode(200);
        api.asOwner().post(CREDENTIALS + id + "/test").then().body("status", equalTo("green"));
        assertThat(server.revoked()).hasSize(1);
    }

    @Test
    void anotherAccountDoesNotTakeThePlace() {
        Map<String, Object> data = server.data();
        data.put("revokeUrl", server.url() + "/revoke");
        String id = connected(data);
        server.account = "shop-2";
        callback(server.agree(connect(id).path("authorizationUrl"))).then().statusCode(409)
                .body(containsString("another account"));

        assertThat(server.revoked()).isEmpty();
        api.asOwner().post(CREDENTIALS + id + "/test").then().body("status", equalTo("green"));
    }

    @Test
    void newTokensThatDoNotPassTheTestDoNotTakeThePlace() {
        String id = connected();
        for (int status : List.of(401, 500, 404)) {
            server.apiStatus = status;
            callback(server.agree(connect(id).path("authorizationUrl"))).then().statusCode(502)
                    .body(containsString("does not work"));
        }
        server.apiStatus = 200;
        api.asOwner().get(CREDENTIALS + id).then().body("status", equalTo("green"));
        api.asOwner().post(CREDENTIALS + id + "/test").then().body("status", equalTo("green"));
    }

    @Test
    void whatNeverWorkedIsStoredWhateverItsTestReaches() {
        server.apiStatus = 503;
        String id = stored(server.data());
        callback(server.agree(connect(id).path("authorizationUrl"))).then().statusCode(200)
                .body(containsString("not proved"));
        api.asOwner().get(CREDENTIALS + id).then().body("status", equalTo("red")).body("reason", equalTo("provider-error"))
                .body("data.refreshToken.set", equalTo(true));
    }

    @Test
    void itIsSaidThatLessIsGrantedThanBefore() {
        String id = connected();
        server.granted = "stock.read";
        Response page = callback(server.agree(connect(id).path("authorizationUrl")));
        page.then().statusCode(200).body(containsString("<code>orders.read</code>"))
                .body(not(containsString("<code>stock.read</code>")));
        api.asOwner().get("/api/v1/events?type=credential.connected").then().body("items[0].data.scopesLost",
                equalTo(List.of("orders.read")));
    }

    @Test
    void aTokenEndpointThatGivesNothingTouchesNothing() {
        String id = connected();
        Map<Answer, String> cases = Map.of(new Answer(400, "{\"error\": \"invalid_grant\"}"), "did not give access",
                new Answer(401, "{\"error\": \"invalid_client\"}"), "does not know the application",
                new Answer(503, ""), "did not answer", new Answer(200, "{}"), "did not give access");
        cases.forEach((answer, said) -> {
            server.instead = answer;
            Map<String, String> back = server.agree(connect(id).path("authorizationUrl"));
            callback(back).then().statusCode(502).body(containsString(said));
        });
        server.instead = null;
        api.asOwner().post(CREDENTIALS + id + "/test").then().body("status", equalTo("green"));
    }

    @Test
    void thePageSpeaksSpanishAndTakesNoMarkup() {
        String id = api.aCredential().of("oauth2", server.data()).with("name", "<img src=x>&\"'").create();
        Response page = given().header("Accept-Language", "es-MX,es;q=0.9")
                .queryParams(server.agree(connect(id).path("authorizationUrl"))).get(CALLBACK);
        page.then().header("Content-Language", "es");
        assertThat(page.asString()).contains("<html lang=\"es\">", "«&lt;img src=x&gt;&amp;&quot;&#39;»")
                .doesNotContain("<img");
    }

    private String stored(Map<String, Object> data) {
        return api.aCredential().of("oauth2", data).with("baseUrl", server.url()).with("test", Map.of("url", "/me")).create();
    }

    private String connected() {
        return connected(server.data());
    }

    private String connected(Map<String, Object> data) {
        String id = stored(data);
        callback(server.agree(connect(id).path("authorizationUrl"))).then().statusCode(200);
        return id;
    }

    private Response connect(String id) {
        return connect(id, Map.of());
    }

    private Response connect(String id, Map<String, String> body) {
        Response begun = api.asOwner().body(body).post(CREDENTIALS + id + "/connect");
        if (begun.statusCode() == 200) {
            Planted.add(FakeAuthorization.query(begun.path("authorizationUrl")).get("state"));
        }
        return begun;
    }

    private static Response callback(Map<String, String> parameters) {
        return given().redirects().follow(false).queryParams(parameters).get(CALLBACK);
    }
}
