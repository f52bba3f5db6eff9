package dev.latchkey.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.crypto.DataKeys;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.Together;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the activity log learns of proxied requests. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class ProxyAuditTest {

    @Inject
    DataSource database;
    @Inject
    DataKeys dataKeys;
    @Inject
    ProxyAudit audit;

    private Behind behind;
    private ProxyScene scene;

    @BeforeEach
    void anOrganizationWithAKey() {
        behind = new Behind(database);
        scene = new ProxyScene(database, dataKeys);
    }

    @Test
    void theLogKnowsOfAUseBeforeTheProviderDoes() {
        List<Long> known = new CopyOnWriteArrayList<>();
        try (Origin origin = Origin.that((request, in, out) -> {
            known.add(behind.count("select count(*) from activity where action = 'credential.used' and actor_id = ?",
                    scene.key.id()));
            Origin.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        })) {
            String credential = scene.bound(origin.url());

            scene.request().get(ProxyScene.path(credential, "/x")).then().statusCode(200);

            assertThat(known).containsExactly(1L);
            log(credential).body("items.action", contains("credential.used")).body("items[0].actor.id", equalTo(scene.key.id()))
                    .body("items[0].changes.find { it.field == 'integration' }.after", equalTo("Stock"))
                    .body("items[0].changes.find { it.field == 'via' }.after", equalTo("proxy"));
        }
    }

    @Test
    void manyRequestsOfAnHourAreOneEntryAndOneSum() {
        try (Origin origin = Origin.answering("200 OK", "ok")) {
            String credential = scene.bound(origin.url());
            try (var together = new Together(4)) {
                together.run(() -> {
                    for (int i = 0; i < 5; i++) {
                        scene.request().get(ProxyScene.path(credential, "/x")).then().statusCode(200);
                    }
                });
            }
            failOnce(credential);
            log(credential).body("items.action", contains("credential.used"));
            counted(credential, 21);

            Behind.await(audit::tell);
            log(credential).body("items.action", contains("credential.used"));
            behind.execute("update proxy_use set hour = hour - interval '2 hours' where credential_id = ?",
                    UUID.fromString(credential));
            Behind.await(audit::tell);
            Behind.await(audit::tell);

            log(credential).body("items.action", contains("credential.proxied", "credential.used"))
                    .body("items[0].actor.id", equalTo(scene.key.id())).body("items[0].actor.name", equalTo("ERP"))
                    .body("items[0].changes.find { it.field == 'requests' }.after", equalTo(21)).body("items[0].changes.find { it.field == 'failed' }.after", equalTo(1))
                    .body("items[0].changes.find { it.field == 'hour' }.after", notNullValue());
            scene.api.asOwner().get("/api/v1/activity/verify").then().body("valid", equalTo(true));
        }
    }

    @Test
    void whatWasToldDaysAgoIsForgotten() {
        try (Origin origin = Origin.answering("200 OK", "ok")) {
            String credential = scene.bound(origin.url());
            scene.request().get(ProxyScene.path(credential, "/x")).then().statusCode(200);
            counted(credential, 1);
            behind.execute("""
                    update proxy_use set hour = hour - interval '3 days', told_at = now() - interval '49 hours'
                     where credential_id = ?
                    """, UUID.fromString(credential));

            Behind.await(audit::tell);

            assertThat(rows(credential)).isZero();
        }
    }

    @Test
    void whatAKeyDidIsForgottenWithTheKey() {
        try (Origin origin = Origin.answering("200 OK", "ok")) {
            String credential = scene.bound(origin.url());
            scene.request().get(ProxyScene.path(credential, "/x")).then().statusCode(200);
            scene.api.asOwner().delete("/api/v1/keys/" + scene.key.id()).then().statusCode(204);

            Behind.await(audit::flush);

            assertThat(rows(credential)).isZero();
        }
    }

    @Test
    void theCredentialTellsWhenItWasUsedLast() {
        try (Origin origin = Origin.answering("200 OK", "ok")) {
            String credential = scene.bound(origin.url());
            scene.request().get(ProxyScene.path(credential, "/x")).then().statusCode(200);

            Eventually.holds(() -> assertThat(behind.count("""
                    select count(*) from credential_last_use
                     where credential_id = ? and last_used_at > now() - interval '1 minute'
                    """, UUID.fromString(credential))).isOne());
        }
    }

    private void failOnce(String credential) {
        try (Origin away = Origin.answering("200 OK", "ok")) {
            behind.execute("update credential set base_url = ? where id = ?", away.url(), UUID.fromString(credential));
        }
        scene.request().get(ProxyScene.path(credential, "/x")).then().statusCode(502);
    }

    private void counted(String credential, long requests) {
        Eventually.holds(() -> {
            Behind.await(audit::flush);
            assertThat(behind.query("select requests from proxy_use where credential_id = ?", UUID.fromString(credential)))
                    .containsExactly(requests);
        });
    }

    private long rows(String credential) {
        return behind.count("select count(*) from proxy_use where credential_id = ?", UUID.fromString(credential));
    }

    private ValidatableResponse log(String credential) {
        return scene.api.asOwner().get("/api/v1/activity?targetId=" + credential).then().statusCode(200);
    }
}
