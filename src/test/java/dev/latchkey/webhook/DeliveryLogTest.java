package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.DeliveryRows;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is told of deliveries, and to whom. */
@QuarkusTest
@NullUnmarked
class DeliveryLogTest extends WebhookCase {

    private static final Instant AT = DeliveryRows.ago(1, ChronoUnit.HOURS);

    private DeliveryRows rows;
    private String webhook;

    @BeforeEach
    void aWebhook() {
        rows = new DeliveryRows(database, database.organization(api));
        webhook = made(Map.of());
        rows.hold(webhook);
    }

    @Test
    void aListTellsTheNewestFirstInStablePages() {
        for (int i = 0; i < 5; i++) {
            rows.delivery(webhook, "e" + i, "delivered", AT.plusSeconds(i));
        }
        rows.delivery(made(Map.of()), "others", "delivered", AT);

        String next = list("?limit=3").body("items.eventId", contains("e4-1", "e3-1", "e2-1")).extract().path("nextCursor");
        rows.delivery(webhook, "late", "delivered", AT.plusSeconds(9));
        list("?limit=3&cursor=" + next).body("items.eventId", contains("e1-1", "e0-1")).body("nextCursor", nullValue());
        api.as("viewer").get(ROOT + "/" + webhook + "/deliveries?state=delivered&cursor=" + next).then().statusCode(400);
    }

    @Test
    void anItemTellsHowFarItHasCome() {
        UUID id = rows.delivery(webhook, "a", "exhausted", AT);
        list("").body("items[0].id", equalTo(id.toString())).body("items[0].eventType", equalTo("order.create"))
                .body("items[0].state", equalTo("exhausted")).body("items[0].reason", equalTo("schedule"))
                .body("items[0].attempts", equalTo(3)).body("items[0].lastStatus", equalTo(503))
                .body("items[0].lastError", equalTo("http-status"))
                .body("items[0].createdAt", equalTo(AT.truncatedTo(ChronoUnit.MILLIS).toString()))
                .body("items[0].lastAttemptAt", notNullValue()).body("items[0].nextAttemptAt", nullValue())
                .body("items[0].finishedAt", notNullValue());
    }

    @Test
    void aStateOrAnEventNarrowsTheList() {
        for (String state : List.of("pending", "delivered", "exhausted", "cancelled")) {
            rows.delivery(webhook, state, state, AT);
        }
        for (String state : List.of("pending", "delivered", "exhausted", "cancelled")) {
            list("?state=" + state).body("items.eventId", contains(state + "-1"));
            list("?event=" + state + "-1").body("items.state", contains(state));
        }
        list("?event=delivered-1&state=pending").body("items", hasSize(0));
        list("?event=unheard-of").body("items", hasSize(0));
    }

    @Test
    void aTypeOrASpanOfTimeNarrowsTheList() {
        for (int hour = 1; hour <= 30; hour += 29) {
            Instant at = AT.minus(hour, ChronoUnit.HOURS);
            rows.delivery(webhook, "o" + hour, "exhausted", at);
            rows.delivery(webhook, "p" + hour, "pending", at);
            database.execute("update event set type = 'product.update' where public_id = ? and organization_id = ?",
                    "p" + hour + "-1", database.organization(api));
        }
        list("?type=product.update").body("items.eventId", contains("p1-1", "p30-1"));
        list("?type=product.update&state=exhausted").body("items", hasSize(0));
        String between = "?from=" + AT.minus(30, ChronoUnit.HOURS) + "&to=" + AT.minus(1, ChronoUnit.HOURS);
        list(between + "&type=order.create").body("items.eventId", contains("o30-1"));
        list(between + "&state=pending").body("items.eventId", contains("p30-1"));
        list("?from=" + AT.minus(2, ChronoUnit.HOURS)).body("items", hasSize(2));
        list("?to=" + AT.minus(30, ChronoUnit.HOURS)).body("items", hasSize(0));
    }

    /** Where few wait among many, and where many do. */
    @ParameterizedTest
    @ValueSource(ints = { 5, 10_005 })
    void whatWaitsIsFoundHoweverMuchThatIs(int waiting) {
        rows.many(webhook, "w", "pending", AT, waiting);
        rows.many(webhook, "d", "delivered", AT.plusSeconds(1), 20);

        List<String> seen = new ArrayList<>();
        String next = list("?state=pending&limit=3").body("items.state", contains("pending", "pending", "pending")).extract()
                .path("nextCursor");
        for (int page = 0; page < 3 && next != null; page++) {
            var shown = list("?state=pending&limit=3&cursor=" + next).extract();
            seen.addAll(shown.path("items.id"));
            next = shown.path("nextCursor");
        }
        assertThat(seen).hasSize(Math.min(waiting - 3, 9)).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @CsvSource({ "state, lost", "event, a%20b", "event, %00", "limit, 0", "from, today", "type, %00" })
    void whatCannotBeReadIsNamed(String parameter, String value) {
        api.as("viewer").urlEncodingEnabled(false).get(ROOT + "/" + webhook + "/deliveries?" + parameter + "=" + value).then()
                .statusCode(422).body("errors[0].field", equalTo(parameter));
    }

    @Test
    void aTypeThatIsNoneIsRefusedAsInTheListOfEvents() {
        String query = "?type=order.craete";
        String message = refusedType("/api/v1/events" + query);
        assertThat(message).startsWith("is not an event type").contains("order.create");
        assertThat(refusedType(ROOT + "/" + webhook + "/deliveries" + query)).isEqualTo(message);
    }

    private String refusedType(String list) {
        return api.as("viewer").get(list).then().statusCode(422).body("errors", hasSize(1))
                .body("errors[0].field", equalTo("type")).extract().path("errors[0].message");
    }

    @Test
    void eachAttemptIsToldWithWhatCameBack() {
        UUID id = rows.delivery(webhook, "a", "pending", AT);
        attempt(id, 1, 503, "http-status", null, "[[\"Content-Type\",\"text/plain\"],[\"Via\",\"a\"],[\"Via\",\"b\"]]", "Down");
        attempt(id, 2, null, "timeout-response", null, null, null);
        attempt(id, 3, null, "tls", "no-tls", null, null);
        attempt(id, 4, 302, "redirect", null, "[[\"location\",\"/login?secret=1\"]]", "");
        attempt(id, 5, 200, null, null, "[]", "ok");

        delivery(id).body("id", equalTo(id.toString())).body("webhookId", equalTo(webhook)).body("eventId", equalTo("a-1"))
                .body("state", equalTo("pending")).body("nextAttemptAt", notNullValue()).body("request.url", equalTo(URL))
                .body(containsString("\"data\":" + DeliveryRows.DATA)).body("request.body.id", equalTo("a-1"))
                .body("request.body.store", nullValue()).body("attempts", hasSize(5))
                .body("attempts[0].statusCode", equalTo(503)).body("attempts[0].durationMs", equalTo(1000))
                .body("attempts[0].headers", equalTo(Map.of("Content-Type", "text/plain", "Via", "a, b")))
                .body("attempts[0].body", equalTo("Down")).body("attempts[0].truncated", equalTo(false))
                .body("attempts[0].error.code", equalTo("http-status"))
                .body("attempts[0].error.message", containsString("192.0.43.8 answered 503"))
                .body("attempts[0].phases.dnsMs", equalTo(4.1f)).body("attempts[0].phases.tlsMs", nullValue())
                .body("attempts[1].statusCode", nullValue()).body("attempts[1].headers", nullValue())
                .body("attempts[1].error.message", containsString("did not begin to answer within 2 seconds"))
                .body("attempts[2].error.message", containsString("does not speak TLS"))
                .body("attempts[3].error.message", containsString("a redirect to https://192.0.43.8/login?***."))
                .body("attempts[4].error", nullValue()).body("attempts[4].headers", equalTo(Map.of()));
        assertThat(delivery(id).extract().<String> path("attempts[3].error.message")).doesNotContain("secret");
    }

    /** As the event was told to its receiver, whatever became of its store. */
    @Test
    void theRequestNamesTheStore() {
        String store = api.createStore("madrid");
        UUID id = rows.delivery(webhook, "a", "delivered", AT);
        database.execute("update event set store_id = cast(? as uuid) where public_id = 'a-1' and organization_id = ?", store,
                database.organization(api));
        delivery(id).body("request.body.store.id", equalTo(store)).body("request.body.store.key", equalTo("madrid"));
    }

    @Test
    void whatWasSentToADeletedWebhookIsToldStill() {
        UUID id = rows.delivery(webhook, "a", "delivered", AT);
        api.asOwner().delete(ROOT + "/" + webhook).then().statusCode(204);
        delivery(id).body("state", equalTo("delivered"));
        api.as("viewer").get(ROOT + "/" + webhook + "/deliveries").then().statusCode(404);
    }

    @Test
    void whatIsOfAnotherOrganizationOrAnotherStoreDoesNotExist() {
        api.createStore("madrid");
        api.createStore("paris");
        String own = made(Map.of("stores", List.of("madrid")));
        String wider = made(Map.of("stores", List.of("madrid", "paris")));
        rows.hold(own);
        rows.hold(wider);
        UUID seen = rows.delivery(own, "own", "exhausted", AT);
        UUID hidden = rows.delivery(wider, "wider", "exhausted", AT);
        rows.inStore("own", "madrid");
        rows.inStore("wider", "madrid");
        String key = api.aKey().scopes("webhooks:manage").stores("madrid").create().key();

        Api.withKey(key).get("/api/v1/deliveries/" + seen).then().statusCode(200);
        Api.withKey(key).get(ROOT + "/" + own + "/deliveries").then().statusCode(200).body("items", hasSize(1));
        String nothing = "/api/v1/deliveries/" + UUID.randomUUID();
        for (var caller : List.of(Api.withKey(key), Api.ofNewOrganization().asOwner())) {
            assertThat(withoutRequest(caller.get("/api/v1/deliveries/" + hidden).then().statusCode(404).extract().asString(),
                    "/api/v1/deliveries/" + hidden))
                    .isEqualTo(withoutRequest(caller.get(nothing).then().statusCode(404).extract().asString(), nothing));
            caller.post("/api/v1/deliveries/" + hidden + "/retry").then().statusCode(404);
            caller.get(ROOT + "/" + wider + "/deliveries").then().statusCode(404);
            caller.body(Map.of("from", AT.toString())).post(ROOT + "/" + wider + "/replay").then().statusCode(404);
            caller.get(ROOT + "/" + wider + "/replays").then().statusCode(404);
        }
        assertThat(rows.column("delivery", "state", hidden)).containsExactly("exhausted");
    }

    /** Whoever narrowed the webhook has not told its log to those who see it from then on. */
    @Test
    void ofStoresThatAWebhookHadBeforeALimitedKeyIsToldNothing() {
        api.createStore("madrid");
        api.createStore("paris");
        String narrowed = made(Map.of("stores", List.of("madrid")));
        rows.hold(narrowed);
        UUID seen = rows.delivery(narrowed, "own", "exhausted", AT);
        List<UUID> hidden = List.of(rows.delivery(narrowed, "before", "exhausted", AT),
                rows.delivery(narrowed, "none", "exhausted", AT));
        rows.inStore("own", "madrid");
        rows.inStore("before", "paris");
        String key = api.aKey().scopes("webhooks:manage").stores("madrid").create().key();

        String log = ROOT + "/" + narrowed + "/deliveries";
        Api.withKey(key).get(log).then().body("items.id", contains(seen.toString()));
        Api.withKey(key).get(log + "?event=before-1").then().body("items", hasSize(0));
        Api.withKey(key).get("/api/v1/deliveries/" + seen).then().statusCode(200);
        for (UUID id : hidden) {
            Api.withKey(key).get("/api/v1/deliveries/" + id).then().statusCode(404);
            Api.withKey(key).post("/api/v1/deliveries/" + id + "/retry").then().statusCode(404);
            api.as("viewer").get("/api/v1/deliveries/" + id).then().statusCode(200);
        }
    }

    @Test
    void keysThatReadEventsReadDeliveries() {
        UUID id = rows.delivery(webhook, "a", "delivered", AT);
        for (String scope : new HashSet<>(List.of("events:read", "webhooks:manage"))) {
            Api.withKey(api.aKey().scopes(scope).create().key()).get("/api/v1/deliveries/" + id).then().statusCode(200);
        }
        Api.withKey(api.aKey().scopes("events:read").create().key()).post("/api/v1/deliveries/" + id + "/retry").then()
                .statusCode(403);
    }

    private static String withoutRequest(String problem, String path) {
        return problem.replace(path, "").replaceAll("\"requestId\":\"[^\"]+\"", "");
    }

    private void attempt(UUID delivery, int second, Integer status, String error, String detail, String headers, String body) {
        database.execute("""
                insert into attempt (delivery_id, at, id, started_at, took_ms, status, error, detail, dns_ms, headers, body)
                select d.id, d.at, cast(? as uuid), d.at + ? * interval '1 second', ?, cast(? as smallint), ?, ?, 4.1,
                       cast(? as json), ?
                  from delivery d where d.id = ?
                """, "00000000-0000-7000-8000-00000000000" + second, second, second * 1000, status, error, detail, headers,
                body,
                delivery);
    }

    private ValidatableResponse delivery(UUID id) {
        return api.as("viewer").get("/api/v1/deliveries/" + id).then().statusCode(200);
    }

    private ValidatableResponse list(String query) {
        return api.as("viewer").urlEncodingEnabled(false).get(ROOT + "/" + webhook + "/deliveries" + query).then()
                .statusCode(200);
    }
}
