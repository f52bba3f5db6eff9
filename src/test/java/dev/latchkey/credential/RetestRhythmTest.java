package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import jakarta.inject.Inject;

import dev.latchkey.testing.Behind;
import dev.latchkey.testing.CredentialBuilder;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When a credential is tested next depends on what was shown, and people are told what lasts, once. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class RetestRhythmTest extends CredentialCase {

    @Inject
    Retests retests;

    private String id;

    @BeforeEach
    void aStoredCredential() {
        id = api.aCredential().testedAt(provider.url()).create();
    }

    @Test
    void aSingleFailureIsAskedAgainBeforeItIsBelieved() {
        provider.answers(503, "");
        test();
        is("green", "valid");
        assertThat(minutesToNext()).isBetween(4.0, 6.0);
        assertThat(events()).isEmpty();

        test();
        is("red", "provider-error");
        assertThat(minutesToNext()).isBetween(13.0, 17.0);
        assertThat(events()).containsExactly("red");

        provider.answers(200, "{}");
        test();
        is("green", "valid");
        assertThat(minutesToNext()).isGreaterThan(60);
    }

    @Test
    void whoIsBusyIsAskedAgainSoon() {
        provider.answers(429, "");
        test();
        is("green", "valid");
        assertThat(minutesToNext()).isBetween(4.0, 6.0);
    }

    @Test
    void whatIsRefusedIsAskedLessAndLess() {
        provider.answers(401, "");
        for (int days : List.of(1, 2, 4, 7, 7)) {
            test();
            assertThat(minutesToNext() / 24 / 60).isBetween(days * 0.89, days * 1.11);
        }
        provider.answers(503, "");
        test();
        test();
        is("red", "invalid");
        assertThat(events()).containsExactly("red");
    }

    @Test
    void whatDoesNotOpenIsRedAndTold() {
        database.execute("delete from credential_secret where credential_id = ?", UUID.fromString(id));
        test();

        is("red", "misconfigured");
        assertThat(events()).containsExactly("red");
        assertThat(minutesToNext()).isGreaterThan(60);
        assertThat(notices()).containsExactly("credential.failing");
    }

    @Test
    void whatCannotBeOpenedHereKeepsItsColour() {
        database.execute("delete from data_key where organization_id = ?", database.organization(api));
        test();

        is("green", "valid");
        assertThat(minutesToNext()).isBetween(4.0, 6.0);
    }

    @Test
    void thatItIsRedIsToldOnceUntilItIsGreen() {
        for (int status : List.of(401, 403, 401, 403)) {
            provider.answers(status, "");
            test();
        }
        assertThat(notices()).containsExactly("credential.limited", "credential.failing");

        provider.answers(200, "{}");
        test();
        assertThat(notices()).containsExactly("credential.recovered", "credential.limited", "credential.failing");
        assertThat(events()).containsExactly("green", "yellow", "red", "yellow", "red");
    }

    @Test
    void thatNobodyKnowsEndsNothing() {
        provider.answers(401, "");
        test();
        patch(Map.of("data", Map.of("password", CredentialBuilder.aSecret()), "skipTest", true));
        is("unknown", "not-verifiable");
        test();
        assertThat(notices()).containsExactly("credential.failing");

        patch(Map.of("data", Map.of("password", CredentialBuilder.aSecret()), "skipTest", true));
        provider.answers(200, "{}");
        test();
        assertThat(notices()).containsExactly("credential.recovered", "credential.failing");
    }

    @Test
    void aShorterIntervalHoldsAtOnce() {
        api.set(Map.of("credentialTestInterval", "PT1H")).then().statusCode(200).body("credentialTestInterval",
                equalTo("PT1H"));
        assertThat(minutesToNext()).isBetween(53.0, 67.0);
        for (String bad : List.of("PT14M", "P32D", "-PT1H")) {
            api.set(Map.of("credentialTestInterval", bad)).then().statusCode(422).body("errors.field",
                    contains("credentialTestInterval"));
        }
    }

    @Test
    void noTwoAreTestedInStep() {
        Set<Double> next = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            test();
            next.add(minutesToNext());
        }
        assertThat(next).hasSizeGreaterThan(5);
        assertThat(events()).isEmpty();
    }

    private void test() {
        database.execute("update tested_host set free_at = now() - interval '1 second' where host = ?",
                provider.url().substring("http://".length()));
        database.execute("update credential_state set due_at = now() - interval '1 hour' where credential_id = ?",
                UUID.fromString(id));
        Behind.await(retests::batch);
    }

    private void is(String status, String reason) {
        api.asOwner().get("/api/v1/credentials/" + id).then().body("status", equalTo(status)).body("reason", equalTo(reason));
    }

    private void patch(Map<String, ?> patch) {
        api.asOwner().contentType("application/merge-patch+json").body(patch).patch("/api/v1/credentials/" + id).then()
                .statusCode(200);
    }

    private double minutesToNext() {
        return database.count("select extract(epoch from due_at - now())::bigint from credential_state where credential_id = ?",
                UUID.fromString(id)) / 60.0;
    }

    private List<String> events() {
        return api.asOwner().get("/api/v1/events?type=credential.status_changed").path("items.data.status");
    }

    private List<String> notices() {
        return api.asOwner().get("/api/v1/notifications").then().body("items", not(empty()))
                .extract().path("items.kind");
    }
}
