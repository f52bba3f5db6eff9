package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;

import dev.latchkey.catalog.Text;
import dev.latchkey.testing.Beside;
import dev.latchkey.web.ProblemException;
import io.quarkus.runtime.configuration.ConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Beside
class ProvidersTest {

    private static final String ACME = """
            key: acme-erp
            version: 3
            name: Acme ERP
            category: erp
            regions: [ES, MX]
            documentation: https://erp.acme.example/api
            confirmed: true
            variables:
              - name: plant
                label: {en: Plant, es: Planta}
                pattern: "[a-z]{2,10}"
                example: norte
            baseUrl: https://{plant}.erp.acme.example
            hosts: ["*.erp.acme.example"]
            types:
              - type: api_key
                label: {en: API key, es: Clave de API}
                fields:
                  - {name: key, label: {en: Key, es: Clave}}
                placement: {in: header, name: X-Acme-Key}
            test:
              at: /stock?limit=1
            """;

    private final Providers builtIn = new Providers((String) null);

    @TempDir
    Path directory;

    private Providers with(String file, String text) throws IOException {
        Files.writeString(directory.resolve(file), text);
        return new Providers(directory.toString());
    }

    @Test
    void theServicesThatMerchantsConnectAreThere() {
        assertThat(builtIn.all()).hasSizeGreaterThanOrEqualTo(24).extracting(Provider::key).contains("shopify", "woocommerce",
                "mercado-libre", "mercado-pago", "stripe", "paypal", "amazon-sp-api", "ebay", "walmart-marketplace", "etsy",
                "google-analytics", "meta", "instagram", "tiktok-ads", "hubspot", "klaviyo", "shippo", "shipstation",
                "easypost", "dhl", "mydhl", "odoo", "sap-s4hana-cloud", "quickbooks", "xero", "contifico", "generic");
        assertThat(builtIn.get("generic").uses()).extracting(Provider.Use::type)
                .containsExactlyInAnyOrder(CredentialType.values());
    }

    @Test
    void theIndexNamesEveryFileAndEveryFileItsOwnKey() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src/main/resources/providers"))) {
            List<String> keys = files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".yaml"))
                    .map(name -> name.substring(0, name.length() - ".yaml".length())).sorted().toList();
            assertThat(builtIn.all()).extracting(Provider::key).containsExactlyInAnyOrderElementsOf(keys);
        }
    }

    @Test
    void whatWasNotTriedAgainstTheVendorSaysSo() {
        assertThat(builtIn.all()).filteredOn(Provider::confirmed).extracting(Provider::key).containsExactly("generic");
    }

    @Test
    void everythingThatAPersonReadsIsThereInBothLanguages() {
        for (Provider provider : builtIn.all()) {
            Stream<Text> texts = Stream.of(
                    provider.notes() == null ? Stream.<Text> of() : Stream.of(provider.notes()),
                    provider.variables().stream().map(Provider.Variable::label),
                    provider.uses().stream().map(Provider.Use::label),
                    provider.uses().stream().flatMap(use -> use.fields().stream()).map(Provider.Field::label))
                    .flatMap(each -> each);
            assertThat(texts).as(provider.key()).isNotEmpty()
                    .allSatisfy(text -> assertThat(List.of(text.english(), text.spanish())).noneMatch(String::isBlank));
            if (provider.notes() != null) {
                assertThat(provider.notes().in(new Locale("es"))).isNotEqualTo(provider.notes().english());
            }
        }
    }

    @Test
    void theDocumentationNamesEachAndItsExampleIsOne() throws IOException {
        String page = Files.readString(Path.of("docs/providers.md"));
        for (Provider provider : builtIn.all()) {
            assertThat(page).contains("\n| `" + provider.key() + "` | " + provider.name() + " | " + provider.category().text())
                    .containsPattern(
                            "\n\\| `" + provider.key() + "` .* \\| " + (provider.confirmed() ? "yes" : "no") + " \\|\n");
        }
        assertThat(page).contains("```yaml\n" + ACME + "```\n");
    }

    @Test
    void aParameterIsCalledOtherwiseWhereTheVendorDoesSoAndNowhereElse() {
        ProviderOAuth.Renamed amazon = oauth("amazon-sp-api").renamed();
        assertThat(amazon.redirected("code")).isEqualTo("spapi_oauth_code");
        assertThat(amazon.presented("code")).isEqualTo("code");

        ProviderOAuth.Renamed walmart = oauth("walmart-marketplace").renamed();
        assertThat(walmart.authorizing("redirect_uri")).isEqualTo("redirectUri");
        assertThat(walmart.presented("redirect_uri")).isEqualTo("redirect_uri");

        ProviderOAuth.Renamed tiktok = oauth("tiktok-ads").renamed();
        assertThat(List.of(tiktok.authorizing("client_id"), tiktok.redirected("code"), tiktok.presented("code")))
                .containsExactly("app_id", "auth_code", "auth_code");
    }

    @Test
    void aTokenOfACodeThatDiesWithinTheHourIsExchanged() {
        assertThat(oauth("instagram").renewal().consentAgain()).as("renewed by itself").isNull();
        for (String key : List.of("instagram", "meta")) {
            ProviderOAuth.Exchange exchange = Objects.requireNonNull(oauth(key).exchange());
            assertThat(exchange.parameters().values()).extracting(TextTemplate::text)
                    .contains("{clientSecret}", "{accessToken}");
        }
    }

    @Test
    void theRuNameStandsForTheRedirectAtBothAddresses() {
        assertThat(oauth("ebay").redirectUri()).hasToString("{ruName}");
        assertThat(oauth("ebay").authorizeParameters()).doesNotContainKey("redirect_uri");
    }

    private ProviderOAuth oauth(String key) {
        return Objects.requireNonNull(builtIn.get(key).oauth2());
    }

    @Test
    void anOperatorAddsHisOwn() throws IOException {
        Providers providers = with("acme.yaml", ACME);

        assertThat(providers.all()).hasSize(builtIn.all().size() + 1);
        assertThat(providers.get("acme-erp").version()).isEqualTo(3);
        assertThat(providers.get("acme-erp").confirmed()).isTrue();
    }

    @Test
    void anOperatorsEntryStandsInThePlaceOfTheBuiltInOne() throws IOException {
        Providers providers = with("shippo.yml", ACME.replace("acme-erp", "shippo"));

        assertThat(providers.all()).hasSize(builtIn.all().size());
        assertThat(providers.get("shippo").name()).isEqualTo("Acme ERP");
    }

    @Test
    void whatIsNoProvidersFileIsLeftAlone() throws IOException {
        Files.writeString(directory.resolve("README.md"), "nothing");
        Files.writeString(directory.resolve(".acme.yaml.swp"), "nothing");
        Files.writeString(directory.resolve("..data.yaml"), "nothing");

        assertThat(new Providers(directory.toString()).all()).hasSameSizeAs(builtIn.all());
    }

    @Test
    void twoFilesWithOneKeyStopTheStart() throws IOException {
        Files.writeString(directory.resolve("a.yaml"), ACME);

        assertThatThrownBy(() -> with("b.yaml", ACME)).isInstanceOf(ConfigurationException.class)
                .hasMessage("LATCHKEY_PROVIDERS_DIR: " + directory.resolve("b.yaml") + " has the key acme-erp, as has "
                        + directory.resolve("a.yaml") + "; keep one of them");
    }

    @Test
    void aDirectoryThatIsNotThereStopsTheStart() {
        assertThatThrownBy(() -> new Providers(directory.resolve("none").toString())).isInstanceOf(ConfigurationException.class)
                .hasMessage("LATCHKEY_PROVIDERS_DIR: '" + directory.resolve("none") + "' is no directory that can be read");
    }

    /** The line and what is written in place of it; the message from the line on. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "version: 3 | version: three | line 2, version: must be a number from 1 to 1000000",
            "version: 3 | versoin: 3 | line 1, version: is required",
            "confirmed: true | confirmd: true | line 7, confirmd: is not a field here; did you mean confirmed?",
            "confirmed: true | confirmed: yes | line 7, confirmed: must be true or false",
            "confirmed: true | name: Another | line 7, name: stands there twice",
            "category: erp | category: erps | line 4, category: must be one of stores, marketplaces, payments",
            "regions: [ES, MX] | regions: ES | line 5, regions: must be a list, and is text",
            "regions: [ES, MX] | regions: [ES, Mexico] | line 5, regions[1]: must be a country of two capital letters, or global",
            "regions: [ES, MX] | regions: &a [ES] | line 5, regions: must be written out: anchors and aliases",
            "regions: [ES, MX] | regions: [ES | line 6, the file: is not valid YAML",
            "documentation: https://erp.acme.example/api | documentation: erp.acme.example | line 6, documentation: must be an https URL",
            "    example: norte | `example: Norte\n    secret: true` | line 13, variables[0].secret: must be false",
            "    example: norte | `example: Norte` | line 12, variables[0].example: must be a value that the pattern matches",
            "    pattern: \"[a-z]{2,10}\" | `pattern: \"[a-z\"` | line 11, variables[0].pattern: must be a regular expression",
            "baseUrl: https://{plant}.erp.acme.example | baseUrl: https://{plant | line 13, baseUrl: must be a URL",
            "baseUrl: https://{plant}.erp.acme.example | baseUrl: https://{plnt}.erp.acme.example | line 13, baseUrl: has a place {plnt}, which is no variable",
            "baseUrl: https://{plant}.erp.acme.example | baseUrl: https://erp.acme.example | line 9, variables: has plant, which is used nowhere",
            "baseUrl: https://{plant}.erp.acme.example | baseUrl: https://{plant}.erp.acme.example.org | line 13, baseUrl: leads to norte.erp.acme.example.org, which is none of the hosts",
            "hosts: [\"*.erp.acme.example\"] | hosts: [\"*\"] | line 14, hosts[0]: must be a host in lower case",
            "hosts: [\"*.erp.acme.example\"] | # left out | line 1, hosts: is required",
            "  - type: api_key | `- type: apikey` | line 16, types[0].type: must be one of api-key, bearer",
            "  - type: api_key | `- type: oauth2` | line 19, types[0].fields[0].name: must be one of accessToken",
            "      - {name: key, label: {en: Key, es: Clave}} | `- {name: key, label: {en: Key}}` | line 19, types[0].fields[0].label.es: is required",
            "      - {name: key, label: {en: Key, es: Clave}} | `- {name: key, secret: false, label: {en: Key, es: Clave}}` | line 19, types[0].fields[0].secret: must be true",
            "    placement: {in: header, name: X-Acme-Key} | `placement: {in: header, name: Host}` | line 20, types[0].placement.name: must be the name of a header",
            "    placement: {in: header, name: X-Acme-Key} | `placement: {in: cookie, name: x}` | line 20, types[0].placement.in: must be one of header, query, basic",
            "    placement: {in: header, name: X-Acme-Key} | `headers: {X-A: \"a\\r\\nb\"}` | line 20, types[0].headers.X-A: must be one line",
            "    placement: {in: header, name: X-Acme-Key} | `placement: {in: header, name: X-Acme-Key}\n    headers: {X-Id: \"{clientId}\"}` | line 21, types[0].headers: has a place {clientId}",
            "hosts: [\"*.erp.acme.example\"] | `hosts: [\"*.erp.acme.example:8443\"]` | line 13, baseUrl: leads to norte.erp.acme.example, which is none of the hosts",
            "hosts: [\"*.erp.acme.example\"] | `hosts: [\"*.erp.acme.example\"]\nsandboxes:\n  - {label: {en: Test, es: Pruebas}, baseUrl: \"https://{plant}.erp.acme.example/t\", hosts: [evil.example]}` | line 16, sandboxes: has evil.example, which is none of the hosts",
            "    placement: {in: header, name: X-Acme-Key} | # left out | line 16, types[0].placement: is required",
            "  at: /stock?limit=1 | `at: stock` | line 22, test.at: must be a URL, or a path",
            "  at: /stock?limit=1 | `at: https://evil.example/` | line 22, test: leads to evil.example, which is none of the hosts",
            "  at: /stock?limit=1 | `{at: /x, method: DELETE}` | line 22, test.method: must be GET, HEAD or",
            "  at: /stock?limit=1 | `{at: /x, meanings: {\"401\": unreachable}}` | line 22, test.meanings.401: must be one of invalid, limited",
            "  at: /stock?limit=1 | `{at: /x, expect: [99]}` | line 22, test.expect[0]: must be a status" })
    void aBadFileStopsTheStartByLineFieldAndReason(String line, String instead, String message) {
        assertThat(ACME).contains(line + "\n");
        assertThatThrownBy(() -> with("acme.yaml", ACME.replace(line + "\n", instead + "\n")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("LATCHKEY_PROVIDERS_DIR: " + directory.resolve("acme.yaml") + ", " + message)
                .hasMessageNotContaining("\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "  clientAuth: basic | `clientAuth: secret` | line 23, oauth2.clientAuth: must be one of basic, post",
            "  clientAuth: basic | `x: y` | line 23, oauth2.x: is not a field here",
            "  pkce: none | `pkce: none\n  renamed: {colour: hue}` | line 25, oauth2.renamed.colour: is not a field here",
            "  pkce: none | `pkce: none\n  renamed: {token: {colour: hue}}` | line 25, oauth2.renamed.token: can't rename colour",
            "  pkce: none | `pkce: none\n  renamed: {authorize: {code: c}}` | line 25, oauth2.renamed.authorize: can't rename code",
            "  pkce: none | `pkce: none\n  redirectUri: \"{clientId}\"` | line 25, oauth2.redirectUri: has a place {clientId}",
            "  pkce: none | `pkce: none\n  tokenParameters: {a: \"{clientSecret}\"}` | line 21, oauth2: has a place {clientSecret}",
            "  pkce: none | `pkce: none\n  exchange: {body: query}` | line 25, oauth2.exchange.url: is required",
            "  pkce: none | `pkce: none\n  exchange: {url: https://id.example/x}` | line 25, oauth2.exchange.url: leads to id.example",
            "  pkce: none | `pkce: none\n  renewal: {earliest: P1M}` | line 25, oauth2.renewal.earliest: must be a duration of ISO 8601",
            "  pkce: none | `pkce: none\n  answer: {accessToken: access_token}` | line 25, oauth2.answer.accessToken: must be a JSON pointer",
            "  pkce: none | `pkce: none\n  tokenHeaders: {Host: a}` | line 25, oauth2.tokenHeaders: can't hold Host",
            "  pkce: none | `pkce: none\n  account: {from: test}` | line 25, oauth2.account.at: is required",
            "  tokenUrl: https://id.erp.acme.example/token | `scopes: [a]` | line 21, oauth2: needs a tokenUrl",
            "  tokenUrl: https://id.erp.acme.example/token | `tokenUrl: /token` | line 22, oauth2.tokenUrl: has a path where a URL is needed",
            "  tokenUrl: https://id.erp.acme.example/token | `tokenUrl: https://id.example/token` | line 22, oauth2.tokenUrl: leads to id.example",
            "  grants: [client-credentials] | `grants: [password]` | line 21, oauth2.grants[0]: must be one of authorization-code",
            "  grants: [client-credentials] | `grants: [authorization-code]` | line 21, oauth2: needs an authorizeUrl",
            "  - type: oauth2 | `- type: bearer` | line 19, types[0].fields[0].name: must be one of token" })
    void badOAuthStopsTheStartByLineFieldAndReason(String line, String instead, String message) {
        String acme = ACME.substring(0, ACME.indexOf("types:")) + """
                types:
                  - type: oauth2
                    label: {en: Application, es: Aplicación}
                    fields:
                      - {name: clientId, label: {en: Client, es: Cliente}}
                oauth2:
                  grants: [client-credentials]
                  tokenUrl: https://id.erp.acme.example/token
                  clientAuth: basic
                  pkce: none
                """;
        assertThat(acme).contains(line + "\n");
        assertThatThrownBy(() -> with("acme.yaml", acme.replace(line + "\n", instead + "\n")))
                .isInstanceOf(ConfigurationException.class).hasMessageContaining("acme.yaml, " + message);
    }

    @Test
    void whatIsNoTextStopsTheStart() throws IOException {
        Files.write(directory.resolve("a.yaml"), new byte[] { (byte) 0xff, (byte) 0xfe, 0x41, (byte) 0xc3, 0x28 });
        assertThatThrownBy(() -> new Providers(directory.toString())).isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("a.yaml, line 1, the file: ");

        Files.write(directory.resolve("a.yaml"), "x".repeat(300_000).getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> new Providers(directory.toString())).hasMessageContaining("is larger than 256 KiB");

        Files.writeString(directory.resolve("a.yaml"), "");
        assertThatThrownBy(() -> new Providers(directory.toString())).hasMessageContaining("line 1, the file: is empty");

        Files.writeString(directory.resolve("a.yaml"), ACME + "---\n" + ACME);
        assertThatThrownBy(() -> new Providers(directory.toString())).hasMessageContaining("must be one document");
    }

    @Test
    void anUnknownKeyBringsNearOnes() {
        assertThatThrownBy(() -> builtIn.get("shopfy")).isInstanceOf(ProblemException.class)
                .hasMessageContaining("did you mean shopify?");
        assertThat(builtIn.find("shopfy")).isEmpty();
    }
}
