package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import dev.latchkey.testing.DeliveryRows;
import dev.latchkey.testing.Together;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is sent again because a person wants it. */
@QuarkusTest
@NullUnmarked
class RetryTest extends WebhookCase {

    private static final Instant AT = DeliveryRows.ago(1, ChronoUnit.HOURS);

    private DeliveryRows rows;
    private String webhook;

    @BeforeEach
    void aWebhook() {
        rows = new DeliveryRows(database, database.organization(api));
        webhook = made(Map.of());
        rows.pause(webhook);
    }

    @ParameterizedTest
    @ValueSource(strings = { "delivered", "exhausted", "cancelled" })
    void whatHasItsFateIsPendingAgain(String state) {
        UUID id = rows.delivery(webhook, "a", state, AT);

        retry(id).statusCode(202).body("state", equalTo("pending")).body("reason", nullValue()).body("finishedAt", nullValue());

        assertThat(rows.column("delivery", "failed_at", id)).containsOnlyNulls();
        assertThat(rows.column("delivery", "attempts", id)).containsExactly(3);
        assertThat(rows.column("webhook_queue", "attempt", id)).containsExactly(0);
        assertThat(rows.column("webhook_queue", "bytes", id)).containsExactly(DeliveryRows.DATA.length());
        assertThat(isDue(id)).isTrue();
        assertThat(lane(webhook, "next_due <= now() and warm_until > now()")).isEqualTo(true);
        assertThat(rows.withoutFate()).isEmpty();
        database.execute("update webhook_lane set paused = false, held_until = now() + interval '1 hour' where webhook_id = ?",
                UUID.fromString(webhook));
        api.as("viewer").get("/api/v1/deliveries/" + id).then().body("nextAttemptAt", notNullValue());
    }

    @Test
    void whatTheReceiverHasAskedForByRetryAfterHoldsUpNobodyWhoWantsItNow() {
        rows.hold(webhook);
        UUID waiting = rows.delivery(webhook, "a", "pending", AT);
        retry(waiting).statusCode(202);
        assertThat(lane(webhook, "held_until <= now()")).isEqualTo(true);

        rows.hold(webhook);
        retry(rows.delivery(webhook, "b", "exhausted", AT)).statusCode(202);
        assertThat(lane(webhook, "held_until <= now() and next_due <= now() and warm_until > now()")).isEqualTo(true);
    }

    @Test
    void whatWaitsIsDueAtOnce() {
        UUID id = rows.delivery(webhook, "a", "pending", AT);
        assertThat(isDue(id)).isFalse();
        retry(id).statusCode(202);
        assertThat(isDue(id)).isTrue();
        assertThat(rows.column("webhook_queue", "attempt", id)).containsExactly(0);
    }

    @Test
    void whatIsBeingSentGoesOn() {
        UUID id = rows.delivery(webhook, "a", "pending", AT);
        UUID claim = UUID.randomUUID();
        database.execute("update webhook_queue set claim = ? where delivery_id = ?", claim, id);
        retry(id).statusCode(202).body("state", equalTo("pending"));
        assertThat(rows.column("webhook_queue", "claim", id)).containsExactly(claim);
        assertThat(isDue(id)).isFalse();
    }

    @Test
    void manyWhoWantTheSameAtOnceGetItOnce() {
        UUID id = rows.delivery(webhook, "a", "exhausted", AT);
        try (var together = new Together(6)) {
            together.run(() -> retry(id).statusCode(202));
        }
        assertThat(rows.column("webhook_queue", "attempt", id)).containsExactly(0);
        assertThat(rows.withoutFate()).isEmpty();
    }

    @Test
    void nothingIsSentAgainToAWebhookThatIsOffOrGone() {
        UUID id = rows.delivery(webhook, "a", "exhausted", AT);
        patch(webhook, Map.of("active", false)).then().statusCode(200);
        rows.hold(webhook);
        refused(id, "The webhook is switched off. Switch it on first: PATCH");
        assertThat(lane(webhook, "held_until > now()")).isEqualTo(true);

        database.execute("update webhook set disabled_at = now(), disabled_reason = 'failing' where id = ?",
                UUID.fromString(webhook));
        refused(id, "The webhook was switched off since its deliveries failed. Switch it on first: PATCH");

        api.asOwner().delete(ROOT + "/" + webhook).then().statusCode(204);
        refused(id, "The webhook is deleted");
        assertThat(rows.column("delivery", "state", id)).containsExactly("exhausted");
    }

    @Test
    void whoseDayIsGoneIsNotFound() {
        UUID id = rows.delivery(webhook, "a", "exhausted", AT);
        database.execute("delete from event where public_id = 'a-1' and organization_id = ?", database.organization(api));
        retry(id).statusCode(404);
    }

    @Test
    void itIsWrittenDownWhoWantedIt() {
        UUID id = rows.delivery(webhook, "a", "exhausted", AT);
        retry(id).statusCode(202);
        assertThat(activity(id.toString())).isEqualTo(List.of("delivery.retried"));
    }

    private void refused(UUID id, String why) {
        retry(id).statusCode(409).body("detail", containsString(why));
    }

    private boolean isDue(UUID id) {
        return (Boolean) rows.column("webhook_queue", "due <= now()", id).get(0);
    }

    private ValidatableResponse retry(UUID id) {
        return api.as("developer").post("/api/v1/deliveries/" + id + "/retry").then();
    }
}
