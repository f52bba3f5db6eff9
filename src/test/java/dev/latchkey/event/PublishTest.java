package dev.latchkey.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.Together;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the platform publishes: accepted once, all of it or nothing, as it was written. */
@QuarkusTest
class PublishTest {

    private static final String EVENTS = "/api/v1/events";
    private static final String DATA = "{\"z\": 1.50,\n \"a\":1e2 ,\"ñ\":[\"\\u00f1\", 12345678901234567890.10]}";

    @Inject
    DataSource database;
    @Inject
    Outbox outbox;

    private Behind behind;
    private Api api;
    private UUID organization;

    @BeforeEach
    void aNewOrganization() {
        behind = new Behind(database);
        api = Api.ofNewOrganization();
        organization = behind.organization(api);
    }

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

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "{\"type\": \"order.crate\", \"data\": {}} | type | did you mean order.create",
            "{\"type\": \"key.revoked\", \"data\": {}} | type | by this service alone",
            "{\"type\": \"order.create\", \"data\": {}, \"store\": \"nowhere\"} | store | is not a store of this organization",
            "{\"type\": \"order.create\", \"data\": {}, \"store\": \"01890a5d-ac96-774b-bcce-b302099a8057\"} | store | is not a store",
            "{\"type\": \"order.create\", \"data\": [1]} | data | must be a JSON object",
            "{\"type\": \"order.create\", \"data\": {\"a\": [\"\\u0000\"]}} | data | NUL",
            "{\"type\": \"order.create\", \"data\": {\"\\ud800\": 1}} | data | surrogates",
            "{\"type\": \"order.create\"} | data | is required", "{\"data\": {}} | type | is required",
            "{\"type\": \"order.create\", \"data\": {}, \"id\": \"a b\"} | id | letters, digits",
            "{\"type\": \"order.create\", \"data\": {}, \"id\": \"a.b\"} | id | letters, digits",
            "{\"type\": \"order.create\", \"data\": {}, \"id\": \"\"} | id | letters, digits",
            "{\"type\": \"order.create\", \"data\": {}, \"at\": 1} | at | is not a field",
            "{\"type\": 1, \"data\": {}} | type | must be text" })
    void aBadOneIsNamedAndRejectsItsBatch(String bad, String field, String hint) {
        publish(bad).then().statusCode(422).body("errors[0].field", equalTo(field))
                .body("errors[0].message", containsString(hint));
        publish(batch(event("a"), bad, event("b"))).then().statusCode(422)
                .body("errors[0].field", equalTo("events[1]." + field)).body("errors[0].message", containsString(hint));
        assertThat(count()).isZero();
    }

    @Test
    void everyBadOneIsNamed() {
        publish(batch(event("a").replace("order.create", "x.y"), event("b"), event("c").replace("order.create", "key.created")))
                .then().statusCode(422).body("errors.field", contains("events[0].type", "events[2].type"));
        publish(batch(event("a").replace("\"id\"", "\"store\": \"n\", \"id\""), event("b"),
                event("c").replace("\"id\"", "\"store\": \"n\", \"id\""))).then().statusCode(422)
                .body("errors.field", contains("events[0].store", "events[2].store"));
        assertThat(count()).isZero();
    }

    @Test
    void ofManyUnknownTypesAFewAreComparedWithThoseThatThereAre() {
        List<String> repeated = IntStream.range(0, 250).mapToObj(i -> event("r" + i).replace("order.create", "order.crate"))
                .toList();
        List<String> others = IntStream.range(0, 250).mapToObj(i -> event("o" + i).replace("order.create", "order.cr" + i))
                .toList();

        List<String> messages = publish(batch(Stream.concat(repeated.stream(), others.stream()).toList())).then()
                .statusCode(422).body("errors", hasSize(500)).extract().path("errors.message");

        assertThat(messages).allMatch(message -> message.startsWith("is not an event type"));
        assertThat(messages.subList(0, 250)).allMatch(message -> message.contains("did you mean order.create"));
        assertThat(messages.subList(250, 500)).filteredOn(message -> message.contains("did you mean"))
                .hasSizeLessThan(Publishing.MOST_COMPARED);
        assertThat(count()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = { "", "null", "[]", "5", "{", "{\"type\": \"order.create\", \"data\": {}} x",
            "{\"type\": \"order.create\", \"data\": {}}{}", "{\"type\": \"order.create\", \"data\": {\"a\": 1, \"a\": 2}}",
            "{\"type\": \"order.create\", \"data\": {\"a\": 01}}" })
    void whatIsNoJsonObjectIsRefused(String body) {
        publish(body).then().statusCode(400).body("code", equalTo("malformed-request"));
        assertThat(count()).isZero();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = { "{\"events\": []} | events", "{} | type",
            "{\"events\": [null]} | events[0]", "{\"events\": {}} | events",
            "{\"events\": [{\"type\": \"order.create\", \"data\": {}}], \"type\": \"order.create\"} | events" })
    void aBodyIsOneEventOrABatch(String body, String field) {
        publish(body).then().statusCode(422).body("errors[0].field", equalTo(field));
    }

    @Test
    void whatIsNotUtf8IsRefused() {
        byte[] latin = event("a").replace("{}", "{\"a\": \"ñ\"}").getBytes(StandardCharsets.ISO_8859_1);
        api.asPlatform().body(latin).post(EVENTS).then().statusCode(400);
        byte[] marked = ("\uFEFF" + event("a")).getBytes(StandardCharsets.UTF_8);
        api.asPlatform().body(marked).post(EVENTS).then().statusCode(202);
    }

    @Test
    void anEventWeighs256KiBAtMost() {
        String largest = "{\"x\":\"" + "x".repeat(Events.MAX_BYTES - "{\"x\":\"\"}".length()) + "\"}";
        String larger = "{\"x\":\"" + "ñ".repeat(Events.MAX_BYTES / 2) + "\"}";
        accepted(event("largest").replace("{}", largest));
        publish(batch(event("a"), event("b").replace("{}", larger))).then().statusCode(413)
                .body("errors[0].field", equalTo("events[1].data"));
        assertThat(count()).isEqualTo(1);
    }

    @Test
    void aBatchWeighs8MiBAtMost() {
        String heavy = "{\"x\":\"" + "x".repeat(Events.MAX_BYTES - 100) + "\"}";
        List<String> events = IntStream.range(0, 33).mapToObj(i -> event("i" + i).replace("{}", heavy)).toList();
        try (var together = new Together(3)) {
            together.run(() -> accepted(batch(events.subList(0, 31))).body("events", hasSize(31)));
        }
        publish(batch(events)).then().statusCode(413);
        assertThat(count()).isEqualTo(31);
    }

    @Test
    void aKeyThatIsLimitedToStoresPublishesForThese() {
        api.createStore("madrid");
        String paris = api.createStore("paris");
        String key = api.aKey().scopes("events:publish").stores("madrid").create().key();
        String there = "{\"type\": \"order.create\", \"store\": \"madrid\", \"data\": {}}";

        Api.withKey(key).body(batch(there, there)).post(EVENTS).then().statusCode(202);
        for (String elsewhere : List.of(there.replace("madrid", "paris"), there.replace("madrid", paris),
                there.replace("madrid", "nowhere"), "{\"type\": \"order.create\", \"data\": {}}")) {
            Api.withKey(key).body(batch(there, elsewhere)).post(EVENTS).then().statusCode(403)
                    .body("code", equalTo("store-forbidden")).body("errors[0].field", equalTo("events[1].store"));
        }
        assertThat(count()).isEqualTo(2);
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

    @Test
    void whatIsRefusedUnderAnIdempotencyKeyPublishesNothing() {
        String once = UUID.randomUUID().toString();
        for (int i = 0; i < 2; i++) {
            platform().header("Idempotency-Key", once)
                    .body(batch(event("a"), event("b").replace("\"id\"", "\"store\": \"n\", \"id\"")))
                    .post(EVENTS).then().statusCode(422).body("errors[0].field", equalTo("events[1].store"));
        }
        assertThat(count()).isZero();
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

    private static String event(String id) {
        return "{\"type\": \"order.create\", \"id\": \"" + id + "\", \"data\": {}}";
    }

    private static List<String> events(int count) {
        return IntStream.range(0, count).mapToObj(i -> event("i" + i)).toList();
    }

    private static String batch(String... events) {
        return batch(List.of(events));
    }

    private static String batch(List<String> events) {
        return events.stream().collect(Collectors.joining(", ", "{\"events\": [", "]}"));
    }

    private static List<?> outcome(String id, boolean duplicate) {
        return List.of(Map.of("id", id, "duplicate", duplicate));
    }

    private RequestSpecification platform() {
        return api.asPlatform();
    }

    private Response publish(String body) {
        return platform().body(body).post(EVENTS);
    }

    private ValidatableResponse accepted(String body) {
        return publish(body).then().statusCode(202);
    }

    private ValidatableResponse listed() {
        return api.as("viewer").get(EVENTS).then().statusCode(200);
    }

    private long count() {
        return behind.count("select count(*) from event where organization_id = ? and type not like 'key.%'", organization);
    }
}
