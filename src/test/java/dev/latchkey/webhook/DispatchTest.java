package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.testing.Behaviour;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.Receiver;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is published reaches whoever asked for it, and what does not is tried again, given up or kept. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class DispatchTest {

    /** As TestDatabase sets it. */
    private static final int ATTEMPTS = 3;

    @Inject
    DataSource source;

    private Behind database;
    private DispatchScene scene;

    @BeforeEach
    void anOrganization() {
        database = new Behind(source);
        scene = new DispatchScene(database);
    }

    @AfterEach
    void stop() {
        scene.close();
    }

    @Test
    void anEventReachesEachWhoAskedForItOnceAndNobodyElse() {
        Receiver one = scene.receiver();
        Receiver other = scene.receiver();
        Receiver uninterested = scene.receiver();
        String first = scene.webhook(one);
        String second = scene.webhook(other, Map.of("events", List.of("order.update", "order.create")));
        String third = scene.webhook(uninterested, Map.of("events", List.of("order.update")));
        try (DispatchScene stranger = new DispatchScene(database)) {
            Receiver foreign = stranger.receiver();
            stranger.webhook(foreign);

            String id = scene.publish();

            scene.awaitDelivered(first, 1);
            scene.awaitDelivered(second, 1);
            assertThat(one.accepted(id)).isEqualTo(1);
            assertThat(other.accepted(id)).isEqualTo(1);
            assertThat(uninterested.requests()).isZero();
            assertThat(foreign.requests()).isZero();
            assertThat(scene.deliveries(third, "pending")).isZero();
            assertThat(database.query("select deliveries from event_identity where public_id = ?", id)).containsExactly(2);
        }
    }

    @Test
    void aMessageTellsTheEventAsItWasPublishedAndItsTrace() {
        Receiver receiver = scene.receiver();
        String webhook = scene.webhook(receiver);
        String store = scene.api().createStore("madrid");
        String trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        String id = scene.api().asPlatform().header("traceparent", trace)
                .body("{\"type\": \"order.create\", \"store\": \"madrid\", \"data\": {\"z\": 1.50, \"a\": \"ñ\"}}")
                .post("/api/v1/events").then().statusCode(202).extract().path("events[0].id");

        scene.awaitDelivered(webhook, 1);

        Receiver.Received message = receiver.last();
        assertThat(message.id()).isEqualTo(id);
        assertThat(message.body()).startsWith("{\"id\":\"" + id + "\",\"type\":\"order.create\",\"timestamp\":\"")
                .contains("\"store\":{\"id\":\"" + store + "\",\"key\":\"madrid\"}").contains("{\"z\": 1.50, \"a\": \"ñ\"}");
        assertThat(message.headers()).containsEntry("traceparent", trace).containsEntry("content-type", "application/json");
        assertThat(scene.delivery(webhook, "attempts || ' ' || status || ' ' || coalesce(error, '-')")).isEqualTo("1 200 -");
        assertThat(scene.attempts(webhook)).isEqualTo(1);
    }

    @Test
    void whatIsSentAgainIsTheSameWhateverBecameOfItsStore() {
        Receiver receiver = scene.receiver().behaving(Behaviour.failing(500));
        String webhook = scene.webhook(receiver);
        scene.api().createStore("madrid");
        scene.publish(Map.of("store", "madrid"));
        Eventually.holds(() -> assertThat(scene.deliveries(webhook, "exhausted")).isEqualTo(1));
        String told = receiver.last().body();
        assertThat(told).contains("\"key\":\"madrid\"");
        Object delivery = scene.delivery(webhook, "id");
        receiver.behaving(Behaviour.healthy());

        scene.api().asOwner().contentType("application/merge-patch+json").body(Map.of("key", "mad"))
                .patch("/api/v1/stores/madrid").then().statusCode(200);
        sentAgain(webhook, delivery);
        assertThat(receiver.last().body()).isEqualTo(told);
        scene.api().asOwner().delete("/api/v1/stores/mad").then().statusCode(204);
        sentAgain(webhook, delivery);
        assertThat(receiver.last().body()).isEqualTo(told);
        scene.api().as("viewer").get("/api/v1/deliveries/" + delivery).then()
                .body("request.body.store.key", equalTo("madrid"));
    }

    /** Of events that were published before their store's key was kept. */
    @Test
    void whereTheKeyOfTheStoreWasNotKeptItIsTheOneOfNow() {
        Receiver receiver = scene.receiver();
        String webhook = scene.webhook(receiver);
        scene.api().createStore("madrid");
        String id = scene.publish(Map.of("store", "madrid"));
        scene.awaitDelivered(webhook, 1);
        String told = receiver.last().body();
        database.execute("update event set store_key = null where public_id = ?", id);

        sentAgain(webhook, scene.delivery(webhook, "id"));

        assertThat(receiver.last().body()).isEqualTo(told);
    }

    private void sentAgain(String webhook, Object delivery) {
        long before = scene.attempts(webhook);
        scene.api().as("developer").post("/api/v1/deliveries/" + delivery + "/retry").then().statusCode(202);
        Eventually.holds(() -> assertThat(scene.attempts(webhook)).isEqualTo(before + 1));
        scene.awaitDelivered(webhook, 1);
    }

    @Test
    void anEventOfAnotherStoreIsNotToldToWhoAskedForOne() {
        Receiver receiver = scene.receiver();
        scene.api().createStore("madrid");
        scene.api().createStore("paris");
        String webhook = scene.webhook(receiver, Map.of("stores", List.of("madrid")));

        String there = scene.publish(Map.of("store", "madrid"));
        scene.publish(Map.of("store", "paris"));
        scene.publish();
        scene.awaitFanOut();

        scene.awaitDelivered(webhook, 1);
        assertThat(receiver.ids()).containsExactly(there);
    }

    @Test
    void whatFailsIsTriedAgainUntilItSucceeds() {
        Receiver receiver = scene.receiver().behaving(Behaviour.failingTimes(2));
        String webhook = scene.webhook(receiver);

        String id = scene.publish();

        scene.awaitDelivered(webhook, 1);
        assertThat(receiver.times(id)).isEqualTo(3);
        assertThat(scene.attempts(webhook)).isEqualTo(3);
        assertThat(scene.lane(webhook, "failures")).isEqualTo(0);
        assertThat(scene.lane(webhook, "failing_since")).isNull();
    }

    @Test
    void whatFailsToTheEndOfTheScheduleIsGivenUp() {
        Receiver receiver = scene.receiver().behaving(Behaviour.failing(500));
        String webhook = scene.webhook(receiver);

        scene.publish();

        Eventually.holds(() -> assertThat(scene.deliveries(webhook, "exhausted")).isEqualTo(1));
        assertThat(scene.queued(webhook)).isZero();
        assertThat(scene.attempts(webhook)).isEqualTo(ATTEMPTS);
        assertThat(scene.delivery(webhook, "reason || ' ' || status || ' ' || error")).isEqualTo("schedule 500 http-status");
        assertThat(scene.delivery(webhook, "failed_at is not null and finished_at is not null")).isEqualTo(true);
        assertThat(scene.lane(webhook, "failures")).isEqualTo(ATTEMPTS);
        assertThat(scene.lane(webhook, "failing_since")).isNotNull();
    }

    @Test
    void whoWantsNothingAnyMoreIsDisabledAtOnceAndWhatWaitsStays() {
        Receiver receiver = scene.receiver().behaving(Behaviour.gone());
        String webhook = scene.webhook(receiver);

        scene.publish();

        Eventually.holds(() -> scene.api().as("viewer").get("/api/v1/webhooks/" + webhook).then()
                .body("active", equalTo(false)).body("disabledReason", equalTo("gone")));
        scene.publish();
        scene.awaitFanOut();
        assertThat(scene.queued(webhook)).isEqualTo(2);
        receiver.behaving(Behaviour.healthy());
        scene.patch(webhook, Map.of("active", true));
        scene.awaitDelivered(webhook, 2);
    }

    @Test
    void whoHasFailedForDaysIsDisabledByTheNextFailure() {
        Receiver receiver = scene.receiver().behaving(Behaviour.failing(500));
        String webhook = scene.webhook(receiver);
        scene.setLane(webhook, "failing_since = now() - interval '4 days', failures = 7");
        scene.publish();
        Eventually.holds(() -> assertThat(scene.deliveries(webhook, "exhausted")).isEqualTo(1));
        scene.api().as("viewer").get("/api/v1/webhooks/" + webhook).then().body("active", equalTo(true));

        scene.setLane(webhook, "failing_since = now() - interval '6 days'");
        scene.publish();

        Eventually.holds(() -> scene.api().as("viewer").get("/api/v1/webhooks/" + webhook).then()
                .body("active", equalTo(false)).body("disabledReason", equalTo("failing")));
    }

    @Test
    void aReceiverThatAsksForQuietIsLeftAloneAlsoWhenSomethingElseSucceeds() {
        Receiver receiver = scene.receiver().behaving(Behaviour.retryAfter(503, 3600));
        String webhook = scene.webhook(receiver);
        scene.publish();
        Eventually.holds(() -> assertThat(scene.lane(webhook, "held_until > now() + interval '50 minutes'")).isEqualTo(true));
        receiver.behaving(Behaviour.healthy());

        scene.publish();
        scene.awaitFanOut();

        assertThat(scene.queued(webhook)).isEqualTo(2);
        assertThat(receiver.requests()).isEqualTo(1);
        assertThat(database.count(
                "select count(*) from webhook_queue where webhook_id = ? and due > now() + interval '50 minutes'",
                UUID.fromString(webhook))).as("that was refused").isEqualTo(1);
        scene.setLane(webhook, "held_until = '-infinity'");
        Eventually.holds(() -> assertThat(receiver.requests()).isEqualTo(2));
    }

    @Test
    void whatAPersonSwitchedOffKeepsWhatWaitsAndGetsNothingNew() {
        Receiver receiver = scene.receiver().behaving(Behaviour.failing(503));
        String webhook = scene.webhook(receiver);
        scene.publish();
        Eventually.holds(() -> assertThat(receiver.requests()).isPositive());
        scene.patch(webhook, Map.of("active", false));
        receiver.behaving(Behaviour.healthy());
        scene.publish();
        scene.awaitFanOut();
        assertThat(scene.queued(webhook)).isEqualTo(1);

        scene.patch(webhook, Map.of("active", true));

        scene.awaitDelivered(webhook, 1);
        assertThat(receiver.messages()).isEqualTo(1);
    }

    @Test
    void whatWaitsForADeletedWebhookIsCancelled() {
        Receiver receiver = scene.receiver().behaving(Behaviour.retryAfter(503, 3600));
        String webhook = scene.webhook(receiver);
        scene.publish();
        Eventually.holds(() -> assertThat(scene.lane(webhook, "held_until > now()")).isEqualTo(true));

        scene.api().asOwner().delete("/api/v1/webhooks/" + webhook).then().statusCode(204);

        Eventually.holds(() -> assertThat(scene.deliveries(webhook, "cancelled")).isEqualTo(1));
        assertThat(scene.queued(webhook)).isZero();
        assertThat(scene.delivery(webhook, "reason")).isEqualTo("webhook-deleted");
    }

    @Test
    void whoeverHangsHoldsUpNobodyElse() {
        Receiver hanging = scene.receiver().behaving(Behaviour.hanging());
        String stuck = scene.webhook(hanging);
        Receiver healthy = scene.receiver();
        String webhook = scene.webhook(healthy);

        scene.publish(100, Map.of());

        Eventually.within(Duration.ofSeconds(10), () -> assertThat(scene.deliveries(webhook, "delivered")).isEqualTo(100));
        assertThat(scene.deliveries(stuck, "pending")).isEqualTo(100);
        assertThat(hanging.requests()).as("by its slots").isLessThan(50);
    }

    @Test
    void anOrganizationOfWhichAllHangsLeavesRoomForOthers() {
        for (int i = 0; i < 10; i++) {
            scene.webhook(scene.receiver().behaving(Behaviour.hanging()));
        }
        scene.publish(20, Map.of());
        scene.awaitFanOut();
        try (DispatchScene other = new DispatchScene(database)) {
            Receiver healthy = other.receiver();
            String webhook = other.webhook(healthy);

            other.publish(50, Map.of());

            Eventually.within(Duration.ofSeconds(10), () -> assertThat(other.deliveries(webhook, "delivered")).isEqualTo(50));
        }
    }

    @Test
    void manyEventsReachManyOnceEach() {
        List<Receiver> receivers = List.of(scene.receiver(), scene.receiver(), scene.receiver());
        List<String> webhooks = receivers.stream().map(scene::webhook).toList();
        for (int i = 0; i < 4; i++) {
            scene.publish(250, Map.of());
        }
        webhooks.forEach(webhook -> scene.awaitDelivered(webhook, 1000));
        receivers.forEach(receiver -> {
            assertThat(receiver.messages()).isEqualTo(1000);
            assertThat(receiver.acceptedAgain()).isZero();
        });
    }

    @Test
    void largeEventsAreDeliveredThoughMemoryHasRoomForFew() {
        Receiver receiver = scene.receiver();
        String webhook = scene.webhook(receiver);
        String large = "x".repeat(200_000);
        for (int i = 0; i < 4; i++) {
            scene.publish(20, Map.of("data", Map.of("text", large)));
        }
        scene.awaitDelivered(webhook, 80);
        assertThat(receiver.acceptedAgain()).isZero();
    }
}
