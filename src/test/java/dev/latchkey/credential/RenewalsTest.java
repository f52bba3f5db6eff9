package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Inject;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.latchkey.crypto.Secret;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.Together;
import dev.latchkey.testing.TokenServer.Fault;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** Tokens are renewed before they end, whoever is at it and whatever their hosts do. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class RenewalsTest extends RenewalCase {

    @Inject
    Ticker ticker;

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

    private long secondsToDue(String id) {
        return database.count(
                "select extract(epoch from due_at - now())::bigint from credential_renewal where credential_id = ?",
                UUID.fromString(id));
    }
}
