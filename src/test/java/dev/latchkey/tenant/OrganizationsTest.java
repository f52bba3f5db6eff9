package dev.latchkey.tenant;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.oneOf;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

import jakarta.inject.Inject;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.Together;
import dev.latchkey.testing.Tokens;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** All organizations, as the platform sees them. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class OrganizationsTest {

    private static final String PATH = "/api/v1/organizations";

    @Inject
    Pool database;

    private Api api;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
    }

    @Test
    void anOrganizationCanBeMadeAheadOfItsPeople() {
        String key = "made-" + UUID.randomUUID();
        Response made = platform().body(Map.of("key", key, "name", "Made", "locale", "es")).post(PATH);
        made.then().statusCode(201).body("key", equalTo(key)).body("locale", equalTo("es")).header("ETag", notNullValue())
                .header("Location", endsWith(PATH + "/" + made.path("id"))).body("defaults.rateLimit.limit", equalTo(100));

        platform().get(made.header("Location")).then().statusCode(200).header("ETag", equalTo(made.header("ETag")));
        given().auth().oauth2(Tokens.of(key, "ana", "viewer")).get("/api/v1/organization").then().statusCode(200)
                .body("id", equalTo(made.path("id"))).body("name", equalTo("Made"));
    }

    @Test
    void aRepeatedCreationMakesOneOrganization() {
        Map<String, String> wanted = Map.of("key", "once-" + UUID.randomUUID(), "name", "Once");
        String idempotencyKey = UUID.randomUUID().toString();
        String first = platform().header("Idempotency-Key", idempotencyKey).body(wanted).post(PATH).then().statusCode(201)
                .extract().path("id");
        platform().header("Idempotency-Key", idempotencyKey).body(wanted).post(PATH).then().statusCode(201).body("id",
                equalTo(first));
        platform().body(wanted).post(PATH).then().statusCode(409);
    }

    @Test
    void aKeyThatIsTakenIsToldWithItsOwner() {
        String id = api.organizationId();
        platform().body(Map.of("key", api.organization(), "name", "x")).post(PATH).then().statusCode(409)
                .body("errors[0].field", equalTo("key")).body("detail", containsString(id))
                .header("Location", equalTo(PATH + "/" + id));
    }

    @Test
    void badOrganizationsAreRefused() {
        platform().body(Map.of("name", "x")).post(PATH).then().statusCode(422).body("errors.field", hasItem("key"));
        platform().body(Map.of("key", "a b", "name", "x")).post(PATH).then().statusCode(422).body("errors.field",
                hasItem("key"));
        platform().body(Map.of("key", "x-" + UUID.randomUUID(), "name", "x", "notifyByEmail", List.of("x"))).post(PATH).then()
                .statusCode(422).body("errors[0].field", equalTo("notifyByEmail[0]"));
        api.asOwner().body(Map.of("key", "x", "name", "x")).post(PATH).then().statusCode(403);
    }

    @Test
    void firstRequestsAndACreationAtOnceMakeOneOrganization() {
        String key = "race-" + UUID.randomUUID();
        AtomicInteger turn = new AtomicInteger();
        try (var together = new Together(20)) {
            together.run(() -> {
                if (turn.getAndIncrement() % 5 == 0) {
                    platform().body(Map.of("key", key, "name", "Made")).post(PATH).then().statusCode(oneOf(201, 409));
                } else {
                    given().auth().oauth2(Tokens.of(key, "ana", "viewer")).get("/api/v1/organization").then().statusCode(200);
                }
            });
        }

        assertThat(count("select count(*) from organization where key = $1", key)).isEqualTo(1);
        assertThat(count("""
                select count(*) from activity a join organization o on o.id = a.organization_id
                 where o.key = $1 and a.action = 'organization.created'
                """, key)).isEqualTo(1);
    }

    @Test
    void aSuspendedOrganizationsKeysAreInactiveAtOnceAndItsPeopleStay() {
        var key = api.aKey().scopes("keys:read").create();
        assertThat(api.verdictOn(key.key())).isEqualTo("VALID");
        String path = PATH + "/" + api.organizationId();

        platform().body(Map.of("active", false)).patch(path).then().statusCode(200).body("active", equalTo(false)).body(
                "state", equalTo("suspended"));
        assertThat(api.verdictOn(key.key())).isEqualTo("INACTIVE");
        Api.withKey(key.key()).get("/api/v1/keys").then().statusCode(401).body("code", equalTo("key-inactive"));
        api.asOwner().get("/api/v1/organization").then().statusCode(200).body("state", equalTo("suspended"));
        api.set(Map.of("name", "Still here")).then().statusCode(200);

        platform().body(Map.of("active", true)).patch(path).then().statusCode(200).body("state", equalTo("active"));
        assertThat(api.verdictOn(key.key())).isEqualTo("VALID");
        api.asOwner().get("/api/v1/events").then().body("items.type",
                equalTo(List.of("organization.reactivated", "organization.suspended", "key.created"))).body(
                        "items[1].data.key",
                        equalTo(api.organization()));
        assertThat(actions()).containsExactly("organization.created", "organization.suspended", "organization.updated",
                "organization.reactivated");
        api.asOwner().get("/api/v1/notifications").then().body("items.kind",
                equalTo(List.of("organization.reactivated", "organization.suspended")));
    }

    @Test
    void anOrganizationThatIsMadeSuspendedIsToldLikeAnyOther() {
        String path = PATH + "/" + platform().body(Map.of("key", api.organization(), "active", false)).post(PATH).then()
                .statusCode(201).body("state", equalTo("suspended")).body("name", equalTo(api.organization())).extract()
                .<String> path("id");
        assertThat(actions()).containsExactly("organization.created", "organization.suspended");
        api.asOwner().get("/api/v1/events").then().body("items.type", equalTo(List.of("organization.suspended")));
        api.asOwner().get("/api/v1/notifications").then().body("items.kind", equalTo(List.of("organization.suspended")))
                .body("items[0].resolvedAt", nullValue());

        platform().body(Map.of("active", true)).patch(path).then().statusCode(200);
        api.asOwner().get("/api/v1/notifications").then().body("items.kind",
                equalTo(List.of("organization.reactivated", "organization.suspended")))
                .body("items[1].resolvedAt", notNullValue());
    }

    @Test
    void aReactivationIsToldAlsoWhereTheSuspensionWasNot() {
        String path = PATH + "/" + api.organizationId();
        database.preparedQuery("update organization set active = false where key = $1")
                .executeAndAwait(Tuple.of(api.organization()));

        platform().body(Map.of("active", true)).patch(path).then().statusCode(200);
        api.asOwner().get("/api/v1/notifications").then().body("items.kind",
                equalTo(List.of("organization.reactivated")));
    }

    @Test
    void thePlatformSetsWhatTheOrganizationSets() {
        String path = PATH + "/" + api.organizationId();
        platform().body(Map.of("name", "Acme", "unknownOperations", "allow")).patch(path).then().statusCode(200).body("name",
                equalTo("Acme")).body("unknownOperations", equalTo("allow"));
        platform().body(Map.of("key", "x")).patch(path).then().statusCode(422).body("errors[0].field", equalTo("key"));
        platform().header("If-Match", "\"99\"").body(Map.of("name", "x")).patch(path).then().statusCode(412);
        platform().header("If-Match", "\"99\"").delete(path).then().statusCode(412);
        platform().body(Map.of("name", "x")).patch(PATH + "/" + UUID.randomUUID()).then().statusCode(404);
    }

    @Test
    void theListIsFilteredAndPaged() {
        String mark = UUID.randomUUID().toString();
        for (int i = 0; i < 3; i++) {
            platform().body(Map.of("key", "list-" + i + "-" + mark, "name", "100%_! " + i, "active", i != 1)).post(PATH).then()
                    .statusCode(201);
        }

        platform().get(PATH + "?q=" + mark.toUpperCase(java.util.Locale.ROOT)).then().statusCode(200).body("items", hasSize(3))
                .body("items[0].key", equalTo("list-2-" + mark)).body("nextCursor", nullValue());
        platform().get(PATH + "?active=false&q=" + mark).then().body("items", hasSize(1)).body("items[0].state",
                equalTo("suspended"));
        platform().get(PATH + "?active=true&q=" + mark).then().body("items", hasSize(2));
        platform().queryParam("q", "%_! 2").get(PATH).then().body("items.name", hasItem("100%_! 2"));
        platform().queryParam("q", "%x_").get(PATH).then().body("items", hasSize(0));
        String cursor = platform().get(PATH + "?limit=2&q=" + mark).then().body("items", hasSize(2)).extract()
                .path("nextCursor");
        platform().get(PATH + "?limit=2&q=" + mark + "&cursor=" + cursor).then().body("items", hasSize(1)).body("items[0].key",
                equalTo("list-0-" + mark));
        platform().get(PATH + "?cursor=" + cursor).then().statusCode(400);
        platform().get(PATH + "?active=maybe").then().statusCode(422).body("errors[0].field", equalTo("active"));
    }

    @Test
    void onlyThePlatformSeesThemAll() {
        String path = PATH + "/" + api.organizationId();
        for (String role : List.of("viewer", "developer", "admin", "owner")) {
            api.as(role).get(PATH).then().statusCode(403);
            api.as(role).get(path).then().statusCode(403);
            api.as(role).delete(path).then().statusCode(403);
            api.as(role).body(Map.of("active", true)).patch(path).then().statusCode(403);
        }
    }

    private List<String> actions() {
        return database.preparedQuery("""
                select a.action from activity a join organization o on o.id = a.organization_id
                 where o.key = $1 and a.action like 'organization.%' order by a.id
                """).executeAndAwait(Tuple.of(api.organization())).stream().map(row -> row.getString(0)).toList();
    }

    private long count(String sql, String key) {
        return database.preparedQuery(sql).executeAndAwait(Tuple.of(key)).iterator().next().getLong(0);
    }

    private static RequestSpecification platform() {
        return given().auth().oauth2(Tokens.withoutOrganization("operator", "platform")).contentType("application/json");
    }
}
