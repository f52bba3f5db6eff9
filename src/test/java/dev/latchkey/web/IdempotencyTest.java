package dev.latchkey.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.RawHttp;
import dev.latchkey.testing.Together;
import dev.latchkey.testing.Tokens;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is sent twice is done once, as callers see it. Which answers are repeated is in {@link IdempotencyAnswersTest}, what
 * becomes of the rows in {@link IdempotencyRecordsTest}.
 */
@QuarkusTest
class IdempotencyTest extends IdempotencyCase {

    @Test
    void aRepeatGetsTheFirstAnswerAndMakesNothing() {
        Response first = post(KEYS, WANTED);
        first.then().statusCode(201).body("key", notNullValue()).header("Idempotency-Replayed", nullValue());

        for (int i = 0; i < 3; i++) {
            assertReplayed(first, post(KEYS, WANTED));
        }
        assertThat(ids()).containsExactly(first.<String> path("id"));
        assertThat(rows.execute("select from activity where target_id = $1", UUID.fromString(first.path("id"))).rowCount())
                .as("entries of the activity log").isEqualTo(1);
        assertThat(api.verdictOn(first.path("key"))).isEqualTo("VALID");
    }

    @Test
    void theHeaderChangesNothingInTheAnswerOfTheFirstRequest() {
        Response without = api.asOwner().body(WANTED).post(KEYS);
        Response with = post(KEYS, WANTED);

        assertThat(with.headers().asList().stream().map(header -> header.getName()))
                .containsExactlyInAnyOrderElementsOf(without.headers().asList().stream().map(header -> header.getName())
                        .toList());
        for (String header : List.of("Content-Type", "Cache-Control", "ETag")) {
            assertThat(with.header(header)).isEqualTo(without.header(header));
        }
        assertThat(with.<Map<String, Object>> path("").keySet()).isEqualTo(without.<Map<String, Object>> path("").keySet());
    }

    @Test
    void withoutTheHeaderNothingIsKept() {
        api.aKey().create();

        assertThat(rows.count()).isZero();
    }

    @Test
    void aStoreIsMadeOnceToo() {
        String body = "{\"key\": \"madrid\", \"name\": \"Madrid\"}";
        Response first = post(STORES, body);
        first.then().statusCode(201).header("Location", containsString("/api/v1/stores/"));

        assertReplayed(first, post(STORES, body));
    }

    @ParameterizedTest
    @ValueSource(strings = { "", "{\"gracePeriod\": \"PT1H\"}" })
    void aRegenerationThatIsRepeatedGivesTheSameToken(String body) {
        Created key = api.aKey().create();
        String path = KEYS + "/" + key.id() + "/regenerate";
        Response first = post(path, body);
        first.then().statusCode(200).body("key", notNullValue()).header("Cache-Control", "no-store");

        assertReplayed(first, post(path, body));
        assertThat(api.verdictOn(first.path("key"))).isEqualTo("VALID");
        assertThat(api.verdictOn(key.key())).isEqualTo(body.isEmpty() ? "REVOKED" : "VALID");
    }

    /** The first answer's replica may have died before it told of the change. */
    @Test
    void whatFollowsAChangeFollowsItsRepeatToo() {
        Created key = api.aKey().create();
        String path = KEYS + "/" + key.id() + "/regenerate";
        post(path, "").then().statusCode(200);
        double before = changesWaitedFor();

        post(path, "").then().statusCode(200).header("Idempotency-Replayed", "true");

        assertThat(changesWaitedFor()).as("the repeat waits anew until the change is in force everywhere")
                .isGreaterThan(before);
    }

    private static double changesWaitedFor() {
        return RestAssured.given().get("/q/metrics").asString().lines()
                .filter(line -> line.startsWith("latchkey_replica_wait_seconds_count"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ')))).sum();
    }

    @Test
    void anotherBodyIsRefused() {
        post(KEYS, WANTED).then().statusCode(201);

        for (String body : List.of(WANTED.replace("ERP", "CRM"), WANTED + " ")) {
            post(KEYS, body).then().statusCode(422).contentType(Problem.MEDIA_TYPE).body("code",
                    equalTo("idempotency-mismatch"));
        }
        Created key = api.aKey().create();
        String path = KEYS + "/" + key.id() + "/regenerate";
        post(path, "").then().statusCode(200);
        post(path, "{}").then().statusCode(422);
    }

    @Test
    void callersOrganizationsAndRoutesDoNotMeet() {
        String mine = post(KEYS, WANTED).then().statusCode(201).extract().path("id");

        Api other = Api.ofNewOrganization();
        String theirs = post(other.asOwner(), KEYS, WANTED).then().statusCode(201).extract().path("id");
        String colleague = Tokens.of(api.organization(), "ben", "owner");
        String bens = post(api.asOwner().auth().oauth2(colleague), KEYS, WANTED).then().statusCode(201).extract().path("id");
        String key = api.aKey().scopes("keys:write", "orders:read").create().key();
        String keys = post(Api.withKey(key), KEYS, WANTED).then().statusCode(201).extract().path("id");
        assertThat(List.of(mine, theirs, bens, keys)).doesNotHaveDuplicates();

        String tokenOfMine = post(KEYS + "/" + mine + "/regenerate", "").then().statusCode(200).extract().path("key");
        String tokenOfBens = post(KEYS + "/" + bens + "/regenerate", "").then().statusCode(200).extract().path("key");
        assertThat(tokenOfMine).isNotEqualTo(tokenOfBens);
    }

    @Test
    void thePlatformActsOnceInEachOrganizationThatItNames() {
        Api other = Api.ofNewOrganization();
        other.asOwner().get(KEYS).then().statusCode(200);
        api.asOwner().get(KEYS).then().statusCode(200);
        Api platform = Api.ofNewOrganization();

        String here = post(platform.asPlatform().header("X-Organization", api.organization()), KEYS, WANTED).then()
                .statusCode(201).extract().path("id");
        String there = post(platform.asPlatform().header("X-Organization", other.organization()), KEYS, WANTED).then()
                .statusCode(201).extract().path("id");
        assertThat(here).isNotEqualTo(there);
    }

    /** No operation that takes a key has parameters in its query; an empty one passes everywhere, and is another request. */
    @Test
    void queriesDoNotMeetEither() {
        String header = "Idempotency-Key: " + once;
        List<String> bodies = new ArrayList<>();
        for (String target : List.of(KEYS, KEYS + "?&", KEYS + "?&&")) {
            RawHttp.Answer made = raw(target, header);
            assertThat(made.status()).isEqualTo(201);
            assertThat(made.header("Idempotency-Replayed")).isNull();
            bodies.add(made.body());

            RawHttp.Answer repeated = raw(target, header);
            assertThat(repeated.header("Idempotency-Replayed")).isEqualTo("true");
            assertThat(repeated.body()).isEqualTo(made.body());
        }

        assertThat(bodies).doesNotHaveDuplicates();
        assertThat(ids()).hasSize(3);
    }

    @Test
    void aRepeatIsAuthorizedAnew() {
        post(KEYS, WANTED).then().statusCode(201);
        post(api.as("viewer"), KEYS, WANTED).then().statusCode(403).header("Idempotency-Replayed", nullValue());

        Created key = api.aKey().scopes("keys:write", "orders:read").create();
        post(Api.withKey(key.key()), KEYS, WANTED).then().statusCode(201);
        api.patch(key.id(), Map.of("scopes", List.of("orders:read"))).then().statusCode(200);
        post(Api.withKey(key.key()), KEYS, WANTED).then().statusCode(403);
        api.act(key.id(), "revoke").then().statusCode(200);
        post(Api.withKey(key.key()), KEYS, WANTED).then().statusCode(401);
    }

    @Test
    void ofManyAtOnceOneIsCarriedOutAndNoneAnswersOtherwise() {
        try (var together = new Together(20)) {
            List<Response> answers = together.call(() -> post(KEYS, WANTED));

            List<Response> made = answers.stream().filter(answer -> answer.statusCode() == 201).toList();
            assertThat(made).isNotEmpty();
            assertThat(made.stream().map(Response::asString).distinct()).as("the same answer").hasSize(1);
            assertThat(made.stream().filter(answer -> answer.header("Idempotency-Replayed") == null)).hasSize(1);
            answers.stream().filter(answer -> answer.statusCode() != 201).forEach(answer -> answer.then().statusCode(409)
                    .body("code", equalTo("idempotency-running")).header("Retry-After", "1"));
        }
        assertThat(ids()).hasSize(1);
        post(KEYS, WANTED).then().statusCode(201).header("Idempotency-Replayed", "true");
    }

    @ParameterizedTest
    @ValueSource(strings = { "", "a b", "ñ", "a\u0001b" })
    void aBadKeyIsRefused(String key) {
        RawHttp.Answer answer = raw("Idempotency-Key: " + key);

        assertThat(answer.status()).isIn(400, 422);
        assertThat(ids()).isEmpty();
    }

    @Test
    void aKeyIsOneValueOfAtMost255Characters() {
        once = "k".repeat(256);
        post(KEYS, WANTED).then().statusCode(422).body("errors[0].field", equalTo("Idempotency-Key"));
        assertThat(raw("Idempotency-Key: a\nIdempotency-Key: b").status()).isEqualTo(422);
        assertThat(ids()).isEmpty();

        once = "~".repeat(255);
        post(KEYS, WANTED).then().statusCode(201);
    }

    @Test
    void outcomesAreCounted() {
        List<String> outcomes = List.of("first", "replayed", "running", "mismatch", "expired", "lost");
        Map<String, Double> before = counts(outcomes);

        post(KEYS, WANTED);
        post(KEYS, WANTED);
        post(KEYS, WANTED + " ");
        rows.loseAnswers();
        post(KEYS, WANTED);
        rows.age("11 seconds");
        post(KEYS, WANTED);
        rows.set("answer_dies_at = now()");
        post(KEYS, WANTED);

        Map<String, Double> after = counts(outcomes);
        outcomes.forEach(outcome -> assertThat(after.get(outcome)).as(outcome)
                .isEqualTo(before.getOrDefault(outcome, 0.0) + 1));
    }

    /** Whoever adds a POST decides: it creates or hands out material, or it may be repeated anyhow. */
    @Test
    void everyPostThatMakesSomethingTakesAnIdempotencyKey() {
        List<String> repeatable = List.of("verifyKey", "revokeKey", "endGraceOfKey", "forwardAuth", "forwardAuthNginx",
                "forwardAuthEnvoy", "importKeys", "reportLeaks", "readNotification", "readAllNotifications",
                "startSession", "testCredentialDraft", "testCredential", "refreshCredential", "connectCredential",
                "leaseCredential",
                "proxyPost", "testWebhook", "retryDelivery", "cancelReplay");
        Map<String, Map<String, Map<String, Object>>> paths = RestAssured.given().get("/q/openapi?format=json").path("paths");
        paths.forEach((path, methods) -> {
            Map<String, Object> post = methods.get("post");
            if (post != null && !repeatable.contains(String.valueOf(post.get("operationId")))) {
                assertThat(String.valueOf(post.get("parameters"))).as(path).contains("#/components/parameters/IdempotencyKey");
                assertThat(String.valueOf(post.get("responses"))).as(path).contains("Problem409", "Problem422",
                        "IdempotencyReplayed");
            }
        });
    }

    private Map<String, Double> counts(List<String> outcomes) {
        String metrics = RestAssured.given().get("/q/metrics").asString();
        return outcomes.stream().collect(Collectors.toMap(outcome -> outcome, outcome -> metrics.lines()
                .filter(line -> line.startsWith("latchkey_idempotency_total{outcome=\"" + outcome + "\"}"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ')))).findFirst().orElseThrow()));
    }

    private RawHttp.Answer raw(String header) {
        return raw(KEYS, header);
    }

    private RawHttp.Answer raw(String target, String header) {
        return RawHttp.to(RestAssured.port).send("""
                POST %s HTTP/1.1
                Host: localhost
                Content-Type: application/json
                Content-Length: %d
                Authorization: Bearer %s
                %s
                """.formatted(target, WANTED.length(), Tokens.owner(api.organization()), header),
                WANTED.getBytes(StandardCharsets.US_ASCII));
    }
}
