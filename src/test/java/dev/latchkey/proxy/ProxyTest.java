package dev.latchkey.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.crypto.DataKeys;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.RawHttp;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who gets where, with what; {@link ProxyStreamTest} is about bodies. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class ProxyTest {

    @Inject
    DataSource database;
    @Inject
    DataKeys dataKeys;

    private ProxyScene scene;

    @BeforeEach
    void anOrganizationWithAKey() {
        scene = new ProxyScene(database, dataKeys);
    }

    @Test
    void aBoundKeyReachesTheProviderWithTheCredentialAddedAndNothingOfItsOwn() {
        try (Origin origin = Origin.answering("200 OK", "{\"stock\":7}", "Content-Type: application/json",
                "X-Request-Id: theirs",
                "Set-Cookie: session=theirs", "X-Shop: 1", "Connection: X-Shop")) {
            String credential = scene.bound(origin.url() + "/api/v2/");

            Response answer = scene.request().header("X-API-Secret", "lk_secret_mine").header("X-Organization", "acme")
                    .header("Cookie", "latchkey=mine").header("X-Trace", "7")
                    .get(ProxyScene.path(credential, "/stock/shirts?size=M&size=L"));

            answer.then().statusCode(200).body("stock", equalTo(7)).header("X-Proxied", equalTo("true"))
                    .header("X-Provider-Request-Id", equalTo("theirs")).header("X-Request-Id", notNullValue())
                    .header("Set-Cookie", nullValue()).header("X-Shop", nullValue());
            Origin.Request reached = origin.reached().get(0);
            assertThat(reached.method() + " " + reached.target()).isEqualTo("GET /api/v2/stock/shirts?size=M&size=L");
            assertThat(reached.headers("Authorization")).containsExactly(ProxyScene.BASIC);
            assertThat(reached.header("Host")).isEqualTo(origin.url().substring("http://".length()));
            assertThat(reached.header("X-Trace")).isEqualTo("7");
            assertThat(reached.lines().toString()).doesNotContain(scene.key.key(), "lk_secret_mine", "latchkey=mine", "acme");
            assertThat(reached.headers("Content-Type")).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = { "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS" })
    void everyMethodIsSentOn(String method) {
        try (Origin origin = Origin.answering("200 OK", "ok")) {
            String credential = scene.bound(origin.url());

            scene.request().request(method, ProxyScene.path(credential, "/x")).then().statusCode(200).body(equalTo("ok"));

            assertThat(origin.reached().get(0).method()).isEqualTo(method);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = { 201, 301, 302, 400, 401, 403, 404, 409, 418, 422, 429, 500, 502, 503, 504, 599 })
    void theProvidersStatusComesBackAsItIs(int status) {
        try (Origin origin = Origin.answering(status + " As It Is", "theirs", "Location: http://127.0.0.1:1/x",
                "WWW-Authenticate: Basic realm=\"theirs\"", "Retry-After: 7")) {
            String credential = scene.bound(origin.url());

            scene.request().get(ProxyScene.path(credential, "/x")).then().statusCode(status).body(equalTo("theirs"))
                    .header("X-Proxied", equalTo("true")).header("Location", equalTo("http://127.0.0.1:1/x"))
                    .header("Retry-After", equalTo("7"));

            assertThat(origin.reached()).hasSize(1);
        }
    }

    @Test
    void withoutALiveBindingNothingIsSent() {
        try (Origin origin = Origin.answering("200 OK", "ok")) {
            String unbound = scene.credentials.basic(origin.url(), "erp", ProxyScene.PASSWORD);
            refused(unbound, scene.key, 403, "not-bound");
            String integration = scene.bind(unbound);
            Created other = scene.api.aKey().scopes("credentials:use").create();
            refused(unbound, other, 403, "not-bound");
            change(integration, Map.of("active", false));
            refused(unbound, scene.key, 403, "not-bound");
            change(integration, Map.of("active", true, "keyIds", List.of(other.id())));
            refused(unbound, scene.key, 403, "not-bound");
            change(integration, Map.of("keyIds", List.of(scene.key.id()), "credentialIds", List.of()));
            refused(unbound, scene.key, 403, "not-bound");
            assertThat(origin.reached()).isEmpty();

            change(integration, Map.of("credentialIds", List.of(unbound)));
            scene.request().get(ProxyScene.path(unbound, "/x")).then().statusCode(200);
            scene.api.asOwner().delete("/api/v1/integrations/" + integration).then().statusCode(204);
            refused(unbound, scene.key, 403, "not-bound");
        }
    }

    @Test
    void aKeyWithoutTheScopeSendsNothing() {
        try (Origin origin = Origin.answering("200 OK", "ok")) {
            String credential = scene.bound(origin.url());
            Created reader = scene.api.aKey().scopes("credentials:read", "credentials:write").create();
            scene.api.asOwner().body(Map.of("name", "b", "keyIds", List.of(reader.id()), "credentialIds", List.of(credential)))
                    .post("/api/v1/integrations").then().statusCode(201);

            refused(credential, reader, 403, "forbidden");
            scene.api.asOwner().get(ProxyScene.path(credential, "/x")).then().statusCode(403);
            assertThat(origin.reached()).isEmpty();
        }
    }

    @Test
    void anothersCredentialDoesNotExist() {
        try (Origin origin = Origin.answering("200 OK", "ok")) {
            String credential = scene.bound(origin.url());
            Created foreign = Api.ofNewOrganization().aKey().scopes("credentials:use").create();

            refused(credential, foreign, 404, "not-found");
            refused(UUID.randomUUID().toString(), foreign, 404, "not-found");
            assertThat(origin.reached()).isEmpty();
        }
    }

    @Test
    void aCredentialOfAStoreIsNotForKeysOfOtherStores() {
        String madrid = scene.api.createStore("madrid");
        scene.api.createStore("paris");
        Created ofParis = scene.api.aKey().scopes("credentials:use").stores("paris").create();
        Created ofMadrid = scene.api.aKey().scopes("credentials:use").stores("madrid").create();
        try (Origin origin = Origin.answering("200 OK", "ok")) {
            String credential = scene.credentials.basic(origin.url(), "erp", ProxyScene.PASSWORD);
            scene.api.asOwner().body(Map.of("name", "b", "keyIds", List.of(ofParis.id(), ofMadrid.id()), "credentialIds",
                    List.of(credential))).post("/api/v1/integrations").then().statusCode(201);
            // Of the whole organization: whoever is bound may.
            Api.withKey(ofParis.key()).get(ProxyScene.path(credential, "/x")).then().statusCode(200);

            new Behind(database).execute("update credential set store_id = ? where id = ?", UUID.fromString(madrid),
                    UUID.fromString(credential));

            refused(credential, ofParis, 403, "store-forbidden");
            Api.withKey(ofMadrid.key()).get(ProxyScene.path(credential, "/x")).then().statusCode(200);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = { "/..", "/%2e%2e/x", "/a/..%2f..%2fx", "/../../x", "/..%5cx", "/%252e%252e/x", "//evil.example/x",
            "/%2f%2fevil.example", "/a#b", "/a%00", "/a%0d%0aX-Injected:%201" })
    void noPathLeadsOutOfTheBase(String rest) {
        try (Origin origin = Origin.answering("200 OK", "ok")) {
            String credential = scene.bound(origin.url() + "/api");

            RawHttp.Answer answer = RawHttp.to(RestAssured.port).ask("GET", ProxyScene.path(credential, rest),
                    "X-API-Key: " + scene.key.key());

            assertThat(answer.status()).isIn(400, 404, 422);
            assertThat(answer.header("X-Proxied")).isNull();
            assertThat(origin.reached()).isEmpty();
        }
    }

    @Test
    void noRequestLineAndNoHeaderLeadsToAnotherHost() {
        try (Origin origin = Origin.answering("200 OK", "ok"); Origin evil = Origin.answering("200 OK", "evil")) {
            String credential = scene.bound(origin.url());
            RawHttp raw = RawHttp.to(RestAssured.port);
            String key = "X-API-Key: " + scene.key.key();
            String host = evil.url().substring("http://".length());

            raw.ask("GET", ProxyScene.path(credential, "/x"), key, "Host: " + host);
            raw.ask("GET", ProxyScene.path(credential, "/x"), key, "X-Forwarded-Host: " + host, "Forwarded: host=" + host);
            raw.ask("GET", ProxyScene.path(credential, "/x?host=" + host), key, "X-Original-URL: " + evil.url() + "/");
            List<Origin.Request> reached = origin.reached();
            assertThat(reached).hasSize(3);
            assertThat(reached).allSatisfy(
                    request -> assertThat(request.header("Host")).isEqualTo(origin.url().substring("http://".length())));
            for (String target : List.of(evil.url() + ProxyScene.path(credential, "/x"), evil.url() + "/x",
                    ProxyScene.path(credential, "@" + host + "/x"), "/api/v1/keys/../proxy/" + credential + "/x",
                    "/api/v1/%70roxy/" + credential + "/x")) {
                assertThat(raw.ask("GET", target, key).status()).as(target).isIn(400, 404, 422);
            }

            assertThat(origin.reached()).isEmpty();
            assertThat(evil.reached()).isEmpty();
        }
    }

    /** Bodies have no bound there, and no rule. */
    @Test
    void noOtherOperationIsReachedBelowTheProxy() {
        for (String target : List.of("/api/v1/proxy/../keys", "/api/v1/proxy/x/../../keys", "/api/v1/proxy/%2e%2e/keys")) {
            assertThat(RawHttp.to(RestAssured.port).ask("GET", target, "X-API-Key: " + scene.key.key()).status()).as(target)
                    .isEqualTo(400);
        }
    }

    @Test
    void aKeyInTheQueryIsAddedInPlaceOfTheCallersOwnAndComesBackFromNoHeader() {
        try (Origin origin = Origin.that((request, in, out) -> Origin.write(out, "HTTP/1.1 302 Found\r\nLocation: "
                + request.target() + "&page=2\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"))) {
            String credential = scene.credentials.inQuery(origin.url(), "api_key", "Vb Xc9+LkR1s");
            scene.bind(credential);

            scene.request().get(ProxyScene.path(credential, "/x?api_key=mine&q=1&api%5fkey=mine+too")).then().statusCode(302)
                    .header("Location", equalTo(ProxyScene.path(credential, "/x?q=1&api_key=***&page=2")));

            assertThat(origin.reached().get(0).target()).isIn("/x?q=1&api_key=Vb%20Xc9%2BLkR1s",
                    "/x?q=1&api_key=Vb+Xc9%2BLkR1s");
        }
    }

    @ParameterizedTest
    @CsvSource({ "invalid, 409", "reauthorization-required, 409", "not-connected, 409", "blocked-address, 409",
            "unreachable, 200",
            "provider-error, 200", "timeout, 200", "limited, 200", "misconfigured, 200", "valid, 200" })
    void whatTheProviderHasRefusedIsNotSentToItAgain(String reason, int status) {
        try (Origin origin = Origin.answering("200 OK", "ok")) {
            String credential = scene.bound(origin.url());
            scene.credentials.is(credential, reason);

            Response answer = scene.request().get(ProxyScene.path(credential, "/x"));

            assertThat(answer.statusCode()).isEqualTo(status);
            if (status == 409) {
                answer.then().body("code", equalTo("credential-unusable")).body("errors.message", contains(reason));
                assertThat(origin.reached()).isEmpty();
            }
        }
    }

    @Test
    void aProviderThatIsNotThereIsABadGateway() {
        Origin origin = Origin.answering("200 OK", "ok");
        String credential = scene.bound(origin.url());
        origin.close();

        scene.request().get(ProxyScene.path(credential, "/x")).then().statusCode(502).header("X-Proxied", nullValue())
                .contentType("application/problem+json").body("code", equalTo("provider-unreachable"));
    }

    @Test
    void aProviderThatSaysNothingIsNotWaitedForForEver() {
        try (Origin origin = Origin.that((request, in, out) -> in.readAllBytes())) {
            String credential = scene.bound(origin.url());

            scene.request().get(ProxyScene.path(credential, "/x")).then().statusCode(504)
                    .body("code", equalTo("provider-timeout"));
            scene.request().body("{}").post(ProxyScene.path(credential, "/x")).then().statusCode(504);
        }
    }

    @Test
    void theCallersLimitIsCountedAndToldBeforeTheProviderIsAsked() {
        Created limited = scene.api.aKey().scopes("credentials:use").rateLimit(1, "PT1H").create();
        try (Origin origin = Origin.answering("200 OK", "ok", "RateLimit: theirs")) {
            String credential = scene.credentials.basic(origin.url(), "erp", ProxyScene.PASSWORD);
            scene.api.asOwner().body(Map.of("name", "b", "keyIds", List.of(limited.id()), "credentialIds", List.of(credential)))
                    .post("/api/v1/integrations").then().statusCode(201);

            Api.withKey(limited.key()).get(ProxyScene.path(credential, "/x")).then().statusCode(200)
                    .header("RateLimit", equalTo("theirs"));
            Api.withKey(limited.key()).get(ProxyScene.path(credential, "/x")).then().statusCode(429)
                    .body("code", equalTo("rate-limited")).header("X-Proxied", nullValue());

            assertThat(origin.reached()).hasSize(1);
        }
    }

    private void change(String integration, Map<String, ?> patch) {
        scene.api.asOwner().body(patch).patch("/api/v1/integrations/" + integration).then().statusCode(200);
    }

    private static void refused(String credential, Created key, int status, String code) {
        Api.withKey(key.key()).get(ProxyScene.path(credential, "/x")).then().statusCode(status).body("code", equalTo(code))
                .header("X-Proxied", nullValue());
    }
}
