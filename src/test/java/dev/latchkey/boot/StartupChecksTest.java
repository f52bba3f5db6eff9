package dev.latchkey.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.latchkey.testing.Beside;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Beside
class StartupChecksTest {

    private static final Map<String, String> EXTERNAL = Map.of(
            "quarkus.datasource.reactive.url", "postgresql://db:5432/latchkey",
            "latchkey.master-key", "m1:AAAA", "latchkey.pepper-file", "/run/secrets/pepper",
            "mp.jwt.verify.publickey.location", "https://id.example/jwks", "mp.jwt.verify.issuer", "https://id.example",
            "latchkey.public-url", "https://keys.example");

    @Test
    void anExternalDatabaseWithAllSettingsPasses() {
        assertThatCode(checks(EXTERNAL)::requireSettingsOfAnExternalDatabase).doesNotThrowAnyException();
    }

    @Test
    void everyMissingSettingIsNamedInOneLine() {
        StartupChecks checks = checks(Map.of("quarkus.datasource.reactive.url", "postgresql://db:5432/latchkey",
                "latchkey.public-url", " "));

        assertThatThrownBy(checks::requireSettingsOfAnExternalDatabase).isInstanceOf(StartRefused.class)
                .hasMessageMatching("[^\\n]+")
                .message().contains("LATCHKEY_MASTER_KEY", "LATCHKEY_MASTER_KEY_FILE", "LATCHKEY_PEPPER",
                        "LATCHKEY_PEPPER_FILE", "MP_JWT_VERIFY_PUBLICKEY_LOCATION", "MP_JWT_VERIFY_ISSUER",
                        "LATCHKEY_PUBLIC_URL");
    }

    @Test
    void onlyWhatIsMissingIsNamed() {
        Map<String, String> settings = new HashMap<>(EXTERNAL);
        settings.remove("mp.jwt.verify.issuer");

        assertThatThrownBy(checks(settings)::requireSettingsOfAnExternalDatabase)
                .hasMessageEndingWith(": MP_JWT_VERIFY_ISSUER.");
    }

    @ParameterizedTest
    @ValueSource(strings = { "10.0.0.0/33", "*.example.com", "http://erp.example.com", "169.254.169.254", "0.0.0.0/0",
            "erp.example.com:0" })
    void anAllowListThatCannotBeUsedIsToldInOneLine(String entry) {
        assertThatThrownBy(checks(Map.of("latchkey.egress.allow", "erp.example.com, " + entry))::requireReadableEgressAllow)
                .isInstanceOf(StartRefused.class).hasMessageMatching("LATCHKEY_EGRESS_ALLOW, entry 2: [^\\n]+\\.");
    }

    @Test
    void anAllowListOfHostsAddressesAndNetworksPasses() {
        assertThatCode(checks(Map.of("latchkey.egress.allow",
                "erp.example.com:8443, 10.1.0.0/16,127.0.0.0/8,[::1]"))::requireReadableEgressAllow).doesNotThrowAnyException();
        assertThatCode(checks(Map.of())::requireReadableEgressAllow).doesNotThrowAnyException();
    }

    @Test
    void aMailServerNeedsASender() {
        Map<String, String> host = Map.of("quarkus.mailer.host", "smtp.example");
        assertThatThrownBy(checks(host)::requireSenderOfMails).isInstanceOf(StartRefused.class)
                .hasMessageContaining("QUARKUS_MAILER_FROM");
        Map<String, String> both = Map.of("quarkus.mailer.host", "smtp.example", "quarkus.mailer.from", "latchkey@x.example");
        assertThatCode(checks(both)::requireSenderOfMails).doesNotThrowAnyException();
        assertThatCode(checks(Map.of())::requireSenderOfMails).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = { "postgresql://db:5432/latchkey", "postgresql://db/latchkey", "postgresql://10.0.0.1:5432/l-1",
            "postgresql://[::1]:5432/latchkey", "postgresql://db.example:5432/latchkey?sslmode=require" })
    void aPlainDatabaseUrlPasses(String url) {
        assertThatCode(checks(Map.of("quarkus.datasource.reactive.url", url))::requirePlainUrl).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = { "postgresql://ann:s3cret@db:5432/latchkey", "postgresql://a:5432,b:5432/latchkey",
            "postgres://db/latchkey", "jdbc:postgresql://db/latchkey", "postgresql://db:5432", "db:5432/latchkey",
            "postgresql://db/latchkey?user=ann&password=s3cret", "postgresql://a/x,postgresql://b/x",
            "vertx-reactive:postgresql://db/latchkey" })
    void anyOtherDatabaseUrlIsRefusedWithoutRepeatingIt(String url) {
        assertThatThrownBy(checks(Map.of("quarkus.datasource.reactive.url", url))::requirePlainUrl)
                .isInstanceOf(StartRefused.class)
                .hasMessageContaining("postgresql://host:port/database").hasMessageNotContaining("s3cret");
    }

    @Test
    void aTakenPortIsNamed() throws IOException {
        try (ServerSocket taken = new ServerSocket(0)) {
            String port = Integer.toString(taken.getLocalPort());

            assertThatThrownBy(checks(Map.of("quarkus.http.port", port))::requireFreePort).isInstanceOf(StartRefused.class)
                    .hasMessageContaining("Port " + port).hasMessageContaining("QUARKUS_HTTP_PORT");
        }
    }

    @Test
    void portZeroIsNeverTaken() {
        assertThatCode(checks(Map.of("quarkus.http.port", "0"))::requireFreePort).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = { "http", "-1", "65536" })
    void aPortThatIsNoneIsNamed(String port) {
        assertThatThrownBy(checks(Map.of("quarkus.http.port", port))::requireFreePort).isInstanceOf(StartRefused.class)
                .hasMessageContaining("QUARKUS_HTTP_PORT").hasMessageContaining(port);
    }

    @Test
    void aNativeExecutableNeedsADatabase() {
        assertThatThrownBy(() -> checks(Map.of()).requireDatabaseUrl(false)).isInstanceOf(StartRefused.class)
                .hasMessageMatching("A native executable needs a database[^\\n]+")
                .hasMessageContaining("QUARKUS_DATASOURCE_REACTIVE_URL");
        assertThatCode(() -> checks(EXTERNAL).requireDatabaseUrl(false)).doesNotThrowAnyException();
        assertThatCode(() -> checks(Map.of()).requireDatabaseUrl(true)).doesNotThrowAnyException();
    }

    @Test
    void whatIsConfiguredIsFoundWhereverItStands() {
        Settings settings = new Settings(new SmallRyeConfigBuilder().addDefaultInterceptors().withProfile("prod")
                .withSources(new PropertiesConfigSource(
                        Map.of("%prod.quarkus.datasource.reactive.url", "postgresql://prod/db"), "profile", 250))
                .build());

        assertThat(settings.get("quarkus.datasource.reactive.url")).contains("postgresql://prod/db");
    }

    @Test
    void aDatabaseThatAnswersPassesAndWrongLoginsAndDatabasesAreNamed() {
        try (EmbeddedDatabase database = EmbeddedDatabase.start(Path.of("target", "startup-checks-test"))) {
            assertThatCode(() -> external(database.reactiveUrl(), database.password()).requireUsable())
                    .doesNotThrowAnyException();
            assertThatThrownBy(() -> external(database.reactiveUrl(), "wr0ng").requireUsable())
                    .isInstanceOf(StartRefused.class)
                    .hasMessageContaining("QUARKUS_DATASOURCE_PASSWORD").hasMessageNotContaining("wr0ng");
            assertThatThrownBy(
                    () -> external(database.reactiveUrl().replace("/latchkey", "/other"), database.password()).requireUsable())
                    .isInstanceOf(StartRefused.class).hasMessageContaining("no such database");
        }
    }

    @Test
    void aDatabaseThatDoesNotAnswerIsGivenUpInBoundedTime() {
        long begin = System.nanoTime();

        assertThatThrownBy(() -> external("postgresql://127.0.0.1:1/latchkey", "x").requireUsable())
                .isInstanceOf(StartRefused.class)
                .hasMessageContaining("127.0.0.1:1").hasMessageContaining("does not answer");
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(10));
    }

    @Test
    void theReasonOfAFailedStartIsFoundBehindWhatWrapsIt() {
        assertThat(FailedStart.known(new IllegalStateException(new ConfigurationException("LATCHKEY_X is\n wrong"))))
                .isEqualTo("LATCHKEY_X is wrong");
        assertThat(FailedStart.known(new IllegalStateException("unforeseen"))).isNull();
    }

    @Test
    void theCommandsOfTheWelcomeAreWholeLines() {
        List<String> lines = new Welcome("http://localhost:8080", Path.of(".latchkey/admin.token")).text().lines().toList();

        assertThat(lines).filteredOn(line -> line.contains("curl")).hasSize(2).allSatisfy(
                line -> assertThat(line).contains("http://localhost:8080/api/v1/keys", "$(cat .latchkey/admin.token)"));
    }

    private static ExternalDatabase external(String url, String password) {
        return new ExternalDatabase(settings(Map.of("quarkus.datasource.reactive.url", url,
                "quarkus.datasource.username", "latchkey", "quarkus.datasource.password", password)), Duration.ofSeconds(4));
    }

    private static StartupChecks checks(Map<String, String> settings) {
        return new StartupChecks(settings(settings));
    }

    private static Settings settings(Map<String, String> settings) {
        return new Settings(
                new SmallRyeConfigBuilder().withSources(new PropertiesConfigSource(settings, "test", 100)).build());
    }
}
