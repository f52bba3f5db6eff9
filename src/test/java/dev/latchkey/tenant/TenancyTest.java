package dev.latchkey.tenant;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Inject;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.Together;
import dev.latchkey.testing.Tokens;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import org.junit.jupiter.api.Test;

/** What belongs to another organization does not exist. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class TenancyTest {

    @Inject
    Pool database;

    @Test
    void whoActsForAnotherOrganizationIsThePlatformThereAndNothingElse() {
        Api mine = Api.ofNewOrganization();
        Api other = Api.ofNewOrganization();
        Created key = other.aKey().create();

        RequestSpecification both = mine.as("owner", "platform").header("X-Organization", other.organization());
        both.get("/api/v1/keys/" + key.id()).then().statusCode(200);
        mine.as("owner", "platform").header("X-Organization", other.organization()).delete("/api/v1/keys/" + key.id()).then()
                .statusCode(403);
        mine.as("owner", "platform").delete("/api/v1/keys/" + mine.aKey().create().id()).then().statusCode(204);
    }

    @Test
    void aTokenWithoutARoleProvisionsNothing() {
        Api nobody = Api.ofNewOrganization();
        nobody.as("accounting").get("/api/v1/keys").then().statusCode(403);

        assertThat(database.preparedQuery("select 1 from organization where key = $1")
                .executeAndAwait(Tuple.of(nobody.organization())).size()).isZero();
    }

    @Test
    void whatIsAnothersAnswersAsWhatIsNot() {
        Api mine = Api.ofNewOrganization();
        Api other = Api.ofNewOrganization();
        Created key = mine.aKey().create();
        String store = mine.createStore("madrid");
        String nothing = UUID.randomUUID().toString();

        for (String path : List.of("/api/v1/keys/{id}", "/api/v1/stores/{id}")) {
            String id = path.contains("keys") ? key.id() : store;
            assertSame(other.asOwner().get(path, id), other.asOwner().get(path, nothing));
            assertSame(other.asOwner().delete(path, id), other.asOwner().delete(path, nothing));
            assertSame(other.asOwner().body(Map.of("name", "x")).patch(path, id),
                    other.asOwner().body(Map.of("name", "x")).patch(path, nothing));
        }
        for (String action : List.of("revoke", "regenerate", "end-grace")) {
            assertSame(other.act(key.id(), action), other.act(nothing, action));
        }
        assertThat(mine.verdictOn(key.key())).isEqualTo("VALID");
        other.asOwner().get("/api/v1/keys").then().body("items", hasSize(0));
        other.asOwner().get("/api/v1/keys?store=" + store).then().statusCode(422);
        other.aKey().stores(store).requestedBy(other.asOwner()).then().statusCode(422);
    }

    /** Byte for byte, but for the id that was asked for and the request's own. */
    private static void assertSame(Response foreign, Response absent) {
        assertThat(foreign.statusCode()).isEqualTo(404);
        assertThat(stripped(foreign)).isEqualTo(stripped(absent));
        assertThat(foreign.headers().asList().stream().map(header -> header.getName()).toList())
                .isEqualTo(absent.headers().asList().stream().map(header -> header.getName()).toList());
    }

    private static String stripped(Response response) {
        return response.asString().replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID");
    }

    @Test
    void anOrganizationIsProvisionedOnceByConcurrentFirstRequests() {
        String organization = "first-" + UUID.randomUUID();
        try (var together = new Together(20)) {
            together.run(() -> given().auth().oauth2(Tokens.of(organization, "ana", "viewer")).get("/api/v1/keys").then()
                    .statusCode(200).body("items", hasSize(0)));
        }

        long rows = database.preparedQuery("select count(*) from organization where key = $1")
                .executeAndAwait(Tuple.of(organization)).iterator().next().getLong(0);
        assertThat(rows).isEqualTo(1);
    }

    @Test
    void thePlatformActsForTheOrganizationThatItNames() {
        Api mine = Api.ofNewOrganization();
        Created key = mine.aKey().create();
        Api platform = Api.ofNewOrganization();

        platform.asPlatform().header("X-Organization", mine.organization()).get("/api/v1/keys").then().statusCode(200)
                .body("items[0].id", equalTo(key.id()));
        platform.asPlatform().header("X-Organization", "never-seen").get("/api/v1/keys").then().statusCode(404);
        platform.asOwner().header("X-Organization", mine.organization()).get("/api/v1/keys").then().statusCode(403);
        withoutOrganization("platform").get("/api/v1/keys").then().statusCode(400).body("code",
                equalTo("organization-required"));
        withoutOrganization("platform").body(Map.of("key", key.key())).post("/api/v1/keys/verify").then().statusCode(200)
                .body("code", equalTo("VALID"));
    }

    @Test
    void aTokenWithoutAnOrganizationMayNothing() {
        withoutOrganization("owner").get("/api/v1/keys").then().statusCode(403);
        given().auth().oauth2(Tokens.of("not a key\n", "ana", "owner")).get("/api/v1/keys").then().statusCode(403);
        given().auth().oauth2(Tokens.of("acme-" + UUID.randomUUID(), "ana", "someone-else")).get("/api/v1/keys").then()
                .statusCode(403);
    }

    private static RequestSpecification withoutOrganization(String role) {
        return given().auth().oauth2(Tokens.withoutOrganization("ana", role)).contentType("application/json");
    }
}
