package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.function.UnaryOperator;

import jakarta.inject.Inject;

import dev.latchkey.credential.CredentialData.Basic;
import dev.latchkey.crypto.Secret;
import dev.latchkey.net.Egress;
import dev.latchkey.net.OutboundRequest;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.WireServer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a test of a credential without an entry shows: an ERP of the merchant's own. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class ProbesTest extends ProbeCase {

    @Inject
    Providers providers;

    @Test
    void rightCredentialsAreGreenAndWrongOnesRed() {
        ProbeResult right = test(null, ERP, stock());
        assertThat(right.status()).isEqualTo(CredentialStatus.GREEN);
        assertThat(right.reason()).isEqualTo(ProbeReason.VALID);
        assertThat(right.httpStatus()).isEqualTo(200);
        assertThat(right.checkedAt()).isEqualTo(NOW);
        assertThat(right.durationMs()).isBetween(0L, 10_000L);

        ProbeResult wrong = test(null, new Basic(Secret.of("erp"), Secret.of("wrong")), stock());
        assertThat(wrong.status()).isEqualTo(CredentialStatus.RED);
        assertThat(wrong.reason()).isEqualTo(ProbeReason.INVALID);
        assertThat(wrong.httpStatus()).isEqualTo(401);
        assertThat(wrong.detail()).startsWith("127.0.0.1:").endsWith("answered 401: it does not accept these credentials.");
        assertThat(wrong.nextStep()).isNotBlank();
    }

    @ParameterizedTest
    @CsvSource({ "200, green, valid", "204, green, valid", "302, red, misconfigured", "401, red, invalid",
            "403, yellow, limited", "404, red, misconfigured", "429, unknown, rate-limited", "500, red, provider-error",
            "503, red, provider-error" })
    void eachAnswerIsToldApart(int status, String colour, String reason) {
        erp.answers(status, "");

        ProbeResult result = test(null, ERP, stock());

        assertThat(result.status().text()).isEqualTo(colour);
        assertThat(result.reason().text()).isEqualTo(reason);
        assertThat(result.httpStatus()).isEqualTo(status);
        assertThat(result.keepsFormerStatus()).isEqualTo(status == 429);
        assertThat(erp.asked()).as("no redirect is followed, nothing is asked twice").hasSize(1);
    }

    @Test
    void aTestIsAskedAsItIsWritten() {
        erp.answers(200, "");
        test(erp.url() + "/api/", ERP, new ProbeTest(true, "/stock?limit=1", 200, null));

        assertThat(erp.asked()).singleElement().satisfies(asked -> {
            assertThat(asked.method()).isEqualTo("HEAD");
            assertThat(asked.target()).isEqualTo("api/stock?limit=1");
            assertThat(asked.header("Authorization")).isEqualTo(ERP_HEADER);
        });
    }

    @Test
    void aClosedPortIsUnreachable() throws IOException {
        int closed;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = socket.getLocalPort();
        }
        ProbeResult result = test(null, ERP, new ProbeTest(false, "http://127.0.0.1:" + closed + "/", null, null));

        assertThat(result.reason()).isEqualTo(ProbeReason.UNREACHABLE);
        assertThat(result.status()).isEqualTo(CredentialStatus.RED);
        assertThat(result.httpStatus()).isNull();
        assertThat(result.durationMs()).as("which would tell a closed port from a blocked address").isZero();
    }

    @Test
    void thatWeAreBusySaysNothingOfTheCredentials() {
        try (Egress egress = Egress.toThisMachine(); WireServer silent = WireServer.start(WireServer.Connection::awaitEnd)) {
            for (int i = 0; i < Egress.CONNECTIONS; i++) {
                egress.outbound.send(OutboundRequest.get(Egress.to(silent.url()), Egress.LIMITS)).subscribe()
                        .with(outcome -> {
                        });
            }
            Eventually.holds(() -> assertThat(silent.connections()).isEqualTo(Egress.CONNECTIONS));
            ProbeTest late = new ProbeTest(false, silent.url() + "/", null, null);
            ProbeResult result = new Probes(egress.outbound, UnaryOperator.identity(), Duration.ofSeconds(1),
                    InstantSource.fixed(NOW))
                    .test(new ProbeSubject(null, Variables.none(), null, ERP, late, Locale.ENGLISH)).await()
                    .atMost(Duration.ofSeconds(30));

            assertThat(result.status()).isEqualTo(CredentialStatus.UNKNOWN);
            assertThat(result.keepsFormerStatus()).isTrue();
            assertThat(result.detail()).contains("busy");
        }
    }

    @Test
    void whoNeverAnswersIsNotWaitedForLongerThanTheTestMayTake() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            ProbeTest never = new ProbeTest(false, "http://127.0.0.1:" + silent.getLocalPort() + "/", null, null);
            ProbeResult result = test(new ProbeSubject(null, Variables.none(), null, ERP, never, Locale.ENGLISH),
                    Duration.ofSeconds(2));

            assertThat(result.reason()).isEqualTo(ProbeReason.TIMEOUT);
            assertThat(result.durationMs()).isBetween(1900L, 9000L);
            assertThat(result.detail()).contains("2 seconds");
        }
    }

    @Test
    void whoHangsUpIsUnreachable() {
        try (WireServer rude = WireServer.start(WireServer.Connection::readRequest)) {
            ProbeResult result = test(null, ERP, new ProbeTest(false, rude.url() + "/", null, null));

            assertThat(result.reason()).isEqualTo(ProbeReason.UNREACHABLE);
            assertThat(result.detail()).contains("broke off");
        }
    }

    @Test
    void whoSpeaksNoTlsGetsNoCredentials() {
        try (WireServer plain = WireServer.start(connection -> connection.write("HTTP/1.1 200 OK\r\n\r\n"))) {
            ProbeResult result = test(null, ERP,
                    new ProbeTest(false, plain.url().replace("http:", "https:") + "/", null, null));

            assertThat(result.reason()).isEqualTo(ProbeReason.TLS);
            assertThat(result.httpStatus()).isNull();
        }
    }

    @ParameterizedTest
    @CsvSource({ "https://169.254.169.254/latest", "https://10.0.0.1/", "https://[fe80::1]/", "http://93.184.216.34/",
            "http://0x0a000001/" })
    void aBlockedAddressIsToldWhenAnyoneCanSeeIt(String url) {
        assertThat(test(null, ERP, new ProbeTest(false, url, null, null)).reason()).isEqualTo(ProbeReason.BLOCKED_ADDRESS);
    }

    @Test
    void aBaseUrlAloneTellsWhetherTheCredentialsMatter() {
        assertThat(test(erp.url(), ERP, null).reason()).isEqualTo(ProbeReason.VALID);
        assertThat(erp.asked()).extracting(asked -> asked.header("Authorization")).containsExactly(ERP_HEADER, "");

        assertThat(test(erp.url(), new Basic(Secret.of("erp"), Secret.of("wrong")), null).reason())
                .isEqualTo(ProbeReason.INVALID);
        assertThat(erp.asked()).hasSize(1);

        erp.answers(200, "welcome");
        ProbeResult anyone = test(erp.url(), ERP, null);
        assertThat(anyone.reason()).isEqualTo(ProbeReason.NOT_VERIFIABLE);
        assertThat(anyone.status()).isEqualTo(CredentialStatus.UNKNOWN);

        erp.answers(404, "");
        assertThat(test(erp.url(), ERP, null).reason()).isEqualTo(ProbeReason.NOT_VERIFIABLE);
    }

    @ParameterizedTest
    @CsvSource({ "403, 401, limited, false", "403, 403, not-verifiable, false", "403, 200, not-verifiable, false",
            "403, 404, not-verifiable, false", "200, 429, not-verifiable, true", "200, 503, not-verifiable, true",
            "403, 429, not-verifiable, true", "200, 403, valid, false", "200, 404, not-verifiable, false" })
    void aBaseUrlIsAskedWithoutTheCredentialsAsWell(int with, int without, String reason, boolean keepsFormerStatus) {
        erp.answers(request -> new FakeProvider.Answer(request.header("Authorization").isEmpty() ? without : with, ""));

        ProbeResult result = test(erp.url(), ERP, null);

        assertThat(result.reason().text()).isEqualTo(reason);
        assertThat(result.httpStatus()).isEqualTo(with);
        assertThat(result.keepsFormerStatus()).as("what an anonymous request meets says nothing of the credentials")
                .isEqualTo(keepsFormerStatus);
    }

    @Test
    void whoAnswersOnlyOnceIsNoReasonToForgetWhatIsKnown() {
        try (WireServer once = WireServer.start(connection -> {
            if (connection.readRequest().contains("Authorization")) {
                connection.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            }
        })) {
            ProbeResult result = test(once.url(), ERP, null);

            assertThat(result.reason()).isEqualTo(ProbeReason.NOT_VERIFIABLE);
            assertThat(result.keepsFormerStatus()).isTrue();
        }
    }

    @Test
    void withoutAnAddressNothingIsAskedAndNothingClaimed() {
        assertThat(test(null, ERP, null).reason()).isEqualTo(ProbeReason.NOT_VERIFIABLE);
    }

    @Test
    void credentialsAreNotSentBesideTheProvider() {
        ProbeSubject subject = new ProbeSubject(providers.get("stripe"), Variables.none(), null,
                new CredentialData.Bearer(Secret.of("rk_live_81")), stock(), Locale.ENGLISH);

        assertThat(test(subject).reason()).isEqualTo(ProbeReason.MISCONFIGURED);
        assertThat(erp.asked()).isEmpty();
    }

    @Test
    void whatNoHeaderCanCarryIsNotSent() {
        ProbeResult result = test(null, new CredentialData.Bearer(Secret.of("a\r\nX-Admin: 1")), stock());

        assertThat(result.reason()).isEqualTo(ProbeReason.MISCONFIGURED);
        assertThat(erp.asked()).isEmpty();
    }

    @Test
    void anAnswerIsNeverRepeated() {
        erp.answers(request -> new FakeProvider.Answer(400, "{\"error\": \"" + request.header("Authorization") + "\"}"));

        ProbeResult result = test(null, ERP, stock());

        assertThat(result.toString()).doesNotContain(ERP_HEADER, "ZXJw", "pa55");
    }

    /** Whoever reads it later reads the same. */
    @Test
    void aTimeIsToldAsTheDatabaseKeepsIt() {
        Instant fine = NOW.plusNanos(123_456_789);
        ProbeResult result = new Probes(outbound, UnaryOperator.identity(), Duration.ofSeconds(10), InstantSource.fixed(fine))
                .test(new ProbeSubject(null, Variables.none(), null, ERP, stock(), Locale.ENGLISH)).await()
                .atMost(Duration.ofSeconds(30));

        assertThat(result.checkedAt()).isEqualTo(NOW.plusNanos(123_456_000));
    }

    @Test
    void theResultIsToldInTheLanguageThatWasAskedFor() {
        ProbeResult result = test(new ProbeSubject(null, Variables.none(), null, ERP, stock(), new Locale("es", "MX")));

        assertThat(result.detail()).endsWith("respondió 200: acepta estas credenciales.");
        assertThat(result.nextStep()).isEqualTo("Nada.");
    }
}
