package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import jakarta.inject.Inject;

import dev.latchkey.credential.FakeCase.Who;
import dev.latchkey.net.Outbound;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each entry, against a fake that answers as the vendor documents it. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class ProviderFakesTest {

    @Inject
    Providers providers;
    @Inject
    Outbound outbound;
    @Inject
    InstantSource clock;

    private FakeProvider fake;

    @BeforeEach
    void aFake() {
        fake = FakeProvider.start();
    }

    @AfterEach
    void noFake() {
        fake.close();
    }

    static List<FakeCase> cases() {
        return FakeCase.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theEntryAsksAsTheVendorDocumentsAndUnderstandsItsAnswers(FakeCase each) {
        fake.answers(each::answer);
        Probes probes = new Probes(outbound, fake::instead, Duration.ofSeconds(10), clock);

        for (Who who : Who.values()) {
            ProbeResult result = probes.test(each.subject(providers, who)).await().atMost(Duration.ofSeconds(20));

            assertThat(result.reason()).as(who + ": " + result).isEqualTo(each.expected(who));
            assertThat(result.status()).isEqualTo(result.reason().status());
            assertThat(result.httpStatus()).isEqualTo(each.status(who));
            assertThat(result.keepsFormerStatus()).isEqualTo(who == Who.THROTTLED);
            assertThat(result.toString()).doesNotContain(who.secret()).doesNotContain("{", "}");
            assertThat(fake.asked()).as("one request a test").hasSize(1);
        }
    }

    @Test
    void everyWayOfTestingOfEveryEntryHasAFake() {
        Set<String> tested = cases().stream()
                .map(each -> each.provider() + " " + each.type().text() + (each.isTokenCall() ? " token" : " request"))
                .collect(Collectors.toCollection(TreeSet::new));

        Set<String> testable = providers.all().stream().filter(provider -> !provider.key().equals("generic"))
                .flatMap(provider -> provider.uses().stream().flatMap(use -> ways(provider, use)))
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(tested).isEqualTo(testable);
    }

    private static Stream<String> ways(Provider provider, Provider.Use use) {
        String name = provider.key() + " " + use.type().text();
        boolean byToken = use.type() == CredentialType.OAUTH2 && provider.oauth2() != null
                && provider.oauth2().grants().contains(CredentialData.Grant.CLIENT_CREDENTIALS);
        return Stream.concat(provider.test(use.type()) == null ? Stream.of() : Stream.of(name + " request"),
                byToken ? Stream.of(name + " token") : Stream.of());
    }
}
