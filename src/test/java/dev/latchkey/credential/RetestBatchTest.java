package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasSize;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import jakarta.inject.Inject;

import dev.latchkey.credential.FakeProvider.Answer;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.CredentialBuilder;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Of many hosts that are due together none stands in another's way. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class RetestBatchTest extends CredentialCase {

    @Inject
    Retests retests;
    @Inject
    RetestTable table;

    @BeforeEach
    void aNewOrganization() {
        // What other tests have left due would take places.
        database.execute("update credential_state set due_at = now() + interval '1 day' where due_at <= now()");
    }

    @Test
    void hostsThatAnswerAtTheSameMomentAreWrittenDownEach() {
        int hosts = 10;
        CyclicBarrier together = new CyclicBarrier(hosts);
        List<FakeProvider> fakes = new ArrayList<>();
        try {
            for (int i = 0; i < hosts; i++) {
                FakeProvider fake = FakeProvider.start();
                fakes.add(fake);
                fake.answers(200, "{}");
                String id = api.aCredential().testedAt(fake.url()).create();
                fake.answers(request -> {
                    await(together);
                    return new Answer(401, "");
                });
                due(id, hosts - i);
            }

            Behind.await(retests::batch);
        } finally {
            fakes.forEach(FakeProvider::close);
        }

        api.asOwner().get("/api/v1/credentials?status=red").then().body("items", hasSize(hosts)).body("items.reason",
                everyItem(equalTo("invalid")));
        api.asOwner().get("/api/v1/events?type=credential.status_changed").then().body("items", hasSize(hosts));
        api.asOwner().get("/api/v1/notifications").then().body("items", hasSize(hosts)).body("items.kind",
                everyItem(equalTo("credential.failing")));
        Eventually.holds(() -> assertThat(database.count(
                "select count(*) from pg_stat_activity where state like 'idle in transaction%' and datname = current_database()"))
                .isZero());
    }

    @Test
    void hostsOfASuspendedOrganizationKeepNobodyWaiting() {
        String id = api.aCredential().testedAt(provider.url()).create();
        Api suspended = Api.ofNewOrganization();
        manyDue(suspended);
        suspended.setActive(false);
        provider.asked();
        due(id, 1);

        Behind.await(retests::batch);

        assertThat(provider.asked()).hasSize(1);
    }

    @Test
    void organizationsTakeTurns() {
        String id = api.aCredential().testedAt(provider.url()).create();
        manyDue(Api.ofNewOrganization());
        provider.asked();
        due(id, 1);

        Behind.await(retests::batch);

        assertThat(provider.asked()).hasSize(1);
    }

    @Test
    void whoIsAskedIsWhoIsSpared() {
        List<String> ids = new ArrayList<>();
        for (int port : List.of(9, 10)) {
            ids.add(api.aCredential().of("oauth2", Map.of("grant", "client_credentials", "clientId", "shop", "clientSecret",
                    CredentialBuilder.aSecret(), "tokenUrl", provider.url() + "/token"))
                    .with("test", Map.of("url", "http://127.0.0.1:" + port + "/me")).create());
        }
        provider.asked();
        ids.forEach(id -> due(id, 1));

        Behind.await(retests::batch);
        Behind.await(retests::batch);

        assertThat(provider.asked()).singleElement().satisfies(asked -> assertThat(asked.target()).isEqualTo("token"));
    }

    @Test
    void whatAsksNobodyTakesNobodysTurn() {
        String id = api.aCredential().of("oauth2", Map.of("grant", "refresh_token", "clientId", "shop", "refreshToken",
                CredentialBuilder.aSecret(), "tokenUrl", provider.url() + "/token")).create();

        assertThat(database.count(
                "select count(*) from credential_state where credential_id = ? and host = '' and due_at is null",
                UUID.fromString(id))).isEqualTo(1);
    }

    @Test
    void hostsThatNoCredentialNamesAreForgotten() {
        String id = api.aCredential().testedAt(provider.url()).create();
        database.execute("insert into tested_host values ('nobody.example:443', now() - interval '2 days')");
        database.execute("update tested_host set free_at = now() - interval '2 days' where host = ?", host());

        Behind.await(table::forgetHosts);

        assertThat(database.count("select count(*) from tested_host where host = 'nobody.example:443'")).isZero();
        assertThat(database.count("select count(*) from tested_host where host = ?", host())).isEqualTo(1);
        assertThat(id).isNotEmpty();
    }

    /** More hosts of one organization than a batch holds, due longer than anybody else's. */
    private void manyDue(Api whose) {
        UUID id = UUID.fromString(whose.aCredential().create());
        database.execute(
                """
                        insert into credential (id, organization_id, name, variables, type, data, sealed, created_by_type, created_by_id,
                                                created_by_name, created_at, updated_at)
                        select gen_random_uuid(), organization_id, 'many', variables, type, data, sealed, created_by_type,
                               created_by_id, created_by_name, now(), now() from credential, generate_series(1, 40) where id = ?
                        """,
                id);
        database.execute(
                """
                        insert into credential_state (credential_id, organization_id, status, reason, host, due_at)
                        select id, organization_id, 'unknown', 'not-verifiable', id || '.example:443', now() - interval '3 hours'
                          from credential where name = 'many' and organization_id = (select organization_id from credential where id = ?)
                        """,
                id);
        database.execute("""
                insert into tested_host (host, free_at)
                select host, now() from credential_state s join credential c on c.id = s.credential_id where c.name = 'many'
                on conflict do nothing
                """);
    }

    private void due(String id, int minutes) {
        database.execute("""
                update credential_state set due_at = now() - ? * interval '1 minute' where credential_id = ?
                """, minutes, UUID.fromString(id));
        database.execute("""
                update tested_host set free_at = now() - interval '1 second'
                 where host = (select host from credential_state where credential_id = ?)
                """, UUID.fromString(id));
    }

    private String host() {
        return provider.url().substring("http://".length());
    }

    private static void await(CyclicBarrier together) {
        try {
            together.await(5, TimeUnit.SECONDS);
        } catch (InterruptedException | BrokenBarrierException | TimeoutException notTogether) {
            throw new IllegalStateException(notTogether);
        }
    }
}
