package dev.latchkey.activity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class ActivityTest {

    private static final Actor JOB = Actor.system("leaks");

    @Inject
    DataSource database;
    @Inject
    Activities activities;

    private Log log;

    @BeforeEach
    void aLog() {
        log = new Log(database, activities);
    }

    @Test
    void anEntryTellsWhoDidWhatToWhatAndFromWhere() {
        UUID target = log.write("key.updated", "ERP");

        list("").body("items", hasSize(1)).body("items[0].id", notNullValue()).body("items[0].at", notNullValue())
                .body("items[0].actor.type", equalTo("person")).body("items[0].actor.id", equalTo("sub-ana"))
                .body("items[0].actor.name", equalTo("ana@example.com")).body("items[0].action", equalTo("key.updated"))
                .body("items[0].target.type", equalTo("key")).body("items[0].target.id", equalTo(target.toString()))
                .body("items[0].target.name", equalTo("ERP")).body("items[0].ip", equalTo("203.0.113.7"))
                .body("items[0].requestId", equalTo("req-1")).body("items[0].changes.field", contains("name", "reason"))
                .body("items[0].changes[0].before", equalTo("old")).body("items[0].changes[0].after", equalTo("ERP"))
                .body("items[0].changes[1].before", nullValue()).body("items[0].changes[1].after", equalTo("because"))
                .body("nextCursor", nullValue());
        log.verify();
        list("").body("items[0].position", equalTo(1));
    }

    @Test
    void eachFilterNarrowsAndSoDoAllTogether() {
        UUID target = log.write("key.created", "a");
        log.write("key.revoked", "b");
        log.write("keyring.rotated", "c");
        log.write(JOB, "store.created", new Target("store", UUID.randomUUID(), "d"));
        log.write(JOB, "key.revoked", new Target("key", target, "e"));

        names("").containsExactly("e", "d", "c", "b", "a");
        names("?action=key.revoked").containsExactly("e", "b");
        names("?action=key.*").containsExactly("e", "b", "a");
        names("?actor=leaks").containsExactly("e", "d");
        names("?targetType=store").containsExactly("d");
        names("?targetId=" + target).containsExactly("e", "a");
        names("?actor=leaks&action=key.*&targetType=key&targetId=" + target).containsExactly("e");
        names("?actor=nobody").isEmpty();
    }

    @Test
    void aSpanHoldsItsBeginningAndNotItsEnd() {
        log.write("key.created", "a");
        log.write("key.created", "b");
        Instant a = at(1);
        Instant b = at(0);

        names("?from=" + a).containsExactly("b", "a");
        names("?from=" + a + "&to=" + b).containsExactly("a");
        names("?to=" + a).isEmpty();
        names("?from=" + b.plusSeconds(1)).isEmpty();
        names("?from=0001-01-01T00:00:00Z&to=9999-12-31T23:59:59%2B02:00").containsExactly("b", "a");
    }

    @Test
    void pagesAreStableWhileMoreHappens() {
        log.write(5);
        String first = list("?limit=2").body("items.target.name", contains("n5", "n4")).extract().path("nextCursor");
        log.write("key.created", "later");
        String second = list("?limit=2&cursor=" + first).body("items.target.name", contains("n3", "n2")).extract()
                .path("nextCursor");
        list("?limit=2&cursor=" + second).body("items.target.name", contains("n1")).body("nextCursor", nullValue());

        log.api.as("viewer").get("/api/v1/activity?limit=2&action=key.*&cursor=" + first).then().statusCode(400)
                .body("code", equalTo("invalid-cursor"));
    }

    @ParameterizedTest
    @CsvSource({ "from, yesterday", "from, 2026-01-31", "to, 2026-01-31T00:00:00", "to, 2026-13-01T00:00:00Z",
            "from, +1000000000-01-01T00:00:00Z", "action, *", "action, KEY.*", "action, key.*.*", "targetId, 5",
            "targetType, Key", "limit, 0" })
    void whatCannotBeReadIsNamed(String parameter, String value) {
        log.api.as("viewer").queryParam(parameter, value).get("/api/v1/activity").then().statusCode(422)
                .body("errors[0].field", equalTo(parameter));
    }

    @Test
    void aSpanEndsAfterItBegins() {
        log.api.as("viewer").get("/api/v1/activity?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z").then().statusCode(422)
                .body("errors[0].field", equalTo("to"));
    }

    @ParameterizedTest
    @CsvSource({ "0, 00, anchorPosition", "1, 00, anchorLink", "x, 00, anchorLink",
            "99999999999999999999, 00, anchorPosition" })
    void anAnchorIsAPositionAndALink(String position, String link, String field) {
        List<String> fields = log.api.as("viewer").queryParam("anchorPosition", position).queryParam("anchorLink", link)
                .get("/api/v1/activity/verify").then().statusCode(422).extract().path("errors.field");
        assertThat(fields).contains(field);
        log.api.as("viewer").queryParam("anchorPosition", "1").get("/api/v1/activity/verify").then().statusCode(422)
                .body("errors[0].field", equalTo("anchorLink"));
    }

    @Test
    void aKeyWithTheScopeReadsAndVerifies() {
        String key = log.api.aKey().scopes("activity:read").create().key();
        log.write(1);
        dev.latchkey.testing.Api.withKey(key).get("/api/v1/activity?action=key.updated").then().statusCode(200)
                .body("items", hasSize(1));
        dev.latchkey.testing.Api.withKey(key).get("/api/v1/activity/verify").then().statusCode(200).body("valid",
                equalTo(true));
    }

    @Test
    void anotherOrganizationSeesNothingOfIt() {
        log.write(2);
        new Log(database, activities).api.as("owner").get("/api/v1/activity?action=key.updated").then()
                .body("items", hasSize(0));
    }

    @Test
    void theDocumentNamesEveryReason() {
        List<String> documented = io.restassured.RestAssured.given().get("/q/openapi?format=json").then().extract()
                .path("components.schemas.ActivityFirstBroken.properties.reason.enum");
        assertThat(documented)
                .containsExactlyInAnyOrderElementsOf(java.util.Arrays.stream(Flaw.values()).map(Flaw::code).toList());
    }

    private Instant at(int index) {
        return Instant.parse(list("").extract().<String> path("items[" + index + "].at"));
    }

    private org.assertj.core.api.ListAssert<String> names(String query) {
        return assertThat(new ArrayList<String>(list(query).extract().<List<String>> path("items.target.name")));
    }

    private ValidatableResponse list(String query) {
        return log.api.as("viewer").urlEncodingEnabled(false).get("/api/v1/activity" + query).then().statusCode(200);
    }
}
