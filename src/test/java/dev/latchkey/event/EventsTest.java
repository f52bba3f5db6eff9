package dev.latchkey.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Inject;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.web.ProblemException;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class EventsTest extends EventCase {

    private static final JsonObject DATA = new JsonObject().put("z", 1).put("a", "ñ").put("b", new JsonObject().putNull("c"));

    @Inject
    Events events;

    @Test
    void anEventIsReadAsItWasPublished() {
        UUID id = publish("key.created", (UUID) null);

        api.as("viewer").get("/api/v1/events/" + id).then().statusCode(200).body("id", equalTo(id.toString()))
                .body("type", equalTo("key.created")).body("timestamp", notNullValue()).body("store", nullValue())
                .body("data.b.c", nullValue()).body(containsString("\"data\":" + DATA.encode()));
        list("").body("items.id", contains(id.toString()));
        assertThat(identities()).isEqualTo(1);
    }

    @Test
    void anEventOfWhatIsRolledBackNeverHappened() {
        assertThatThrownBy(() -> Behind.inTransaction(() -> events.publish(organization, Event.of("key.created", DATA))
                .map(done -> {
                    throw new IllegalStateException("changed my mind");
                }))).hasStackTraceContaining("changed my mind");
        list("").body("items", hasSize(0));
        assertThat(identities()).isZero();
    }

    @Test
    void thisServiceSpeaksOnlyOfItself() {
        for (String type : List.of("order.create", "key.unheard_of")) {
            assertThatThrownBy(() -> publish(type, (UUID) null)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void anEventWeighs256KiBAtMost() {
        JsonObject largest = new JsonObject().put("x", "x".repeat(Events.MAX_BYTES - "{\"x\":\"\"}".length()));
        Behind.inTransaction(() -> events.publish(organization, Event.of("key.created", largest)));
        JsonObject larger = new JsonObject().put("x", "ñ".repeat(Events.MAX_BYTES / 2));
        assertThatThrownBy(() -> Behind.inTransaction(() -> events.publish(organization, Event.of("key.created", larger))))
                .isInstanceOfSatisfying(ProblemException.class, refusal -> assertThat(refusal.code().status()).isEqualTo(413));
    }

    @Test
    void anEventOutlivesItsStore() {
        UUID store = UUID.fromString(api.createStore("madrid"));
        UUID id = publish("key.updated", store);
        for (String name : List.of("madrid", store.toString())) {
            list("?store=" + name).body("items.id", contains(id.toString()))
                    .body("items[0].store.id", equalTo(store.toString())).body("items[0].store.key", equalTo("madrid"));
        }
        api.asOwner().delete("/api/v1/stores/madrid").then().statusCode(204);
        list("?store=" + store).body("items[0].store.id", equalTo(store.toString()))
                .body("items[0].store.key", equalTo("madrid"));
        // As it was published before that was kept.
        behind.execute("update event set store_key = null where id = ?", id);
        list("?store=" + store).body("items[0].store.id", equalTo(store.toString())).body("items[0].store.key", nullValue());
    }

    @Test
    void aKeyThatIsLimitedToStoresSeesWhatHappenedThere() {
        UUID madrid = UUID.fromString(api.createStore("madrid"));
        UUID paris = UUID.fromString(api.createStore("paris"));
        UUID there = publish("key.updated", madrid);
        UUID elsewhere = publish("key.updated", paris);
        UUID nowhere = publish("key.updated", (UUID) null);
        String key = api.aKey().scopes("events:read").stores("madrid").create().key();

        Api.withKey(key).get("/api/v1/events").then().statusCode(200).body("items.id", contains(there.toString()));
        for (String name : List.of("paris", "nowhere")) {
            Api.withKey(key).get("/api/v1/events?store=" + name).then().statusCode(422).body("errors.field", contains("store"));
        }
        Api.withKey(key).get("/api/v1/events?store=" + paris).then().statusCode(200).body("items", hasSize(0));
        Api.withKey(key).get("/api/v1/events?store=madrid").then().body("items.id", contains(there.toString()));
        Api.withKey(key).get("/api/v1/events/" + there).then().statusCode(200);
        Api.withKey(key).get("/api/v1/events/" + elsewhere).then().statusCode(404);
        Api.withKey(key).get("/api/v1/events/" + nowhere).then().statusCode(404);
    }

    @Test
    void filtersNarrowAndPagesAreStable() {
        UUID a = publish("key.created", (UUID) null);
        UUID b = publish("key.revoked", (UUID) null);
        publish("order.create", "c");
        list("?type=key.created").body("items.id", contains(a.toString()));
        Instant at = Instant.parse(
                api.as("viewer").get("/api/v1/events/" + b).then().statusCode(200).extract().<String> path("timestamp"));
        list("?from=" + at).body("items.id", contains("c", b.toString()));
        list("?to=" + at).body("items.id", contains(a.toString()));

        String next = list("?limit=2").body("items.id", contains("c", b.toString())).extract().path("nextCursor");
        publish("order.create", "d");
        list("?limit=2&cursor=" + next).body("items.id", contains(a.toString())).body("nextCursor", nullValue());
        api.as("viewer").get("/api/v1/events?type=key.created&cursor=" + next).then().statusCode(400);
    }

    @ParameterizedTest
    @CsvSource({ "type, order.crate, order.create", "store, nowhere, store of this organization", "from, x, instant",
            "to, 2026-01-01, instant" })
    void whatCannotBeReadIsNamed(String parameter, String value, String hint) {
        api.as("viewer").queryParam(parameter, value).get("/api/v1/events").then().statusCode(422)
                .body("errors[0].field", equalTo(parameter)).body("errors[0].message", containsString(hint));
    }

    @ParameterizedTest
    @ValueSource(strings = { "unheard-of", "a%20b", "a%00b", "%C3%B1" })
    void whatIsNoEventIsNotFound(String id) {
        api.as("viewer").urlEncodingEnabled(false).get("/api/v1/events/" + id).then().statusCode(404).body("code",
                equalTo("not-found"));
    }

    @Test
    void anIdHasAHundredCharacters() {
        publish("order.create", "x".repeat(100));
        api.as("viewer").get("/api/v1/events/" + "x".repeat(100)).then().statusCode(200);
        assertThat(Events.isId("x".repeat(101))).isFalse();
        assertThat(Events.isId("")).isFalse();
        assertThat(Events.isId("order.1")).as("dots part the id from the rest in what is signed").isFalse();
    }

    @Test
    void eventTypesSpeakTheReadersLanguage() {
        api.as("viewer").header("Accept-Language", "es-MX,en;q=0.5").get("/api/v1/event-types").then().statusCode(200)
                .header("Content-Language", equalTo("es")).header("Vary", containsString("Accept-Language"))
                .body("items.find { it.name == 'key.revoked' }.description", containsString("Se revocó"))
                .body("items.find { it.name == 'key.revoked' }.source", equalTo("latchkey"))
                .body("items.find { it.name == 'order.create' }.source", equalTo("platform"))
                .body("items.find { it.name == 'order.create' }.example.data.lines[0].sku", equalTo("TSHIRT-M-BLUE"));
        api.as("viewer").header("Accept-Language", "fr").get("/api/v1/event-types").then().header("Content-Language",
                equalTo("en"));
        Api.withKey(api.aKey().create().key()).get("/api/v1/event-types").then().statusCode(200);
    }

    private UUID publish(String type, @Nullable UUID store) {
        return Behind.inTransaction(() -> events.publish(organization, new Event(type, store, DATA)));
    }

    private void publish(String type, String id) {
        api.asPlatform().body(Map.of("type", type, "id", id, "data", Map.of())).post("/api/v1/events").then().statusCode(202);
    }

    private long identities() {
        return behind.count("select count(*) from event_identity where organization_id = ?", organization);
    }

    private ValidatableResponse list(String query) {
        return api.as("viewer").urlEncodingEnabled(false).get("/api/v1/events" + query).then().statusCode(200);
    }
}
