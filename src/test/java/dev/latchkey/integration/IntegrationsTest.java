package dev.latchkey.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.crypto.DataKeys;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.Credentials;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.Together;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class IntegrationsTest {

    private static final String ROOT = "/api/v1/integrations";

    @Inject
    DataSource database;
    @Inject
    DataKeys dataKeys;

    private Api api;
    private String credential;

    @BeforeEach
    void anOrganizationWithACredential() {
        api = Api.ofNewOrganization();
        credential = new Credentials(api, database, dataKeys).basic("https://erp.example/api", "erp", "4fTzW7Qm2VbXc9");
    }

    @Test
    void anIntegrationLives() {
        Created key = aUser();
        Response made = make(api.as("developer"), Map.of("name", "Stock", "kind", "erp", "keyIds", List.of(key.id()),
                "credentialIds", List.of(credential)));
        made.then().statusCode(201).header("ETag", equalTo("\"0\"")).header("Location", containsString(ROOT + "/"))
                .body("name", equalTo("Stock")).body("kind", equalTo("erp")).body("keyIds", contains(key.id()))
                .body("credentialIds", contains(credential)).body("active", equalTo(true)).body("warnings", empty())
                .body("createdAt", notNullValue());
        String id = made.path("id");

        api.as("viewer").get(ROOT + "/" + id).then().statusCode(200).body("keyIds", contains(key.id()));
        Map<String, Object> patch = new HashMap<>(Map.of("name", "Stock and prices", "keyIds", List.of()));
        patch.put("kind", null);
        api.as("developer").body(patch).patch(ROOT + "/" + id).then().statusCode(200).header("ETag", equalTo("\"1\""))
                .body("name", equalTo("Stock and prices")).body("kind", nullValue()).body("keyIds", empty())
                .body("credentialIds", contains(credential));
        api.as("developer").delete(ROOT + "/" + id).then().statusCode(204);
        api.asOwner().get(ROOT + "/" + id).then().statusCode(404);
        // Both are still there.
        api.asOwner().get("/api/v1/keys/" + key.id()).then().statusCode(200);
        assertThat(new Behind(database).count("select count(*) from credential where id = ?", UUID.fromString(credential)))
                .isOne();
    }

    @Test
    void whatIsLeftOutBindsNothing() {
        make(api.asOwner(), Map.of("name", "Later")).then().statusCode(201).body("keyIds", empty())
                .body("credentialIds", empty()).body("active", equalTo(true));
    }

    @Test
    void thoseThatBindAKeyOrACredentialAreFound() {
        Created key = aUser();
        String one = made(key);
        String other = make(api.asOwner(), Map.of("name", "Other", "credentialIds", List.of(credential))).path("id");
        make(api.asOwner(), Map.of("name", "None"));

        api.asOwner().get(ROOT).then().body("items", hasSize(3));
        api.asOwner().get(ROOT + "?key=" + key.id()).then().body("items.id", contains(one));
        api.asOwner().get(ROOT + "?credential=" + credential).then().body("items.id", contains(other, one));
        api.asOwner().get(ROOT + "?credential=" + UUID.randomUUID()).then().statusCode(200).body("items", empty());
        api.asOwner().get(ROOT + "?key=x").then().statusCode(422).body("errors.field", contains("key"));
        String cursor = api.asOwner().get(ROOT + "?limit=2").then().body("items", hasSize(2)).extract().path("nextCursor");
        api.asOwner().get(ROOT + "?limit=2&cursor=" + cursor).then().body("items.id", contains(one))
                .body("nextCursor", nullValue());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = { "{}|name", "{\"name\": \" \"}|name", "{\"name\": \"a\", \"kind\": \"\"}|kind",
            "{\"name\": \"a\", \"keyIds\": [null]}|keyIds[0]", "{\"name\": \"a\", \"keyIds\": [\"x\"]}|keyIds[0]",
            "{\"name\": \"a\", \"scopes\": []}|scopes",
            "{\"name\": \"a\", \"keyIds\": [\"01890a5d-ac96-774b-bcce-b302099a8057\"]}|keyIds[0]",
            "{\"name\": \"a\", \"credentialIds\": [\"01890a5d-ac96-774b-bcce-b302099a8057\"]}|credentialIds[0]" })
    void badInputIsNamed(String body, String field) {
        Response refused = api.asOwner().body(body).post(ROOT);

        assertThat(refused.statusCode()).isIn(400, 422);
        refused.then().body("errors.field", contains(field));
    }

    @Test
    void whatBelongsToAnotherOrganizationCannotBeBound() {
        Api other = Api.ofNewOrganization();
        String foreign = new Credentials(other, database, dataKeys).basic("https://erp.example", "erp", "9vNq3XzRk7Wm2T");

        make(api.asOwner(), Map.of("name", "a", "keyIds", List.of(other.aKey().create().id()), "credentialIds",
                List.of(credential, foreign))).then().statusCode(422)
                .body("errors.field", containsInAnyOrder("keyIds[0]", "credentialIds[1]"));
    }

    @Test
    void aKeyThatCannotUseAnyCredentialIsWarnedOf() {
        Created reader = api.aKey().create();
        Created byMethods = api.aKey().with("scopes", List.of()).methods("POST /api/v1/credentials/*/lease").create();

        make(api.asOwner(), Map.of("name", "a", "keyIds", List.of(byMethods.id(), reader.id()))).then().statusCode(201)
                .body("warnings.field", contains("keyIds[1]"));
    }

    @Test
    void aStaleIfMatchChangesNothing() {
        String id = made(aUser());
        String etag = api.asOwner().get(ROOT + "/" + id).header("ETag");
        api.asOwner().header("If-Match", etag).body(Map.of("active", false)).patch(ROOT + "/" + id).then().statusCode(200);

        api.asOwner().header("If-Match", etag).body(Map.of("active", true)).patch(ROOT + "/" + id).then().statusCode(412);
        api.asOwner().header("If-Match", etag).delete(ROOT + "/" + id).then().statusCode(412);
        api.asOwner().get(ROOT + "/" + id).then().body("active", equalTo(false));
    }

    @Test
    void whatChangesNothingIsNoVersionAndNoEntry() {
        Created one = aUser();
        Created two = aUser();
        String id = make(api.asOwner(), Map.of("name", "a", "keyIds", List.of(one.id(), two.id()))).path("id");

        api.asOwner().body(Map.of("keyIds", List.of(two.id(), one.id(), two.id()))).patch(ROOT + "/" + id).then()
                .statusCode(200).header("ETag", equalTo("\"0\""));

        api.asOwner().get("/api/v1/activity?targetId=" + id).then().body("items.action", contains("integration.created"));
    }

    @Test
    void changesStandInTheActivityLog() {
        Created key = aUser();
        String id = made(key);
        api.asOwner().body(Map.of("active", false)).patch(ROOT + "/" + id).then().statusCode(200);
        api.asOwner().delete(ROOT + "/" + id).then().statusCode(204);

        api.asOwner().get("/api/v1/activity?targetId=" + id).then()
                .body("items.action", contains("integration.deleted", "integration.updated", "integration.created"))
                .body("items[1].changes.find { it.field == 'active' }.after", equalTo(false))
                .body("items[2].changes.find { it.field == 'credentialIds' }.after", contains(credential));
    }

    /** Whoever holds its ETag knows it as it was. */
    @Test
    void aKeyThatIsDeletedLeavesItsIntegrationsWhichAreOthersThen() {
        Created key = aUser();
        String id = made(key);

        api.asOwner().delete("/api/v1/keys/" + key.id()).then().statusCode(204);

        api.asOwner().get(ROOT + "/" + id).then().body("keyIds", empty()).header("ETag", equalTo("\"1\""));
        api.asOwner().body(Map.of("name", "b")).patch(ROOT + "/" + id).then().statusCode(200).header("ETag", equalTo("\"2\""));
    }

    @Test
    void concurrentChangesEndInAnswersNotInFaults() {
        Created key = aUser();
        String id = made(key);
        try (var together = new Together(4)) {
            together.run(() -> {
                for (int i = 0; i < 5; i++) {
                    api.asOwner().body(Map.of("keyIds", i % 2 == 0 ? List.of() : List.of(key.id()))).patch(ROOT + "/" + id)
                            .then().statusCode(200);
                }
            });
        }
    }

    @Test
    void theSameRequestIsCarriedOutOnce() {
        String first = make(api.asOwner().header("Idempotency-Key", "i-1"), Map.of("name", "a")).path("id");

        make(api.asOwner().header("Idempotency-Key", "i-1"), Map.of("name", "a")).then().statusCode(201)
                .body("id", equalTo(first)).header("Idempotency-Replayed", equalTo("true"));
        api.asOwner().get(ROOT).then().body("items", hasSize(1));
    }

    @Test
    void aKeyBindsWhatItCouldUseItself() {
        String maker = api.aKey().scopes("credentials:write", "credentials:use").create().key();
        Created user = aUser();

        make(Api.withKey(maker), binding(user)).then().statusCode(201);
    }

    @Test
    void aKeyBindsNothingThatItCouldNotUseItself() {
        Created user = aUser();
        refused(api.aKey().scopes("credentials:write").create(), user, "credentialIds");
        refused(api.aKey().scopes("credentials:write", "credentials:use").networks("127.0.0.1/32").create(), user, "keyIds[0]");
        refused(api.aKey().scopes("credentials:write", "credentials:use")
                .methods("* /api/v1/integrations", "GET /api/v1/proxy/**")
                .create(), user, "credentialIds[0]");
    }

    /** They bind credentials of all stores: whoever reads or switches one off rules others. */
    @Test
    void aKeyThatIsLimitedToStoresHasNothingToDoWithIntegrations() {
        api.createStore("madrid");
        Created user = aUser();
        String id = made(user);
        String limited = api.aKey().scopes("credentials:read", "credentials:write", "credentials:use").stores("madrid").create()
                .key();

        for (Response refused : List.of(Api.withKey(limited).get(ROOT), Api.withKey(limited).get(ROOT + "/" + id),
                make(Api.withKey(limited), binding(user)),
                Api.withKey(limited).body(Map.of("active", false)).patch(ROOT + "/" + id),
                Api.withKey(limited).delete(ROOT + "/" + id))) {
            refused.then().statusCode(403).body("code", equalTo("store-forbidden"));
        }
        api.asOwner().get(ROOT + "/" + id).then().statusCode(200).body("active", equalTo(true));
    }

    /** From one bound credential to every secret of the organization. */
    @Test
    void aKeyGivesItselfNothingToUse() {
        Created maker = api.aKey().scopes("credentials:write", "credentials:use").create();
        Created user = aUser();
        refused(maker, maker, "keyIds[0]");
        String id = made(user);

        widened(maker, id, Map.of("keyIds", List.of(user.id(), maker.id())), 403);
        api.asOwner().body(Map.of("keyIds", List.of(maker.id()), "credentialIds", List.of())).patch(ROOT + "/" + id).then()
                .statusCode(200);
        // Nor by what others have bound it to.
        widened(maker, id, Map.of("credentialIds", List.of(credential)), 403);
        widened(maker, id, Map.of("name", "renamed", "active", false), 200);
        widened(maker, id, Map.of("active", true), 403);
        widened(maker, id, Map.of("keyIds", List.of(), "active", true), 200);
    }

    private static void widened(Created maker, String id, Map<String, ?> patch, int status) {
        Api.withKey(maker.key()).body(patch).patch(ROOT + "/" + id).then().statusCode(status);
    }

    /** What it finds was someone else's gift; what it adds would be its own. */
    @Test
    void aKeyMayNarrowWhatItCouldNotHaveMade() {
        Created user = aUser();
        String id = made(user);
        String editor = api.aKey().scopes("credentials:write").create().key();

        Api.withKey(editor).body(Map.of("name", "renamed")).patch(ROOT + "/" + id).then().statusCode(200);
        Api.withKey(editor).body(Map.of("keyIds", List.of(user.id(), aUser().id()))).patch(ROOT + "/" + id).then()
                .statusCode(403).body("code", equalTo("escalation"));
        Api.withKey(editor).body(Map.of("active", false)).patch(ROOT + "/" + id).then().statusCode(200);
        Api.withKey(editor).body(Map.of("active", true)).patch(ROOT + "/" + id).then().statusCode(403);
        Api.withKey(editor).delete(ROOT + "/" + id).then().statusCode(204);
    }

    private void refused(Created maker, Created user, String field) {
        make(Api.withKey(maker.key()), binding(user)).then().statusCode(403).body("code", equalTo("escalation"))
                .body("errors.field", contains(field));
    }

    private Map<String, ?> binding(Created user) {
        return Map.of("name", "Stock", "keyIds", List.of(user.id()), "credentialIds", List.of(credential));
    }

    private String made(Created key) {
        return make(api.asOwner(), binding(key)).path("id");
    }

    private Created aUser() {
        return api.aKey().scopes("credentials:use").create();
    }

    private static Response make(RequestSpecification caller, Map<String, ?> wanted) {
        return caller.body(wanted).post(ROOT);
    }
}
