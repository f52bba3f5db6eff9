package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Inject;

import dev.latchkey.activity.Actor;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.CredentialBuilder;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.Together;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** Stored credentials are tested by themselves: politely, by one replica at a time, and a change of colour is told once. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class RetestsTest extends CredentialCase {

    @Inject
    Retests retests;
    @Inject
    Credentials credentials;
    @Inject
    OpenCredentials open;

    @Test
    void whatHasDiedIsToldOnceAndWhenItWorksAgain() {
        String id = stored();
        test(id);
        assertThat(events()).isEmpty();

        provider.answers(401, "");
        test(id);
        test(id);
        assertThat(events()).containsExactly("red");
        api.asOwner().get("/api/v1/credentials/" + id).then().body("status", equalTo("red")).body("reason",
                equalTo("invalid"));
        api.asOwner().get("/api/v1/notifications").then().body("items.kind", contains("credential.failing"))
                .body("items[0].target.id", equalTo(id)).body("items[0].target.name", equalTo("ERP stock"));

        provider.answers(200, "{}");
        test(id);
        test(id);
        assertThat(events()).containsExactly("green", "red");
        api.asOwner().header("Accept-Language", "es").get("/api/v1/notifications").then()
                .body("items.kind", contains("credential.recovered", "credential.failing"))
                .body("items[0].title", equalTo("Una credencial vuelve a funcionar: ERP stock"));
        api.asOwner().get("/api/v1/activity?action=credential.status_changed").then().body("items", hasSize(2))
                .body("items[0].actor.type", equalTo("system"));
    }

    @Test
    void whatIsNotDueIsLeftAlone() {
        stored();
        provider.asked();
        Behind.await(retests::batch);

        assertThat(provider.asked()).isEmpty();
    }

    @Test
    void theNextTestIsAboutADayAheadOrAsTheOrganizationSays() {
        String id = stored();
        assertThat(hoursToNext(id)).isBetween(21.5, 26.5);

        database.execute("update organization set credential_test_seconds = 3600 where key = ?", api.organization());
        test(id);
        assertThat(hoursToNext(id)).isBetween(0.89, 1.11);
    }

    @Test
    void aHostIsAskedAtAPoliteRateWhoeverAsks() {
        String mine = stored();
        Api others = Api.ofNewOrganization();
        String theirs = others.aCredential().testedAt(provider.url()).create();
        provider.asked();
        free();
        due(mine);
        due(theirs);

        Behind.await(retests::batch);
        Behind.await(retests::batch);
        assertThat(provider.asked()).hasSize(1);

        free();
        Behind.await(retests::batch);
        assertThat(provider.asked()).hasSize(1);
    }

    @Test
    void manyAtOnceTestItOnce() {
        String id = stored();
        provider.asked();
        free();
        due(id);

        try (Together together = new Together(6)) {
            together.call(() -> Behind.await(retests::batch));
        }

        assertThat(provider.asked()).hasSize(1);
    }

    @Test
    void aHostThatIsBusyIsLeftAloneAndTheColourStays() {
        String id = stored();
        provider.answers(429, "");
        test(id);

        api.asOwner().get("/api/v1/credentials/" + id).then().body("status", equalTo("green")).body("reason",
                equalTo("valid"));
        assertThat(events()).isEmpty();
        assertThat(database.count("""
                select count(*) from tested_host where host = ? and free_at > now() + interval '4 minutes'
                """, host())).isEqualTo(1);
    }

    @Test
    void aResultOfWhatStandsNoMoreIsDropped() {
        String id = stored();
        UUID organization = database.organization(api);
        OpenCredential before = Behind.await(() -> open.of(organization, UUID.fromString(id)));
        api.asOwner().contentType("application/merge-patch+json")
                .body(Map.of("data", Map.of("password", CredentialBuilder.aSecret()))).patch("/api/v1/credentials/" + id)
                .then().statusCode(200);
        CredentialChecks.Shown late = new CredentialChecks.Shown(new ProbeResult(CredentialStatus.RED, ProbeReason.INVALID, "",
                401, 5, Instant.now(), "", false), host(), Instant.now());

        assertThatThrownBy(() -> Behind.await(() -> credentials.tested(before, late, Actor.system("test"))))
                .hasMessageContaining("does not count");

        api.asOwner().get("/api/v1/credentials/" + id).then().body("status", equalTo("green"));
        assertThat(events()).isEmpty();
    }

    @Test
    void ofASuspendedOrganizationNothingIsTested() {
        String id = stored();
        provider.asked();
        api.setActive(false);
        free();
        due(id);
        Behind.await(retests::batch);
        assertThat(provider.asked()).isEmpty();

        api.setActive(true);
        Behind.await(retests::batch);
        assertThat(provider.asked()).hasSize(1);
    }

    @Inject
    RetestTable table;

    /** A claim is not a test: should its replica die, the credential is due again after two minutes. */
    @Test
    void whatWasClaimedByAReplicaThatDiedIsDueAgain() {
        String id = stored();
        free();
        due(id);
        Behind.await(table::claim);

        assertThat(hoursToNext(id)).isBetween(0.02, 0.04);
    }

    private String stored() {
        return api.aCredential().testedAt(provider.url()).create();
    }

    private void test(String id) {
        free();
        due(id);
        Behind.await(retests::batch);
    }

    private void due(String id) {
        database.execute("update credential_state set due_at = now() - interval '1 minute' where credential_id = ?",
                UUID.fromString(id));
    }

    private void free() {
        database.execute("update tested_host set free_at = now() where host = ?", host());
    }

    private String host() {
        return provider.url().substring("http://".length());
    }

    private double hoursToNext(String id) {
        return database.count("select extract(epoch from due_at - now())::bigint from credential_state where credential_id = ?",
                UUID.fromString(id)) / 3600.0;
    }

    private List<String> events() {
        return api.asOwner().get("/api/v1/events?type=credential.status_changed").path("items.data.status");
    }
}
