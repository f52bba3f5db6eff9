package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

import dev.latchkey.credential.CredentialData.ApiKey;
import dev.latchkey.credential.CredentialData.Basic;
import dev.latchkey.credential.CredentialData.Bearer;
import dev.latchkey.credential.CredentialData.ClientAuth;
import dev.latchkey.credential.CredentialData.CustomHeaders;
import dev.latchkey.credential.CredentialData.Grant;
import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.credential.CredentialData.Placement;
import dev.latchkey.crypto.Secret;
import dev.latchkey.net.Header;
import dev.latchkey.web.ProblemException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthenticationTest {

    private final Providers providers = new Providers((String) null);

    private static Authentication of(CredentialData data) {
        return Authentication.of(data, null, Variables.none()).orElseThrow();
    }

    private static Map<String, String> headers(Authentication authentication) {
        return authentication.sent().stream().collect(Collectors.toMap(Header::name, Header::value));
    }

    private static ApiKey key(Placement placement, String name, @Nullable String prefix) {
        return new ApiKey(Secret.of("k-123"), null, placement, name, prefix);
    }

    private static OAuth2 oauth(@Nullable String accessToken) {
        return new OAuth2(Grant.AUTHORIZATION_CODE, "client-1", Secret.of("client-secret"), null, null, null, List.of(),
                accessToken == null ? null : Secret.of(accessToken), Secret.of("refresh-token"), Instant.EPOCH,
                ClientAuth.BASIC, true, null);
    }

    @Test
    void eachTypeSignsInInItsOwnWay() {
        assertThat(headers(of(key(Placement.HEADER, "X-Key", null)))).isEqualTo(Map.of("X-Key", "k-123"));
        assertThat(headers(of(new Bearer(Secret.of("t"))))).isEqualTo(Map.of("Authorization", "Bearer t"));
        assertThat(headers(of(new Basic(Secret.of("ana"), Secret.of("pä:ss")))))
                .isEqualTo(Map.of("Authorization", "Basic YW5hOnDDpDpzcw=="));
        assertThat(headers(of(new CustomHeaders(Map.of("X-A", Secret.of("1"), "X-B", Secret.of("2"))))))
                .isEqualTo(Map.of("X-A", "1", "X-B", "2"));
        assertThat(headers(of(oauth("at")))).isEqualTo(Map.of("Authorization", "Bearer at"));
        assertThat(of(key(Placement.QUERY, "api key", null)).addedTo("/a?b=1")).isEqualTo("/a?b=1&api%20key=k-123");
    }

    @Test
    void withoutAnAccessTokenThereIsNothingToSignInWith() {
        assertThat(Authentication.of(oauth(null), null, Variables.none())).isEqualTo(Optional.empty());
    }

    @ParameterizedTest
    @CsvSource({ "Token, 'Token k-123'", "'Token ', 'Token k-123'", "Token token=, Token token=k-123", "key:, key:k-123",
            "'', k-123" })
    void aBlankFollowsASchemeAndNothingElse(String prefix, String sent) {
        assertThat(headers(of(key(Placement.HEADER, "Authorization", prefix)))).containsEntry("Authorization", sent);
    }

    @Test
    void theProvidersEntrySaysWhereThingsGo() {
        Provider klaviyo = providers.get("klaviyo");
        assertThat(headers(Authentication.of(key(Placement.QUERY, "wrong", "wrong"), klaviyo, Variables.of(klaviyo, Map.of()))
                .orElseThrow())).isEqualTo(Map.of("Authorization", "Klaviyo-API-Key k-123", "revision", "2026-01-15", "Accept",
                        "application/vnd.api+json"));

        Provider easypost = providers.get("easypost");
        assertThat(headers(Authentication.of(key(Placement.HEADER, "X", null), easypost, Variables.none()).orElseThrow()))
                .isEqualTo(Map.of("Authorization", "Basic ay0xMjM6"));

        Provider etsy = providers.get("etsy");
        assertThat(headers(Authentication.of(oauth("at"), etsy, Variables.none()).orElseThrow()))
                .isEqualTo(Map.of("Authorization", "Bearer at", "x-api-key", "client-1:client-secret"));
        OAuth2 without = new OAuth2(Grant.AUTHORIZATION_CODE, "client-1", null, null, null, null, List.of(), Secret.of("at"),
                null,
                null, ClientAuth.POST, true, null);
        assertThatThrownBy(() -> Authentication.of(without, etsy, Variables.none())).hasMessageContaining("client secret");
    }

    /** Whoever repeats them tells nobody anything; and a caller may want another form of the answer. */
    @ParameterizedTest
    @CsvSource({ "klaviyo, api_key, 'revision,accept'", "quickbooks, oauth2, accept" })
    void whatAnEntrySaysInTheOpenIsNoSecret(String entry, String type, String constants) {
        Provider provider = providers.get(entry);
        CredentialData data = type.equals("oauth2") ? oauth("access-token") : key(Placement.HEADER, "X", null);

        Authentication authentication = Authentication.of(data, provider, Variables.of(provider, variables(provider)))
                .orElseThrow();

        assertThat(authentication.constants()).containsExactlyInAnyOrder(constants.split(","));
        assertThat(authentication.secrets().stream().map(Secret::reveal))
                .contains(type.equals("oauth2") ? "access-token" : "k-123")
                .noneMatch(secret -> secret.contains("application/") || secret.equals("2026-01-15"));
    }

    private static Map<String, String> variables(Provider provider) {
        return provider.variables().stream().filter(variable -> variable.preset() == null)
                .collect(Collectors.toMap(Provider.Variable::name, Provider.Variable::example));
    }

    /** A client's secret is in the open nowhere, whatever stands around it; and half of what signs in is a secret, too. */
    @Test
    void whatTheMerchantEnteredIsASecretInEachOfItsForms() {
        Provider etsy = providers.get("etsy");
        Authentication authentication = Authentication.of(oauth("access-token"), etsy, Variables.none()).orElseThrow();
        assertThat(authentication.constants()).isEmpty();
        assertThat(authentication.secrets().stream().map(Secret::reveal)).contains("access-token", "Bearer access-token",
                "client-secret", "client-1:client-secret");

        assertThat(of(new Basic(Secret.of("erp"), Secret.of("pass-word-1"))).secrets().stream().map(Secret::reveal))
                .contains("pass-word-1", "ZXJwOnBhc3Mtd29yZC0x");
        assertThat(of(key(Placement.HEADER, "Authorization", "Token token=")).secrets().stream().map(Secret::reveal))
                .contains("k-123", "token=k-123");
    }

    @Test
    void anEmptyKeyIsNotARequestOfNobodys() {
        Provider contifico = providers.get("contifico");
        assertThatThrownBy(() -> Authentication.of(new ApiKey(Secret.of(""), null, Placement.HEADER, "X", null), contifico,
                Variables.none())).isInstanceOf(ProblemException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = { "a\r\nX-Admin: 1", "a\nb", "a\rb", "a\u0000b", "a\u007fb", "ключ", "a\u0085b" })
    void nothingEndsALine(String evil) {
        for (CredentialData data : List.of(new Bearer(Secret.of(evil)), oauth(evil),
                new ApiKey(Secret.of(evil), null, Placement.HEADER, "X-Key", null),
                new ApiKey(Secret.of("k"), null, Placement.HEADER, "X-Key", evil),
                new CustomHeaders(Map.of("X-Key", Secret.of(evil))), new CustomHeaders(Map.of(evil, Secret.of("v"))),
                new ApiKey(Secret.of("k"), null, Placement.HEADER, evil, null))) {
            assertThatThrownBy(() -> of(data)).as(data.type().text()).isInstanceOf(ProblemException.class)
                    .hasMessageNotContaining(evil);
        }
        assertThat(of(new ApiKey(Secret.of(evil), null, Placement.QUERY, evil, null)).addedTo("/")).matches("[!-~]+");
    }

    @ParameterizedTest
    @ValueSource(strings = { "Host", "host", "Content-Length", "Transfer-Encoding", "Connection", "a b", "a:b", "" })
    void noHeaderIsTheMessagesOwn(String name) {
        assertThatThrownBy(() -> of(new CustomHeaders(Map.of(name, Secret.of("v"))))).isInstanceOf(ProblemException.class);
    }

    @ParameterizedTest
    @CsvSource({ "/a, /a?key=k-123", "/a?, /a?key=k-123", "/a?x=1&y=2, /a?x=1&y=2&key=k-123",
            "/a?key=mine&x=1, /a?x=1&key=k-123", "/a?%6bey=mine, /a?key=k-123", "/a?x=1;key=mine, /a?x=1&key=k-123",
            "/a?key, /a?key=k-123", "/a?filter=a;b, /a?filter=a;b&key=k-123",
            "/a?&x&&y, /a?&x&&y&key=k-123", "/a?x=1;key=mine;y=2, /a?x=1;y=2&key=k-123", "/a?key=1&key=2, /a?key=k-123",
            "/a?k+ey=1&keys=2, /a?k+ey=1&keys=2&key=k-123", "/a?%zz=1, /a?%zz=1&key=k-123" })
    void aCallerDoesNotSignInBesides(String asked, String sent) {
        assertThat(of(key(Placement.QUERY, "key", null)).addedTo(asked)).isEqualTo(sent);
    }

    @Test
    void itPrintsNoSecret() {
        assertThat(of(key(Placement.HEADER, "X-Key", null)).toString() + of(key(Placement.QUERY, "x", null)))
                .doesNotContain("k-123").contains("***");
        assertThat(of(oauth("access-token")).toString()).doesNotContain("token", "client-secret");
    }
}
