package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;

import dev.latchkey.testing.GatewayKind;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.NeedsGateway;
import dev.latchkey.testing.RawHttp;
import dev.latchkey.testing.RawHttp.Answer;
import io.restassured.path.json.JsonPath;
import org.junit.jupiter.api.Test;

/** All that gateways guarantee, by nginx. */
@NeedsGateway(GatewayKind.NGINX)
class GatewayIT extends GatewayRefuses {

    GatewayIT() {
        super(GatewayKind.NGINX);
    }

    /** nginx drops the body of a refusal; where no header tells one, it says what it knows. */
    @Override
    String codeOfAStranger() {
        return "forbidden";
    }

    @Test
    void theLogTellsTheKeysIdAndNotTheKey() {
        Created key = api.aKey().create();

        assertThat(client.ask("GET", ORDERS, "X-API-Key: " + key.key()).status()).isEqualTo(200);

        assertThat(gateway.log()).contains("key=" + key.id()).doesNotContain(key.key());
    }

    @Test
    void aVerifierOfTheDefaultLimitVerifiesWithoutEnd() {
        Created verifier = api.aKey().scopes("keys:verify").create();
        Created verified = api.aKey().unlimited().create();
        byte[] question = "{\"key\": \"%s\", \"method\": \"GET\", \"path\": \"%s\"}".formatted(verified.key(), ORDERS)
                .getBytes(StandardCharsets.US_ASCII);
        String head = "POST /api/v1/keys/verify HTTP/1.1\nHost: localhost\nX-API-Key: " + verifier.key()
                + "\nContent-Type: application/json\nContent-Length: " + question.length;
        RawHttp direct = RawHttp.to(portOf(latchkey));

        for (int call = 0; call < 1000; call++) {
            Answer answer = direct.send(head, question);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(JsonPath.from(answer.body()).getString("code")).isEqualTo("VALID");
        }
    }
}
