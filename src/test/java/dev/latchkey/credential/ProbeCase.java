package dev.latchkey.credential;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.function.UnaryOperator;

import jakarta.inject.Inject;

import dev.latchkey.credential.CredentialData.Basic;
import dev.latchkey.crypto.Secret;
import dev.latchkey.net.Outbound;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What tests of probes begin with: an ERP of the merchant's own, which knows its credentials. */
abstract class ProbeCase {

    static final Instant NOW = Instant.parse("2026-11-22T09:30:00Z");
    static final Basic ERP = new Basic(Secret.of("erp"), Secret.of("pa55-Kx81vQ"));
    static final String ERP_HEADER = "Basic ZXJwOnBhNTUtS3g4MXZR";

    @Inject
    Outbound outbound;

    FakeProvider erp;

    @BeforeEach
    void anErp() {
        erp = FakeProvider.start();
        erp.answers(
                request -> request.header("Authorization").equals(ERP_HEADER) ? new FakeProvider.Answer(200, "{\"stock\": 7}")
                        : new FakeProvider.Answer(401, "no"));
    }

    @AfterEach
    void noErp() {
        erp.close();
    }

    ProbeResult test(@Nullable String baseUrl, CredentialData data, @Nullable ProbeTest test) {
        return test(new ProbeSubject(null, Variables.none(), baseUrl, data, test, Locale.ENGLISH));
    }

    ProbeResult test(ProbeSubject subject) {
        return test(subject, Duration.ofSeconds(10));
    }

    ProbeResult test(ProbeSubject subject, Duration total) {
        return new Probes(outbound, UnaryOperator.identity(), total, InstantSource.fixed(NOW)).test(subject).await()
                .atMost(Duration.ofSeconds(30));
    }

    ProbeTest stock() {
        return new ProbeTest(false, erp.url() + "/stock?limit=1", null, null);
    }
}
