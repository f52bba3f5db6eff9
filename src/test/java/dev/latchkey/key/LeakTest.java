package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.activity.Actor;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.Foreign;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.Together;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A token that was found in public ends its key, and its people learn of it. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class LeakTest {

    private static final String URL = "https://code.example/acme/scripts/blob/main/sync.sh#L12";

    @Inject
    DataSource database;
    @Inject
    Leaks leaks;

    private final Api api = Api.ofNewOrganization();
    private final Api platform = Api.ofNewOrganization();

    @Test
    void aReportedKeyIsRevokedWhenTheAnswerIsThere() {
        Created key = api.aKey().create();
        Created other = api.aKey().create();
        assertThat(api.verdictOn(key.key())).isEqualTo("VALID");

        report(key.key()).body("items.status", contains("revoked"));
        assertThat(api.verdictOn(key.key())).isEqualTo("REVOKED");
        assertThat(api.verdictOn(other.key())).isEqualTo("VALID");
        api.asOwner().get("/api/v1/keys/" + key.id()).then().body("status", equalTo("revoked")).body("revokedReason",
                equalTo("Reported as leaked"));
    }

    @Test
    void eachTokenIsAnsweredInOrderAndNothingElseIsTold() {
        Api another = Api.ofNewOrganization();
        Created first = api.aKey().create();
        Created second = another.aKey().create();
        Foreign imported = Foreign.key(Foreign.aPrefix());
        Foreign.imported(another, imported.line());
        Created deleted = api.aKey().create();
        api.asOwner().delete("/api/v1/keys/" + deleted.id()).then().statusCode(204);

        Response answer = send(reporter(), first.key(), "", "junk", second.key() + "x", second.key(), deleted.key(),
                first.key(),
                imported.token());
        answer.then().statusCode(200);
        assertThat(answer.asString()).isEqualTo("{\"items\":[{\"status\":\"revoked\"},{\"status\":\"unknown\"},"
                + "{\"status\":\"unknown\"},{\"status\":\"unknown\"},{\"status\":\"revoked\"},{\"status\":\"unknown\"},"
                + "{\"status\":\"revoked\"},{\"status\":\"revoked\"}]}");
        assertThat(api.verdictOn(imported.token())).isEqualTo("REVOKED");
        assertThat(api.verdictOn(second.key())).isEqualTo("REVOKED");
    }

    @Test
    void reportedAgainItChangesNothingAndNobodyIsToldAgain() {
        Created key = api.aKey().create();
        report(key.key()).body("items.status", contains("revoked"));
        String version = api.asOwner().get("/api/v1/keys/" + key.id()).header("ETag");

        report(key.key(), key.key()).body("items.status", contains("already-revoked", "already-revoked"));
        api.asOwner().get("/api/v1/keys/" + key.id()).then().header("ETag", version);
        api.asOwner().get("/api/v1/activity?action=key.leaked").then().body("items.size()", equalTo(1));
        api.asOwner().get("/api/v1/activity?action=key.revoked").then().body("items.size()", equalTo(1));
        api.asOwner().get("/api/v1/events?type=key.leaked").then().body("items.size()", equalTo(1));
        api.asOwner().get("/api/v1/notifications?kind=key.leaked").then().body("items.size()", equalTo(1));
    }

    @Test
    void ofManyReportsAtOnceOneTells() {
        Created key = api.aKey().create();
        List<String> fates = new ArrayList<>();
        try (Together reporters = new Together(6)) {
            reporters.call(() -> send(reporter(), key.key()).then().statusCode(200).extract().<String> path("items[0].status"))
                    .forEach(fates::add);
        }

        assertThat(fates).containsOnly("revoked", "already-revoked");
        assertThat(Collections.frequency(fates, "revoked")).isEqualTo(1);
        api.asOwner().get("/api/v1/activity?action=key.leaked").then().body("items.size()", equalTo(1));
        api.asOwner().get("/api/v1/events?type=key.leaked").then().body("items.size()", equalTo(1));
        api.asOwner().get("/api/v1/events?type=key.revoked").then().body("items.size()", equalTo(1));
    }

    @Test
    void aPredecessorInItsGracePeriodStillWorksAndSoItsKeyGoes() {
        Created key = api.aKey().create();
        String current = api.asOwner().body(Map.of("gracePeriod", "PT1H")).post("/api/v1/keys/" + key.id() + "/regenerate")
                .path("key");

        report(key.key()).body("items.status", contains("revoked"));
        assertThat(api.verdictOn(current)).isEqualTo("REVOKED");
    }

    @Test
    void aPairEndsWithItsKeyAndSoDoesItsCopy() {
        Created key = api.aKey().withSecret().recoverable().create();
        Map<String, String> pair = Map.of("key", key.key(), "secret", key.secret());
        report(key.secret()).body("items.status", contains("unknown"));
        api.verify(pair).body("code", equalTo("VALID"));
        String renewed = api.asOwner().body(Map.of("part", "secret", "gracePeriod", "PT1H"))
                .post("/api/v1/keys/" + key.id() + "/regenerate").path("secret");
        Behind behind = new Behind(database);
        String copies = "select key_id from key_copy where key_id = '" + key.id() + "'";
        assertThat(behind.query(copies)).hasSize(1);

        report(key.key()).body("items.status", contains("revoked"));
        api.verify(pair).body("code", equalTo("BAD_SECRET"));
        api.verify(Map.of("key", key.key(), "secret", renewed)).body("code", equalTo("REVOKED"));
        api.verify(Map.of("key", key.key())).body("code", equalTo("BAD_SECRET"));
        api.act(key.id(), "reveal").then().statusCode(409);
        assertThat(behind.query(copies)).isEmpty();
    }

    @Test
    void aTokenThatWasReplacedTakesNoLivingKeyAlong() {
        Created key = api.aKey().create();
        String current = api.asOwner().post("/api/v1/keys/" + key.id() + "/regenerate").path("key");

        report(key.key()).body("items.status", contains("already-revoked"));
        assertThat(api.verdictOn(current)).isEqualTo("VALID");
        api.asOwner().get("/api/v1/activity?action=key.leaked").then().body("items.size()", equalTo(1))
                .body("items[0].changes.find { it.field == 'revoked' }.after", equalTo(false));
        api.asOwner().get("/api/v1/notifications?kind=key.leaked").then().body("items.size()", equalTo(0));

        report(current).body("items.status", contains("revoked"));
        api.asOwner().get("/api/v1/activity?action=key.leaked").then().body("items.size()", equalTo(2));
        api.asOwner().get("/api/v1/notifications?kind=key.leaked").then().body("items.size()", equalTo(1));
    }

    /** As when a regeneration comes between the look-up of a report and its revocation. */
    @Test
    void whatIsRegeneratedWhileItIsReportedDiesAllTheSame() {
        for (String part : List.of("secret", "key")) {
            Created pair = api.aKey().withSecret().create();
            Leaks.Found found = Objects.requireNonNull(Behind.await(() -> leaks.find(List.of(pair.key()))).get(pair.key()));
            Map<String, Object> renewed = api.asOwner().body(Map.of("part", part, "gracePeriod", "PT1H"))
                    .post("/api/v1/keys/" + pair.id() + "/regenerate").then().statusCode(200).extract().path("$");
            Actor reporter = Actor.system("scanner");

            assertThat(Behind.await(() -> leaks.report(reporter, found, LeakPlace.of(null, null, List.of())))).as(part)
                    .isTrue();
            api.asOwner().get("/api/v1/keys/" + pair.id()).then().body("status", equalTo("revoked"));
            assertThat(Behind.await(() -> leaks.report(reporter, found, LeakPlace.of(null, null, List.of())))).isFalse();
            api.asOwner().get("/api/v1/activity?action=key.leaked&targetId=" + pair.id()).then().body("items.size()",
                    equalTo(1));
            assertThat(renewed).containsKey(part);
        }
    }

    @Test
    void aKeyThatSleepsIsRevokedToo() {
        Created inactive = api.aKey().with("active", false).create();
        Created suspended = api.aKey().create();
        api.setActive(false);

        report(inactive.key(), suspended.key()).body("items.status", contains("revoked", "revoked"));
        api.setActive(true);
        assertThat(api.verdictOn(suspended.key())).isEqualTo("REVOKED");
    }

    @Test
    void peopleAreToldInTheirLanguageWithoutTheTokenAndWithoutTheReporter() {
        Created key = api.aKey().with("name", "ERP order sync").create();
        String reporting = reportingKey();
        String leaky = "https://logs.example/?key=" + key.key();
        Api.withKey(reporting).body(List.of(item(key.key(), leaky, "content"))).post("/api/v1/leaks").then().statusCode(200);

        api.asOwner().get("/api/v1/notifications").then().body("items[0].kind", equalTo("key.leaked"))
                .body("items[0].text", containsString("ERP order sync")).body("items[0].text", containsString("content"))
                .body("items[0].text", containsString(key.key().substring(0, 12)));
        api.asOwner().header("Accept-Language", "es").get("/api/v1/notifications").then().body("items[0].title",
                equalTo("Una clave de API se ha filtrado y ha sido revocada"));
        api.asOwner().get("/api/v1/activity?action=key.leaked").then().body("items[0].target.id", equalTo(key.id()))
                .body("items[0].actor.type", equalTo("key")).body("items[0].actor.name", equalTo("Scanner"))
                .body("items[0].ip", nullValue())
                .body("items[0].changes.find { it.field == 'url' }.after", equalTo("https://logs.example/***"))
                .body("items[0].changes.find { it.field == 'start' }.after", equalTo(key.key().substring(0, 12)));
        api.asOwner().get("/api/v1/events?type=key.leaked").then().body("items[0].data.id", equalTo(key.id()))
                .body("items[0].data.actor", equalTo(Map.of("type", "system", "id", "leaks", "name", "Latchkey")))
                .body("items[0].data.source", equalTo("content"))
                .body("items[0].data.url", equalTo("https://logs.example/***"));
        platform.asOwner().get("/api/v1/activity?action=key.leaked").then().body("items.size()", equalTo(0));
        assertThat(new Behind(database).query("select url from key_leak where organization_id = ?::uuid", api.organizationId()))
                .containsExactly("https://logs.example/***");
    }

    @Test
    void whereAnOrdinaryTokenWasFoundIsTold() {
        Created key = api.aKey().create();
        platform.asPlatform().body(List.of(item(key.key(), URL, null))).post("/api/v1/leaks").then().statusCode(200);

        api.asOwner().get("/api/v1/activity?action=key.leaked").then()
                .body("items[0].changes.find { it.field == 'url' }.after", equalTo(URL))
                .body("items[0].changes.field", not(hasItem("source"))).body("items[0].actor.type", equalTo("person"));
    }

    @Test
    void onlyWhoTheTableNamesReports() {
        String key = api.aKey().create().key();
        for (String role : List.of("owner", "admin", "developer", "viewer")) {
            send(api.as(role), key).then().statusCode(403);
        }
        send(Api.withKey(api.aKey().scopes("keys:write").create().key()), key).then().statusCode(403);
        assertThat(api.verdictOn(key)).isEqualTo("VALID");
        api.aKey().scopes("leaks:report").requestedBy(api.asOwner()).then().statusCode(403);
    }

    @Test
    void badReportsRevokeNothingAndRepeatNoToken() {
        String token = api.aKey().create().key();
        List<Object> tooMany = new ArrayList<>(Collections.nCopies(101, item(token, null, null)));
        List<Object> bodies = new ArrayList<>(List.of(List.of(), tooMany, List.of(Map.of("url", URL)),
                List.of(item(token, null, null), Map.of("token", 17)), List.of(Map.of("token", token, token, token)),
                List.of(item(token, "x".repeat(2_049), null)), List.of(item(token, null, "y".repeat(101))),
                Map.of("token", token), "[null]", "[[\"" + token + "\"]]", "[{\"token\": \"" + token + "\"",
                List.of(Map.of("token", token + "x".repeat(8_192)))));
        for (Object body : bodies) {
            platform.asPlatform().body(body).post("/api/v1/leaks").then().statusCode(not(equalTo(200)))
                    .contentType(startsWith("application/problem+json")).body(not(containsString(token)));
        }
        assertThat(api.verdictOn(token)).isEqualTo("VALID");
    }

    private ValidatableResponse report(String... tokens) {
        return send(reporter(), tokens).then().statusCode(200);
    }

    private RequestSpecification reporter() {
        return platform.asPlatform();
    }

    private String reportingKey() {
        return platform.aKey().with("name", "Scanner").scopes("leaks:report").createdBy(platform.as("owner", "platform")).key();
    }

    private static Response send(RequestSpecification reporter, String... tokens) {
        List<Object> items = new ArrayList<>();
        for (String token : tokens) {
            items.add(item(token, URL, "content"));
        }
        return reporter.body(items).post("/api/v1/leaks");
    }

    private static Map<String, Object> item(String token, @Nullable String url, @Nullable String source) {
        Map<String, Object> item = new HashMap<>(Map.of("token", token, "type", "latchkey_api_key"));
        if (url != null) {
            item.put("url", url);
        }
        if (source != null) {
            item.put("source", source);
        }
        return item;
    }
}
