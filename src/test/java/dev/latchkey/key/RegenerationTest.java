package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.Together;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** New material, and how long the old lives on. What holds for secrets besides is in {@link KeyPairTest}. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class RegenerationTest {

    @Inject
    DataSource source;

    private Api api;
    private Behind database;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
        database = new Behind(source);
    }

    @Test
    void aRegeneratedKeyReplacesTheOldOneAtOnce() {
        Created old = api.aKey().create();
        assertThat(api.verdictOn(old.key())).isEqualTo("VALID");

        String renewed = api.act(old.id(), "regenerate").then().statusCode(200).header("Cache-Control", "no-store")
                .body("id", equalTo(old.id())).body("previous", nullValue()).extract().path("key");

        assertThat(renewed).isNotEqualTo(old.key());
        assertThat(api.verdictOn(renewed)).isEqualTo("VALID");
        assertThat(api.verdictOn(old.key())).isEqualTo("REVOKED");
    }

    @Test
    void aGracePeriodKeepsOnePredecessorAliveUntilItIsEnded() {
        Created first = api.aKey().create();
        String second = regenerate(first.id(), Map.of("gracePeriod", "PT1H"));
        assertThat(List.of(api.verdictOn(first.key()), api.verdictOn(second))).containsOnly("VALID");
        api.asOwner().get("/api/v1/keys/" + first.id()).then().body("previous.start", equalTo(first.key().substring(0, 12)))
                .body("previous.diesAt", notNullValue()).body("previous.parts", contains("key"));

        String third = regenerate(first.id(), Map.of("gracePeriod", "PT1H"));
        assertThat(api.verdictOn(first.key())).as("at most one predecessor").isEqualTo("REVOKED");
        assertThat(List.of(api.verdictOn(second), api.verdictOn(third))).containsOnly("VALID");

        api.act(first.id(), "end-grace").then().statusCode(200).body("previous", nullValue());
        assertThat(api.verdictOn(second)).isEqualTo("REVOKED");
        assertThat(api.verdictOn(third)).isEqualTo("VALID");
    }

    @Test
    void aGracePeriodNeverOutlivesTheOldExpiry() {
        Instant expiry = Instant.now().plus(Duration.ofHours(1)).truncatedTo(ChronoUnit.SECONDS);
        Created key = api.aKey().expiresAt(expiry).create();

        regenerate(key.id(), Map.of("gracePeriod", "PT24H", "expiresAt", expiry.plus(Duration.ofDays(30)).toString()));

        api.asOwner().get("/api/v1/keys/" + key.id()).then().body("previous.diesAt", equalTo(expiry.toString())).body(
                "expiresAt",
                equalTo(expiry.plus(Duration.ofDays(30)).toString()));
    }

    @Test
    void revokingKillsThePredecessorToo() {
        Created first = api.aKey().create();
        String second = regenerate(first.id(), Map.of("gracePeriod", "PT1H"));

        api.act(first.id(), "revoke").then().statusCode(200).body("previous", nullValue());

        assertThat(List.of(api.verdictOn(first.key()), api.verdictOn(second))).containsOnly("REVOKED");
    }

    @Test
    void oneSeesWhetherAPredecessorIsStillInUse() {
        Created key = api.aKey().create();
        regenerate(key.id(), Map.of("gracePeriod", "PT1H"));
        api.asOwner().get("/api/v1/keys/" + key.id()).then().body("previous.lastUsedAt", nullValue());
        api.verify(Map.of("key", key.key())).statusCode(200);

        Instant patience = Instant.now().plusSeconds(10);
        String lastUsedAt = null;
        while (lastUsedAt == null && Instant.now().isBefore(patience)) {
            lastUsedAt = api.asOwner().get("/api/v1/keys/" + key.id()).path("previous.lastUsedAt");
        }
        assertThat(lastUsedAt).isNotNull();
    }

    @Test
    void aBadGracePeriodIsNamed() {
        Created key = api.aKey().create();
        for (String grace : List.of("P91D", "-PT1S", "soon")) {
            api.asOwner().body(Map.of("gracePeriod", grace)).post("/api/v1/keys/" + key.id() + "/regenerate").then()
                    .statusCode(422)
                    .body("errors[0].field", equalTo("gracePeriod"));
        }
        assertThat(api.verdictOn(key.key())).isEqualTo("VALID");
    }

    @Test
    void aPredecessorDiesByItselfWhenItsGraceEnds() {
        Created key = api.aKey().create();
        Instant asked = Instant.now();
        String renewed = regenerate(key.id(), Map.of("gracePeriod", "PT3S"));
        String during = api.verdictOn(key.key());
        assertThat(Instant.now()).as("the machine was too slow for this test").isBefore(asked.plusSeconds(3));
        assertThat(during).isEqualTo("VALID");

        Eventually.holds(() -> assertThat(api.verdictOn(key.key())).isEqualTo("REVOKED"));

        assertThat(Instant.now()).isAfter(asked.plusSeconds(3));
        assertThat(api.verdictOn(renewed)).isEqualTo("VALID");
        api.asOwner().get(path(key, "")).then().body("previous", nullValue());
        String tag = tag(key);
        api.act(key.id(), "end-grace").then().statusCode(200).header("ETag", equalTo(tag));
        api.asOwner().get("/api/v1/activity?action=key.grace_ended").then().body("items.size()", equalTo(0));
    }

    @Test
    void aRevokedKeyGetsNoNewMaterial() {
        Created key = api.aKey().create();
        api.act(key.id(), "revoke").then().statusCode(200);

        for (String body : List.of("{}", "{\"part\": \"key\"}", "{\"expiresAt\": \"2099-01-01T00:00:00Z\"}")) {
            api.asOwner().body(body).post(path(key, "/regenerate")).then().statusCode(409).body("code", equalTo("conflict"));
        }
        api.act(key.id(), "end-grace").then().statusCode(409);
        assertThat(materials(key, "current")).isEqualTo(1);
        assertThat(materials(key, "replaced")).isZero();
    }

    @Test
    void anExpiredKeyIsRevivedOnlyWithANewExpiry() {
        Created key = api.aKey().create();
        database.execute("update api_key set expires_at = now() - interval '1 hour' where id = ?", UUID.fromString(key.id()));
        Eventually.holds(() -> assertThat(api.verdictOn(key.key())).isEqualTo("EXPIRED"));

        api.act(key.id(), "regenerate").then().statusCode(409);
        assertThat(api.verdictOn(key.key())).isEqualTo("EXPIRED");

        String renewed = regenerate(key.id(), Map.of("expiresAt", "2099-01-01T00:00:00Z", "gracePeriod", "PT1H"));
        assertThat(api.verdictOn(renewed)).isEqualTo("VALID");
        assertThat(api.verdictOn(key.key())).as("its expiry was before any grace").isEqualTo("REVOKED");
        api.asOwner().get(path(key, "")).then().body("previous", nullValue());
    }

    @Test
    void anExpiryInThePastIsRefusedAndChangesNothing() {
        Created key = api.aKey().create();
        String tag = tag(key);

        api.asOwner().body(Map.of("expiresAt", Instant.now().minusSeconds(1).toString())).post(path(key, "/regenerate")).then()
                .statusCode(422).body("errors[0].field", equalTo("expiresAt"));

        assertThat(tag(key)).isEqualTo(tag);
        assertThat(api.verdictOn(key.key())).isEqualTo("VALID");
        assertThat(materials(key, "replaced")).isZero();
    }

    @Test
    void whatIsStaleIsNeitherReplacedNorEnded() {
        Created key = api.aKey().create();
        String stale = tag(key);
        String second = regenerate(key.id(), Map.of("gracePeriod", "PT1H"));

        for (String action : List.of("regenerate", "end-grace", "revoke")) {
            api.asOwner().header("If-Match", stale).post(path(key, "/" + action)).then().statusCode(412).body("code",
                    equalTo("precondition-failed"));
        }
        assertThat(List.of(api.verdictOn(key.key()), api.verdictOn(second))).containsOnly("VALID");

        api.asOwner().header("If-Match", tag(key)).post(path(key, "/end-grace")).then().statusCode(200);
        api.asOwner().header("If-Match", tag(key)).post(path(key, "/regenerate")).then().statusCode(200);
        assertThat(List.of(api.verdictOn(key.key()), api.verdictOn(second))).containsOnly("REVOKED");
    }

    @Test
    void endingAGraceThatThereIsNotChangesNothing() {
        Created key = api.aKey().create();
        String tag = tag(key);

        api.act(key.id(), "end-grace").then().statusCode(200).header("ETag", equalTo(tag)).body("previous", nullValue());

        api.asOwner().get("/api/v1/activity?action=key.grace_ended").then().body("items.size()", equalTo(0));
        assertThat(api.verdictOn(key.key())).isEqualTo("VALID");
    }

    /** They happen one after the other, so that each replaces what the one before it has handed out. */
    @Test
    void ofManyAtOnceEachHandsOutAKeyAndTheLastTwoAreGood() {
        Created key = api.aKey().create();

        List<String> handedOut;
        try (Together together = new Together(6)) {
            handedOut = together.call(() -> {
                Response answer = api.asOwner().body(Map.of("gracePeriod", "PT1H")).post(path(key, "/regenerate"));
                answer.then().statusCode(200);
                assertThat(answer.<String> path("key")).startsWith(answer.<String> path("start"));
                return answer.path("key");
            });
        }

        assertThat(handedOut).doesNotHaveDuplicates();
        List<String> good = handedOut.stream().filter(each -> api.verdictOn(each).equals("VALID")).toList();
        assertThat(good).as("the current key and one predecessor").hasSize(2);
        assertThat(api.verdictOn(key.key())).isEqualTo("REVOKED");
        assertThat(materials(key, "current")).as("no material that nobody was shown").isEqualTo(1);
        assertThat(materials(key, "previous")).isEqualTo(1);
        assertThat(materials(key, "replaced")).isEqualTo(5);
        String start = api.asOwner().get(path(key, "")).path("start");
        assertThat(good).anyMatch(each -> each.startsWith(start));
    }

    @Test
    void ofManyAtOnceThatReadTheSameOneWins() {
        Created key = api.aKey().create();
        String tag = tag(key);

        List<Integer> statuses;
        try (Together together = new Together(6)) {
            statuses = together.call(() -> api.asOwner().header("If-Match", tag).post(path(key, "/regenerate")).statusCode());
        }

        assertThat(statuses).containsOnly(200, 412).containsOnlyOnce(200);
        assertThat(materials(key, "replaced")).isEqualTo(1);
    }

    private long materials(Created key, String state) {
        return database.count("select count(*) from key_material where key_id = ? and state = ?", UUID.fromString(key.id()),
                state);
    }

    private String tag(Created key) {
        return api.asOwner().get(path(key, "")).header("ETag");
    }

    private static String path(Created key, String action) {
        return "/api/v1/keys/" + key.id() + action;
    }

    private String regenerate(String id, Map<String, ?> body) {
        return api.asOwner().body(body).post("/api/v1/keys/" + id + "/regenerate").then().statusCode(200).extract().path("key");
    }
}
