package dev.latchkey.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import java.util.Map;
import java.util.UUID;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.KeyBuilder.Created;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import org.junit.jupiter.api.Test;

/** Which answers are repeated and which are not, for how long, and what is told afterwards. */
@QuarkusTest
class IdempotencyAnswersTest extends IdempotencyCase {

    @Test
    void aRefusalIsRepeatedThoughItNoLongerHolds() {
        String madrid = api.createStore("madrid");
        String body = "{\"key\": \"madrid\", \"name\": \"Madrid\"}";
        Response refused = post(STORES, body);
        refused.then().statusCode(409).body("code", equalTo("conflict"));
        api.asOwner().delete(STORES + "/" + madrid).then().statusCode(204);

        assertReplayed(refused, post(STORES, body));
        once = UUID.randomUUID().toString();
        post(STORES, body).then().statusCode(201);
    }

    @Test
    void everyRefusalOfTheChangeIsRepeated() {
        String unknownScope = WANTED.replace("orders:read", "nope:read");
        Response invalid = post(KEYS, unknownScope);
        invalid.then().statusCode(422).body("errors[0].field", equalTo("scopes[0]"));
        assertReplayed(invalid, post(KEYS, unknownScope));

        String small = api.aKey().scopes("keys:write").create().key();
        Response escalation = post(Api.withKey(small), KEYS, WANTED);
        escalation.then().statusCode(403);
        assertReplayed(escalation, post(Api.withKey(small), KEYS, WANTED));

        String nothing = KEYS + "/" + UUID.randomUUID() + "/regenerate";
        Response absent = post(nothing, "");
        absent.then().statusCode(404);
        assertReplayed(absent, post(nothing, ""));

        String path = KEYS + "/" + api.aKey().create().id() + "/regenerate";
        Response stale = post(api.asOwner().header("If-Match", "\"7\""), path, "");
        stale.then().statusCode(412).header("ETag", "\"0\"");
        assertReplayed(stale, post(api.asOwner().header("If-Match", "\"7\""), path, ""));
        assertThat(ids()).as("made by nothing but the test").hasSize(2);
    }

    @Test
    void whatWasRefusedBeforeTheChangeIsNotKept() {
        post(api.as("viewer"), KEYS, WANTED).then().statusCode(403);
        post(KEYS, "{\"name\": ").then().statusCode(400);
        post(KEYS, WANTED.replace("ERP", "")).then().statusCode(422);
        api.asOwner().header("Idempotency-Key", once).accept("text/csv").body(WANTED).post(KEYS).then().statusCode(406);
        assertThat(ids()).isEmpty();
        assertThat(rows.count()).isZero();

        post(KEYS, WANTED).then().statusCode(201).header("Idempotency-Replayed", nullValue());
    }

    @Test
    void aRateLimitIsNotKept() {
        Created key = api.aKey().scopes("keys:write", "orders:read").rateLimit(1, "PT24H").create();
        Api.withKey(key.key()).body(WANTED).post(KEYS).then().statusCode(201);
        post(Api.withKey(key.key()), KEYS, WANTED).then().statusCode(429);
        api.patch(key.id(), Map.of("rateLimit", Map.of("limit", 1000, "window", "PT24H"))).then().statusCode(200);

        post(Api.withKey(key.key()), KEYS, WANTED).then().statusCode(201).header("Idempotency-Replayed", nullValue());
    }

    @Test
    void anAnswerWithAKeyIsRepeatedForMinutesAndThenNamed() {
        String id = post(KEYS, WANTED).path("id");
        rows.set("answer_dies_at = answer_dies_at - interval '9 minutes'");
        post(KEYS, WANTED).then().statusCode(201);
        rows.set("answer_dies_at = answer_dies_at - interval '1 minute'");

        for (int i = 0; i < 2; i++) {
            post(KEYS, WANTED).then().statusCode(409).body("code", equalTo("idempotency-answer-gone"))
                    .body("detail", containsString(id)).body("errors[0].field", equalTo("id"))
                    .body("errors[0].message", equalTo(id));
        }
        post(KEYS, WANTED.replace("ERP", "CRM")).then().statusCode(422);
        assertThat(ids()).containsExactly(id);
    }

    @Test
    void anAnswerWithoutASecretIsRepeatedForADay() {
        String body = "{\"key\": \"madrid\", \"name\": \"Madrid\"}";
        Response first = post(STORES, body);
        rows.age("23 hours 59 minutes");
        assertReplayed(first, post(STORES, body));
        rows.age("1 minute");

        post(STORES, body).then().statusCode(409).body("code", equalTo("conflict"));
    }

    @Test
    void afterADayAKeyIsAsNew() {
        String first = post(KEYS, WANTED).path("id");
        rows.age("24 hours");

        Response second = post(KEYS, WANTED.replace("ERP", "CRM"));
        second.then().statusCode(201);

        assertReplayed(second, post(KEYS, WANTED.replace("ERP", "CRM")));
        assertThat(ids()).containsExactly(second.path("id"), first);
    }

    @Test
    void aCrashBeforeTheAnswerNeverMakesASecondOne() {
        String id = post(KEYS, WANTED).path("id");
        rows.loseAnswers();

        post(KEYS, WANTED).then().statusCode(409).body("code", equalTo("idempotency-running")).header("Retry-After", "1");
        rows.age("11 seconds");
        post(KEYS, WANTED).then().statusCode(409).body("code", equalTo("idempotency-answer-gone")).body("detail",
                containsString(id));
        assertThat(ids()).containsExactly(id);
    }
}
