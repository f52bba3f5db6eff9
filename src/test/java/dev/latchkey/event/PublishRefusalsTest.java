package dev.latchkey.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Together;
import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is not published, and how that is told: nothing of a batch that holds it is, either. */
@QuarkusTest
class PublishRefusalsTest extends PublishCase {

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
    void whatIsRefusedUnderAnIdempotencyKeyPublishesNothing() {
        String once = UUID.randomUUID().toString();
        for (int i = 0; i < 2; i++) {
            platform().header("Idempotency-Key", once)
                    .body(batch(event("a"), event("b").replace("\"id\"", "\"store\": \"n\", \"id\"")))
                    .post(EVENTS).then().statusCode(422).body("errors[0].field", equalTo("events[1].store"));
        }
        assertThat(count()).isZero();
    }
}
