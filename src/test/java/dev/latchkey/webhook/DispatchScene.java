package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.Receiver;

/** An organization whose events go to receivers, and what became of them. */
final class DispatchScene implements AutoCloseable {

    private final Api api = Api.ofNewOrganization();
    private final Behind database;
    private final List<Receiver> receivers = new ArrayList<>();

    DispatchScene(Behind database) {
        this.database = database;
    }

    Api api() {
        return api;
    }

    Receiver receiver() {
        Receiver receiver = Receiver.start();
        receivers.add(receiver);
        return receiver;
    }

    /** @return the webhook's id */
    String webhook(Receiver receiver) {
        return webhook(receiver, Map.of());
    }

    String webhook(Receiver receiver, Map<String, ?> others) {
        Map<String, Object> form = new HashMap<>(Map.of("url", receiver.url(), "events", List.of("order.create")));
        form.putAll(others);
        return api.asOwner().body(form).post("/api/v1/webhooks").then().statusCode(201).extract().path("id");
    }

    /** @return the event's id */
    String publish() {
        return publish(Map.of());
    }

    String publish(Map<String, ?> others) {
        return publish(1, others).get(0);
    }

    List<String> publish(int number, Map<String, ?> others) {
        List<Map<String, Object>> events = IntStream.range(0, number).mapToObj(i -> {
            Map<String, Object> event = new HashMap<>(Map.of("type", "order.create", "data", Map.of("number", i)));
            event.putAll(others);
            return event;
        }).toList();
        return api.asPlatform().body(Map.of("events", events)).post("/api/v1/events").then().statusCode(202).extract()
                .path("events.id");
    }

    /** A column of the only delivery to a webhook. */
    Object delivery(String webhook, String column) {
        List<Object> found = database.query("select " + column + " from delivery where webhook_id = ?",
                UUID.fromString(webhook));
        assertThat(found).hasSize(1);
        return found.get(0);
    }

    long deliveries(String webhook, String state) {
        return database.count("select count(*) from delivery where webhook_id = ? and state = ?", UUID.fromString(webhook),
                state);
    }

    long queued(String webhook) {
        return database.count("select count(*) from webhook_queue where webhook_id = ?", UUID.fromString(webhook));
    }

    long attempts(String webhook) {
        return database.count(
                "select count(*) from attempt a join delivery d on d.id = a.delivery_id and d.at = a.at where d.webhook_id = ?",
                UUID.fromString(webhook));
    }

    Object lane(String webhook, String column) {
        return database.query("select " + column + " from webhook_lane where webhook_id = ?", UUID.fromString(webhook)).get(0);
    }

    void setLane(String webhook, String change) {
        database.execute("update webhook_lane set " + change + " where webhook_id = ?", UUID.fromString(webhook));
    }

    void patch(String webhook, Map<String, ?> patch) {
        api.asOwner().contentType("application/merge-patch+json").body(patch).patch("/api/v1/webhooks/" + webhook).then()
                .statusCode(200);
    }

    /** Everything that was published is in the queue or has its fate. */
    void awaitFanOut() {
        Eventually.holds(() -> assertThat(database.count("select count(*) from event_outbox where organization_id = ?",
                database.organization(api))).isZero());
    }

    void awaitDelivered(String webhook, long number) {
        Eventually.holds(() -> assertThat(deliveries(webhook, "delivered")).isEqualTo(number));
        assertThat(queued(webhook)).isZero();
    }

    @Override
    public void close() {
        database.execute("delete from webhook_queue where organization_id = ?", database.organization(api));
        receivers.forEach(Receiver::close);
    }
}
