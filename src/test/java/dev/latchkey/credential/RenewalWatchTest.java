package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Inject;

import dev.latchkey.testing.Behind;
import dev.latchkey.testing.CredentialBuilder;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.TokenServer.Fault;
import dev.latchkey.testing.TokenServer.Rotation;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** What is told and planned beside the renewals themselves: each ending once, whatever else happens to the credential. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class RenewalWatchTest extends RenewalCase {

    private static final String REFUSED = "{\"error\": \"invalid_client\"}";

    @Inject
    RenewalWatch watch;

    @Inject
    RenewalQueries queries;

    @Inject
    MeterRegistry metrics;

    /** Of what could be renewed alone: an organization that is suspended waits with good reason. */
    @Test
    void operatorsSeeForHowLongWhatIsDueHasWaited() {
        String id = scene.connected(server.grant());
        database.execute("""
                update credential_renewal set due_at = now() - interval '3 days', lease_until = now() + interval '1 minute'
                 where credential_id = ?
                """, UUID.fromString(id));

        assertThat(Behind.await(() -> queries.lateness(100))).isGreaterThanOrEqualTo(Duration.ofDays(3));
        Behind.await(watch::look);
        assertThat(metrics.get("latchkey.renewals.late.seconds").gauge().value())
                .isGreaterThanOrEqualTo(Duration.ofDays(3).toSeconds());
        api.setActive(false);
        assertThat(Behind.await(() -> queries.lateness(100))).isLessThan(Duration.ofDays(3));

        database.execute("delete from credential_renewal where credential_id = ?", UUID.fromString(id));
        Behind.await(watch::look);
    }

    @Test
    void aTokenWhoseEndNobodyTellsIsRenewedWhenItIsRefused() {
        String token = server.grant();
        String id = scene.connected(token);
        server.next(Fault.saying("{\"access_token\": \"{access}\", \"refresh_token\": \"{refresh}\"}"));
        scene.renew(id);
        assertThat(scene.column("due_at", id)).isNull();

        Behind.inTransaction(() -> table.hasten(UUID.fromString(id)));
        assertThat(scene.column("due_at", id)).as("just renewed: that is not what ails it").isNull();
        database.execute("update credential_renewal set issued_at = now() - interval '1 hour' where credential_id = ?",
                UUID.fromString(id));
        Behind.inTransaction(() -> table.hasten(UUID.fromString(id)));
        scene.renew(id);

        assertThat(server.presented()).hasSize(2);
        assertThat(server.isDead(token)).isFalse();
    }

    @Test
    void aRefreshTokenThatEndsSoonIsToldOnceHoweverOftenItRenews() {
        server.rotating(Rotation.NONE);
        String id = scene.connected(server.grant());
        server.next(Fault.saying("{\"access_token\": \"{access}\", \"refresh_token\": \"{refresh}\", \"expires_in\": 3600, "
                + "\"refresh_expires_in\": " + Duration.ofDays(3).toSeconds() + "}"));
        scene.renew(id);
        for (int round = 0; round < 3; round++) {
            server.next(Fault.saying("{\"access_token\": \"{access}\", \"expires_in\": 3600}"));
            scene.renew(id);
            Behind.await(watch::look);
            assertThat(scene.status(id)).isEqualTo("yellow/expiring");
        }

        assertThat(scene.notices()).containsExactly("credential.limited");
    }

    /** A session that is over on a day takes all of its refresh tokens with it, each of which is told to end then. */
    @Test
    void refreshTokensThatAllEndOnTheSameDayAreToldOfToo() {
        String id = scene.connected(server.grant());
        for (long left : List.of(Duration.ofDays(3).toSeconds(), Duration.ofDays(3).minusMinutes(50).toSeconds())) {
            server.next(Fault.saying("{\"access_token\": \"{access}\", \"refresh_token\": \"{refresh}\", "
                    + "\"expires_in\": 3600, \"refresh_expires_in\": " + left + "}"));
            scene.renew(id);
            database.execute("update credential_renewal set issued_at = issued_at - interval '50 minutes' "
                    + "where credential_id = ?", UUID.fromString(id));
        }
        Behind.await(watch::look);

        assertThat(scene.status(id)).isEqualTo("yellow/expiring");
    }

    @Test
    void refreshTokensThatEndLaterEachTimeAreNobodysConcern() {
        String id = scene.connected(server.grant());
        for (int round = 0; round < 2; round++) {
            server.next(Fault.saying("{\"access_token\": \"{access}\", \"refresh_token\": \"{refresh}\", "
                    + "\"expires_in\": 600, \"refresh_expires_in\": 1800}"));
            scene.renew(id);
            database.execute("update credential_renewal set issued_at = issued_at - interval '8 minutes', "
                    + "refresh_ends_at = refresh_ends_at - interval '8 minutes' where credential_id = ?", UUID.fromString(id));
        }
        Behind.await(watch::look);

        assertThat(scene.status(id)).isEqualTo("green/valid");
    }

    @Test
    void aDeathAfterTokensWereEnteredAnewIsToldAnew() {
        String token = server.grant();
        String id = scene.connected(token);
        server.withdraw(token);
        scene.renew(id);
        assertThat(scene.notices()).containsExactly("credential.reauthorization_required");

        String other = server.grant();
        api.asOwner().contentType("application/merge-patch+json")
                .body(Map.of("skipTest", true, "data",
                        Map.of("refreshToken", other, "accessToken", CredentialBuilder.aSecret())))
                .patch("/api/v1/credentials/" + id).then().statusCode(200);
        assertThat(scene.events("credential.recovered")).containsExactly(id);
        server.withdraw(other);
        scene.renew(id);

        assertThat(scene.status(id)).isEqualTo("red/reauthorization-required");
        assertThat(scene.events("credential.reauthorization_required")).containsExactly(id, id);
        assertThat(scene.notices().stream().filter("credential.reauthorization_required"::equals)).hasSize(2);
    }

    @Test
    void aCredentialThatIsOverDoesNotKeepItsAppFromBeingWellNorFromBeingToldOfAgain() {
        String secret = CredentialBuilder.aSecret();
        String withdrawn = server.grant();
        String over = scene.stored(Map.of("clientSecret", secret, "refreshToken", withdrawn));
        String alive = scene.stored(Map.of("clientSecret", secret, "refreshToken", server.grant()));
        server.withdraw(withdrawn);
        scene.renew(over);
        server.always(Fault.answering(401, REFUSED));
        scene.renew(alive);
        assertThat(scene.events("credential.renewal_failed")).hasSize(1);

        server.always(Fault.none());
        scene.renew(alive);
        assertThat(scene.events("credential.recovered")).containsExactly(alive);
        server.always(Fault.answering(401, REFUSED));
        scene.renew(alive);

        assertThat(scene.events("credential.renewal_failed")).hasSize(2);
    }

    @Test
    void anAppThatWasAskedToWaitWaitsOnWhicheverCredentialRecovers() {
        String refused = scene.connected(server.grant());
        server.next(Fault.answering(401, REFUSED));
        scene.renew(refused);
        String busy = scene.connected(server.grant());
        server.next(Fault.answering(429, "", 7200));
        scene.renew(busy);
        assertThat(appsThatWait()).isOne();

        renewNow(busy);
        assertThat(scene.status(busy)).isEqualTo("green/valid");
        assertThat(appsThatWait()).as("asked to wait by its provider").isOne();
        renewNow(refused);

        assertThat(scene.events("credential.recovered")).containsExactlyInAnyOrder(busy, refused);
        assertThat(appsThatWait()).isOne();
        assertThat(database.count("select count(*) from renewal_app where organization_id = ?", organization()))
                .as("the one that was refused is let go").isOne();
    }

    private void renewNow(String id) {
        api.asOwner().post("/api/v1/credentials/" + id + "/refresh").then().statusCode(200).body("renewed", equalTo(true));
    }

    private long appsThatWait() {
        return database.count("""
                select count(*) from renewal_app
                 where organization_id = ? and failures = 0 and retry_at > now() + interval '1 hour'
                """, organization());
    }

    @Test
    void anAppThatNobodySignsInAsAnyMoreIsForgotten() {
        String id = scene.connected(server.grant());
        server.always(Fault.answering(401, REFUSED));
        scene.renew(id);
        UUID organization = organization();
        assertThat(database.count("select count(*) from renewal_app where organization_id = ?", organization)).isOne();
        api.asOwner().delete("/api/v1/credentials/" + id).then().statusCode(204);

        Behind.await(watch::look);

        assertThat(database.count("select count(*) from renewal_app where organization_id = ?", organization)).isZero();
    }

    @Test
    void whatWasStoredBeforeAnythingWasPlannedIsPlanned() {
        String token = server.grant();
        String id = scene.connected(token);
        database.execute("delete from credential_renewal where credential_id = ?", UUID.fromString(id));

        Behind.await(watch::look);
        scene.renew(id);

        assertThat(server.timesPresented()).isEqualTo(Map.of(token, 1L));
        assertThat(scene.status(id)).isEqualTo("green/valid");
    }
}
