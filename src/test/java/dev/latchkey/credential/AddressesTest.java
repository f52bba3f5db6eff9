package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;

import dev.latchkey.net.Destination;
import dev.latchkey.web.Problem.FieldError;
import dev.latchkey.web.ProblemException;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressesTest {

    private final Providers providers = new Providers((String) null);

    private Addresses of(String provider, Map<String, String> said, @Nullable String baseUrl) {
        Provider entry = providers.get(provider);
        return Addresses.of(entry, Variables.of(entry, said), baseUrl);
    }

    private static void assertRefused(String field, ThrowingCallable call) {
        assertThatThrownBy(call).asInstanceOf(InstanceOfAssertFactories.type(ProblemException.class))
                .satisfies(problem -> assertThat(problem.code().status()).isEqualTo(422))
                .extracting(ProblemException::errors, InstanceOfAssertFactories.list(FieldError.class))
                .extracting(FieldError::field).contains(field);
    }

    @Test
    void variablesStandInTheAddresses() {
        Addresses shop = of("shopify", Map.of("shop", "zapatos-madrid"), null);

        assertThat(shop.base()).isEqualTo("https://zapatos-madrid.myshopify.com/admin/api/2026-07");
        assertThat(shop.authorizeUrl()).isEqualTo("https://zapatos-madrid.myshopify.com/admin/oauth/authorize");
        assertThat(shop.tokenUrl()).isEqualTo("https://zapatos-madrid.myshopify.com/admin/oauth/access_token");
        assertThat(shop.revokeUrl()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = { "evil.com/", "a.evil.com#", "evil.com:443", "x@evil.com", "a/../..", "A", "", "-a", "a\r\nb",
            "a b", "zapatos.madrid" })
    void aShopIsAShop(String shop) {
        assertRefused("variables.shop", () -> of("shopify", Map.of("shop", shop), null));
    }

    @Test
    void everyVariableIsNamedThatIsMissingOrUnknown() {
        assertThatThrownBy(() -> of("sap-s4hana-cloud", Map.of("region", "eu10", "tennant", "my300000"), null))
                .hasMessageContaining("3 fields are invalid")
                .asInstanceOf(InstanceOfAssertFactories.type(ProblemException.class))
                .satisfies(problem -> assertThat(problem.errors()).extracting(FieldError::message)
                        .anyMatch(message -> message.contains("tenant")));
        assertThatThrownBy(() -> Variables.of(null, Map.of("shop", "x"))).isInstanceOf(ProblemException.class);
        assertRefused("variables.shop", () -> of("shopify", Map.of("shop", "a".repeat(100_000)), null));
    }

    @Test
    void aSandboxIsChosenByItsBaseUrl() {
        assertThat(of("paypal", Map.of(), null).tokenUrl()).isEqualTo("https://api.paypal.com/v1/oauth2/token");
        assertThat(of("paypal", Map.of(), "https://api.sandbox.paypal.com").tokenUrl())
                .isEqualTo("https://api.sandbox.paypal.com/v1/oauth2/token");
    }

    @ParameterizedTest
    @CsvSource({ "https://api-m.sandbox.paypal.com, true", "https://api.sandbox.paypal.com/v2, true",
            "https://api-m.paypal.com, false", "https://api.paypal.com, false" })
    void aSandboxIsOneAtEachOfItsHosts(String baseUrl, boolean isSandbox) {
        assertThat(of("paypal", Map.of(), baseUrl).tokenUrl())
                .isEqualTo("https://api." + (isSandbox ? "sandbox." : "") + "paypal.com/v1/oauth2/token");
    }

    @Test
    void aSandboxIsTestedThere() {
        UrlTemplate test = Objects.requireNonNull(providers.get("ebay").test(CredentialType.OAUTH2)).at();

        assertThat(url(of("ebay", Map.of("ruName", "Acme-shop"), "https://api.sandbox.ebay.com"), test))
                .isEqualTo("https://apiz.sandbox.ebay.com/commerce/identity/v1/user/");
        assertThat(url(of("ebay", Map.of("ruName", "Acme-shop"), null), test))
                .isEqualTo("https://apiz.ebay.com/commerce/identity/v1/user/");
    }

    private static @Nullable String url(Addresses addresses, UrlTemplate template) {
        Destination there = addresses.at(template);
        return there == null ? null : there.url();
    }

    /** Both on one host, the sandbox below production's base. */
    @ParameterizedTest
    @CsvSource({ "https://erp.example.com/api, false", "https://erp.example.com/api/v2, false",
            "https://erp.example.com/api/test, true", "https://erp.example.com/api/test/v2, true",
            "https://erp.example.com/api/tests, false", "https://erp.example.com, false" })
    void aSandboxBelowTheBaseIsChosenByItsPath(String baseUrl, boolean isSandbox) {
        Provider erp = ProviderReader.read("""
                key: erp
                version: 1
                name: ERP
                category: erp
                regions: [global]
                documentation: https://erp.example.com/
                baseUrl: https://erp.example.com/api
                hosts: [erp.example.com]
                sandboxes:
                  - label: {en: Test, es: Pruebas}
                    baseUrl: https://erp.example.com/api/test
                    tokenUrl: https://erp.example.com/test-token
                types:
                  - type: oauth2
                    label: {en: Application, es: Aplicación}
                    fields:
                      - {name: clientId, label: {en: ID, es: ID}}
                oauth2:
                  grants: [client-credentials]
                  tokenUrl: https://erp.example.com/token
                  clientAuth: basic
                  pkce: none
                """.getBytes(StandardCharsets.UTF_8));

        assertThat(Addresses.of(erp, Variables.none(), baseUrl).tokenUrl())
                .isEqualTo("https://erp.example.com/" + (isSandbox ? "test-token" : "token"));
    }

    @ParameterizedTest
    @CsvSource({ "stripe, http://api.stripe.com", "stripe, https://api.stripe.com:8443",
            "sap-s4hana-cloud, https://evil.cfapps.eu10.hana.ondemand.com",
            "sap-s4hana-cloud, https://a.b.authentication.eu10.hana.ondemand.com" })
    void whatElseListensAtAProvidersHostIsNotTheProvider(String provider, String baseUrl) {
        Map<String, String> said = provider.startsWith("sap")
                ? Map.of("subdomain", "acme", "region", "eu10", "tenant", "my300000")
                : Map.of();
        assertRefused("baseUrl", () -> of(provider, said, baseUrl));
    }

    @ParameterizedTest
    @CsvSource({ "stripe, https://api.stripe.com.evil.example", "stripe, https://evil.example",
            "stripe, https://api.stripe.com@evil.example", "stripe, https://127.0.0.1", "stripe, ftp://api.stripe.com",
            "stripe, https://api.stripe.com/?x=1", "stripe, nothing", "odoo, ''", "odoo, https://a:b@acme.odoo.com" })
    void aBaseUrlDoesNotLeadAway(String provider, String baseUrl) {
        Map<String, String> said = provider.equals("odoo") ? Map.of("database", "acme") : Map.of();
        assertRefused("baseUrl", () -> of(provider, said, baseUrl));
    }

    @Test
    void anOwnHostHasToBeSaid() {
        assertRefused("baseUrl", () -> of("odoo", Map.of("database", "acme"), null));
        assertThat(of("odoo", Map.of("database", "acme"), "https://erp.acme.example/odoo").base())
                .isEqualTo("https://erp.acme.example/odoo");
    }

    @Test
    void aTestOfOnesOwnStaysWithTheProvider() {
        Addresses stripe = of("stripe", Map.of(), null);

        assertThat(stripe.of("test.url", "/v1/customers?limit=1").url())
                .isEqualTo("https://api.stripe.com/v1/customers?limit=1");
        assertThat(stripe.of("test.url", "https://api.stripe.com/v1/x").target()).isEqualTo("/v1/x");
        assertRefused("test.url", () -> stripe.of("test.url", "https://evil.example/"));
        assertThat(stripe.of("test.url", "//evil.example/").host()).isEqualTo("api.stripe.com");
        assertThat(stripe.of("test.url", "/@evil.example/").host()).isEqualTo("api.stripe.com");
    }

    @Test
    void aPathNeedsABase() {
        Addresses nowhere = Addresses.of(null, Variables.none(), null);

        assertRefused("test.url", () -> nowhere.of("test.url", "/stock"));
        assertThat(nowhere.of("test.url", "https://erp.example/stock").host()).isEqualTo("erp.example");
        assertThat(Addresses.of(null, Variables.none(), "https://erp.example/api/").of("test.url", "/stock").target())
                .isEqualTo("/api/stock");
    }
}
