package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.Base64;

import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@NullUnmarked
class WebhookSecretTest {

    @Test
    void whatIsGeneratedIsReadBackAndPrintsNothing() {
        WebhookSecret made = WebhookSecret.generate(new SecureRandom());

        assertThat(made.reveal()).matches("whsec_[A-Za-z0-9+/]{43}=");
        assertThat(made.bytes()).hasSize(32);
        assertThat(WebhookSecret.parse(made.reveal())).contains(made);
        assertThat(made).hasToString("***").isNotEqualTo(WebhookSecret.generate(new SecureRandom()));
    }

    @Test
    void itIs24To64Bytes() {
        assertThat(WebhookSecret.parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")).isPresent();
        assertThat(WebhookSecret.parse(of(64))).isPresent();
        assertThat(WebhookSecret.parse(of(23))).isEmpty();
        assertThat(WebhookSecret.parse(of(65))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = { "", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa w",
            "WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS_" })
    void whatIsNoneIsNotRead(String text) {
        assertThat(WebhookSecret.parse(text)).isEmpty();
    }

    private static String of(int bytes) {
        return "whsec_" + Base64.getEncoder().encodeToString(new byte[bytes]);
    }
}
