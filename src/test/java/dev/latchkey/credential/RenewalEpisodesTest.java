package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Inject;

import dev.latchkey.crypto.Secret;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.CredentialBuilder;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.TokenServer.Fault;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** What people see and are told of renewals: the colour at once, and each episode once. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class RenewalEpisodesTest extends RenewalCase {

    @Inject
    RenewalWatch watch;
    @Inject
    RenewalEpisodes episodes;

    @Test
    void whereTheOldTokenIsDeadThenSomebodyIsAskedToConnectAgain() {
        String token = server.grant();
        String id = scene.connected(token);
        server.next(Fault.commitThenDrop());
        scene.renew(id);
        scene.renew(id);

        assertThat(scene.status(id)).isEqualTo("red/reauthorization-required");
        assertThat(scene.column("error", id)).isEqualTo("lost-response");
        assertThat(scene.notices()).containsExactly("credential.reauthorization_required");
        assertThat(server.timesPresented()).isEqualTo(Map.of(token, 2L));
    }

    @Test
    void aGrantThatWasWithdrawnIsToldOnceAndRecoversWhenConnectedAgain() {
        String token = server.grant();
        String id = scene.connected(token);
        server.withdraw(token);
        scene.renew(id);
        scene.renew(id);

        assertThat(server.presented()).hasSize(1);
        scene.read(id).then().body("status", equalTo("red")).body("reason", equalTo("reauthorization-required"));
        assertThat(scene.notices()).containsExactly("credential.reauthorization_required");
        assertThat(scene.events("credential.reauthorization_required")).containsExactly(id);
        api.asOwner().header("Accept-Language", "es").get("/api/v1/notifications").then().body("items[0].title",
                equalTo("Hay que volver a conectar una credencial: ERP stock"));
        Created key = scene.boundTo(id);
        scene.lease(key, id).then().statusCode(409).body("code", equalTo("credential-unusable"));

        long version = version(id);
        OpenCredential opened = opened(id);
        Granted anew = new Granted(Secret.of(CredentialBuilder.aSecret()), Secret.of(server.grant()),
                Instant.now().plusSeconds(3600), null, List.of());
        assertThat(store(opened, version, anew).isRecovering()).isTrue();
        UUID organization = organization();
        Behind.await(() -> episodes.recovered(organization, UUID.fromString(id)));

        assertThat(scene.status(id)).isEqualTo("green/valid");
        assertThat(scene.notices()).containsExactly("credential.recovered", "credential.reauthorization_required");
        assertThat(scene.events("credential.recovered")).containsExactly(id);
        scene.lease(key, id).then().statusCode(200);
    }

    @Test
    void anOAuthAppThatIsRefusedIsOneFaultOfAllThatItRenews() {
        String secret = CredentialBuilder.aSecret();
        String one = scene.stored(Map.of("clientSecret", secret, "refreshToken", server.grant()));
        String other = scene.stored(Map.of("clientSecret", secret, "refreshToken", server.grant()));
        server.always(Fault.answering(401, "{\"error\": \"invalid_client\"}"));
        scene.renew(one, other);
        scene.renew(one, other);

        assertThat(server.presented().size()).isLessThanOrEqualTo(3);
        assertThat(scene.notices()).containsExactly("credential.renewal_failed");
        assertThat(scene.events("credential.renewal_failed")).hasSize(1);

        server.always(Fault.none());
        scene.renew(one, other);
        scene.renew(one, other);
        assertThat(scene.status(one)).isEqualTo("green/valid");
        assertThat(scene.status(other)).isEqualTo("green/valid");
        assertThat(scene.notices()).containsExactly("credential.recovered", "credential.renewal_failed");
        assertThat(scene.events("credential.recovered")).hasSize(1);
    }

    @Test
    void anAppIsTriedAtOnceWithTheSecretThatWasEnteredAnew() {
        String id = scene.connected(server.grant());
        server.always(Fault.answering(401, "{\"error\": \"invalid_client\"}"));
        scene.renew(id);
        assertThat(scene.notices()).containsExactly("credential.renewal_failed");

        server.always(Fault.none());
        patch(id, Map.of("data", Map.of("clientSecret", CredentialBuilder.aSecret()), "skipTest", true)).then().statusCode(200);
        Behind.await(renewals::fill);
        scene.settled(id);

        assertThat(scene.status(id)).isEqualTo("green/valid");
        assertThat(scene.notices()).containsExactly("credential.recovered", "credential.renewal_failed");
        assertThat(database.count("select count(*) from renewal_app where organization_id = ?", organization())).isZero();
    }

    @Test
    void aServerThatStumblesIsNobodysConcernAndOneThatFailsIsToldOnce() {
        String id = scene.connected(server.grant());
        server.always(Fault.answering(503, ""));
        scene.renew(id);
        assertThat(scene.status(id)).isEqualTo("yellow/expiring");
        assertThat(scene.notices()).isEmpty();

        for (int round = 0; round < 4; round++) {
            scene.renew(id);
        }
        assertThat(scene.notices()).containsExactly("credential.renewal_failed");
        assertThat(scene.events("credential.renewal_failed")).containsExactly(id);

        server.always(Fault.none());
        scene.renew(id);
        assertThat(scene.status(id)).isEqualTo("green/valid");
        assertThat(scene.notices()).containsExactly("credential.recovered", "credential.renewal_failed");
        assertThat(server.isDead(server.presented().get(0).token())).isFalse();
    }

    @Test
    void aTokenThatHasEndedUnrenewedIsRedAndSaysWhy() {
        String id = scene.ended(server.grant());
        server.always(Fault.answering(503, ""));
        scene.renew(id);

        assertThat(scene.status(id)).isEqualTo("red/provider-error");
        assertThat(scene.notices()).containsExactly("credential.renewal_failed");
    }

    @Test
    void aCredentialWhoseHostIsLeftAloneIsNotCalledGoodForEver() {
        String id = scene.connected(server.grant());
        scene.due(id);
        database.execute("update credential_state set expires_at = now() - interval '1 second' where credential_id = ?",
                UUID.fromString(id));
        database.execute("""
                insert into token_host (host, failures, open_until, failed_at)
                values (?, 9, now() + interval '1 minute', now())
                """, scene.host());

        Behind.await(watch::look);
        Behind.await(watch::look);

        assertThat(scene.status(id)).isEqualTo("red/provider-error");
        assertThat(scene.notices()).containsExactly("credential.renewal_failed");
        scene.renew(id);
        assertThat(scene.status(id)).isEqualTo("green/valid");
        assertThat(scene.notices()).containsExactly("credential.recovered", "credential.renewal_failed");
    }

    @Test
    void whoeverIsKilledBeforeHeTellsIsRepresentedByTheNextLook() {
        String id = scene.ended(server.grant());
        server.next(Fault.answering(503, ""));
        scene.renew(id);
        long version = version(id);
        OpenCredential opened = opened(id);
        Granted granted = new Granted(Secret.of(CredentialBuilder.aSecret()), null, Instant.now().plusSeconds(3600), null,
                List.of());
        store(opened, version, granted);
        assertThat(scene.status(id)).isEqualTo("red/provider-error");

        Behind.await(watch::look);

        assertThat(scene.status(id)).isEqualTo("green/valid");
        assertThat(scene.notices()).containsExactly("credential.recovered", "credential.renewal_failed");
    }

    @Test
    void aTestThatPassesDoesNotHideThatRenewingFails() {
        String id = scene.connected(server.grant());
        server.next(Fault.answering(503, ""));
        scene.renew(id);
        OpenCredential stored = opened(id);
        Outcome green = new Outcome(CredentialStatus.GREEN, ProbeReason.VALID, 200, 5L, Instant.now(), false);
        Behind.inTransaction(() -> CredentialState.findToChange(stored.id()).invoke(state -> state.show(green, true)));

        assertThat(scene.status(id)).isEqualTo("yellow/expiring");
    }

    @Test
    void whatAProviderGrantsNoMoreIsTold() {
        String id = scene.connected(server.grant());
        server.next(Fault.saying(
                "{\"access_token\": \"{access}\", \"refresh_token\": \"{refresh}\", \"expires_in\": \"3600\", \"scope\": \"orders stock\"}"),
                Fault.saying("access_token={access}&refresh_token={refresh}&expires=3600&scope=stock"));
        scene.renew(id);
        database.execute("update credential_state set status = 'green', reason = 'valid' where credential_id = ?",
                UUID.fromString(id));
        scene.renew(id);

        assertThat(scene.status(id)).isEqualTo("yellow/limited");
        assertThat(scene.notices()).containsExactly("credential.limited");
        api.asOwner().get("/api/v1/activity?action=credential.scopes_narrowed").then().body("items", hasSize(1));
    }
}
