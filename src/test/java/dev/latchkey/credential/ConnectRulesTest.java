package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.latchkey.credential.ConnectedAccount.From;
import dev.latchkey.credential.ConnectedAccount.Likeness;
import dev.latchkey.credential.CredentialData.ClientAuth;
import dev.latchkey.credential.CredentialData.Grant;
import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.crypto.KeyRing;
import dev.latchkey.crypto.Peppers;
import dev.latchkey.crypto.Secret;
import dev.latchkey.net.Destination;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.web.ProblemException;
import dev.latchkey.web.PublicUrl;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.MultiMap;
import io.vertx.pgclient.PgException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What connecting rests on, without a server: states, addresses, who sends people back, whose account it is. */
class ConnectRulesTest {

    private static final String CALLBACK = "https://keys.example/oauth2/callback";
    private static final Providers PROVIDERS = new Providers((String) null);
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void aStateIsKnownByItsMark() {
        ConnectTokens tokens = tokens("https://keys.example");
        Secret state = tokens.state();

        assertThat(state.reveal()).matches("[\\w-]{59}");
        assertThat(tokens.parse(state.reveal())).isEqualTo(state);
        assertThat(tokens.state()).isNotEqualTo(state);
        assertThat(tokens.hash(state)).hasSize(32).isNotEqualTo(tokens.hash(tokens.state()));
        for (String strange : List.of("", "x", "A".repeat(59), state.reveal().substring(1) + "A", state.reveal() + "A")) {
            assertThat(tokens.parse(strange)).as(strange).isNull();
        }
    }

    @Test
    void theCookieIsOfThisHostAndComesBackFromAnotherSite() {
        Secret state = tokens("https://keys.example").state();
        assertThat(tokens("https://keys.example").cookie(state, 600)).startsWith("__Host-latchkey-connect-")
                .endsWith("; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=600").doesNotContain(state.reveal());
        assertThat(tokens("http://localhost:8080").cookie(state, 600)).startsWith("latchkey-connect-")
                .doesNotContain("Secure");
    }

    @Test
    void aStateIsOfOneClientAtItsAddresses() {
        ConnectTokens tokens = tokens("https://keys.example");
        byte[] kept = tokens.client("app", "https://a.example", "https://b.example");
        assertThat(tokens.isClient(kept, "app", "https://a.example", "https://b.example")).isTrue();
        assertThat(tokens.isClient(kept, "app", "https://a.example", "https://c.example")).isFalse();
        // Where one part ends and the next begins is in it, too.
        assertThat(tokens.isClient(kept, "apph", "ttps://a.example", "https://b.example")).isFalse();
    }

    /** RFC 7636 appendix B. */
    @Test
    void aChallengeIsTheOneOfTheStandard() {
        assertThat(ConnectTokens.challenge(Secret.of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")))
                .isEqualTo("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assertThat(tokens("https://keys.example").verifier().reveal()).matches("[\\w-]{43}");
    }

    @ParameterizedTest
    @CsvSource({ "/,https://keys.example/", "/a?b=c#d,https://keys.example/a?b=c#d",
            "https://keys.example/x,https://keys.example/x", "https://KEYS.example:443,https://keys.example/",
            "https://shop.example/settings,https://shop.example/settings",
            "'/a\"b',https://keys.example/a%22b" })
    void aPageLeadsBackToOurselvesAndWhomTheOperatorNames(String said, String address) {
        assertThat(returns("https://shop.example").of(said)).isEqualTo(address);
    }

    @ParameterizedTest
    @ValueSource(strings = { "//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example",
            "https://keys.example@evil.example", "https://keys.example.evil.example", "http://keys.example/",
            "https://shop.example:8443/", "javascript:alert(1)", "data:text/html,x", "mailto:a@b.c", "evil", "", " /", "/a b",
            "/a\tb", "ftp://keys.example/" })
    void aPageLeadsNowhereElse(String said) {
        ReturnAddresses returns = returns("https://shop.example");
        assertThatThrownBy(() -> returns.of(said)).isInstanceOf(ProblemException.class);
    }

    @Test
    void anOriginThatCannotBeReadStopsTheStart() {
        assertThatThrownBy(() -> returns("https://shop.example/path")).isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("LATCHKEY_OAUTH2_RETURN_TO: ");
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {
            "https://accounts.google.com/.well-known/openid-configuration,https://accounts.google.com",
            "https://id.example/realms/a/.well-known/openid-configuration,https://id.example/realms/a",
            "https://id.example/.well-known/oauth-authorization-server/tenant,https://id.example/tenant",
            "https://id.example/.well-known/security.txt,-", "https://id.example/metadata,-" })
    void aMetadataUrlTellsItsIssuer(String url, @Nullable String issuer) {
        assertThat(Issuers.of(url)).isEqualTo(issuer);
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", value = { "https://id.example,false,https://id.example,true",
            "https://id.example,false,https://id.example/,true", "https://id.example,false,-,true",
            "https://id.example,true,-,false", "https://id.example,true,https://evil.example,false",
            "https://id.example/a,false,https://id.example/b,false", "-,false,https://auth.example/x,true",
            "-,false,https://token.example,true", "-,false,https://evil.example,false", "-,false,'',false",
            "-,false,-,true" })
    void whoSendsPeopleBackIsWhomTheyWereSentTo(@Nullable String known, boolean isDemanded, @Nullable String said,
            boolean isRight) {
        assertThat(Issuers.isRight(known, isDemanded, said, Destination.parse("https://auth.example/authorize").orNull(),
                Destination.parse("https://token.example/token").orNull())).isEqualTo(isRight);
    }

    @Test
    void eachProviderIsAskedAsItsEntryHasIt() {
        assertThat(address("amazon-sp-api", Map.of(),
                null)).containsEntry("application_id",
                        "amzn1.sp.solution.01890a5d-ac96-774b-bcce-b302099a8057")
                .containsKey("state").doesNotContainKey("code_challenge");
        assertThat(address("ebay", Map.of("ruName", "Acme-Shop-PRD"), null)).containsEntry("redirect_uri", "Acme-Shop-PRD");
        assertThat(address("google-analytics", Map.of(), null)).containsEntry("access_type", "offline")
                .containsEntry("prompt", "consent").containsEntry("code_challenge_method", "S256");
        assertThat(address("walmart-marketplace", Map.of("market", "us"), null)).containsKeys("clientId", "redirectUri")
                .containsEntry("responseType", "code").containsEntry("clientType", "seller").doesNotContainKey("client_id");
        assertThat(address("tiktok-ads", Map.of(), null)).containsEntry("app_id", "client-1");
        assertThat(address("instagram", Map.of(), null)).containsEntry("scope", "instagram_business_basic");
        assertThat(address("shopify", Map.of("shop", "zapatos-madrid"), null)).containsEntry("scope",
                "read_products,read_orders");
    }

    @Test
    void pkceIsNotSwitchedOffWhereTheEntryDemandsIt() {
        assertThat(address("etsy", Map.of(), false)).containsKey("code_challenge");
        assertThat(address("hubspot", Map.of(), false)).doesNotContainKey("code_challenge");
        assertThat(address("hubspot", Map.of(), true)).containsKey("code_challenge");
    }

    @Test
    void whatStandsInTheAddressDoesNotTakeThePlaceOfOurs() {
        OAuth2 data = new OAuth2(Grant.AUTHORIZATION_CODE, "client-1", null, "https://id.example/token",
                "https://id.example/authorize?state=mine&tenant=7&response%5Ftype=token", null, List.of(), null, null, null,
                ClientAuth.BASIC, true, null);
        AuthorizationAddress address = new AuthorizationAddress(null, Variables.none(), data,
                Addresses.of(null, Variables.none(), null));
        String url = address.url(Objects.requireNonNull(address.ends()).authorize(), CALLBACK, Secret.of("ours"), null);
        assertThat(url).isEqualTo("https://id.example/authorize?tenant=7&response_type=code&client_id=client-1"
                + "&redirect_uri=https%3A%2F%2Fkeys.example%2Foauth2%2Fcallback&state=ours");
    }

    @Test
    void aRedirectIsReadByTheNamesOfItsProvider() {
        Provider amazon = PROVIDERS.get("amazon-sp-api");
        CallbackParameters parameters = parameters("spapi_oauth_code", "c0de", "state", "s", "selling_partner_id", "A1",
                "other", "x");
        CallbackParameters.Said said = parameters.said(amazon).orElseThrow();
        assertThat(said.code()).isEqualTo(Secret.of("c0de"));
        assertThat(said.kept()).containsExactly(Map.entry("selling_partner_id", "A1"));
        assertThat(parameters.said(null).orElseThrow().code()).isNull();
        assertThat(parameters("code", "a", "code", "b").said(null)).isEmpty();
        assertThat(parameters("state", "a", "state", "b").said(null)).isEmpty();
        assertThat(parameters("error", "access_denied").said(null).orElseThrow().error()).isEqualTo("access_denied");
        assertThat(parameters("error", "<b>").said(null).orElseThrow().error()).isEqualTo("error");
    }

    @Test
    void anAccountIsToldByTheAnswerThatTheEntryNames() throws Exception {
        JsonNode answer = JSON.readTree("{\"user_id\": 4711, \"id_token\": \"" + jwt("https://id.example", "ana") + "\"}");
        Secret opaque = Secret.of("opaque");
        assertThat(account(PROVIDERS.get("quickbooks"), Map.of("realmId", "91"), answer, opaque))
                .contains(new ConnectedAccount("91", From.CALLBACK));
        assertThat(account(PROVIDERS.get("mercado-libre"), Map.of(), answer, opaque))
                .contains(new ConnectedAccount("4711", From.TOKEN));
        assertThat(ConnectedAccount.of(PROVIDERS.get("etsy"), Map.of(), answer, JSON.readTree("{\"user_id\": 12}"), opaque))
                .contains(new ConnectedAccount("12", From.TEST));
        assertThat(account(null, Map.of(), answer, opaque))
                .contains(new ConnectedAccount("https://id.example ana", From.ID_TOKEN));
        assertThat(account(null, Map.of(), MissingNode.getInstance(), Secret.of(jwt("https://id.example", "ana"))))
                .contains(new ConnectedAccount("https://id.example ana", From.ACCESS_TOKEN));
        assertThat(account(null, Map.of(), MissingNode.getInstance(), opaque)).isEmpty();
        assertThat(account(PROVIDERS.get("quickbooks"), Map.of(), answer, opaque)).isEmpty();
    }

    @Test
    void accountsAreComparedOnlyWhereTheSameAnswerTellsThem() {
        ConnectedAccount one = new ConnectedAccount("1", From.TOKEN);
        assertThat(one.to(new ConnectedAccount("1", From.TOKEN))).isEqualTo(Likeness.SAME);
        assertThat(one.to(new ConnectedAccount("2", From.TOKEN))).isEqualTo(Likeness.OTHER);
        assertThat(one.to(new ConnectedAccount("2", From.TEST))).isEqualTo(Likeness.UNKNOWN);
        assertThat(one.to(null)).isEqualTo(Likeness.UNKNOWN);
        ConnectedAccount subject = new ConnectedAccount("https://id.example ana", From.ID_TOKEN);
        assertThat(subject.to(new ConnectedAccount("https://id.example ana", From.ACCESS_TOKEN))).isEqualTo(Likeness.SAME);
        assertThat(subject.to(new ConnectedAccount("https://id.example bo", From.ACCESS_TOKEN))).isEqualTo(Likeness.UNKNOWN);
        assertThat(subject.to(new ConnectedAccount("https://id.example ana", From.TOKEN))).isEqualTo(Likeness.UNKNOWN);
    }

    @Test
    void anAccountMayStandAnywhereInAList() throws Exception {
        JsonNode told = JSON.readTree("[{\"tenantId\": \"new\"}, {\"tenantId\": \"known\"}]");
        ConnectedAccount xero = ConnectedAccount
                .of(PROVIDERS.get("xero"), Map.of(), MissingNode.getInstance(), told, Secret.of("opaque")).orElseThrow();
        assertThat(xero.id()).isEqualTo("new");
        assertThat(xero.to(new ConnectedAccount("known", From.TEST))).isEqualTo(Likeness.SAME);
        assertThat(xero.to(new ConnectedAccount("gone", From.TEST))).isEqualTo(Likeness.OTHER);
        assertThat(account(PROVIDERS.get("tiktok-ads"), Map.of(),
                JSON.readTree("{\"data\": {\"advertiser_ids\": [\"7\"]}}"), Secret.of("opaque")))
                .contains(new ConnectedAccount("7", From.TOKEN));
    }

    @Test
    void whatADatabaseRefusesForItsContentPassesNever() {
        assertThat(Renewal.isPassing(new PgException("0x00", "ERROR", "22021", null))).isFalse();
        assertThat(Renewal.isPassing(new PgException("the server is shutting down", "FATAL", "57P01", null))).isTrue();
        assertThat(Renewal.isPassing(new IOException("connection refused"))).isTrue();
        assertThat(Renewal.isPassing(ProblemException.notFound())).isFalse();
    }

    @Test
    void aRedirectThatNamesAnotherAccountThanTheVariablesContradictsThem() {
        Provider quickbooks = PROVIDERS.get("quickbooks");
        Variables variables = Variables.of(quickbooks, Map.of("realmId", "9130354674010826"));
        assertThat(ConnectedAccount.contradicts(quickbooks, variables, Map.of("realmId", "9130354674010826"))).isFalse();
        assertThat(ConnectedAccount.contradicts(quickbooks, variables, Map.of("realmId", "1111111111"))).isTrue();
        assertThat(ConnectedAccount.contradicts(quickbooks, variables, Map.of())).isFalse();
        Provider shopify = PROVIDERS.get("shopify");
        assertThat(ConnectedAccount.contradicts(shopify, Variables.of(shopify, Map.of("shop", "zapatos-madrid")),
                Map.of("shop", "zapatos-madrid.myshopify.com"))).isFalse();
    }

    @Test
    void tokensOfOneSessionAreKnown() {
        Secret one = Secret.of(session("s1", 1));
        assertThat(ConnectedAccount.areOfOneSession(one, Secret.of(session("s1", 2)))).isTrue();
        assertThat(ConnectedAccount.areOfOneSession(one, Secret.of(session("s2", 2)))).isFalse();
        assertThat(ConnectedAccount.areOfOneSession(Secret.of("opaque"), Secret.of("opaque"))).isFalse();
        assertThat(ConnectedAccount.areOfOneSession(null, one)).isFalse();
    }

    @Test
    void thePageSaysTheSameInBothLanguagesAndHowEachEnded() {
        assertThat(new TreeSet<>(ConnectTexts.in(Locale.ENGLISH).keys()))
                .isEqualTo(new TreeSet<>(ConnectTexts.in(new Locale("es")).keys()));
        for (ConnectResult.Code code : ConnectResult.Code.values()) {
            for (Locale locale : List.of(Locale.ENGLISH, new Locale("es"))) {
                String page = CallbackPage.of(new ConnectResult(code, "<Shop>", "{credential}", List.of("a&b"), true,
                        "https://keys.example/?a=1&b=\"2\""), locale);
                assertThat(page).doesNotContain("<Shop>", "{detail}").contains("<code>a&amp;b</code>",
                        "href=\"https://keys.example/?a=1&amp;b=&quot;2&quot;\"");
                // What stands in a value is no place.
                assertThat(page.contains("{credential}")).isEqualTo(
                        ConnectTexts.in(locale).text(code.text() + ".text").contains("{detail}"));
            }
        }
    }

    private static Optional<ConnectedAccount> account(@Nullable Provider provider, Map<String, String> kept, JsonNode answer,
            Secret accessToken) {
        return ConnectedAccount.of(provider, kept, answer, MissingNode.getInstance(), accessToken);
    }

    private static Map<String, String> address(String key, Map<String, String> variables, @Nullable Boolean pkce) {
        Provider provider = PROVIDERS.get(key);
        OAuth2 data = new OAuth2(Grant.AUTHORIZATION_CODE, "client-1", null, null, null, null, List.of(), null, null, null,
                ClientAuth.BASIC, pkce == null || pkce, null);
        Map<String, String> said = new HashMap<>(variables);
        provider.variables().forEach(variable -> said.putIfAbsent(variable.name(), variable.example()));
        Variables read = Variables.of(provider, said);
        AuthorizationAddress address = new AuthorizationAddress(provider, read, data, Addresses.of(provider, read, null));
        Secret verifier = address.usesPkce() ? Secret.of("verifier") : null;
        return FakeAuthorization
                .query(address.url(Objects.requireNonNull(address.ends()).authorize(), address.redirect(CALLBACK),
                        Secret.of("state"), verifier));
    }

    private static CallbackParameters parameters(String... namesAndValues) {
        MultiMap query = MultiMap.caseInsensitiveMultiMap();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            query.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return new CallbackParameters(query);
    }

    private static String jwt(String issuer, String subject) {
        return jwt("{\"iss\": \"" + issuer + "\", \"sub\": \"" + subject + "\"}");
    }

    private static String session(String id, int number) {
        return jwt("{\"sid\": \"" + id + "\", \"jti\": \"" + number + "\"}");
    }

    private static String jwt(String claims) {
        return "eyJhbGciOiJub25lIn0."
                + Base64.getUrlEncoder().withoutPadding().encodeToString(claims.getBytes(StandardCharsets.UTF_8)) + ".c2ln";
    }

    private static ConnectTokens tokens(String publicUrl) {
        return new ConnectTokens(new SecureRandom(), PEPPERS, new PublicUrl(publicUrl));
    }

    private static final Peppers PEPPERS = new Peppers(
            KeyRing.parse("LATCHKEY_PEPPER", TestDatabase.randomKey("p1", new SecureRandom())));

    private static ReturnAddresses returns(String origins) {
        ConnectConfig config = new SmallRyeConfigBuilder().addDiscoveredConverters().withMapping(ConnectConfig.class)
                .withDefaultValues(Map.of("latchkey.oauth2.return-to", origins)).build().getConfigMapping(ConnectConfig.class);
        return new ReturnAddresses(new PublicUrl("https://keys.example"), config);
    }
}
