package dev.latchkey.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import jakarta.inject.Inject;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class OrganizationSettingsTest {

    private static final String PATH = "/api/v1/organization";

    @Inject
    Pool database;

    private Api api;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
    }

    @Test
    void aNewOrganizationHasTheDefaults() {
        api.as("viewer").get(PATH).then().statusCode(200).header("ETag", notNullValue())
                .body("id", notNullValue()).body("key", equalTo(api.organization())).body("name", equalTo(api.organization()))
                .body("active", equalTo(true)).body("state", equalTo("active")).body("locale", equalTo("en"))
                .body("keyPrefix", equalTo("lk")).body("defaults.rateLimit.limit", equalTo(100))
                .body("defaults.rateLimit.window", equalTo("PT15M")).body("recoverableKeys", equalTo(true))
                .body("requireStore", equalTo(false)).body("unknownOperations", equalTo("forbid"))
                .body("keyMaxAge", equalTo("P90D")).body("notificationEmails", empty())
                .body("notifyByEmail", hasItem("organization.suspended")).body("createdAt", notNullValue())
                .body("deletion", nullValue());
    }

    @Test
    void settingsAreMergedAndNullSetsTheDefault() {
        api.set(Map.of("name", "Acme", "locale", "es", "keyPrefix", "acme_1", "defaults",
                Map.of("rateLimit", Map.of("limit", 7, "window", "PT1H")), "keyMaxAge", "P3650D", "recoverableKeys", false,
                "notificationEmails", List.of("it@acme.example", "it@acme.example"), "notifyByEmail",
                List.of("activity.tampered"))).then().statusCode(200).body("locale", equalTo("es"))
                .body("keyPrefix", equalTo("acme_1")).body("defaults.rateLimit.limit", equalTo(7))
                .body("defaults.rateLimit.window", equalTo("PT1H")).body("keyMaxAge", equalTo("P3650D"))
                .body("recoverableKeys", equalTo(false)).body("notificationEmails", contains("it@acme.example"))
                .body("notifyByEmail", contains("activity.tampered"));

        api.set(Map.of("defaults", Map.of("rateLimit", Map.of("limit", 8)))).then().body("defaults.rateLimit.window",
                equalTo("PT1H")).body("name", equalTo("Acme"));
        for (String field : List.of("name", "locale", "keyPrefix", "defaults", "keyMaxAge", "notificationEmails",
                "notifyByEmail")) {
            api.set(Collections.singletonMap(field, null)).then().statusCode(200);
        }
        api.asOwner().get(PATH).then().body("name", equalTo(api.organization())).body("locale", equalTo("en"))
                .body("keyPrefix", equalTo("lk"))
                .body("defaults.rateLimit.limit", equalTo(100)).body("keyMaxAge", equalTo("P90D"))
                .body("notificationEmails", empty()).body("notifyByEmail", hasItem("organization.suspended"))
                .body("recoverableKeys", equalTo(false));
    }

    @Test
    void aStaleIfMatchChangesNothingAndNeitherDoesAChangeThatIsNone() {
        String etag = api.asOwner().get(PATH).header("ETag");
        assertThat(api.set(Map.of("name", api.organization())).header("ETag")).isEqualTo(etag);
        assertThat(actions()).containsExactly("organization.created");

        String second = api.asOwner().header("If-Match", etag).body(Map.of("name", "b")).patch(PATH).then().statusCode(200)
                .extract().header("ETag");
        assertThat(second).isNotEqualTo(etag);
        api.asOwner().header("If-Match", etag).body(Map.of("name", "c")).patch(PATH).then().statusCode(412);
        api.asOwner().get(PATH).then().body("name", equalTo("b")).header("ETag", equalTo(second));
    }

    @Test
    void whatCannotBeSetSaysWhy() {
        for (String field : List.of("id", "createdAt", "updatedAt", "state", "deletion")) {
            api.set(Map.of(field, "x")).then().statusCode(422).body("errors[0].field", equalTo(field)).body(
                    "errors[0].message", equalTo("is read-only"));
        }
        api.set(Map.of("key", "other")).then().statusCode(422).body("errors[0].message", containsString("tokens name"));
        api.set(Map.of("active", false)).then().statusCode(422).body("errors[0].message", containsString("by the platform"));
        api.set(Map.of("nmae", "x")).then().statusCode(422).body("errors[0].message",
                startsWith("is not a field of this request; its fields are"));
    }

    static Stream<Arguments> badSettings() {
        Object tooMany = Collections.nCopies(21, "a@b.example");
        return Stream.of(Arguments.of("name", ""), Arguments.of("name", "  "), Arguments.of("name", "x".repeat(101)),
                Arguments.of("name", "a\nb"),
                Arguments.of("name", 1), Arguments.of("locale", "fr"), Arguments.of("locale", 1),
                Arguments.of("keyPrefix", "LK"), Arguments.of("keyPrefix", "1k"), Arguments.of("keyPrefix", "a".repeat(17)),
                Arguments.of("keyPrefix", ""), Arguments.of("defaults.rateLimit", Map.of("limit", 0)),
                Arguments.of("defaults.rateLimit", Map.of("limit", 1_000_000_001)),
                Arguments.of("defaults.rateLimit", Map.of("window", "PT0.5S")),
                Arguments.of("defaults.rateLimit", Map.of("window", "P32D")),
                Arguments.of("defaults.rateLimit", Map.of("window", "-PT1S")), Arguments.of("defaults", "x"),
                Arguments.of("recoverableKeys", "yes"), Arguments.of("requireStore", 1),
                Arguments.of("unknownOperations", "maybe"), Arguments.of("keyMaxAge", "P0D"),
                Arguments.of("keyMaxAge", "P3651D"), Arguments.of("keyMaxAge", "PT24H"), Arguments.of("keyMaxAge", "90"),
                Arguments.of("keyMaxAge", 90), Arguments.of("notificationEmails", "a@b.example"),
                Arguments.of("notificationEmails", tooMany), Arguments.of("notifyByEmail", "organization.suspended"));
    }

    @ParameterizedTest
    @MethodSource("badSettings")
    void aBadValueIsRefusedWithItsField(String field, Object value) {
        Object patch = field.equals("defaults.rateLimit") ? Map.of("defaults", Map.of("rateLimit", value))
                : Map.of(field, value);
        api.asOwner().body(patch).patch(PATH).then().statusCode(422).body("errors[0].field", startsWith(field))
                .body("errors[0].message", matchesPattern("(must|is|has|size) .*"));
        assertThat(actions()).doesNotContain("organization.updated");
    }

    @Test
    void anUnknownKindIsRefusedWithThoseThatWerePerhapsMeant() {
        api.set(Map.of("notifyByEmail", List.of("activity.tampered", "organisation.suspended"))).then().statusCode(422)
                .body("errors[0].field", equalTo("notifyByEmail[1]"))
                .body("errors[0].message", containsString("did you mean organization.suspended?"));
    }

    /** While replicas are replaced one by one. */
    @Test
    void aKindThatANewerReplicaStoredStaysAndHoldsUpNoOtherChange() {
        api.organizationId();
        database.preparedQuery("update organization set notify_by_email = '{key.of_tomorrow}' where key = $1")
                .executeAndAwait(Tuple.of(api.organization()));

        api.set(Map.of("locale", "es")).then().statusCode(200).body("notifyByEmail", contains("key.of_tomorrow"));
        api.set(Map.of("notifyByEmail", List.of("key.of_tomorrow", "activity.tampered"))).then().statusCode(200);
        api.set(Map.of("notifyByEmail", List.of("key.of_tomorrow", "key.of_monday"))).then().statusCode(422)
                .body("errors", hasSize(1)).body("errors[0].field", equalTo("notifyByEmail[1]"));
    }

    @Test
    void whatAltersVerdictsIsInForceWhenAnswered() {
        api.createStore("madrid");
        String key = api.aKey().create().key();
        String limited = api.aKey().stores("madrid").unlimited().create().key();
        assertThat(api.verdictOn(key)).isEqualTo("VALID");
        assertThat(api.verdictOn(limited)).isEqualTo("VALID");

        api.set(Map.of("defaults", Map.of("rateLimit", Map.of("limit", 3)))).then().statusCode(200);
        api.verify(Map.of("key", key, "cost", 3)).body("code", equalTo("VALID")).body("rateLimit.limit", equalTo(3));
        assertThat(api.verify(Map.of("key", key)).extract().<String> path("code")).isEqualTo("RATE_LIMITED");

        api.set(Map.of("requireStore", true)).then().statusCode(200);
        assertThat(api.verdictOn(limited)).isEqualTo("STORE_FORBIDDEN");

        Map<String, Object> unknown = Map.of("key", limited, "store", "madrid", "method", "GET", "path", "/somewhere", "cost",
                0);
        api.verify(unknown).body("code", equalTo("METHOD_FORBIDDEN"));
        api.set(Map.of("unknownOperations", "allow")).then().statusCode(200);
        api.verify(unknown).body("code", equalTo("VALID"));
    }

    @Test
    void aNewPrefixIsForNewKeysOnly() {
        String old = api.aKey().create().key();
        api.set(Map.of("keyPrefix", "acme_x")).then().statusCode(200);

        String fresh = api.aKey().create().key();
        assertThat(fresh).startsWith("acme_x_live_");
        assertThat(api.verdictOn(fresh)).isEqualTo("VALID");
        assertThat(api.verdictOn(old)).isEqualTo("VALID");
    }

    @Test
    void changesAreWrittenDownWithBeforeAndAfter() {
        api.set(Map.of("name", "Acme", "requireStore", true)).then().statusCode(200);

        assertThat(actions()).containsExactly("organization.created", "organization.updated");
        JsonObject changes = new JsonObject(database.preparedQuery("""
                select a.changes, a.actor_name from activity a join organization o on o.id = a.organization_id
                 where o.key = $1 and a.action = 'organization.updated'
                """).executeAndAwait(Tuple.of(api.organization())).iterator().next().getString(0));
        assertThat(changes.fieldNames()).containsExactlyInAnyOrder("name", "requireStore");
        assertThat(changes.getJsonObject("requireStore").getMap()).containsEntry("before", false).containsEntry("after", true);
    }

    @Test
    void developersReadAndOnlyAdminsAndThePlatformWrite() {
        for (String role : List.of("viewer", "developer")) {
            api.as(role).get(PATH).then().statusCode(200);
            api.as(role).body(Map.of("name", "x")).patch(PATH).then().statusCode(403);
        }
        api.as("admin").body(Map.of("name", "x")).patch(PATH).then().statusCode(200);
        Api platform = Api.ofNewOrganization();
        platform.asPlatform().header("X-Organization", api.organization()).body(Map.of("name", "y")).patch(PATH).then()
                .statusCode(200).body("key", equalTo(api.organization()));
    }

    private List<String> actions() {
        return database.preparedQuery("""
                select a.action from activity a join organization o on o.id = a.organization_id
                 where o.key = $1 and a.action like 'organization.%' order by a.id
                """).executeAndAwait(Tuple.of(api.organization())).stream().map(row -> row.getString(0)).toList();
    }
}
