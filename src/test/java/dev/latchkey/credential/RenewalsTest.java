package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.latchkey.credential.RenewalTable.Claim;
import dev.latchkey.crypto.Secret;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.CredentialBuilder;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.LogLines;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.Together;
import dev.latchkey.testing.TokenServer;
import dev.latchkey.testing.TokenServer.Fault;
import dev.latchkey.testing.TokenServer.Rotation;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tokens are renewed before they end; each refresh token is presented once, and a pair that was given is never lost. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class RenewalsTest {

    @Inject
    Renewals renewals;
    @Inject
    Renewal renewal;
    @Inject
    RenewalTable table;
    @Inject
    RenewalEpisodes episodes;
    @Inject
    Pairs pairs;
    @Inject
    PairTable pairTable;
    @Inject
    OpenCredentials open;
    @Inject
    Ticker ticker;
    @Inject
    MeterRegistry metrics;
    @Inject
    DataSource source;

    private Api api;
    private TokenServer server;
    private RenewalScene scene;
    private Behind database;

    @BeforeEach
    void aTokenServer() {
        api = Api.ofNewOrganization();
        server = TokenServer.start();
        database = new Behind(source);
        scene = new RenewalScene(api, database, server, renewals);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void whatIsDueIsRenewedAndNobodyNotices() {
        String token = server.grant();
        String id = scene.connected(token);
        String etag = scene.read(id).header("ETag");

        scene.renew(id);

        CredentialData.OAuth2 pair = pair(id);
        assertThat(pair.accessToken()).isEqualTo(Secret.of(server.last(token).access()));
        assertThat(pair.refreshToken()).isEqualTo(Secret.of(server.current(token)));
        assertThat(pair.expiresAt()).isBetween(Instant.now().plus(Duration.ofMinutes(59)),
                Instant.now().plus(Duration.ofMinutes(60)));
        assertThat(server.timesPresented()).isEqualTo(Map.of(token, 1L));
        scene.read(id).then().header("ETag", equalTo(etag)).body("lastRenewedAt", notNullValue()).body("expiresAt",
                equalTo(pair.expiresAt().toString()));
        assertThat(scene.notices()).isEmpty();
    }

    @Test
    void itIsRenewedAgainAndAgain() {
        String token = server.grant();
        String id = scene.connected(token);
        for (int round = 0; round < 10; round++) {
            scene.renew(id);
        }

        assertThat(server.timesPresented()).hasSize(10).allSatisfy((each, times) -> assertThat(times).isEqualTo(1));
        assertThat(pair(id).refreshToken()).isEqualTo(Secret.of(server.current(token)));
        assertThat(server.isDead(token)).isFalse();
    }

    @Test
    void whatIsNotDueIsLeftAlone() {
        scene.connected(server.grant());
        Behind.await(renewals::fill);

        assertThat(server.presented()).isEmpty();
    }

    @Test
    void howeverManyClaimATokenIsPresentedOnce() {
        String token = server.grant();
        String id = scene.connected(token);
        server.next(Fault.slow(Duration.ofMillis(300)));
        scene.due(id);

        try (Together together = new Together(8)) {
            together.call(() -> Behind.await(() -> table.claim(10, Map.of())).stream()
                    .map(claim -> renewals.begin(claim, ticker.read())).toList());
        }
        scene.settled(id);

        assertThat(server.timesPresented()).isEqualTo(Map.of(token, 1L));
    }

    @Test
    void anEditMeanwhileDoesNotLoseThePair() {
        String token = server.grant();
        String id = scene.connected(token);
        CountDownLatch answer = new CountDownLatch(1);
        server.next(Fault.held(answer));
        begin(id);

        patch(id, Map.of("test", Map.of("url", "/me"), "skipTest", true, "name", "Shop")).then().statusCode(200);
        answer.countDown();
        scene.settled(id);

        assertThat(pair(id).refreshToken()).isEqualTo(Secret.of(server.current(token)));
        scene.read(id).then().body("name", equalTo("Shop")).body("test.url", equalTo("/me"));
    }

    @Test
    void aPairThatAPersonEnteredMeanwhileStays() {
        String id = scene.connected(server.grant());
        String entered = server.grant();
        CountDownLatch answer = new CountDownLatch(1);
        server.next(Fault.held(answer));
        begin(id);

        patch(id, Map.of("data", Map.of("refreshToken", entered), "skipTest", true)).then().statusCode(200);
        answer.countDown();
        scene.settled(id);

        assertThat(pair(id).refreshToken()).isEqualTo(Secret.of(entered));
        assertThat(scene.status(id)).doesNotStartWith("red");
        scene.renew(id);
        assertThat(pair(id).refreshToken()).isEqualTo(Secret.of(server.current(entered)));
    }

    @Test
    void anAnswerThatIsLostIsAskedForOnceMoreWithTheOldToken() {
        server.rotating(Rotation.GRACE);
        String token = server.grant();
        String id = scene.connected(token);
        server.next(Fault.commitThenDrop());

        scene.renew(id);
        assertThat(scene.column("presented", id)).isEqualTo(1);
        assertThat(scene.status(id)).isEqualTo("yellow/expiring");
        assertThat(scene.notices()).isEmpty();

        scene.renew(id);
        assertThat(pair(id).refreshToken()).isEqualTo(Secret.of(server.current(token)));
        assertThat(server.timesPresented()).isEqualTo(Map.of(token, 2L));
        assertThat(scene.status(id)).isEqualTo("green/valid");
        assertThat(scene.column("presented", id)).isEqualTo(0);
    }

    @Test
    void halfAnAnswerIsALostOne() {
        server.rotating(Rotation.GRACE);
        String token = server.grant();
        String id = scene.connected(token);
        server.next(Fault.halfABody());

        scene.renew(id);
        assertThat(scene.column("presented", id)).isEqualTo(1);
        scene.renew(id);

        assertThat(pair(id).refreshToken()).isEqualTo(Secret.of(server.current(token)));
    }

    @Test
    void aTokenIsNeverPresentedAThirdTime() {
        String token = server.grant();
        String id = scene.connected(token);
        server.always(Fault.drop());
        for (int round = 0; round < 4; round++) {
            scene.renew(id);
        }

        assertThat(server.timesPresented()).isEqualTo(Map.of(token, 2L));
        assertThat(scene.status(id)).isEqualTo("red/reauthorization-required");
        assertThat(scene.column("error", id)).isEqualTo("lost-response");
        api.asOwner().post("/api/v1/credentials/" + id + "/refresh").then().statusCode(409);
        assertThat(server.timesPresented()).isEqualTo(Map.of(token, 2L));
    }

    @Test
    void aReplicaThatDiedInFlightLeavesATokenThatIsPresentedOnceMore() {
        server.rotating(Rotation.GRACE);
        String token = server.grant();
        String id = scene.connected(token);
        scene.due(id);
        Claim dead = claimed(id);
        assertThat(Behind.await(() -> table.present(dead, true))).isTrue();
        scene.leaseRunsOut(id);

        scene.renew(id);

        assertThat(pair(id).refreshToken()).isEqualTo(Secret.of(server.current(token)));
        assertThat(scene.column("presented", id)).isEqualTo(0);
    }

    @Test
    void aReplicaThatDiedTwiceInFlightLeavesNothingToPresent() {
        String token = server.grant();
        String id = scene.connected(token);
        for (int round = 0; round < 2; round++) {
            scene.due(id);
            Claim dead = claimed(id);
            assertThat(Behind.await(() -> table.present(dead, true))).isTrue();
            scene.leaseRunsOut(id);
        }
        scene.renew(id);

        assertThat(server.presented()).isEmpty();
        assertThat(scene.status(id)).isEqualTo("red/reauthorization-required");
    }

    @Test
    void whoIsLateSendsNothing() {
        String id = scene.connected(server.grant());
        scene.due(id);
        Claim claim = claimed(id);

        Behind.await(() -> renewal.carryOut(claim, ticker.read() - Duration.ofMinutes(1).toNanos()));

        assertThat(server.presented()).isEmpty();
        assertThat(scene.column("presented", id)).isEqualTo(0);
        assertThat(scene.column("lease_until", id)).isNull();
        scene.renew(id);
        assertThat(server.presented()).hasSize(1);
    }

    @Test
    void aPairIsStoredEvenPastTheLease() {
        String token = server.grant();
        String id = scene.connected(token);
        CountDownLatch answer = new CountDownLatch(1);
        server.next(Fault.held(answer));
        begin(id);
        scene.leaseRunsOut(id);
        Claim next = claimed(id);
        answer.countDown();
        Eventually.holds(() -> assertThat(pair(id).refreshToken()).isEqualTo(Secret.of(server.current(token))));

        // Who came after it presents nothing, and marks nothing.
        assertThat(Behind.await(() -> table.present(next, true))).isFalse();
        Setback late = Setback.lostForGood(2);
        assertThat(Behind.await(() -> episodes.setBack(next, late, Instant.now()))).isFalse();
        assertThat(scene.status(id)).doesNotStartWith("red");
        assertThat(server.timesPresented()).isEqualTo(Map.of(token, 1L));
    }

    @Test
    void whoLostHisClaimMarksNothingRed() {
        String id = scene.connected(server.grant());
        scene.due(id);
        Claim first = claimed(id);
        scene.leaseRunsOut(id);
        Claim second = claimed(id);

        Setback over = Setback.lostForGood(2);
        assertThat(Behind.await(() -> episodes.setBack(first, over, Instant.now()))).isFalse();
        assertThat(scene.status(id)).doesNotStartWith("red");
        assertThat(scene.notices()).isEmpty();
        Behind.await(() -> table.giveBack(second, Duration.ZERO));
    }

    @Test
    void whatWasGivenForAnotherPairIsDropped() {
        String id = scene.connected(server.grant());
        UUID organization = database.organization(api);
        UUID credential = UUID.fromString(id);
        long version = Behind.await(() -> pairTable.version(organization, credential));
        OpenCredential opened = Behind.await(() -> open.of(organization, credential));
        Granted one = new Granted(Secret.of(CredentialBuilder.aSecret()), null, null, null, List.of());
        Granted other = new Granted(Secret.of(CredentialBuilder.aSecret()), null, null, null, List.of());

        Pairs.Stored stored = Behind.await(() -> pairs.store(opened, version, one, Instant.now()));
        Pairs.Stored late = Behind.await(() -> pairs.store(opened, version, other, Instant.now()));

        assertThat(stored.code()).isEqualTo(Pairs.Stored.Code.STORED);
        assertThat(stored.pairVersion()).isEqualTo(version + 1);
        assertThat(late).isEqualTo(Pairs.Stored.not(Pairs.Stored.Code.MOVED, version + 1));
        assertThat(pair(id).accessToken()).isEqualTo(one.accessToken());
        api.asOwner().delete("/api/v1/credentials/" + id).then().statusCode(204);
        assertThat(Behind.await(() -> pairs.store(opened, version, one, Instant.now())).code())
                .isEqualTo(Pairs.Stored.Code.GONE);
    }

    /** The connection breaks while the statement commits: whether it did, only the row tells. */
    @Test
    void aPairThatIsWrittenTwiceIsStoredAndNotTakenForAnothers() {
        String id = scene.connected(server.grant());
        UUID organization = database.organization(api);
        UUID credential = UUID.fromString(id);
        long version = Behind.await(() -> pairTable.version(organization, credential));
        OpenCredential opened = Behind.await(() -> open.of(organization, credential));
        Granted granted = new Granted(Secret.of(CredentialBuilder.aSecret()), Secret.of(CredentialBuilder.aSecret()), null,
                null, List.of());
        Behind.await(() -> pairs.store(opened, version, granted, Instant.now()));

        Pairs.Stored again = Behind.await(() -> pairs.store(opened, version, granted, Instant.now()));

        assertThat(again).isEqualTo(Pairs.Stored.before(version + 1));
        assertThat(again.code()).isEqualTo(Pairs.Stored.Code.STORED);
        Granted half = new Granted(granted.accessToken(), Secret.of(CredentialBuilder.aSecret()), null, null, List.of());
        assertThat(Behind.await(() -> pairs.store(opened, version, half, Instant.now())).code())
                .isEqualTo(Pairs.Stored.Code.MOVED);
    }

    @Test
    void aPairThatNoTryingWritesIsNotSaidToBeHeld() {
        String id = scene.connected(server.grant());
        CountDownLatch answer = new CountDownLatch(1);
        server.next(Fault.held(answer));
        try (LogLines log = new LogLines(Renewal.class)) {
            begin(id);
            database.execute("update credential set material_version = material_version + 1 where id = ?",
                    UUID.fromString(id));
            database.execute(
                    """
                            update credential_secret set sealed = substr(sealed, 1, 20) where credential_id = ? and field = 'clientSecret'
                            """,
                    UUID.fromString(id));
            answer.countDown();

            Eventually.holds(() -> assertThat(log.with(database.organization(api))).singleElement().asString()
                    .contains("cannot be written and is dropped").doesNotContain("held"));
        }
        Eventually.holds(() -> assertThat(renewals.isIdle()).isTrue());
        assertThat(metrics.get("latchkey.renewals.held").gauge().value()).isZero();
    }

    @Test
    void aProviderThatAsksForTimeGetsIt() {
        String id = scene.connected(server.grant());
        server.next(Fault.answering(429, "", 7200));
        scene.renew(id);

        assertThat(secondsToDue(id)).isBetween(7100L, 7300L);
        assertThat(scene.column("presented", id)).isEqualTo(0);
    }

    @Test
    void aConnectionThatDoesNotComeAboutLosesNothing() {
        String token = server.grant();
        String id = scene.connected(token);
        server.close();
        scene.renew(id);

        assertThat(scene.column("presented", id)).isEqualTo(0);
        assertThat(scene.column("error", id)).isEqualTo("unreachable");
        assertThat(scene.status(id)).isEqualTo("yellow/expiring");
    }

    @Test
    void aHostThatFailsIsAskedByOneAtATime() {
        List<String> ids = List.of(scene.connected(server.grant()), scene.connected(server.grant()),
                scene.connected(server.grant()));
        server.always(Fault.answering(503, ""));
        for (int round = 0; round < 3; round++) {
            scene.renew(ids.toArray(String[]::new));
        }
        int before = server.presented().size();

        database.execute("update token_host set open_until = now() + interval '1 minute' where host = ?", scene.host());
        scene.onlyDue(ids.toArray(String[]::new));
        Behind.await(renewals::fill);
        assertThat(server.presented()).hasSize(before);

        scene.renew(ids.toArray(String[]::new));
        assertThat(server.presented()).hasSize(before + 1);
    }

    @Test
    void aTokenForAClientsOwnCredentialsIsFetchedAtOnceAndMayBeLost() {
        String id = scene.stored(Map.of("grant", "client_credentials"));
        server.next(Fault.commitThenDrop(), Fault.drop(), Fault.drop());
        for (int round = 0; round < 4; round++) {
            scene.renew(id);
        }

        assertThat(pair(id).accessToken()).isNotNull();
        assertThat(scene.status(id)).isEqualTo("green/valid");
        assertThat(server.clientRequests()).isEqualTo(4);
    }

    private void begin(String id) {
        scene.due(id);
        Behind.await(renewals::fill);
        Eventually.holds(() -> assertThat(server.presented()).isNotEmpty());
    }

    private Claim claimed(String id) {
        UUID organization = database.organization(api);
        return Behind.await(() -> table.claimOne(organization, UUID.fromString(id), true)).orElseThrow();
    }

    private CredentialData.OAuth2 pair(String id) {
        UUID organization = database.organization(api);
        return (CredentialData.OAuth2) Objects.requireNonNull(Behind.await(() -> open.of(organization, UUID.fromString(id))))
                .data();
    }

    private long secondsToDue(String id) {
        return database.count(
                "select extract(epoch from due_at - now())::bigint from credential_renewal where credential_id = ?",
                UUID.fromString(id));
    }

    private Response patch(String id, Map<String, ?> body) {
        return api.asOwner().contentType("application/merge-patch+json").body(body).patch("/api/v1/credentials/" + id);
    }
}
