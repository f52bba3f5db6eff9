package dev.latchkey.key;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.RawHttp;
import dev.latchkey.testing.RawHttp.Answer;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.path.json.JsonPath;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How holders present a key and its secret: to gateways, and to our own operations. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class KeyPairCallersTest {

    private Api api;
    private RawHttp latchkey;
    private Created pair;

    @BeforeEach
    void aPair() {
        api = Api.ofNewOrganization();
        latchkey = RawHttp.to(RestAssured.port);
        pair = api.aKey().scopes("keys:read", "keys:verify", "orders:read").withSecret().create();
    }

    @ParameterizedTest
    @ValueSource(strings = { "/api/v1/auth", "/api/v1/auth/nginx", "/api/v1/auth/envoy/api/v1/orders" })
    void aGatewayIsToldOnlyOfWholePairs(String form) {
        for (List<String> good : presentedWell()) {
            assertThat(forwarded(form, good).status()).as(good.toString()).isIn(200, 204);
        }
        for (List<String> bad : presentedBadly()) {
            Answer answer = forwarded(form, bad);
            assertThat(answer.status()).as(bad.toString()).isEqualTo(401);
            assertThat(answer.header("WWW-Authenticate")).startsWith("Bearer").contains("invalid_token");
            assertThat(JsonPath.from(answer.body()).getString("code")).isEqualTo("invalid-key");
            assertThat(answer.headers("X-Auth-Key-Id")).isEmpty();
        }
    }

    @Test
    void ourOwnOperationsAreOpenToWholePairsOnly() {
        for (List<String> good : presentedWell()) {
            assertThat(latchkey.ask("GET", "/api/v1/keys", good.toArray(String[]::new)).status()).as(good.toString())
                    .isEqualTo(200);
        }
        for (List<String> bad : presentedBadly()) {
            Answer answer = latchkey.ask("GET", "/api/v1/keys", bad.toArray(String[]::new));
            assertThat(answer.status()).as(bad.toString()).isEqualTo(401);
            assertThat(answer.header("WWW-Authenticate")).startsWith("Bearer");
            assertThat(JsonPath.from(answer.body()).getString("code")).isEqualTo("invalid-key");
        }
    }

    /** Nor by the short way, which does without the mechanism. */
    @Test
    void aVerifierThatIsAPairVerifiesWithItsSecretOnly() {
        Map<String, String> question = Map.of("key", pair.key(), "secret", pair.secret());

        Api.withKey(pair.key()).header("X-API-Secret", pair.secret()).body(question).post("/api/v1/keys/verify").then()
                .statusCode(200).body("code", equalTo("VALID"));
        given().header("Authorization", basic(pair.key() + ":" + pair.secret())).contentType("application/json").body(question)
                .post("/api/v1/keys/verify").then().statusCode(200).body("code", equalTo("VALID"));
        Api.withKey(pair.key()).body(question).post("/api/v1/keys/verify").then().statusCode(401)
                .header("WWW-Authenticate", startsWith("Bearer")).body("code", equalTo("invalid-key"));
    }

    @Test
    void theHolderIsToldNoMoreThanOfAnUnknownKey() {
        Answer half = latchkey.ask("GET", "/api/v1/keys", "X-API-Key: " + pair.key());
        Answer malformed = latchkey.ask("GET", "/api/v1/keys", "X-API-Key: " + api.aKey().create().key().replace("lk_", "xk_"));
        Created gone = api.aKey().create();
        api.asOwner().delete("/api/v1/keys/" + gone.id()).then().statusCode(204);
        Answer deleted = latchkey.ask("GET", "/api/v1/keys", "X-API-Key: " + gone.key());
        api.act(pair.id(), "revoke").then().statusCode(200);
        Answer revoked = latchkey.ask("GET", "/api/v1/keys", "X-API-Key: " + pair.key());

        assertThat(withoutId(half)).isEqualTo(withoutId(malformed)).isEqualTo(withoutId(deleted)).isEqualTo(withoutId(revoked));
    }

    @Test
    void aKeyWithoutASecretMayBeSentAsBasicToo() {
        Created key = api.aKey().scopes("keys:read").create();

        for (String credentials : List.of(key.key() + ":", key.key() + ":x")) {
            given().header("Authorization", basic(credentials)).get("/api/v1/keys").then().statusCode(200);
        }
        given().auth().preemptive().basic(key.key(), "").get("/api/v1/keys/self").then().statusCode(200).body("keyId",
                equalTo(key.id()));
        for (String junk : List.of("Basic", "Basic ", "Basic !!!", "Basic OjpeOg==", basic(key.key()), basic(":" + key.key()),
                basic(""))) {
            given().header("Authorization", junk).get("/api/v1/keys").then().statusCode(401);
        }
    }

    private List<List<String>> presentedWell() {
        String secret = "X-API-Secret: " + pair.secret();
        return List.of(List.of("X-API-Key: " + pair.key(), secret),
                List.of("X-API-Key: " + pair.key(), secret, secret),
                List.of("X-API-Key: " + pair.key(), secret, "Authorization: " + basic("backend:its own")),
                List.of("Authorization: Bearer " + pair.key(), secret),
                List.of("Authorization: " + basic(pair.key() + ":" + pair.secret())),
                List.of("Authorization: basic  " + basic(pair.key() + ":" + pair.secret()).substring(6)),
                List.of("Authorization: " + basic(pair.key() + ":"), secret),
                List.of("Authorization: " + basic(pair.key() + ":" + pair.secret()), secret));
    }

    private List<List<String>> presentedBadly() {
        String other = api.aKey().withSecret().create().secret();
        String secret = "X-API-Secret: " + pair.secret();
        return List.of(List.of("X-API-Key: " + pair.key()),
                List.of("X-API-Key: " + pair.key(), "X-API-Secret:"),
                List.of("X-API-Key: " + pair.key(), "X-API-Secret: " + other),
                List.of("X-API-Key: " + pair.key(), secret, "X-API-Secret: " + other),
                List.of("X-API-Key: " + pair.key(), "Authorization: " + basic(pair.key() + ":" + pair.secret())),
                List.of("X-API-Key: " + pair.secret(), "X-API-Secret: " + pair.key()),
                List.of("Authorization: Bearer " + pair.key()),
                List.of("Authorization: Bearer " + pair.key() + ":" + pair.secret()),
                List.of("Authorization: " + basic(pair.key() + ":")),
                List.of("Authorization: " + basic(pair.key() + ":" + other)),
                List.of("Authorization: " + basic(pair.key() + ":" + other), secret),
                List.of("Authorization: " + basic(pair.key() + pair.secret())));
    }

    private Answer forwarded(String form, List<String> presented) {
        List<String> lines = new ArrayList<>(presented);
        if (!form.contains("envoy")) {
            lines.add("X-Forwarded-Method: GET");
            lines.add("X-Forwarded-Uri: /api/v1/orders");
        }
        return latchkey.ask("GET", form, lines.toArray(String[]::new));
    }

    private static String basic(String credentials) {
        return "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
    }

    private static String withoutId(Answer answer) {
        return answer.toString().replace(String.valueOf(answer.header("X-Request-Id")), "…");
    }
}
