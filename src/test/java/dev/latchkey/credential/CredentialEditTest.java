package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.latchkey.credential.FakeProvider.Answer;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.CredentialBuilder;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An edit keeps what is not sent, and what would replace a working secret has passed a test. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class CredentialEditTest {

    private static final String CREDENTIALS = "/api/v1/credentials/";

    private Api api;
    private FakeProvider provider;
    private String key;
    private String next;
    private String id;

    @BeforeEach
    void aStoredKey() {
        api = Api.ofNewOrganization();
        provider = FakeProvider.start();
        key = CredentialBuilder.aSecret();
        next = CredentialBuilder.aSecret();
        List<String> good = Arrays.asList(key, next);
        provider.answers(request -> new Answer(good.contains(request.header("X-Key")) ? 200 : 401, "{}"));
        id = api.aCredential().of("api_key", Map.of("key", key, "placement", "header", "name", "X-Key"))
                .testedAt(provider.url()).create();
        provider.asked();
    }

    @AfterEach
    void stop() {
        provider.close();
    }

    @Test
    void aNewNameAsksNobodyAndKeepsEverything() {
        patch(Map.of("name", "Renamed")).then().statusCode(200).header("ETag", "\"1\"").body("name", equalTo("Renamed"))
                .body("status", equalTo("green")).body("data.key.set", equalTo(true)).body("data.name", equalTo("X-Key"))
                .body("baseUrl", equalTo(provider.url())).body("test.url", equalTo("/stock"));
        assertThat(provider.asked()).isEmpty();

        api.asOwner().post(CREDENTIALS + id + "/test").then().body("status", equalTo("green"));
        assertThat(provider.asked()).allSatisfy(asked -> assertThat(asked.header("X-Key")).isEqualTo(key));
        patch(Map.of("name", "Renamed")).then().header("ETag", "\"1\"");
    }

    @Test
    void aReplacedSecretIsTestedBeforeItReplaces() {
        String before = api.asOwner().get(CREDENTIALS + id).path("data.key.updatedAt");
        patch(Map.of("data", Map.of("key", CredentialBuilder.aSecret()))).then().statusCode(422)
                .body("code", equalTo("test-failed")).body("test.reason", equalTo("invalid"));
        api.asOwner().get(CREDENTIALS + id).then().header("ETag", "\"0\"").body("status", equalTo("green"))
                .body("data.key.updatedAt", equalTo(before));
        provider.asked();

        patch(Map.of("data", Map.of("key", next))).then().statusCode(200).header("ETag", "\"1\"")
                .body("status", equalTo("green"));
        api.asOwner().post(CREDENTIALS + id + "/test").then().body("status", equalTo("green"));
        assertThat(provider.asked()).hasSize(2).allSatisfy(asked -> assertThat(asked.header("X-Key")).isEqualTo(next));
        String log = api.asOwner().get("/api/v1/activity?action=credential.updated").then().body("items", hasSize(1))
                .extract().asString();
        assertThat(log).contains("key").doesNotContain(key, next);
    }

    @Test
    void untestedOnlyWhereThatIsSaid() {
        patch(Map.of("data", Map.of("key", CredentialBuilder.aSecret()), "skipTest", true)).then().statusCode(200)
                .body("status", equalTo("unknown")).body("reason", equalTo("not-verifiable")).body("checkedAt", nullValue());
        assertThat(provider.asked()).isEmpty();
    }

    /** Who may edit, and cannot read, would have the secret sent to himself. */
    @Test
    void whatLeadsToAnotherHostNeedsTheSecretsAnew() {
        try (FakeProvider mine = FakeProvider.start()) {
            mine.answers(200, "{}");
            for (Map<String, ?> elsewhere : List.of(Map.of("baseUrl", mine.url()),
                    Map.of("test", Map.of("url", mine.url() + "/stock")),
                    Map.of("baseUrl", mine.url(), "skipTest", true),
                    Map.of("baseUrl", mine.url(), "data", Map.of("name", "X-Other")))) {
                patch(elsewhere).then().statusCode(422).body("errors.field", contains("data.key"));
            }
            assertThat(mine.asked()).isEmpty();

            patch(Map.of("baseUrl", mine.url(), "data", Map.of("key", next))).then().statusCode(200);
            assertThat(mine.asked()).hasSize(1);
        }
        patch(Map.of("baseUrl", provider.url() + "/v2")).then().statusCode(422);
    }

    @Test
    void whatAnEditWouldMakeOfItIsTestedAndNotStored() {
        test(Map.of("data", Map.of("key", "no such key"))).then().statusCode(200).body("status", equalTo("red"))
                .body("reason", equalTo("invalid"));
        test(Map.of("data", Map.of("key", next))).then().statusCode(200).body("status", equalTo("green"));
        test(Map.of("name", "Only a name")).then().statusCode(200).body("status", equalTo("green"));
        assertThat(provider.asked()).extracting(asked -> asked.header("X-Key")).containsExactly("no such key", next, key);
        api.asOwner().get(CREDENTIALS + id).then().body("status", equalTo("green")).body("name", equalTo("ERP stock"));

        try (FakeProvider mine = FakeProvider.start()) {
            mine.answers(200, "{}");
            test(Map.of("baseUrl", mine.url())).then().statusCode(422).body("errors.field", contains("data.key"));
            assertThat(mine.asked()).isEmpty();
        }
        test(Map.of("type", "bearer")).then().statusCode(422).body("errors.field", contains("type"));
        test(Map.of("nothing", "known")).then().statusCode(422);
        api.as("viewer").body(Map.of("name", "x")).post(CREDENTIALS + id + "/test").then().statusCode(403);
        Api.ofNewOrganization().asOwner().body(Map.of("name", "x")).post(CREDENTIALS + id + "/test").then().statusCode(404);
    }

    @Test
    void eachSecretIsAskedForWhereATokenEndpointMoves() {
        String oauth = api.aCredential().of("oauth2", Map.of("grant", "refresh_token", "clientId", "shop", "clientSecret",
                CredentialBuilder.aSecret(), "refreshToken", CredentialBuilder.aSecret(), "tokenUrl",
                provider.url() + "/token")).create();

        api.asOwner().contentType("application/merge-patch+json")
                .body(Map.of("data", Map.of("tokenUrl", "http://127.0.0.1:10/token"), "skipTest", true))
                .patch(CREDENTIALS + oauth).then().statusCode(422)
                .body("errors.field", containsInAnyOrder("data.clientSecret", "data.refreshToken"));
        api.asOwner().contentType("application/merge-patch+json")
                .body(Map.of("data", Map.of("tokenUrl", provider.url() + "/v2/token"), "skipTest", true))
                .patch(CREDENTIALS + oauth).then().statusCode(200);
    }

    @Test
    void aStaleEditIsRefusedBeforeAnybodyIsAsked() {
        patch(Map.of("name", "First")).then().statusCode(200);
        provider.asked();

        for (Map<String, ?> edit : List.of(Map.of("name", "Second"), Map.of("data", Map.of("key", next)))) {
            RequestSpecification stale = api.asOwner().header("If-Match", "\"0\"");
            stale.contentType("application/merge-patch+json").body(edit).patch(CREDENTIALS + id).then().statusCode(412);
        }
        assertThat(provider.asked()).isEmpty();
    }

    @Test
    void whatItIsIsFixed() {
        patch(Map.of("type", "bearer", "provider", "stripe")).then().statusCode(422).body("errors.field",
                containsInAnyOrder("type", "provider"));
        patch(Map.of("data", Map.of("token", "x"))).then().statusCode(422).body("errors.field", contains("data.token"));
        patch(Map.of("nonsense", 1)).then().statusCode(422);
    }

    @Test
    void headersAreAddedReplacedAndRemovedOneByOne() {
        provider.answers(200, "{}");
        String one = CredentialBuilder.aSecret();
        String two = CredentialBuilder.aSecret();
        String headers = api.aCredential().of("custom_headers", Map.of("headers", Map.of("X-One", one)))
                .testedAt(provider.url()).create();
        Map<String, Object> change = new HashMap<>(Map.of("X-Two", two));
        change.put("X-One", null);
        provider.asked();

        api.asOwner().contentType("application/merge-patch+json").body(Map.of("data", Map.of("headers", change)))
                .patch(CREDENTIALS + headers).then().statusCode(200).body("data.headers.keySet()", contains("X-Two"));
        assertThat(provider.asked()).hasSize(1).allSatisfy(asked -> {
            assertThat(asked.header("X-Two")).isEqualTo(two);
            assertThat(asked.header("X-One")).isEmpty();
        });
    }

    private Response test(Map<String, ?> patch) {
        return api.asOwner().body(patch).post(CREDENTIALS + id + "/test");
    }

    private Response patch(Map<String, ?> patch) {
        return api.asOwner().contentType("application/merge-patch+json").body(patch).patch(CREDENTIALS + id);
    }
}
