package dev.latchkey.key;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.KeyBuilder.Created;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** What people are told when they ask about the use of keys. */
@QuarkusTest
@NullUnmarked
class KeyUseTest extends KeyUseCase {

    @Test
    void verdictsAndWhatWasUsedAreCounted() {
        String madrid = api.createStore("madrid");
        Created key = api.aKey().unlimited().create();
        verify(key, Map.of("method", "GET", "path", "/api/v1/orders/17?x=y", "store", "madrid", "ip", "203.0.113.7"));
        verify(key, Map.of("method", "GET", "path", "/api/v1/orders/18", "store", madrid));
        verify(key, Map.of("method", "POST", "path", "/api/v1/orders"));
        verify(key, Map.of("cost", 0));
        verify(key, Map.of("cost", 7));
        flushed(key, 3);

        ValidatableResponse usage = usage(key, "").body("bucket", equalTo("hour")).body("series", hasSize(24));
        usage.body("series.counts.VALID.findAll { it != null }.sum()", equalTo(3))
                .body("series.counts.SCOPE_MISSING.findAll { it != null }.sum()", equalTo(1))
                .body("series[0].counts", equalTo(Map.of())).body("scopesUsed.name", contains("orders:read"))
                .body("scopesUsed.count", contains(2)).body("methodsUsed.name", contains("GET /api/v*/orders/**"))
                .body("methodsUsed.count", contains(2)).body("storesUsed.name", contains("madrid"))
                .body("storesUsed.count", contains(2)).body("storesUsed[0].lastUsedAt", notNullValue());
        usage(key, "?bucket=day").body("series", hasSize(30)).body("series.counts.VALID.findAll { it != null }.sum()",
                equalTo(3));
        Instant hour = Instant.now().truncatedTo(ChronoUnit.HOURS);
        usage(key, "?from=" + hour.minusSeconds(7200) + "&to=" + hour.minusSeconds(3600)).body("series", hasSize(1))
                .body("series[0].counts", equalTo(Map.of())).body("methodsUsed", empty());
    }

    @Test
    void severalKeysAreToldAtOnceByTheDay() {
        Created used = api.aKey().unlimited().create();
        Created unused = api.aKey().create();
        Created foreign = Api.ofNewOrganization().aKey().create();
        verify(used, Map.of("method", "POST", "path", "/api/v1/orders"));
        verify(used, Map.of("method", "GET", "path", "/api/v1/orders/17"));
        flushed(used, 1);
        // Days are in both tables while their hours are moved.
        LocalDate yesterday = LocalDate.now(ZoneOffset.UTC).minusDays(1);
        count(used, yesterday, "VALID", 5);
        count(used, yesterday.minusDays(1), "EXPIRED", 7);
        count(used, yesterday.minusDays(2), "VALID", 11);

        String ids = "?id=" + unused.id() + "&id=" + foreign.id() + "&id=" + used.id() + "&id=" + UUID.randomUUID();
        api.as("viewer").get("/api/v1/keys/usage" + ids + "&days=3").then().statusCode(200)
                .body("keys.id", contains(unused.id(), used.id()))
                .body("keys[0].accepted", contains(0, 0, 0)).body("keys[0].refused", contains(0, 0, 0))
                .body("keys[1].accepted", contains(0, 5, 1)).body("keys[1].refused", contains(7, 0, 1))
                .body("from", equalTo(yesterday.minusDays(1) + "T00:00:00Z"))
                .body("to", equalTo(yesterday.plusDays(2) + "T00:00:00Z"));
        api.as("viewer").get("/api/v1/keys/usage" + ids).then().statusCode(200).body("keys[1].accepted", hasSize(14));
    }

    @Test
    void howManyKeysAreToldAtOnceIsBounded() {
        String one = "id=" + UUID.randomUUID();
        String most = one + ("&" + one).repeat(199);
        api.asOwner().get("/api/v1/keys/usage?" + most).then().statusCode(200).body("keys", empty());

        for (String bad : List.of("", "?" + most + "&" + one, "?id=17", "?" + one + "&days=0", "?" + one + "&days=91",
                "?" + one + "&days=x")) {
            api.asOwner().get("/api/v1/keys/usage" + bad).then().statusCode(422).body("errors", hasSize(1));
        }
    }

    @Test
    void examplesOfRequestsAreShownWithoutWhatMayBeSecret() {
        Created key = api.aKey().unlimited().create();
        String secret = "s".repeat(50);
        verify(key, Map.of("method", "GET", "path", "/api/v1/orders/" + secret + "?token=abc", "store", secret + "A",
                "ip", "203.0.113.7"));
        verify(key, Map.of("method", "GET", "path", "/api/v1/orders\\x"));
        flushed(key, 1);

        String shown = recent(key).body("accepted", hasSize(1)).body("accepted[0].code", equalTo("VALID"))
                .body("accepted[0].method", equalTo("GET")).body("accepted[0].path", equalTo("/api/v1/orders/…"))
                .body("accepted[0].ip", equalTo("203.0.113.7")).body("accepted[0].store", equalTo("(other)"))
                .body("refused", hasSize(1)).body("refused[0].code", equalTo("METHOD_FORBIDDEN"))
                .body("refused[0].path", nullValue()).body("refused[0].at", notNullValue()).extract().asString();
        assertThat(shown).doesNotContain(secret).doesNotContain("token");
    }

    @Test
    void aGatewaysQuestionsAreCounted() {
        Created key = api.aKey().unlimited().create();
        given().header("X-API-Key", key.key()).header("X-Forwarded-Method", "GET")
                .header("X-Forwarded-Uri", "/api/v1/orders?x=1").header("X-Forwarded-For", "203.0.113.9")
                .header("X-Store", "madrid").get("/api/v1/auth").then().statusCode(204);
        flushed(key, 1);

        recent(key).body("accepted[0].path", equalTo("/api/v1/orders")).body("accepted[0].store", equalTo("madrid"))
                .body("accepted[0].ip", equalTo("203.0.113.9"));
    }

    @Test
    void ourOwnOperationsAreUsesOfTheCallersKey() {
        Created judged = api.aKey().unlimited().create();
        Created key = api.aKey().scopes("keys:read", "keys:verify").unlimited().create();
        Api.withKey(key.key()).get("/api/v1/keys/" + judged.id()).then().statusCode(200);
        Api.withKey(key.key()).body(Map.of("key", judged.key())).post("/api/v1/keys/verify").then().statusCode(200);
        flushed(key, 2);
        usage(key, "").body("scopesUsed.name.sort()", contains("keys:read", "keys:verify")).body("methodsUsed.name.sort()",
                contains("GET /api/v1/keys/*", "POST /api/v1/keys/verify"));
        flushed(judged, 1);

        api.act(key.id(), "revoke").then().statusCode(200);
        Api.withKey(key.key()).get("/api/v1/keys").then().statusCode(401);
        Created limited = api.aKey().scopes("keys:read").rateLimit(1, "P1D").create();
        Api.withKey(limited.key()).get("/api/v1/keys").then().statusCode(200);
        Api.withKey(limited.key()).get("/api/v1/keys").then().statusCode(429);
        Eventually.holds(() -> usage(limited, "?bucket=day").body("series[-1].counts",
                equalTo(Map.of("RATE_LIMITED", 1, "VALID", 1))));
        Eventually
                .holds(() -> usage(key, "?bucket=day").body("series.counts.REVOKED.findAll { it != null }.sum()", equalTo(1)));
    }

    @Test
    void ofAKeyThatWasNeverUsedEverythingIsEmpty() {
        Created key = api.aKey().create();

        usage(key, "").body("series.counts", everyItem(equalTo(Map.of())))
                .body("scopesUsed", empty()).body("methodsUsed", empty()).body("storesUsed", empty());
        recent(key).body("accepted", empty()).body("refused", empty());
    }

    @Test
    void aSpanThatMakesNoSenseIsRefusedWithItsField() {
        Created key = api.aKey().create();
        for (var bad : Map.of("from=yesterday", "from", "bucket=week", "bucket", "from=2019-01-01T00:00:00Z", "from",
                "from=2999-01-01T00:00:00Z", "from", "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "to").entrySet()) {
            api.asOwner().get("/api/v1/keys/" + key.id() + "/usage?" + bad.getKey()).then().statusCode(422)
                    .body("errors[0].field", equalTo(bad.getValue()));
        }
        api.asOwner().get("/api/v1/keys/" + key.id() + "/usage?bucket=day&from=2019-01-01T00:00:00Z").then().statusCode(422)
                .body("errors[0].message", containsString("of at most 1000"));
    }

    @Test
    void countingMovesNoETag() {
        Created key = api.aKey().unlimited().create();
        String tag = api.asOwner().get("/api/v1/keys/" + key.id()).header("ETag");
        verify(key, Map.of("ip", "203.0.113.7"));
        flushed(key, 1);
        tell();

        assertThat(api.asOwner().get("/api/v1/keys/" + key.id()).header("ETag")).isEqualTo(tag);
        api.asOwner().get("/api/v1/keys/" + key.id()).then().body("lastUsedAt", notNullValue());
    }

    @Test
    void everythingGoesWithItsKey() {
        Created key = api.aKey().unlimited().create();
        verify(key, Map.of("ip", "203.0.113.7"));
        flushed(key, 1);
        api.asOwner().delete("/api/v1/keys/" + key.id()).then().statusCode(204);

        for (String table : List.of("key_usage", "key_sample", "key_network", "key_finding")) {
            assertThat(database.preparedQuery("select from " + table + " where key_id = $1")
                    .executeAndAwait(Tuple.of(UUID.fromString(key.id()))).size()).as(table).isZero();
        }
        api.asOwner().get("/api/v1/keys/" + key.id() + "/usage").then().statusCode(404);
        api.asOwner().get("/api/v1/keys/" + key.id() + "/recent").then().statusCode(404);
    }

    private void count(Created key, LocalDate day, String verdict, long count) {
        database.preparedQuery("insert into key_usage_day (key_id, kind, day, name, count) values ($1, 'verdict', $2, $3, $4)")
                .executeAndAwait(Tuple.of(UUID.fromString(key.id()), day, verdict, count));
    }

    private ValidatableResponse recent(Created key) {
        return api.as("viewer").get("/api/v1/keys/" + key.id() + "/recent").then().statusCode(200);
    }
}
