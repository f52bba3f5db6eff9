package dev.latchkey.event;

import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.DeliveryRows;
import dev.latchkey.testing.Eventually;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What became of an event, as {@code GET /events/{id}} tells it. */
@QuarkusTest
@NullUnmarked
class EventFateTest {

    private static final Instant AT = DeliveryRows.ago(1, ChronoUnit.MINUTES);

    @Inject
    DataSource source;

    private Api api;
    private Behind database;
    private DeliveryRows rows;

    @BeforeEach
    void anOrganization() {
        api = Api.ofNewOrganization();
        database = new Behind(source);
        rows = new DeliveryRows(database, database.organization(api));
    }

    @Test
    void anEventThatNobodyAskedForIsTold() {
        rows.event("waiting", AT, null);
        event("waiting").body("fannedOut", equalTo(false)).body("deliveries", hasSize(0));
        rows.event("unwanted", AT, 0);
        event("unwanted").body("fannedOut", equalTo(true)).body("deliveries", hasSize(0)).body("data.z", equalTo(1.50f));
    }

    @Test
    void whatIsPublishedIsFannedOutByItself() {
        api.asPlatform().body(Map.of("type", "order.create", "id", "a", "data", Map.of())).post("/api/v1/events").then()
                .statusCode(202);
        Eventually.holds(() -> event("a").body("fannedOut", equalTo(true)).body("deliveries", hasSize(0)));
    }

    @Test
    void eachDeliveryIsTold() {
        String webhook = webhook(Map.of());
        for (String state : List.of("pending", "delivered", "exhausted", "cancelled")) {
            UUID id = rows.delivery(webhook, state, state, AT);
            boolean isPending = state.equals("pending");
            event(state + "-1").body("fannedOut", equalTo(true)).body("deliveries.id", contains(id.toString()))
                    .body("deliveries[0].webhookId", equalTo(webhook))
                    .body("deliveries[0].url", equalTo("https://192.0.43.8/hooks"))
                    .body("deliveries[0].state", equalTo(state)).body("deliveries[0].attempts", equalTo(3))
                    .body("deliveries[0].lastStatus", equalTo(state.equals("delivered") ? 200 : 503))
                    .body("deliveries[0].lastError", equalTo(state.equals("delivered") ? null : "http-status"))
                    .body("deliveries[0].nextAttemptAt", isPending ? notNullValue() : nullValue())
                    .body("deliveries[0].finishedAt", isPending ? nullValue() : notNullValue());
        }
        event("exhausted-1").body("deliveries[0].reason", equalTo("schedule"));
    }

    @Test
    void whatIsNotDueIsNotPromised() {
        String webhook = webhook(Map.of());
        UUID id = rows.delivery(webhook, "a", "pending", AT);
        database.execute("update webhook_queue set claim = gen_random_uuid() where delivery_id = ?", id);
        event("a-1").body("deliveries[0].nextAttemptAt", nullValue());

        database.execute("update webhook_queue set claim = null where delivery_id = ?", id);
        event("a-1").body("deliveries[0].nextAttemptAt", notNullValue());
        database.execute("update webhook_lane set paused = true where webhook_id = ?", UUID.fromString(webhook));
        event("a-1").body("deliveries[0].nextAttemptAt", nullValue());
    }

    @Test
    void aKeyThatIsLimitedToStoresSeesTheDeliveriesOfItsWebhooks() {
        UUID madrid = UUID.fromString(api.createStore("madrid"));
        api.createStore("paris");
        String own = webhook(Map.of("stores", List.of("madrid")));
        String wider = webhook(Map.of("stores", List.of("madrid", "paris")));
        String widest = webhook(Map.of());
        UUID id = rows.delivery(own, "a", "delivered", AT);
        for (String other : List.of(wider, widest)) {
            database.execute("""
                    insert into delivery (id, at, organization_id, webhook_id, event_id)
                    select gen_random_uuid(), at, organization_id, cast(? as uuid), event_id from delivery where id = ?
                    """, other, id);
        }
        database.execute("update event set store_id = ? where public_id = 'a-1' and organization_id = ?", madrid,
                database.organization(api));
        String key = api.aKey().scopes("events:read").stores("madrid").create().key();

        event("a-1").body("deliveries.webhookId", containsInAnyOrder(own, wider, widest));
        Api.withKey(key).get("/api/v1/events/a-1").then().statusCode(200).body("deliveries.webhookId", contains(own));
    }

    private String webhook(Map<String, ?> others) {
        Map<String, Object> form = new HashMap<>(
                Map.of("url", "https://192.0.43.8/hooks", "events", List.of("order.create")));
        form.putAll(others);
        String id = api.asOwner().body(form).post("/api/v1/webhooks").then().statusCode(201).extract().path("id");
        rows.hold(id);
        return id;
    }

    private ValidatableResponse event(String id) {
        return api.as("viewer").get("/api/v1/events/" + id).then().statusCode(200);
    }
}
