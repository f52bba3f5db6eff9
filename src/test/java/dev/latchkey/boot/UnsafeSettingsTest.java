package dev.latchkey.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each setting that would make a running Latchkey unsafe stops it by its name. */
class UnsafeSettingsTest {

    private static final Map<String, String> SAFE = Map.of("latchkey.public-url", "https://keys.example",
            "mp.jwt.verify.publickey", "NONE", "mp.jwt.verify.publickey.location", "https://id.example/jwks",
            "mp.jwt.verify.publickey.algorithm", "ES256", "quarkus.log.level", "INFO",
            "quarkus.log.category.\"dev.latchkey\".level", "DEBUG", "quarkus.http.access-log.enabled", "true",
            "quarkus.http.cors.enabled", "true", "quarkus.http.cors.origins", "https://shop.example",
            "quarkus.http.cors.access-control-allow-credentials", "true");

    @Test
    void aSafeConfigurationPasses() {
        assertThatCode(() -> check(SAFE, true)).doesNotThrowAnyException();
        assertThatCode(() -> check(Map.of(), false)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = { "latchkey.public-url | http://keys.example | LATCHKEY_PUBLIC_URL",
            "latchkey.public-url | keys.example | LATCHKEY_PUBLIC_URL",
            "latchkey.public-url | http://localhost.evil.example | LATCHKEY_PUBLIC_URL",
            "mp.jwt.verify.publickey.location | http://id.example/jwks | MP_JWT_VERIFY_PUBLICKEY_LOCATION",
            "mp.jwt.verify.publickey | MIIBIjANBg | MP_JWT_VERIFY_PUBLICKEY",
            "mp.jwt.verify.publickey.algorithm | HS256 | MP_JWT_VERIFY_PUBLICKEY_ALGORITHM",
            "smallrye.jwt.verify.algorithm | RS256,none | SMALLRYE_JWT_VERIFY_ALGORITHM",
            "smallrye.jwt.verify.secretkey | c2VjcmV0 | SMALLRYE_JWT_VERIFY_SECRETKEY",
            "smallrye.jwt.client.tls.trust-all | true | SMALLRYE_JWT_CLIENT_TLS_TRUST_ALL",
            "quarkus.http.proxy.proxy-address-forwarding | true | QUARKUS_HTTP_PROXY_PROXY_ADDRESS_FORWARDING",
            "quarkus.http.cors.origins | * | QUARKUS_HTTP_CORS_ORIGINS",
            "quarkus.http.cors.origins | https://a.example,/.*/ | QUARKUS_HTTP_CORS_ORIGINS",
            "quarkus.datasource.reactive.trust-all | true | QUARKUS_DATASOURCE_REACTIVE_TRUST_ALL",
            "quarkus.tls.trust-all | true | QUARKUS_TLS_TRUST_ALL",
            "quarkus.tls.idp.trust-all | true | QUARKUS_TLS_IDP_TRUST_ALL",
            "quarkus.flyway.clean-at-start | true | QUARKUS_FLYWAY_CLEAN_AT_START",
            "quarkus.hibernate-orm.schema-management.strategy | drop-and-create | QUARKUS_HIBERNATE_ORM_SCHEMA_MANAGEMENT_STRATEGY",
            "quarkus.log.level | debug | QUARKUS_LOG_LEVEL", "quarkus.log.level | TRACE | QUARKUS_LOG_LEVEL",
            "quarkus.log.category.\"org.hibernate.orm.jdbc.bind\".level | TRACE | QUARKUS_LOG_CATEGORY__ORG_HIBERNATE_ORM_JDBC_BIND__LEVEL",
            "quarkus.log.category.\"org.hibernate\".level | ALL | QUARKUS_LOG_CATEGORY__ORG_HIBERNATE__LEVEL",
            "quarkus.hibernate-orm.log.bind-parameters | true | QUARKUS_HIBERNATE_ORM_LOG_BIND_PARAMETERS",
            "quarkus.http.access-log.pattern | %h %{i,Authorization} | QUARKUS_HTTP_ACCESS_LOG_PATTERN",
            "latchkey.panel.frame-ancestors | * | LATCHKEY_PANEL_FRAME_ANCESTORS",
            "latchkey.panel.frame-ancestors | https://shop.example, https://* | LATCHKEY_PANEL_FRAME_ANCESTORS",
            "latchkey.panel.frame-ancestors | https: | LATCHKEY_PANEL_FRAME_ANCESTORS",
            "latchkey.panel.frame-ancestors | http://shop.example | LATCHKEY_PANEL_FRAME_ANCESTORS",
            "quarkus.http.access-log.pattern | %h %{c,__Host-latchkey} | QUARKUS_HTTP_ACCESS_LOG_PATTERN",
            "quarkus.http.access-log.pattern | %h %{c,__Host-latchkey-frame} | QUARKUS_HTTP_ACCESS_LOG_PATTERN",
            "quarkus.http.access-log.pattern | %h %{o,Set-Cookie} | QUARKUS_HTTP_ACCESS_LOG_PATTERN",
            "quarkus.http.access-log.pattern | long | QUARKUS_HTTP_ACCESS_LOG_PATTERN" })
    void anUnsafeOneStopsTheStartByItsName(String name, String value, String shown) {
        assertThatThrownBy(() -> check(with(name, value), true)).isInstanceOf(StartRefused.class)
                .hasMessageStartingWith(shown + (name.matches("quarkus.*trust-all") ? "=" : " "))
                .hasMessageMatching("[^\\n]+");
    }

    @Test
    void thePanelIsFramedByWhoIsNamedAndOnlyWhereItsCookieIsKept() {
        String ancestors = "latchkey.panel.frame-ancestors";
        for (String named : List.of("https://shop.example", "https://*.shop.example https://b.example:8443,https://c.example",
                "http://localhost:3000", " ")) {
            assertThatCode(() -> check(with(ancestors, named), true)).doesNotThrowAnyException();
        }
        Map<String, String> plain = with(ancestors, "http://shop.internal");
        plain.put("latchkey.allow-plain-http", "true");
        assertThatCode(() -> check(plain, true)).doesNotThrowAnyException();

        plain.put("latchkey.public-url", "http://keys.internal");
        assertThatThrownBy(() -> check(plain, true)).hasMessageContaining("LATCHKEY_PANEL_FRAME_ANCESTORS needs an https");
        assertThatThrownBy(() -> check(Map.of(ancestors, "*"), false)).hasMessageContaining("LATCHKEY_PANEL_FRAME_ANCESTORS");
    }

    @Test
    void plainHttpIsTakenWhereItIsAllowedOrStaysOnTheMachine() {
        Map<String, String> plain = with("latchkey.public-url", "http://latchkey.internal:8080");
        plain.put("mp.jwt.verify.publickey.location", "http://keycloak:8080/certs");
        plain.put("latchkey.allow-plain-http", "true");

        assertThatCode(() -> check(plain, true)).doesNotThrowAnyException();
        for (String url : new String[] { "http://localhost:8080", "http://127.0.0.1", "http://[::1]:8080/" }) {
            assertThatCode(() -> check(with("latchkey.public-url", url), true)).doesNotThrowAnyException();
        }
    }

    @ParameterizedTest
    @CsvSource({ "'', ''", "false, OPTIONAL", "false, DISABLED" })
    void aMailServersPasswordIsNotSentInClear(String tls, String startTls) {
        for (boolean external : new boolean[] { true, false }) {
            assertThatThrownBy(() -> check(mailer("smtp.example", tls, startTls), external)).isInstanceOf(StartRefused.class)
                    .hasMessageStartingWith("QUARKUS_MAILER_PASSWORD ").hasMessageContaining("QUARKUS_MAILER_START_TLS")
                    .hasMessageNotContaining("s3cret").hasMessageMatching("[^\\n]+");
        }
    }

    @Test
    void aMailServersPasswordIsSentByTlsOrOnTheMachineOrWhereItIsAllowed() {
        Map<String, String> allowed = mailer("smtp.example", "", "");
        allowed.put("latchkey.allow-plain-http", "true");
        Map<String, String> named = mailer("smtp.example", "", "");
        named.put("quarkus.mailer.tls-configuration-name", "smtp");
        Map<String, String> anonymous = mailer("smtp.example", "", "");
        anonymous.remove("quarkus.mailer.password");

        for (Map<String, String> settings : List.of(mailer("smtp.example", "true", ""),
                mailer("smtp.example", "", "required"), mailer("localhost", "", ""), mailer("127.0.0.1", "", ""),
                mailer("::1", "", ""), mailer("", "", ""), allowed, named, anonymous)) {
            assertThatCode(() -> check(settings, true)).as("%s", settings).doesNotThrowAnyException();
        }
    }

    @Test
    void aDeveloperWithTheEmbeddedDatabaseMayLookClosely() {
        assertThatCode(() -> check(with("quarkus.log.level", "TRACE"), false)).doesNotThrowAnyException();
        assertThatThrownBy(() -> check(with("quarkus.flyway.clean-at-start", "true"), false)).isInstanceOf(StartRefused.class);
    }

    @Test
    void environmentVariablesAreSeenLikeProperties() {
        assertThatThrownBy(() -> new UnsafeSettings(new Settings(new SmallRyeConfigBuilder()
                .withSources(new EnvConfigSource(Map.of("QUARKUS_TLS_IDP_TRUST_ALL", "true",
                        "QUARKUS_LOG_CATEGORY__ORG_HIBERNATE_ORM_JDBC_BIND__LEVEL", "TRACE"), 300))
                .build())).requireNone(true)).hasMessageContaining("QUARKUS_TLS_IDP_TRUST_ALL=true")
                .hasMessageContaining("JDBC_BIND");
    }

    @Test
    void everyReasonStandsInTheOneLine() {
        Map<String, String> settings = with("quarkus.log.level", "DEBUG");
        settings.put("quarkus.tls.trust-all", "true");

        assertThatThrownBy(() -> check(settings, true)).hasMessageContaining("QUARKUS_LOG_LEVEL")
                .hasMessageContaining("QUARKUS_TLS_TRUST_ALL");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = { "13, on, on, on | PostgreSQL 13", "14, off, on, on | fsync=off",
            "14, on, off, on | full_page_writes=off", "18, on, on, off | synchronous_commit=off" })
    void aServerThatForgetsOrIsTooOldIsRefused(String server, String reason) {
        String[] parts = server.split(", ");

        assertThatThrownBy(
                () -> new ExternalDatabase.Server(Integer.parseInt(parts[0]), parts[1], parts[2], parts[3], "", false)
                        .requireFit("postgresql://db/latchkey"))
                .isInstanceOf(StartRefused.class).hasMessageContaining(reason)
                .hasMessageContaining("postgresql://db/latchkey");
        assertThatCode(() -> new ExternalDatabase.Server(14, "on", "on", "remote_apply", "", true).requireFit("x"))
                .doesNotThrowAnyException();
    }

    private static Map<String, String> mailer(String host, String tls, String startTls) {
        Map<String, String> settings = with("quarkus.mailer.host", host);
        settings.put("quarkus.mailer.username", "latchkey");
        settings.put("quarkus.mailer.password", "s3cret");
        settings.put("quarkus.mailer.tls", tls);
        settings.put("quarkus.mailer.start-tls", startTls);
        return settings;
    }

    private static Map<String, String> with(String name, String value) {
        Map<String, String> settings = new HashMap<>(SAFE);
        settings.put(name, value);
        return settings;
    }

    private static void check(Map<String, String> settings, boolean external) {
        new UnsafeSettings(new Settings(
                new SmallRyeConfigBuilder().withSources(new PropertiesConfigSource(settings, "test", 100)).build()))
                .requireNone(external);
    }

    @Test
    void whatMerelyCouldBeBetterIsToldAndNotRefused() {
        assertThat(new ExternalDatabase.Server(14, "on", "on", "on", "FIRST 1 (standby)", false).warnings()).isEmpty();
        assertThat(new ExternalDatabase.Server(14, "on", "on", "on", "", false).warnings()).singleElement().asString()
                .contains("synchronous_standby_names");
        assertThat(new ExternalDatabase.Server(14, "on", "on", "on", "*", true).warnings()).singleElement().asString()
                .contains("superuser");
    }
}
