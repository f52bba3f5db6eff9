package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

import dev.latchkey.net.Header;
import dev.latchkey.net.OutboundAnswer;
import dev.latchkey.net.OutboundOutcome;
import dev.latchkey.net.Phases;
import dev.latchkey.webhook.DeliveryOutcome.Code;
import io.vertx.core.buffer.Buffer;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What follows from an attempt. */
class DeliveryOutcomeTest {

    private static final Instant NOW = Instant.parse("2026-11-22T09:30:00Z");

    @ParameterizedTest
    @ValueSource(ints = { 200, 201, 202, 204, 299 })
    void whatIsAnsweredWellIsDelivered(int status) {
        DeliveryOutcome outcome = answered(status);

        assertThat(outcome).isEqualTo(new DeliveryOutcome(Code.DELIVERED, status, null, null, null));
    }

    @ParameterizedTest
    @CsvSource({ "300, REDIRECT, RETRY", "301, REDIRECT, RETRY", "304, REDIRECT, RETRY", "308, REDIRECT, RETRY",
            "400, HTTP_STATUS, RETRY", "401, HTTP_STATUS, RETRY", "404, HTTP_STATUS, RETRY", "410, HTTP_STATUS, GONE",
            "429, HTTP_STATUS, RETRY", "500, HTTP_STATUS, RETRY", "503, HTTP_STATUS, RETRY", "599, HTTP_STATUS, RETRY" })
    void whatIsAnsweredOtherwiseIsNot(int status, DeliveryError error, Code code) {
        assertThat(answered(status)).isEqualTo(new DeliveryOutcome(code, status, error, null, null));
    }

    @ParameterizedTest
    @CsvSource({ "BLOCKED, , NAME_NOT_FOUND, ", "UNRESOLVED, , NAME_NOT_FOUND, ", "UNREACHABLE, , CONNECTION_REFUSED, ",
            "TLS, certificate-expired, CERTIFICATE_EXPIRED, certificate-expired",
            "TLS, certificate-name, CERTIFICATE_NAME_MISMATCH, certificate-name",
            "TLS, certificate-untrusted, CERTIFICATE_UNTRUSTED, certificate-untrusted",
            "TLS, certificate-not-yet-valid, TLS, certificate-not-yet-valid", "TLS, handshake, TLS, handshake",
            "TLS, no-tls, TLS, no-tls", "TIMEOUT, dns, TIMEOUT_DNS, ", "TIMEOUT, connect, TIMEOUT_CONNECT, ",
            "TIMEOUT, tls, TIMEOUT_TLS, ", "TIMEOUT, head, TIMEOUT_RESPONSE, ", "TIMEOUT, body, TIMEOUT_BODY, ",
            "BROKEN, closed, CONNECTION_BROKEN, closed", "BROKEN, malformed, CONNECTION_BROKEN, malformed",
            "BUSY, , BUSY, " })
    void whatIsNotAnsweredIsTriedAgain(OutboundOutcome.Code code, @Nullable String said, DeliveryError error,
            @Nullable String detail) {
        OutboundOutcome outcome = new OutboundOutcome(code, null, false, Phases.NONE, Duration.ZERO, said);

        assertThat(DeliveryOutcome.of(outcome, NOW)).isEqualTo(new DeliveryOutcome(Code.RETRY, null, error, detail, null));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = { "120 | PT2M", "' 5 ' | PT5S", "Sun, 22 Nov 2026 09:31:30 GMT | PT1M30S", "0 | ",
            "-1 | ", "soon | ", "Sun, 22 Nov 2026 09:29:30 GMT | ", "1.5 | ", "999999999 | PT277777H46M39S",
            "9999999999 | " })
    void aReceiverMayAskToBeLeftAlone(String said, @Nullable Duration wait) {
        OutboundAnswer answer = new OutboundAnswer(503, List.of(new Header("retry-after", said)), Buffer.buffer(), false);

        assertThat(DeliveryOutcome.of(outcome(answer), NOW).retryAfter()).isEqualTo(wait);
    }

    @Test
    void everyCodeIsDocumentedOnce() throws IOException {
        List<String> codes = Arrays.stream(DeliveryError.values()).map(DeliveryError::code).toList();
        String manual = Files.readString(Path.of("docs/webhooks.md"));

        assertThat(codes).doesNotHaveDuplicates().allMatch(code -> manual.contains("| `" + code + "` |"))
                .allMatch(code -> DeliveryError.of(code).isPresent());
        assertThat(enumeration()).containsExactlyElementsOf(codes);
    }

    private static List<String> enumeration() {
        try {
            return List.of(DummyView.Error.class.getDeclaredConstructor(String.class, String.class).getParameters()[0]
                    .getAnnotation(Schema.class).enumeration());
        } catch (NoSuchMethodException changed) {
            throw new IllegalStateException(changed);
        }
    }

    private static DeliveryOutcome answered(int status) {
        return DeliveryOutcome.of(outcome(new OutboundAnswer(status, List.of(), Buffer.buffer("x"), true)), NOW);
    }

    private static OutboundOutcome outcome(OutboundAnswer answer) {
        return new OutboundOutcome(OutboundOutcome.Code.ANSWERED, answer, true, Phases.NONE, Duration.ofMillis(5), null);
    }
}
