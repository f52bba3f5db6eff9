package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.credential.FakeProvider.Answer;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A draft spends nothing; saving does, and what it gets is stored. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class FirstTokensTest {

    private static final String CREDENTIALS = "/api/v1/credentials/";

    @Inject
    DataSource database;
    @Inject
    Renewals renewals;

    private Api api;
    private FakeAuthorization server;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
        server = new FakeAuthorization();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void theClientsOwnTokenIsStored() {
        String id = saved(data("client_credentials")).then().statusCode(201).body("status", equalTo("green"))
                .body("data.accessToken.set", equalTo(true)).body("expiresAt", notNullValue()).extract().path("id");
        api.asOwner().contentType("application/merge-patch+json").body(Map.of("baseUrl", server.url() + "/v2"))
                .patch(CREDENTIALS + id).then().statusCode(200).body("data.accessToken.set", equalTo(true));
    }

    @Test
    void aPastedRefreshTokenIsSpentOnceAndItsSuccessorIsStored() {
        Map<String, Object> data = pasted();
        api.aCredential().of("oauth2", data).with("baseUrl", server.url()).with("test", Map.of("url", "/me")).tried().then()
                .statusCode(200).body("reason", equalTo("not-verifiable"));
        assertThat(server.asked("token")).isEmpty();

        String id = saved(data).then().statusCode(201).body("status", equalTo("green"))
                .body("data.accessToken.set", equalTo(true)).extract().path("id");
        assertThat(server.asked("token")).hasSize(1);
        api.asOwner().post(CREDENTIALS + id + "/test").then().body("status", equalTo("green"));
        saved(data).then().statusCode(422).body("test.reason", equalTo("invalid")).body("test.detail",
                containsString("refresh token"));
    }

    @Test
    void whatIsGivenIsStoredWhateverItsTestShows() {
        server.apiStatus = 500;
        saved(pasted()).then().statusCode(201).body("status", equalTo("red")).body("reason", equalTo("provider-error"))
                .body("data.accessToken.set", equalTo(true));
    }

    @Test
    void whatIsRefusedIsNotStored() {
        Map<Answer, String> cases = Map.of(new Answer(400, "{\"error\": \"invalid_grant\"}"), "invalid",
                new Answer(401, "{\"error\": \"invalid_client\"}"), "invalid",
                new Answer(400, "{\"error\": \"invalid_scope\"}"), "misconfigured", new Answer(503, ""), "provider-error");
        cases.forEach((answer, reason) -> {
            server.instead = answer;
            saved(pasted()).then().statusCode(422).body("code", equalTo("test-failed")).body("test.reason", equalTo(reason));
        });
        api.asOwner().get("/api/v1/credentials").then().body("items", empty());
    }

    @Test
    void nobodyIsAskedWhereATokenIsStillGoodOrNoTestIsWanted() {
        Map<String, Object> data = pasted();
        data.put("accessToken", server.pasted("shop-1"));
        data.put("expiresAt", Instant.now().plusSeconds(3600).toString());
        saved(data).then().statusCode(201).body("status", equalTo("green"));
        api.aCredential().of("oauth2", pasted()).create();
        assertThat(server.asked("token")).isEmpty();
    }

    @Test
    void aStoredRefreshTokenIsLeftToItsRenewalsWhenSomethingElseIsEdited() {
        String id = saved(pasted()).path("id");
        patch(id, Map.of("test", Map.of("url", "/me?a=b"))).then().statusCode(200).body("status", equalTo("green"));
        assertThat(server.asked("token")).hasSize(1);

        patch(id, Map.of("data", new HashMap<>(Map.of("refreshToken", server.pasted("shop-1"), "expiresAt",
                "2020-01-01T00:00:00Z")))).then().statusCode(200).body("status", equalTo("green"));
        assertThat(server.asked("token")).hasSize(2);
    }

    @Test
    void anEditThatCannotBeStoredSpendsNothing() {
        String id = saved(pasted()).path("id");
        patch(id, Map.of("data", Map.of("refreshToken", server.pasted("shop-1")), "store", "tpyo")).then().statusCode(422)
                .body("errors[0].field", equalTo("store"));
        assertThat(server.asked("token")).hasSize(1);
    }

    @Test
    void aNewRefreshTokenMendsWhatWasWithdrawnBeforeItsTime() {
        String id = saved(pasted()).path("id");
        server.withdraw();
        api.asOwner().post(CREDENTIALS + id + "/test").then().body("status", equalTo("red"));

        patch(id, Map.of("data", Map.of("refreshToken", server.pasted("shop-1")))).then().statusCode(200)
                .body("status", equalTo("green")).body("data.accessToken.set", equalTo(true));
    }

    @Test
    void whoeverEditsMeanwhileCostsNoTokens() {
        String id = saved(pasted()).path("id");
        server.meanwhile(() -> api.asOwner().contentType("application/merge-patch+json").body(Map.of("name", "Renamed"))
                .patch(CREDENTIALS + id).then().statusCode(200));
        patch(id, Map.of("data", Map.of("refreshToken", server.pasted("shop-1")))).then().statusCode(200)
                .body("status", equalTo("green")).body("name", equalTo("Renamed"));

        api.asOwner().post(CREDENTIALS + id + "/refresh").then().body("renewed", equalTo(true));
    }

    @Test
    void whatIsSaidOnceMoreIsLeftToItsRenewals() {
        Map<String, Object> data = pasted();
        data.put("accessToken", server.pasted("shop-1"));
        String id = saved(data).path("id");
        patch(id, Map.of("data", Map.of("refreshToken", data.get("refreshToken")))).then().statusCode(200);
        assertThat(server.asked("token")).isEmpty();
    }

    @Test
    void aTokenWhoseAnswerIsLostIsPresentedOnceMoreAndNeverAThirdTime() {
        server.breaksOff = true;
        String id = saved(pasted()).then().statusCode(201).extract().path("id");
        Behind behind = new Behind(database);
        Eventually.holds(() -> {
            Behind.await(renewals::fill);
            assertThat(behind.query("select reason from credential_state where credential_id = ?", UUID.fromString(id)))
                    .containsExactly("reauthorization-required");
        });
        assertThat(server.asked("token")).hasSize(2);
    }

    @Test
    void whoHasTooMuchToDoIsAskedAgainLater() {
        server.instead = new Answer(429, "");
        saved(pasted()).then().statusCode(201).body("data.refreshToken.set", equalTo(true));
    }

    private Response patch(String id, Map<String, ?> patch) {
        return api.asOwner().contentType("application/merge-patch+json").body(patch).patch(CREDENTIALS + id);
    }

    private Map<String, Object> pasted() {
        Map<String, Object> data = data("refresh_token");
        data.put("refreshToken", server.pasted("shop-1"));
        return data;
    }

    private Map<String, Object> data(String grant) {
        return new HashMap<>(Map.of("grant", grant, "clientId", FakeAuthorization.CLIENT, "clientSecret", server.clientSecret,
                "tokenUrl", server.url() + "/token", "scopes", List.of("stock.read")));
    }

    private Response saved(Map<String, Object> data) {
        return api.aCredential().of("oauth2", data).with("baseUrl", server.url()).with("test", Map.of("url", "/me"))
                .without("skipTest").requested();
    }
}
