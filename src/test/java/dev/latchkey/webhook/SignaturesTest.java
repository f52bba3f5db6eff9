package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import dev.latchkey.testing.Planted;
import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;

/** What is signed here, the public library of Standard Webhooks verifies, and nothing that was altered since. */
class SignaturesTest {

    private static final String ID = "01890a5d-ac96-774b-bcce-b302099a8057";
    private static final String BODY = "{\"type\":\"order.create\",\"data\":{\"note\":\"ñandú 🦤\",\"total\":1.10}}";

    private final SecureRandom random = new SecureRandom();
    private final WebhookSecret secret = planted();
    private final Instant now = Instant.now();

    @Test
    void theVectorOfTheSpecificationIsMet() {
        Signatures signatures = Signatures.of(WebhookSecret.parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").orElseThrow());

        assertThat(signatures.header("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, Buffer.buffer("{\"test\": 2432232314}")))
                .isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    @Test
    void whoeverHasTheSecretVerifiesIt() {
        assertVerified(secret, ID, now.getEpochSecond(), BODY, Signatures.of(secret).header(ID, now.getEpochSecond(), body()));
        assertThat(Signatures.of(secret).header(ID, now.getEpochSecond(), body())).doesNotContain(" ");
    }

    @Test
    void nothingThatWasSignedCanBeAltered() {
        long at = now.getEpochSecond();
        String signature = Signatures.of(secret).header(ID, at, body());

        assertRefused(secret, ID, at, BODY.replace("1.10", "1.1"), signature);
        assertRefused(secret, ID.replace('7', '8'), at, BODY, signature);
        assertRefused(secret, ID, at + 1, BODY, signature);
        assertRefused(planted(), ID, at, BODY, signature);
    }

    @Test
    void whileASecretIsReplacedBothVerify() {
        WebhookSecret former = planted();
        Instant until = now.plus(Duration.ofHours(24));

        String signature = Signatures.of(secret, former, until).header(ID, now.getEpochSecond(), body());

        assertThat(signature.split(" ")).hasSize(2).allMatch(each -> each.startsWith("v1,"));
        assertVerified(secret, ID, now.getEpochSecond(), BODY, signature);
        assertVerified(former, ID, now.getEpochSecond(), BODY, signature);
        assertRefused(planted(), ID, now.getEpochSecond(), BODY, signature);
    }

    @Test
    void aFormerSecretSignsNothingAfterItsTimeHoweverLongItIsRemembered() {
        WebhookSecret former = planted();
        Signatures signatures = Signatures.of(secret, former, now);

        assertThat(signatures.header(ID, now.getEpochSecond() - 1, body())).contains(" ");
        String signature = signatures.header(ID, now.getEpochSecond(), body());

        assertThat(signature).isEqualTo(Signatures.of(secret).header(ID, now.getEpochSecond(), body()));
        assertRefused(former, ID, now.getEpochSecond(), BODY, signature);
    }

    @Test
    void theyPrintNoSecret() {
        String bytes = Base64.getEncoder().encodeToString(secret.bytes());

        assertThat(Signatures.of(secret, secret, now) + " " + secret).doesNotContain(bytes);
    }

    private WebhookSecret planted() {
        WebhookSecret drawn = WebhookSecret.generate(random);
        Planted.add(drawn.reveal());
        return drawn;
    }

    private static Buffer body() {
        return Buffer.buffer(BODY);
    }

    private static void assertVerified(WebhookSecret secret, String id, long timestamp, String body, String signature) {
        assertThatCode(() -> new Webhook(secret.reveal()).verify(body, headers(id, timestamp, signature)))
                .doesNotThrowAnyException();
    }

    private static void assertRefused(WebhookSecret secret, String id, long timestamp, String body, String signature) {
        assertThatThrownBy(() -> new Webhook(secret.reveal()).verify(body, headers(id, timestamp, signature)))
                .isInstanceOf(WebhookVerificationException.class);
    }

    private static Map<String, List<String>> headers(String id, long timestamp, String signature) {
        return Map.of("webhook-id", List.of(id), "webhook-timestamp", List.of(Long.toString(timestamp)), "webhook-signature",
                List.of(signature));
    }
}
