package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import java.sql.Timestamp;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Inject;

import dev.latchkey.testing.Behind;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Webhooks that are switched off and on, by people and without anybody's doing, and what waits for them. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class WebhookSwitchTest extends WebhookCase {

    private static final String NOTICES = "/api/v1/notifications?kind=webhook.disabled";

    @Inject
    Webhooks webhooks;
    @Inject
    WebhookLanes lanes;

    @AfterEach
    void nothingWaits() {
        database.execute("delete from webhook_queue where organization_id = ?", database.organization(api));
        database.execute("delete from delivery where organization_id = ?", database.organization(api));
    }

    @Test
    void aPersonSwitchesItOffAndOn() {
        String id = made(Map.of("active", false));
        assertThat(lane(id, "paused")).isEqualTo(true);

        patch(id, Map.of("active", true)).then().statusCode(200).body("active", equalTo(true));
        assertThat(lane(id, "paused")).isEqualTo(false);
        patch(id, Map.of("active", false)).then().statusCode(200).body("active", equalTo(false))
                .body("disabledAt", nullValue());
        assertThat(lane(id, "paused")).isEqualTo(true);
    }

    @Test
    void whatIsGoneIsSwitchedOffAndToldOnce() {
        String id = made(Map.of("url", URL + "?token=s3cr3t"));

        assertThat(disable(id, 0, DisabledReason.GONE)).isTrue();
        assertThat(disable(id, 0, DisabledReason.GONE)).isFalse();
        assertThat(disable(id, 1, DisabledReason.FAILING)).isFalse();

        api.as("viewer").get(ROOT + "/" + id).then().header("ETag", equalTo("\"1\"")).body("active", equalTo(false))
                .body("disabledAt", notNullValue()).body("disabledReason", equalTo("gone"));
        assertThat(lane(id, "paused")).isEqualTo(true);
        assertThat(activity(id)).containsExactly("webhook.created", "webhook.disabled");
        api.as("viewer").get("/api/v1/activity?targetId=" + id).then().body("items[0].actor.type", equalTo("system"));
        api.as("viewer").get("/api/v1/events?type=webhook.disabled").then().body("items", hasSize(1))
                .body("items[0].data.id", equalTo(id)).body("items[0].data.url", equalTo(URL + "?***"))
                .body("items[0].data.reason", equalTo("gone"));
        api.as("viewer").get(NOTICES).then().body("items", hasSize(1)).body("items[0].resolvedAt", nullValue())
                .body("items[0].title", containsString(URL)).body("items[0].text", containsString("gone"))
                .body("items[0].target.id", equalTo(id));
    }

    @Test
    void whatIsSwitchedOnAgainStartsOver() {
        String id = made(Map.of());
        database.execute("""
                update webhook_lane set failing_since = now(), failures = 7, held_until = now() + interval '1 hour'
                 where webhook_id = ?
                """, UUID.fromString(id));
        disable(id, 0, DisabledReason.FAILING);
        api.as("viewer").get(ROOT + "/" + id).then().body("failingSince", notNullValue())
                .body("disabledReason", equalTo("failing"));

        patch(id, Map.of("active", true)).then().statusCode(200).body("active", equalTo(true)).body("disabledAt", nullValue())
                .body("disabledReason", nullValue()).body("failingSince", nullValue());

        assertThat(lane(id, "paused")).isEqualTo(false);
        assertThat(lane(id, "failures")).isEqualTo(0);
        assertThat(lane(id, "held_until < now()")).isEqualTo(true);
        api.as("viewer").get(NOTICES).then().body("items", hasSize(1)).body("items[0].resolvedAt", notNullValue());
        disable(id, 2, DisabledReason.FAILING);
        api.as("viewer").get(NOTICES).then().body("items", hasSize(2));
    }

    @Test
    void aPersonSwitchesOffWhatIsDisabled() {
        String id = made(Map.of());
        disable(id, 0, DisabledReason.FAILING);
        patch(id, Map.of("description", "the same")).then().statusCode(200).body("disabledReason", equalTo("failing"));

        for (int i = 0; i < 2; i++) {
            patch(id, Map.of("active", false)).then().statusCode(200).header("ETag", equalTo("\"3\""))
                    .body("active", equalTo(false)).body("disabledAt", nullValue()).body("disabledReason", nullValue());
        }

        assertThat(lane(id, "paused")).isEqualTo(true);
        assertThat(activity(id)).containsExactly("webhook.created", "webhook.disabled", "webhook.updated", "webhook.updated");
        assertThat(database.query("select changes from activity where target_id = ? order by id desc", UUID.fromString(id))
                .get(0)).isEqualTo("{\"reason\":{\"before\":\"failing\",\"after\":null}}");
        api.as("viewer").get(NOTICES).then().body("items", hasSize(1)).body("items[0].resolvedAt", notNullValue());
        String event = api.asPlatform().body(Map.of("type", "order.create", "data", Map.of())).post("/api/v1/events").then()
                .statusCode(202).extract().path("events[0].id");
        Eventually.holds(() -> assertThat(database.query("select deliveries from event_identity where public_id = ?", event))
                .containsExactly(0));
        assertThat(database.count("select count(*) from webhook_queue where webhook_id = ?", UUID.fromString(id))).isZero();
    }

    @Test
    void whatFailedBeforeItWasChangedSwitchesNothingOff() {
        String id = made(Map.of());
        patch(id, Map.of("url", URL + "/new")).then().statusCode(200);

        assertThat(disable(id, 0, DisabledReason.GONE)).isFalse();

        api.as("viewer").get(ROOT + "/" + id).then().body("active", equalTo(true));
        assertThat(disable(UUID.randomUUID().toString(), 0, DisabledReason.GONE)).isFalse();
    }

    @Test
    void anotherUrlIsAnotherReceiver() {
        String id = made(Map.of("active", false));
        database.execute("update webhook_lane set failing_since = now(), failures = 7 where webhook_id = ?",
                UUID.fromString(id));

        patch(id, Map.of("description", "the same")).then().body("failingSince", notNullValue());
        patch(id, Map.of("url", URL + "/new")).then().body("failingSince", nullValue());

        assertThat(lane(id, "failures")).isEqualTo(0);
        assertThat(lane(id, "paused")).isEqualTo(true);
    }

    /** A claim looks at no row that is due before the lane's time: what has waited must not be hidden by it. */
    @Test
    void whatHasWaitedIsLookedAtFirst() {
        UUID id = UUID.fromString(made(Map.of("active", false)));
        UUID delivery = waiting(id, "now() - interval '3 days'");

        Object hidden = Behind.inTransaction(() -> lanes.startOver(id, true).chain(Panache::getSession)
                .flatMap(session -> session.createNativeQuery("""
                        select q.due < l.next_due from webhook_lane l join webhook_queue q on q.webhook_id = l.webhook_id
                         where q.delivery_id = :delivery
                        """, Boolean.class).setParameter("delivery", delivery).getSingleResult()));

        assertThat(hidden).isEqualTo(false);
    }

    @Test
    void whatWaitsForADeletedOneIsCancelledAndWhatIsBeingSentIsNot() {
        String id = made(Map.of("active", false));
        UUID webhook = UUID.fromString(id);
        UUID waiting = waiting(webhook, "now() + interval '1 hour'");
        UUID sending = waiting(webhook, "now() + interval '1 hour'");
        database.execute("update webhook_queue set claim = gen_random_uuid() where delivery_id = ?", sending);
        String other = made(Map.of("active", false));
        UUID others = waiting(UUID.fromString(other), "now() + interval '1 hour'");
        database.execute("""
                insert into webhook_replay (id, organization_id, webhook_id, from_at, to_at, state, created_at)
                select gen_random_uuid(), organization_id, id, now(), now(), 'all', now() from webhook where id = ?
                """, webhook);

        api.asOwner().delete(ROOT + "/" + id).then().statusCode(204);

        assertThat(database.query("select delivery_id from webhook_queue where delivery_id in (?, ?, ?)", waiting, sending,
                others)).containsExactlyInAnyOrder(sending, others);
        assertThat(database.query("""
                select concat_ws(' ', state, reason, finished_at = failed_at) from delivery where id = ?
                """, waiting)).containsExactly("cancelled webhook-deleted t");
        assertThat(database.query("select state from delivery where id in (?, ?)", sending, others))
                .containsExactly("pending", "pending");
        assertThat(database.query("select status from webhook_replay where webhook_id = ?", webhook))
                .containsExactly("cancelled");
    }

    @Test
    void deletingADisabledOneEndsItsNotice() {
        String id = made(Map.of());
        disable(id, 0, DisabledReason.GONE);

        api.asOwner().delete(ROOT + "/" + id).then().statusCode(204);

        api.as("viewer").get(NOTICES).then().body("items.resolvedAt", contains(notNullValue()));
        assertThat(disable(id, 2, DisabledReason.GONE)).isFalse();
    }

    private boolean disable(String id, long version, DisabledReason reason) {
        return Behind.await(() -> webhooks.disable(UUID.fromString(id), version, reason));
    }

    /** A delivery of an event that nobody published, which nobody sends: the webhook's lane is paused. */
    private UUID waiting(UUID webhook, String due) {
        UUID delivery = UUID.randomUUID();
        Timestamp at = (Timestamp) database.query("select now()").get(0);
        database.execute("""
                insert into delivery (id, at, organization_id, webhook_id, event_id)
                select ?, ?, organization_id, id, ? from webhook where id = ?
                """, delivery, at, UUID.randomUUID(), webhook);
        database.execute("""
                insert into webhook_queue (delivery_id, webhook_id, organization_id, event_id, at, due, bytes)
                select d.id, d.webhook_id, d.organization_id, d.event_id, d.at, %s, 2 from delivery d where d.id = ?
                """.formatted(due), delivery);
        return delivery;
    }
}
