package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Inject;

import dev.latchkey.net.Header;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.Planted;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** Whoever sends to a webhook sends as it stands, and opens it once. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class TargetsTest extends WebhookCase {

    private static final Buffer BODY = Buffer.buffer("{}");

    @Inject
    Targets targets;

    @Test
    void manyAreOpenedAtOnceAndRemembered() {
        String one = made(Map.of("headers", Map.of("X-Tenant", "acme-4711-tenant")));
        String other = made(Map.of("url", URL + "/other?token=abc"));
        Planted.add("acme-4711-tenant");

        Map<UUID, Target> opened = open(Map.of(id(one), version(one), id(other), version(other)));
        Map<UUID, Target> again = open(Map.of(id(one), version(one), id(other), version(other)));

        assertThat(opened.get(id(one)).headers()).containsExactly(new Header("X-Tenant", "acme-4711-tenant"));
        assertThat(opened.get(id(one)).organization()).isEqualTo(database.organization(api));
        assertThat(opened.get(id(other)).to().url()).isEqualTo(URL + "/other?token=abc");
        assertThat(opened.get(id(one)).signatures().header("a", 5, BODY)).isEqualTo(signature(secret(one)));
        assertThat(again.get(id(one))).isSameAs(opened.get(id(one)));
        assertThat(again.get(id(other))).isSameAs(opened.get(id(other)));
        assertThat(opened.toString()).doesNotContain("acme-4711-tenant").doesNotContain("token=abc")
                .doesNotContain(secret(one));
    }

    @Test
    void aNewVersionIsOpenedAndStays() {
        String webhook = made(Map.of());
        long before = version(webhook);
        open(Map.of(id(webhook), before));

        patch(webhook, Map.of("url", URL + "/new")).then().statusCode(200);

        assertThat(only(webhook, version(webhook)).to().url()).isEqualTo(URL + "/new");
        assertThat(only(webhook, before).to().url()).as("nobody who has read less gets the former one back")
                .isEqualTo(URL + "/new");
    }

    @Test
    void bothSecretsSignUntilTheOverlapIsOver() {
        String webhook = made(Map.of());
        String former = secret(webhook);
        rotate(webhook, Map.of("overlap", "PT1H")).then().statusCode(200);

        Target during = only(webhook, version(webhook));
        String[] both = during.signatures().header("a", now(), BODY).split(" ");
        assertThat(both).hasSize(2);
        assertThat(during.signatures().header("a", now() + 3601, BODY)).as("remembered for longer").isEqualTo(
                Signatures.of(WebhookSecret.parse(secret(webhook)).orElseThrow()).header("a", now() + 3601, BODY));

        database.execute("update webhook set previous_until = now() - interval '1 s', version = version + 1 where id = ?",
                id(webhook));
        Target after = only(webhook, version(webhook));

        assertThat(after.signatures().header("a", 5, BODY)).isEqualTo(signature(secret(webhook)))
                .isNotEqualTo(signature(former));
    }

    @Test
    void whatDoesNotOpenIsAbsentAndHarmsNoOther() {
        String good = made(Map.of());
        String moved = made(Map.of());
        String without = made(Map.of("headers", Map.of("X-Tenant", "acme")));
        database.execute("update webhook set secret = (select o.secret from webhook o where o.id = ?) where id = ?", id(good),
                id(moved));
        database.execute("update webhook set headers_version = headers_version + 1 where id = ?", id(without));

        Map<UUID, Target> opened = open(Map.of(id(good), 0L, id(moved), 0L, id(without), 0L));

        assertThat(opened).containsOnlyKeys(id(good));
    }

    @Test
    void whatIsDeletedOrUnknownIsAbsent() {
        String webhook = made(Map.of());
        long version = version(webhook);
        api.asOwner().delete(ROOT + "/" + webhook).then().statusCode(204);

        assertThat(open(Map.of(id(webhook), version, UUID.randomUUID(), 0L))).isEmpty();
        assertThat(open(Map.of())).isEmpty();
    }

    private Map<UUID, Target> open(Map<UUID, Long> versions) {
        return Behind.await(() -> targets.of(versions));
    }

    private Target only(String webhook, long version) {
        Map<UUID, Target> opened = open(Map.of(id(webhook), version));
        assertThat(opened).containsOnlyKeys(List.of(id(webhook)).toArray(UUID[]::new));
        return opened.get(id(webhook));
    }

    private long version(String webhook) {
        return (Long) column(webhook, "version");
    }

    private long now() {
        return database.count("select cast(extract(epoch from now()) as bigint)");
    }

    private static UUID id(String webhook) {
        return UUID.fromString(webhook);
    }

    private static String signature(String secret) {
        return Signatures.of(WebhookSecret.parse(secret).orElseThrow()).header("a", 5, BODY);
    }
}
