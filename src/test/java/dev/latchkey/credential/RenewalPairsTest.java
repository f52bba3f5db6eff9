package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;

import jakarta.inject.Inject;

import dev.latchkey.credential.RenewalTable.Claim;
import dev.latchkey.crypto.Secret;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.CredentialBuilder;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.LogLines;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.TokenServer.Fault;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** A pair that was given is stored, whatever happens meanwhile, unless another one stands by then. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class RenewalPairsTest extends RenewalCase {

    @Inject
    RenewalEpisodes episodes;
    @Inject
    MeterRegistry metrics;

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
    void whatWasGivenForAnotherPairIsDropped() {
        String id = scene.connected(server.grant());
        long version = version(id);
        OpenCredential opened = opened(id);
        Granted one = new Granted(Secret.of(CredentialBuilder.aSecret()), null, null, null, List.of());
        Granted other = new Granted(Secret.of(CredentialBuilder.aSecret()), null, null, null, List.of());

        Pairs.Stored stored = store(opened, version, one);
        Pairs.Stored late = store(opened, version, other);

        assertThat(stored.code()).isEqualTo(Pairs.Stored.Code.STORED);
        assertThat(stored.pairVersion()).isEqualTo(version + 1);
        assertThat(late).isEqualTo(Pairs.Stored.not(Pairs.Stored.Code.MOVED, version + 1));
        assertThat(pair(id).accessToken()).isEqualTo(one.accessToken());
        api.asOwner().delete("/api/v1/credentials/" + id).then().statusCode(204);
        assertThat(store(opened, version, one).code()).isEqualTo(Pairs.Stored.Code.GONE);
    }

    /** The connection breaks while the statement commits: whether it did, only the row tells. */
    @Test
    void aPairThatIsWrittenTwiceIsStoredAndNotTakenForAnothers() {
        String id = scene.connected(server.grant());
        long version = version(id);
        OpenCredential opened = opened(id);
        Granted granted = new Granted(Secret.of(CredentialBuilder.aSecret()), Secret.of(CredentialBuilder.aSecret()), null,
                null, List.of());
        store(opened, version, granted);

        Pairs.Stored again = store(opened, version, granted);

        assertThat(again).isEqualTo(Pairs.Stored.before(version + 1));
        assertThat(again.code()).isEqualTo(Pairs.Stored.Code.STORED);
        Granted half = new Granted(granted.accessToken(), Secret.of(CredentialBuilder.aSecret()), null, null, List.of());
        assertThat(store(opened, version, half).code()).isEqualTo(Pairs.Stored.Code.MOVED);
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
            database.execute("""
                    update credential_secret set sealed = substr(sealed, 1, 20)
                     where credential_id = ? and field = 'clientSecret'
                    """, UUID.fromString(id));
            answer.countDown();

            Eventually.holds(() -> assertThat(log.with(organization())).singleElement().asString()
                    .contains("cannot be written and is dropped").doesNotContain("held"));
        }
        Eventually.holds(() -> assertThat(renewals.isIdle()).isTrue());
        assertThat(metrics.get("latchkey.renewals.held").gauge().value()).isZero();
    }
}
