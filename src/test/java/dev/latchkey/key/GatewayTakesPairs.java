package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;

import dev.latchkey.testing.GatewayKind;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.RawHttp.Answer;
import io.restassured.path.json.JsonPath;
import org.junit.jupiter.api.Test;

/** Keys with secrets through a real gateway, with the configuration that is shipped. */
abstract class GatewayTakesPairs extends GatewayLetsPass {

    GatewayTakesPairs(GatewayKind kind) {
        super(kind);
    }

    @Test
    void aWholePairReachesTheBackendWhichSeesNothingOfIt() {
        Created pair = api.aKey().withSecret().create();

        for (List<String> presented : List.of(List.of("X-API-Key: " + pair.key(), "X-API-Secret: " + pair.secret()),
                List.of("Authorization: Bearer " + pair.key(), "X-API-Secret: " + pair.secret()),
                List.of("Authorization: " + basic(pair.key(), pair.secret())))) {
            assertThat(client.ask("GET", ORDERS, presented.toArray(String[]::new)).status()).as(presented.toString())
                    .isEqualTo(200);

            assertThat(backend.reached()).singleElement().satisfies(request -> {
                assertThat(request.headers("X-Auth-Key-Id")).containsExactly(pair.id());
                for (String gone : List.of("X-API-Key", "X-API-Secret", "Authorization")) {
                    assertThat(request.headers(gone)).as(gone).isEmpty();
                }
            });
        }
    }

    @Test
    void besideAPairAuthorizationIsTheBackendsOwn() {
        Created pair = api.aKey().withSecret().create();
        String own = basic("backend", "its own");

        assertThat(client.ask("GET", ORDERS, "X-API-Key: " + pair.key(), "X-API-Secret: " + pair.secret(),
                "Authorization: " + own).status()).isEqualTo(200);

        assertThat(backend.reached()).singleElement()
                .satisfies(request -> assertThat(request.headers("Authorization")).containsExactly(own));
    }

    @Test
    void halfOfAPairPassesNever() {
        Created pair = api.aKey().withSecret().create();
        String other = api.aKey().withSecret().create().secret();

        for (List<String> presented : List.of(List.of("X-API-Key: " + pair.key()),
                List.of("X-API-Key: " + pair.key(), "X-API-Secret: " + other),
                List.of("X-API-Key: " + pair.key(), "Authorization: " + basic(pair.key(), pair.secret())),
                List.of("Authorization: Bearer " + pair.key()), List.of("Authorization: " + basic(pair.key(), "")),
                List.of("Authorization: " + basic(pair.key(), other)))) {
            Answer answer = client.ask("GET", ORDERS, presented.toArray(String[]::new));

            assertThat(answer.status()).as(presented.toString()).isEqualTo(401);
            assertThat(answer.header("WWW-Authenticate")).isEqualTo("Bearer realm=\"latchkey\", error=\"invalid_token\"");
            assertThat(JsonPath.from(answer.body()).getString("code")).isEqualTo("invalid-key");
        }
        assertThat(backend.reached()).isEmpty();
    }

    @Test
    void anOldSecretIsRefusedOnTheVeryNextRequest() {
        Created pair = api.aKey().withSecret().create();
        String secret = pair.secret();
        for (int round = 0; round < 10; round++) {
            assertThat(client.ask("GET", ORDERS, "X-API-Key: " + pair.key(), "X-API-Secret: " + secret).status())
                    .isEqualTo(200);
            String next = api.asOwner().body(Map.of("part", "secret")).post("/api/v1/keys/" + pair.id() + "/regenerate").then()
                    .statusCode(200).extract().path("secret");
            assertThat(client.ask("GET", ORDERS, "X-API-Key: " + pair.key(), "X-API-Secret: " + secret).status())
                    .isEqualTo(401);
            secret = next;
        }
        backend.reached();
    }

    private static String basic(String user, String password) {
        return "Basic "
                + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }
}
