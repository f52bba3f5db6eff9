package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.crypto.Secret;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.CredentialBuilder;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** New tokens take the place of those that stand where they are known to be as good, whole, and nowhere else. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class ReconnectTest {

    @Inject
    DataSource database;
    @Inject
    Pairs pairs;
    @Inject
    PairTable table;
    @Inject
    OpenCredentials open;

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
    void theSameAccountTakesThePlaceAndTheOldTokensAreGivenBack() {
        String id = scene.revocable();
        String old = server.refreshTokens().get(0);
        scene.come(id).then().statusCode(200).body(not(containsString("make sure")));

        assertThat(server.revoked()).containsExactly(old);
        scene.test(id).then().body("status", equalTo("green"));
        scene.refresh(id).then().statusCode(200).body("renewed", equalTo(true));
        assertThat(scene.status(id)).isEqualTo("green/valid");
        assertThat(scene.notices()).isEmpty();
        api.asOwner().get("/api/v1/activity?targetId=" + id).then()
                .body("items.action", hasItem("credential.revoked_at_provider"));
    }

    @ParameterizedTest
    @ValueSource(booleans = { false, true })
    void aServerThatEndsTheNewTokensWithTheOldOnesIsRemembered(boolean accessOutlives) {
        String id = scene.revocable();
        String other = scene.revocable();
        server.endsAll = true;
        server.accessOutlives = accessOutlives;
        scene.come(id).then().statusCode(502).body(containsString("ended again"));
        assertThat(scene.status(id)).isEqualTo("red/reauthorization-required");
        assertThat(scene.notices()).containsExactly("credential.reauthorization_required");

        scene.come(id).then().statusCode(200);
        scene.refresh(id).then().body("renewed", equalTo(true));
        scene.test(id).then().body("status", equalTo("green"));
        scene.come(other).then().statusCode(200);
        assertThat(server.revoked()).hasSize(1);
    }

    @Test
    void anotherAccountDoesNotTakeThePlace() {
        String id = scene.revocable();
        long pair = scene.pairVersion(id);
        server.account = "shop-2";
        scene.come(id).then().statusCode(409).body(containsString("another account"));

        assertThat(server.revoked()).isEmpty();
        assertThat(scene.pairVersion(id)).isEqualTo(pair);
        assertThat(scene.failures(id)).containsExactly("other-account");
    }

    @Test
    void anAccountThatIsNotToldAnyMoreDoesNotTakeThePlaceOfOneThatWorks() {
        String id = scene.connected();
        long pair = scene.pairVersion(id);
        server.tellsAccount = false;
        scene.come(id).then().statusCode(409).body(containsString("Which account is this?"));
        assertThat(scene.pairVersion(id)).isEqualTo(pair);

        server.withdraw();
        scene.refresh(id).then().body("renewed", equalTo(false));
        scene.come(id).then().statusCode(200).body(containsString("make sure"));
        // Nobody has said that these are that account's.
        server.tellsAccount = true;
        server.account = "shop-2";
        scene.come(id).then().statusCode(200).body(containsString("make sure"));
    }

    @Test
    void whoeverPutsAnotherAccountInMayConnectIt() {
        String id = scene.connected();
        scene.patch(id, Map.of("skipTest", true, "data", Map.of("accessToken", server.pasted("shop-2"), "refreshToken",
                server.pasted("shop-2")))).then().statusCode(200);
        server.account = "shop-2";
        scene.come(id).then().statusCode(200).body(containsString("make sure"));
        server.account = "shop-1";
        scene.come(id).then().statusCode(409);
    }

    @ParameterizedTest
    @ValueSource(ints = { 401, 403, 404, 429, 500 })
    void newTokensThatDoNotPassTheTestDoNotTakeThePlace(int status) {
        String id = scene.revocable();
        long pair = scene.pairVersion(id);
        server.apiStatus = status;
        scene.come(id).then().statusCode(502).body(containsString("does not work"));

        assertThat(scene.pairVersion(id)).isEqualTo(pair);
        assertThat(server.revoked()).isEmpty();
        server.apiStatus = 200;
        scene.test(id).then().body("status", equalTo("green"));
    }

    @Test
    void itIsSaidThatLessIsGrantedThanBefore() {
        String id = scene.connected();
        server.granted = "stock.read";
        Response page = scene.come(id);
        page.then().statusCode(200).body(containsString("<code>orders.read</code>"))
                .body(not(containsString("<code>stock.read</code>")));
        api.asOwner().get("/api/v1/events?type=credential.connected").then().body("items[0].data.scopesLost",
                equalTo(List.of("orders.read")));
    }

    @Test
    void itIsSaidThatLessIsGrantedThanWasAskedForUnlessTheNamesAreOthers() {
        server.granted = "stock.read";
        scene.come(scene.stored(server.data())).then().body(containsString("<code>orders.read</code>"));
        server.granted = "https://scopes.example/stock";
        scene.come(scene.stored(server.data())).then().body(not(containsString("<code>")));
    }

    @Test
    void whatEndsSoonIsYellowFromTheStartAndToldOnce() {
        server.withoutRefreshToken = true;
        String id = scene.stored(server.data());
        scene.come(id).then().statusCode(200).body(containsString("not for everything"));

        assertThat(scene.status(id)).isEqualTo("yellow/expiring");
        assertThat(scene.notices()).containsExactly("credential.limited");
        scene.read(id).then().body("renewal", equalTo(null));
    }

    @Test
    void whatNobodyCanTestIsNotCalledGood() {
        String id = api.aCredential().of("oauth2", server.data()).without("baseUrl").create();
        scene.come(id).then().statusCode(200).body(containsString("not proved"));
        assertThat(scene.status(id)).isEqualTo("unknown/not-verifiable");
        assertThat(scene.notices()).isEmpty();
    }

    @Test
    void aDeadRefreshTokenDoesNotOutliveANewGrant() {
        String id = scene.connected();
        server.withdraw();
        scene.refresh(id).then().body("renewed", equalTo(false));
        assertThat(scene.status(id)).isEqualTo("red/reauthorization-required");

        server.withoutRefreshToken = true;
        scene.come(id).then().statusCode(200);
        scene.read(id).then().body("data.refreshToken.set", equalTo(false));
        assertThat(scene.status(id)).isEqualTo("yellow/expiring");
        int asked = server.asked("token").size();
        scene.refresh(id).then().statusCode(409);
        assertThat(server.asked("token")).hasSize(asked);
    }

    @Test
    void noTwoAccountsStandInOnePair() {
        server.tellsAccount = false;
        String id = scene.connected();
        server.account = "shop-2";
        server.withoutRefreshToken = true;
        scene.come(id).then().statusCode(200).body(containsString("make sure"));
        scene.read(id).then().body("data.refreshToken.set", equalTo(false)).body("data.accessToken.set", equalTo(true));
    }

    @Test
    void whatWasDeadIsToldToBeWellOnce() {
        String id = scene.connected();
        server.withdraw();
        scene.refresh(id);
        scene.come(id).then().statusCode(200);

        assertThat(scene.status(id)).isEqualTo("green/valid");
        assertThat(scene.notices()).containsExactlyInAnyOrder("credential.reauthorization_required", "credential.recovered");
        List<String> recovered = api.asOwner().get("/api/v1/events?type=credential.recovered").path("items.data.id");
        assertThat(recovered).containsExactly(id);
    }

    @Test
    void whatStaysRedIsNotToldToBeWell() {
        String id = scene.connected();
        server.withdraw();
        scene.refresh(id);
        server.apiStatus = 503;
        scene.come(id).then().statusCode(200);

        assertThat(scene.status(id)).isEqualTo("red/provider-error");
        assertThat(scene.notices()).doesNotContain("credential.recovered");
        List<Object> recovered = api.asOwner().get("/api/v1/events?type=credential.recovered").path("items");
        assertThat(recovered).isEmpty();
    }

    @Test
    void aRenewalInBetweenIsNoReasonAgainstNewTokens() {
        String id = scene.revocable();
        Map<String, String> back = scene.back(id);
        server.meanwhile(() -> scene.refresh(id).then().body("renewed", equalTo(true)));
        ConnectScene.callback(back).then().statusCode(200);

        // Of the renewal, since that is what stood when the new ones took the place.
        assertThat(server.revoked()).containsExactly(server.refreshTokens().get(1));
        scene.refresh(id).then().body("renewed", equalTo(true));
        assertThat(scene.status(id)).isEqualTo("green/valid");
    }

    @Test
    void whoWasFasterWithAnotherAccountIsNotOverrun() {
        String id = scene.stored(server.data());
        Map<String, String> first = scene.back(id);
        server.account = "shop-2";
        Map<String, String> second = scene.back(id);
        server.meanwhile(() -> ConnectScene.callback(first).then().statusCode(200));

        ConnectScene.callback(second).then().statusCode(409).body(containsString("another account"));
        server.account = "shop-1";
        scene.come(id).then().statusCode(200);
    }

    @Test
    void whoeverIsKilledBetweenPairAndTestLeavesSomethingThatIsUsedAndCompared() {
        String id = scene.stored(server.data());
        UUID organization = behind.organization(api);
        UUID credential = UUID.fromString(id);
        long version = Behind.await(() -> table.version(organization, credential));
        OpenCredential opened = Behind.await(() -> open.of(organization, credential));
        Granted granted = new Granted(Secret.of(CredentialBuilder.aSecret()), Secret.of(CredentialBuilder.aSecret()), null,
                null, List.of());
        PairTable.Agreed agreed = new PairTable.Agreed(false,
                new ConnectedAccount(server.url() + " shop-1", ConnectedAccount.From.ID_TOKEN), List.of(), Map.of(), "ana");
        Behind.await(() -> pairs.store(opened, version, granted, Instant.now(), agreed));

        assertThat(scene.status(id)).isEqualTo("unknown/not-verifiable");
        server.account = "shop-2";
        scene.come(id).then().statusCode(409).body(containsString("another account"));
    }

    @Test
    void aServerThatAnEntryKnowsIsGivenNothingBack() {
        String id = scene.revocable();
        behind.execute("""
                update credential set data = data || '{"revokeUrl": "https://oauth2.googleapis.com/revoke"}' where id = ?
                """, UUID.fromString(id));
        scene.come(id).then().statusCode(200);
        assertThat(scene.status(id)).isEqualTo("green/valid");
        List<String> actions = api.asOwner().get("/api/v1/activity?targetId=" + id).path("items.action");
        assertThat(actions).doesNotContain("credential.revoked_at_provider");
    }
}
