package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.nullValue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Inject;

import dev.latchkey.crypto.SealBrokenException;
import dev.latchkey.net.Header;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.CredentialBuilder;
import dev.latchkey.testing.LeakSearch;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** A webhook's secrets and header values: shown once or never, sealed, and opened in their own place alone. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class WebhookSecrecyTest extends WebhookCase {

    @Inject
    EndedSecrets ended;

    @Test
    void neitherSecretNorHeaderStandsAnywhere() throws IOException {
        String value = CredentialBuilder.aSecret();
        Response made = make(api.asOwner(), Map.of("headers", Map.of("Authorization", value)));
        String id = made.path("id");
        Response edited = patch(id, Map.of("headers", Map.of("X-Other", value + "2"), "description", "edited"));
        Response rotated = rotate(id, Map.of());
        String first = made.path("secret");
        String second = rotated.path("secret");
        assertThat(second).isNotEqualTo(first);

        String everywhere = edited.asString() + api.asOwner().get(ROOT + "/" + id).asString()
                + api.asOwner().get(ROOT).asString() + api.asOwner().get("/api/v1/activity").asString()
                + api.asOwner().get("/api/v1/events").asString() + made.asString().replace(first, "")
                + database.query("select to_jsonb(w)::text from webhook w where id = ?", UUID.fromString(id))
                + database.query("select changes from activity where target_id = ?", UUID.fromString(id))
                + Files.readString(Path.of("target", "quarkus-test.log"));

        assertThat(new LeakSearch(List.of(first, second, value, value + "2")).hits("everywhere", everywhere)).isEmpty();
        assertThat(headers(id)).containsExactly(new Header("Authorization", value), new Header("X-Other", value + "2"));
        assertThat(headers(id).toString()).doesNotContain(value);
    }

    @Test
    void aRotationKeepsTheOneBeforeUntilTheOverlapIsOver() {
        Response made = make(api.asOwner(), Map.of());
        String id = made.path("id");
        Instant now = Instant.now();

        Response first = rotate(id, Map.of());
        first.then().statusCode(200).header("Cache-Control", equalTo("no-store")).header("ETag", equalTo("\"1\""))
                .body("secret", matchesPattern("whsec_.{44}"));
        assertThat(until(id)).isBetween(now.plus(Duration.ofHours(24)).minusSeconds(60),
                now.plus(Duration.ofHours(24)).plusSeconds(60));
        assertThat(secret(id)).isEqualTo(first.path("secret"));
        assertThat(previousSecret(id)).isEqualTo(made.path("secret"));

        Response second = rotate(id, Map.of("overlap", "P7D"));
        assertThat(previousSecret(id)).isEqualTo(first.path("secret"));
        assertThat(until(id)).isAfter(now.plus(Duration.ofDays(6)));

        Response third = rotate(id, Map.of("overlap", "PT0S"));
        api.asOwner().get(ROOT + "/" + id).then().body("secret.previousUntil", nullValue());
        assertThat(column(id, "previous_secret")).isNull();
        assertThat(secret(id)).isEqualTo(third.path("secret")).isNotEqualTo(second.path("secret"));
        assertThat(activity(id)).containsExactly("webhook.created", "webhook.secret_rotated", "webhook.secret_rotated",
                "webhook.secret_rotated");
    }

    @Test
    void aRotationThatIsRepeatedRotatesOnce() {
        String id = made(Map.of());
        String key = UUID.randomUUID().toString();

        Response first = api.asOwner().header("Idempotency-Key", key).post(ROOT + "/" + id + "/rotate-secret");
        Response again = api.asOwner().header("Idempotency-Key", key).post(ROOT + "/" + id + "/rotate-secret");

        first.then().statusCode(200);
        again.then().statusCode(200).header("Idempotency-Replayed", equalTo("true")).body("secret",
                equalTo(first.path("secret")));
        assertThat(secret(id)).isEqualTo(first.path("secret"));
    }

    @Test
    void aSecretWhoseTimeIsOverIsDestroyed() {
        String id = made(Map.of());
        String lasting = made(Map.of());
        rotate(id, Map.of());
        rotate(lasting, Map.of());
        database.execute("update webhook set previous_until = now() - interval '1 second' where id = ?", UUID.fromString(id));
        api.asOwner().get(ROOT + "/" + id).then().body("secret.previousUntil", nullValue());

        Behind.await(ended::destroy);

        assertThat(column(id, "previous_secret")).isNull();
        assertThat(column(id, "version")).isEqualTo(1L);
        assertThat(column(lasting, "previous_secret")).isNotNull();
    }

    @Test
    void whatIsMovedToAnotherWebhookDoesNotOpen() {
        String mine = made(Map.of("headers", Map.of("X-Tenant", "acme")));
        String other = made(Map.of("headers", Map.of("X-Tenant", "emca")));
        database.execute("""
                update webhook m set secret = o.secret, headers = o.headers, previous_secret = o.secret, previous_version = 1,
                                     previous_until = now() + interval '1 day'
                  from webhook o where o.id = ? and m.id = ?
                """, UUID.fromString(other), UUID.fromString(mine));

        assertThatThrownBy(() -> secret(mine)).isInstanceOf(SealBrokenException.class);
        assertThatThrownBy(() -> previousSecret(mine)).isInstanceOf(SealBrokenException.class);
        assertThatThrownBy(() -> headers(mine)).isInstanceOf(SealBrokenException.class);
        assertThat(secret(other)).startsWith("whsec_");
    }

    @Test
    void whatIsPutBackAfterAChangeDoesNotOpen() {
        String id = made(Map.of("headers", Map.of("X-Tenant", "acme")));
        Object secret = column(id, "secret");
        Object headers = column(id, "headers");
        rotate(id, Map.of("overlap", "PT0S"));
        patch(id, withNull("headers"));
        patch(id, Map.of("headers", Map.of("X-Tenant", "emca")));
        database.execute("update webhook set secret = ?, headers = ? where id = ?", secret, headers, UUID.fromString(id));

        assertThatThrownBy(() -> secret(id)).isInstanceOf(SealBrokenException.class);
        assertThatThrownBy(() -> headers(id)).isInstanceOf(SealBrokenException.class);
    }

    /** Who edits a webhook, and never saw the values of its headers, does not have them sent to himself. */
    @Test
    void headersAreSaidAnewBeforeTheyAreSentElsewhere() {
        String id = made(Map.of("headers", Map.of("Authorization", "Basic YTpi", "X-Tenant", "acme")));

        patch(id, Map.of("url", "https://192.0.43.9/mine")).then().statusCode(422).body("errors.field",
                containsInAnyOrder("headers.Authorization", "headers.X-Tenant"));
        Map<String, Object> said = new HashMap<>(Map.of("authorization", "Basic Yjpj"));
        patch(id, Map.of("url", "https://192.0.43.8:8443/hooks", "headers", said)).then().statusCode(422)
                .body("errors.field", contains("headers.X-Tenant"));
        assertThat(column(id, "url")).isEqualTo(URL);
        patch(id, Map.of("url", URL + "/elsewhere/on/the/host?a=1")).then().statusCode(200);

        said.put("X-Tenant", null);
        patch(id, Map.of("url", "https://192.0.43.9/mine", "headers", said)).then().statusCode(200);
        assertThat(headers(id)).containsExactly(new Header("authorization", "Basic Yjpj"));
    }

    @Test
    void headersThatDoNotOpenAreReplacedOrRemovedWhole() {
        String id = made(Map.of("headers", Map.of("X-A", "1", "X-B", "2")));
        database.execute("update webhook set headers_version = 99 where id = ?", UUID.fromString(id));

        patch(id, Map.of("headers", Map.of("X-A", "3"))).then().statusCode(503);
        patch(id, Map.of("description", "else")).then().statusCode(200);
        patch(id, Map.of("headers", Map.of("X-A", "3", "X-B", "4"))).then().statusCode(200);
        assertThat(headers(id)).containsExactlyInAnyOrder(new Header("X-A", "3"), new Header("X-B", "4"));
        database.execute("update webhook set headers_version = 999 where id = ?", UUID.fromString(id));
        patch(id, withNull("headers")).then().statusCode(200);
        assertThat(headers(id)).isEmpty();
    }

    private Instant until(String id) {
        return Instant.parse(api.asOwner().get(ROOT + "/" + id).path("secret.previousUntil"));
    }
}
