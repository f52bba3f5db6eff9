package dev.latchkey.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import jakarta.inject.Inject;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Together;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the platform publishes: accepted once, all of it or nothing, as it was written. */
@QuarkusTest
class PublishTest extends PublishCase {

    private static final String DATA = "{\"z\": 1.50,\n \"a\":1e2 ,\"ñ\":[\"\\u00f1\", 12345678901234567890.10]}";

    @Inject
    Outbox outbox;

    @Test
    void anEventIsAcceptedAndReadAsItWasWritten() {
        String id = accepted("{\"type\": \"order.create\", \"data\": " + DATA + "}").body("events", hasSize(1))
                .body("events[0].duplicate", equalTo(false)).extract().path("events[0].id");

        api.as("viewer").get(EVENTS + "/" + id).then().statusCode(200).body("id", equalTo(id))
                .body("type", equalTo("order.create")).body("store", nullValue()).body("timestamp", notNullValue())
                .body(containsString("\"data\":" + DATA));
    }

    @Test
    void aBatchIsAcceptedInItsOrder() {
        api.createStore("madrid");
        List<String> ids = accepted(
                batch(event("a"), "{\"type\": \"order.update\", \"store\": \"madrid\", \"data\": {}}", event("b")))
                .body("events.duplicate", contains(false, false, false)).extract().path("events.id");

        assertThat(ids).hasSize(3).startsWith("a").endsWith("b");
        List<String> newestFirst = new ArrayList<>(ids);
        Collections.reverse(newestFirst);
        listed().body("items.id", equalTo(newestFirst)).body("items[1].store.key", equalTo("madrid"));
    }

    @Test
    void fiveHundredAreAcceptedAtOnceAndNotOneMore() {
        accepted(batch(events(500))).body("events", hasSize(500));
        assertThat(count()).isEqualTo(500);

        publish(batch(events(501))).then().statusCode(422).body("errors[0].field", equalTo("events"));
        assertThat(count()).isEqualTo(500);
    }

    @Test
    void theSameIdIsAcceptedOnceInAnOrganization() {
        accepted(event("order-1:v1")).body("events", equalTo(outcome("order-1:v1", false)));
        accepted(event("order-1:v1").replace("order.create", "order.update")).body("events",
                equalTo(outcome("order-1:v1", true)));
        api.as("viewer").get(EVENTS + "/order-1:v1").then().statusCode(200).body("type", equalTo("order.create"));
        assertThat(count()).isEqualTo(1);

        api = Api.ofNewOrganization();
        accepted(event("order-1:v1")).body("events", equalTo(outcome("order-1:v1", false)));
    }

    @Test
    void ofTheSameIdTwiceInABatchTheFirstStands() {
        accepted(event("old"));
        accepted(batch(event("x"), event("old"), event("x").replace("order.create", "order.update"), event("y")))
                .body("events.id", contains("x", "old", "x", "y")).body("events.duplicate", contains(false, true, true, false));
        api.as("viewer").get(EVENTS + "/x").then().body("type", equalTo("order.create"));
        assertThat(count()).isEqualTo(3);
    }

    @Test
    void ofManyWhoPublishTheSameIdAtOnceOneIsNew() {
        for (int round = 0; round < 5; round++) {
            String id = "race-" + round;
            try (var together = new Together(8)) {
                assertThat(together.call(() -> accepted(event(id)).extract().<Boolean> path("events[0].duplicate")))
                        .containsOnlyOnce(false);
            }
        }
        assertThat(count()).isEqualTo(5);
    }

    @Test
    void publishersOfTheSameIdsInAnotherOrderDoNotBlockEachOther() {
        AtomicInteger turn = new AtomicInteger();
        for (int round = 0; round < 5; round++) {
            List<String> ids = IntStream.range(round * 100, round * 100 + 100).mapToObj(i -> event("i" + i)).toList();
            try (var together = new Together(4)) {
                List<Integer> fresh = together.call(() -> {
                    List<String> mine = new ArrayList<>(ids);
                    Collections.shuffle(mine, new Random(turn.incrementAndGet()));
                    return accepted(batch(mine)).extract().<List<Boolean>> path("events.duplicate").stream()
                            .mapToInt(duplicate -> duplicate ? 0 : 1).sum();
                });
                assertThat(fresh.stream().mapToInt(Integer::intValue).sum()).isEqualTo(100);
            }
        }
    }

    @Test
    void aStoreIsNamedByItsIdToo() {
        String madrid = api.createStore("madrid");
        accepted("{\"type\": \"order.create\", \"store\": \"" + madrid + "\", \"data\": {}}");
        listed().body("items[0].store.key", equalTo("madrid"));
    }

    @Test
    void anIdempotencyKeyGivesTheFirstAnswerAgain() {
        String body = batch("{\"type\": \"order.create\", \"data\": " + DATA + "}",
                "{\"type\": \"order.create\", \"data\": {\"a\": \"\\\\\\\"{},\"}}");
        String once = UUID.randomUUID().toString();
        Response first = platform().header("Idempotency-Key", once).body(body).post(EVENTS);
        first.then().statusCode(202);

        platform().header("Idempotency-Key", once).body(body).post(EVENTS).then().statusCode(202)
                .header("Idempotency-Replayed", "true").body(equalTo(first.asString()));
        platform().header("Idempotency-Key", once).body(body + " ").post(EVENTS).then().statusCode(422).body("code",
                equalTo("idempotency-mismatch"));
        assertThat(count()).isEqualTo(2);
        api.as("viewer").get(EVENTS + "/" + first.path("events[0].id")).then().body(containsString("\"data\":" + DATA));
        api.as("viewer").get(EVENTS + "/" + first.path("events[1].id")).then()
                .body(containsString("\"data\":{\"a\": \"\\\\\\\"{},\"}"));
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01, 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what, 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what, -",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01, -",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01, -",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01, -",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01, -", "x, -" })
    void theTraceOfItsRequestTravelsAlong(String header, String kept) {
        platform().header("traceparent", header).body(event("a")).post(EVENTS).then().statusCode(202);
        assertThat(behind.query("select trace from event where organization_id = ?", organization))
                .isEqualTo(Collections.singletonList(kept));
    }

    @Test
    void whoeverFansOutIsToldAndWhatIsPublishedCounted() {
        AtomicInteger told = new AtomicInteger();
        outbox.onArrival(told::incrementAndGet);
        double before = published();

        accepted(batch(event("a"), event("a"), event("b")));
        platform().header("Idempotency-Key", UUID.randomUUID().toString()).body(event("c")).post(EVENTS).then()
                .statusCode(202);

        assertThat(published() - before).isGreaterThanOrEqualTo(3);
        assertThat(told).hasValueGreaterThanOrEqualTo(2);
    }

    private static double published() {
        return RestAssured.given().get("/q/metrics").asString().lines()
                .filter(line -> line.startsWith("latchkey_events_published_total"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ')))).sum();
    }

    private static List<?> outcome(String id, boolean duplicate) {
        return List.of(Map.of("id", id, "duplicate", duplicate));
    }

    private ValidatableResponse listed() {
        return api.as("viewer").get(EVENTS).then().statusCode(200);
    }
}
