package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import dev.latchkey.credential.FakeProvider.Answer;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.CredentialBuilder;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A credential is stored when its test has passed, used to be tested again, never shown, and ends at its provider too. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class CredentialLifeTest {

    private static final String CREDENTIALS = "/api/v1/credentials";

    private Api api;
    private FakeProvider provider;
    private String password;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
        provider = FakeProvider.start();
        password = CredentialBuilder.aSecret();
        String expected = "Basic "
                + Base64.getEncoder().encodeToString(("sync:" + password).getBytes(StandardCharsets.UTF_8));
        provider.answers(request -> expected.equals(request.header("Authorization")) ? new Answer(200, "{\"items\": []}")
                : new Answer(401, "{\"you sent\": \"" + request.header("Authorization") + "\"}"));
    }

    @AfterEach
    void stop() {
        provider.close();
    }

    @Test
    void anErpsBasicAuthIsRefusedWhenWrongAndStoredWhenRight() {
        String wrong = CredentialBuilder.aSecret();
        Response refused = api.aCredential().basic("sync", wrong).testedAt(provider.url()).requested();
        refused.then().statusCode(422).body("code", equalTo("test-failed")).body("test.status", equalTo("red"))
                .body("test.reason", equalTo("invalid")).body("test.httpStatus", equalTo(401))
                .body("test.nextStep", notNullValue()).body("test.checkedAt", notNullValue())
                .body("test.durationMs", notNullValue());
        assertThat(refused.asString()).doesNotContain(wrong);
        api.asOwner().get(CREDENTIALS).then().body("items", empty());

        Response stored = api.aCredential().basic("sync", password).testedAt(provider.url()).requested();
        stored.then().statusCode(201).header("ETag", "\"0\"").header("Location", containsString(stored.path("id")))
                .body("status", equalTo("green")).body("reason", equalTo("valid")).body("httpStatus", equalTo(200))
                .body("data.username", equalTo("sync")).body("data.password.set", equalTo(true))
                .body("data.password.updatedAt", notNullValue()).body("checkedAt", notNullValue());
        assertThat(stored.asString()).doesNotContain(password);
        assertThat(provider.asked()).hasSize(2).allSatisfy(asked -> assertThat(asked.target()).isEqualTo("stock"));
    }

    @Test
    void aDraftLeavesNothing() {
        api.aCredential().basic("sync", password).testedAt(provider.url()).tried().then().statusCode(200)
                .body("status", equalTo("green")).body("reason", equalTo("valid")).body("httpStatus", equalTo(200));
        api.aCredential().basic("sync", "another password").testedAt(provider.url()).tried().then().statusCode(200)
                .body("status", equalTo("red")).body("reason", equalTo("invalid"));

        api.asOwner().get(CREDENTIALS).then().body("items", empty());
        api.asOwner().get("/api/v1/activity").then().body("items.action", not(hasItem(containsString("credential"))));
        api.asOwner().get("/api/v1/events").then().body("items", empty());
    }

    @Test
    void eachAnswerHasItsColour() {
        for (var expected : List.of(List.of(403, 201, "yellow", "limited"), List.of(429, 201, "unknown", "rate-limited"),
                List.of(500, 422, "red", "provider-error"), List.of(401, 422, "red", "invalid"))) {
            provider.answers((Integer) expected.get(0), "");
            Response answer = api.aCredential().testedAt(provider.url()).requested();
            answer.then().statusCode((Integer) expected.get(1));
            String at = expected.get(1).equals(422) ? "test." : "";
            assertThat(List.of(answer.path(at + "status"), answer.path(at + "reason"))).as(expected.toString())
                    .isEqualTo(expected.subList(2, 4));
        }
        String closed = provider.url();
        provider.close();
        api.aCredential().testedAt(closed).requested().then().statusCode(422).body("test.reason", equalTo("unreachable"))
                .body("test.httpStatus", nullValue());
        provider = FakeProvider.start();
    }

    @Test
    void aBodyTellsAnErrorInsideA200() {
        provider.answers(200, "{\"error\": \"bad key\"}");
        api.aCredential().testedAt(provider.url())
                .with("test", Map.of("method", "GET", "url", "/stock", "expectStatus", 200, "bodyContains", "\"items\""))
                .requested().then().statusCode(422).body("code", equalTo("test-failed"));
    }

    @Test
    void everyTypeIsSentAsItIsMeantAndShownWithoutItsSecrets() {
        provider.answers(200, "{}");
        String secret = CredentialBuilder.aSecret();
        Map<String, Map<String, ?>> types = Map.of(
                "api_key", Map.of("key", secret, "placement", "header", "name", "X-Key", "prefix", "Token"),
                "bearer", Map.of("token", secret),
                "basic", Map.of("username", secret, "password", ""),
                "custom_headers", Map.of("headers", Map.of("X-One", secret, "X-Two", secret)));
        types.forEach((type, data) -> {
            Response stored = api.aCredential().of(type, data).testedAt(provider.url()).requested();
            stored.then().statusCode(201).body("type", equalTo(type)).body("status", equalTo("green"));
            assertThat(stored.asString()).as(type).doesNotContain(secret);
            assertThat(provider.asked()).as(type).anySatisfy(asked -> assertThat(asked.headers().values().toString()).contains(
                    type.equals("basic")
                            ? Base64.getEncoder().encodeToString((secret + ":").getBytes(StandardCharsets.UTF_8))
                            : secret));
        });
        String all = api.asOwner().get(CREDENTIALS).then().body("items", hasSize(4)).extract().asString();
        assertThat(all).doesNotContain(secret);
        api.asOwner().get(CREDENTIALS + "?type=custom_headers").then().body("items", hasSize(1))
                .body("items[0].data.headers.X-One.set", equalTo(true));
        api.asOwner().get(CREDENTIALS + "?type=basic").then().body("items[0].data.username.set", equalTo(true));
    }

    @Test
    void whatAPersonHasToAgreeToIsStoredAsNotConnected() {
        api.aCredential().of("oauth2", Map.of("grant", "authorization_code", "clientId", "shop", "clientSecret", password,
                "tokenUrl", provider.url() + "/token", "authorizeUrl", provider.url() + "/authorize", "scopes",
                List.of("read"))).without("skipTest").requested().then().statusCode(201).body("status", equalTo("unknown"))
                .body("reason", equalTo("not-connected")).body("data.clientSecret.set", equalTo(true))
                .body("data.refreshToken.set", equalTo(false)).body("data.pkce", equalTo(true));
        assertThat(provider.asked()).isEmpty();
    }

    @Test
    void aDraftNeverSpendsARefreshToken() {
        api.aCredential().of("oauth2", Map.of("grant", "refresh_token", "clientId", "shop", "clientSecret", password,
                "refreshToken", CredentialBuilder.aSecret(), "tokenUrl", provider.url() + "/token")).tried().then()
                .statusCode(200).body("status", equalTo("unknown"));
        assertThat(provider.asked()).isEmpty();
    }

    @Test
    void whatBreaksOutOfItsPlaceIsRefused() {
        for (var bad : Map.<String, Map<String, ?>> of("data.headers.Host", Map.of("headers", Map.of("Host", "x.example")),
                "data.headers.X-A", Map.of("headers", Map.of("X-A", "a\r\nX-B: c"))).entrySet()) {
            api.aCredential().of("custom_headers", bad.getValue()).requested().then().statusCode(422).body("errors.field",
                    contains(bad.getKey()));
        }
        api.aCredential().basic("a\u0007", password).requested().then().statusCode(422).body("errors[0].field",
                equalTo("data.username"));
        for (String url : List.of("http://user:password@127.0.0.1/", "ftp://127.0.0.1/", "https://", "/api")) {
            api.aCredential().with("baseUrl", url).requested().then().statusCode(422).body("errors[0].field",
                    equalTo("baseUrl"));
        }
        api.aCredential().with("baseUrl", "http://169.254.169.254/latest").requested().then().statusCode(422)
                .body("errors[0].field", equalTo("baseUrl"));
        api.aCredential().of("bearer", Map.of("token", password, "password", "x")).requested().then().statusCode(422)
                .body("errors[0].field", equalTo("data.password"));
        api.aCredential().of("bearer", Map.of()).requested().then().statusCode(422).body("errors[0].field",
                equalTo("data.token"));
        api.aCredential().with("provider", "nobody").requested().then().statusCode(422).body("errors[0].field",
                equalTo("provider"));
        api.aCredential().with("variables", Map.of("shop", "x")).requested().then().statusCode(422);
        api.aCredential().with("store", "nowhere").requested().then().statusCode(422).body("errors[0].field",
                equalTo("store"));
    }

    @Test
    void aListIsNarrowedAndPaged() {
        String madrid = api.createStore("madrid");
        api.createStore("lima");
        String all = api.aCredential().with("name", "All").create();
        String one = api.aCredential().with("name", "One").with("store", "madrid").create();
        api.aCredential().with("name", "Other").with("store", "lima").of("bearer", Map.of("token", password)).create();

        api.asOwner().get(CREDENTIALS).then().body("items.name", contains("Other", "One", "All"));
        api.asOwner().get(CREDENTIALS + "?store=madrid").then().body("items.id", contains(one, all))
                .body("items[0].store", equalTo(Map.of("id", madrid, "key", "madrid")));
        api.asOwner().get(CREDENTIALS + "?type=bearer").then().body("items.name", contains("Other"));
        api.asOwner().get(CREDENTIALS + "?status=green").then().body("items", empty());
        api.asOwner().get(CREDENTIALS + "?status=unknown&provider=stripe").then().body("items", empty());
        String cursor = api.asOwner().get(CREDENTIALS + "?limit=2").then().body("items", hasSize(2)).extract()
                .path("nextCursor");
        api.asOwner().get(CREDENTIALS + "?limit=2&cursor=" + cursor).then().body("items.name", contains("All"))
                .body("nextCursor", nullValue());
        api.asOwner().delete("/api/v1/stores/madrid").then().statusCode(409).body("errors[0].field", equalTo("credentials"));
    }

    @Test
    void whatIsAnothersDoesNotExist() {
        String id = api.aCredential().create();
        Api other = Api.ofNewOrganization();

        other.asOwner().get(CREDENTIALS + "/" + id).then().statusCode(404);
        other.asOwner().post(CREDENTIALS + "/" + id + "/test").then().statusCode(404);
        other.asOwner().contentType("application/merge-patch+json").body(Map.of("data", Map.of("password", password)))
                .patch(CREDENTIALS + "/" + id).then().statusCode(404);
        other.asOwner().delete(CREDENTIALS + "/" + id).then().statusCode(404);
        other.asOwner().get(CREDENTIALS).then().body("items", empty());
    }

    @Test
    void aRequestThatIsRepeatedIsTestedOnce() {
        String once = UUID.randomUUID().toString();
        Response first = api.aCredential().basic("sync", password).testedAt(provider.url())
                .requestedBy(api.asOwner().header("Idempotency-Key", once));
        first.then().statusCode(201);
        Response second = api.aCredential().basic("sync", password).testedAt(provider.url())
                .requestedBy(api.asOwner().header("Idempotency-Key", once));

        second.then().statusCode(201).header("Idempotency-Replayed", "true").body("id", equalTo(first.path("id")));
        assertThat(provider.asked()).hasSize(1);
        api.asOwner().get(CREDENTIALS).then().body("items", hasSize(1));
    }

    @Test
    void aKeyThatIsLimitedToStoresReadsNone() {
        api.createStore("madrid");
        String limited = api.aKey().scopes("credentials:read", "credentials:write").stores("madrid").create().key();
        String whole = api.aKey().scopes("credentials:read", "credentials:write").create().key();

        Api.withKey(limited).get(CREDENTIALS).then().statusCode(403).body("code", equalTo("store-forbidden"));
        api.aCredential().requestedBy(Api.withKey(limited)).then().statusCode(403);
        api.aCredential().requestedBy(Api.withKey(whole)).then().statusCode(201).body("createdBy.type", equalTo("key"));
    }

    @Test
    void aDeletionRevokesTheTokenAtItsProviderAndSaysSo() {
        provider.answers(200, "");
        String token = CredentialBuilder.aSecret();
        String id = api.aCredential().of("oauth2", Map.of("grant", "refresh_token", "clientId", "shop", "clientSecret",
                password, "refreshToken", token, "tokenUrl", provider.url() + "/token", "revokeUrl",
                provider.url() + "/revoke")).create();

        api.asOwner().header("If-Match", "\"7\"").delete(CREDENTIALS + "/" + id).then().statusCode(412);
        assertThat(provider.asked()).isEmpty();
        api.asOwner().delete(CREDENTIALS + "/" + id).then().statusCode(200).body("revoked", equalTo(true))
                .body("httpStatus", equalTo(200));

        assertThat(provider.asked()).hasSize(1).allSatisfy(asked -> {
            assertThat(asked.target()).isEqualTo("revoke");
            assertThat(asked.body()).isEqualTo("token=" + token + "&token_type_hint=refresh_token");
            assertThat(asked.header("Authorization")).startsWith("Basic ");
        });
        api.asOwner().get(CREDENTIALS + "/" + id).then().statusCode(404);
        String log = api.asOwner().get("/api/v1/activity?targetId=" + id).then()
                .body("items.action",
                        contains("credential.revoked_at_provider", "credential.deleted", "credential.created"))
                .extract().asString();
        assertThat(log).doesNotContain(token, password);
    }

    @Test
    void whatTheProviderDoesNotRevokeIsDeletedAllTheSame() {
        provider.answers(503, "");
        String id = api.aCredential().of("oauth2", Map.of("grant", "refresh_token", "clientId", "shop", "refreshToken",
                CredentialBuilder.aSecret(), "tokenUrl", provider.url() + "/token", "revokeUrl", provider.url() + "/revoke"))
                .create();

        api.asOwner().header("Accept-Language", "es").delete(CREDENTIALS + "/" + id).then().statusCode(200)
                .body("revoked", equalTo(false)).body("httpStatus", equalTo(503)).body("detail", containsString("Retírelo"));
        api.asOwner().get(CREDENTIALS + "/" + id).then().statusCode(404);
        api.asOwner().delete(CREDENTIALS + "/" + api.aCredential().create()).then().statusCode(204);
    }

    @Test
    void aTestOnDemandIsWrittenDown() {
        String id = api.aCredential().basic("sync", password).with("baseUrl", provider.url())
                .with("test", Map.of("url", "/stock")).create();
        api.asOwner().get(CREDENTIALS + "/" + id).then().body("status", equalTo("unknown"))
                .body("reason", equalTo("not-verifiable")).body("checkedAt", nullValue());
        api.asOwner().post(CREDENTIALS + "/" + id + "/test").then().statusCode(200).body("status", equalTo("green"));

        api.asOwner().header("Accept-Language", "es").get(CREDENTIALS + "/" + id).then().header("ETag", "\"0\"")
                .header("Content-Language", "es").body("status", equalTo("green")).body("checkedAt", notNullValue());
        api.asOwner().get("/api/v1/activity?targetId=" + id).then().body("items.action",
                contains("credential.status_changed", "credential.tested", "credential.created"));
        api.asOwner().get("/api/v1/events?type=credential.status_changed").then().body("items", hasSize(1))
                .body("items[0].data.from", equalTo("unknown")).body("items[0].data.status", equalTo("green"));

        provider.answers(429, "");
        api.asOwner().post(CREDENTIALS + "/" + id + "/test").then().statusCode(200).body("reason", equalTo("rate-limited"));
        api.asOwner().get(CREDENTIALS + "/" + id).then().body("status", equalTo("green")).body("reason", equalTo("valid"));
    }
}
