package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;

import jakarta.inject.Inject;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.latchkey.credential.RenewalTable.Claim;
import dev.latchkey.crypto.Secret;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.TokenServer.Fault;
import dev.latchkey.testing.TokenServer.Rotation;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** A refresh token is presented once, once more only where the answer to the first time may be lost, and never a third time. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class RenewalLossTest extends RenewalCase {

    @Inject
    Renewal renewal;
    @Inject
    RenewalEpisodes episodes;
    @Inject
    Ticker ticker;

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
}
