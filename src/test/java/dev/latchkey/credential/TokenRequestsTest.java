package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import dev.latchkey.credential.CredentialData.ClientAuth;
import dev.latchkey.credential.CredentialData.Grant;
import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.credential.TokenRequests.Kind;
import dev.latchkey.crypto.Secret;
import dev.latchkey.net.Header;
import dev.latchkey.net.OutboundLimits;
import dev.latchkey.net.OutboundRequest;
import dev.latchkey.web.ProblemException;
import io.vertx.core.http.HttpMethod;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is asked for the next token, in each provider's own words. */
class TokenRequestsTest {

    private static final OutboundLimits LIMITS = OutboundLimits.of(Duration.ofSeconds(5), 1000);

    private final Providers providers = new Providers((String) null);

    private static OAuth2 data(Grant grant, ClientAuth auth, @Nullable String tokenUrl, @Nullable String secret) {
        return new OAuth2(grant, "app 1", secret == null ? null : Secret.of(secret), tokenUrl, null, null, List.of("read"),
                Secret.of("a-1"), Secret.of("r+1"), null, auth, true, null);
    }

    private OutboundRequest request(OAuth2 data, @Nullable String provider, Map<String, String> variables) {
        Provider entry = provider == null ? null : providers.get(provider);
        CredentialMaterial material = new CredentialMaterial(entry, Variables.of(entry, variables), null, data, Map.of(), null,
                List.of());
        return TokenRequests.of(material, data, Objects.requireNonNull(TokenRequests.kind(data, entry)), LIMITS);
    }

    private static String body(OutboundRequest request) {
        return Objects.requireNonNull(request.body()).toString(StandardCharsets.UTF_8);
    }

    private static String header(OutboundRequest request, String name) {
        return request.headers().stream().filter(header -> header.name().equals(name)).map(Header::value).findFirst()
                .orElse("");
    }

    @Test
    void aRefreshTokenIsPresentedOnceAndOnAConnectionOfItsOwn() {
        OutboundRequest request = request(
                data(Grant.AUTHORIZATION_CODE, ClientAuth.BASIC, "https://id.example/token", "s:1"), null, Map.of());

        assertThat(request.repeatable()).isFalse();
        assertThat(request.method()).isEqualTo(HttpMethod.POST);
        assertThat(request.to().url()).isEqualTo("https://id.example/token");
        assertThat(body(request)).isEqualTo("grant_type=refresh_token&refresh_token=r%2B1");
        // RFC 6749 section 2.3.1: app+1:s%3A1
        assertThat(header(request, "Authorization")).isEqualTo("Basic YXBwKzE6cyUzQTE=");
    }

    @Test
    void aClientThatPostsSaysWhoItIsInTheBody() {
        assertThat(body(request(data(Grant.AUTHORIZATION_CODE, ClientAuth.POST, "https://id.example/token", "s-1"), null,
                Map.of()))).isEqualTo("grant_type=refresh_token&refresh_token=r%2B1&client_id=app+1&client_secret=s-1");
        assertThat(body(request(data(Grant.AUTHORIZATION_CODE, ClientAuth.BASIC, "https://id.example/token", null), null,
                Map.of()))).isEqualTo("grant_type=refresh_token&refresh_token=r%2B1&client_id=app+1");
    }

    @Test
    void anAccessTokenRenewsItselfWithoutTheClientsSecret() {
        OutboundRequest request = request(data(Grant.AUTHORIZATION_CODE, ClientAuth.POST, null, "s-1"), "instagram", Map.of());

        assertThat(request.method()).isEqualTo(HttpMethod.GET);
        assertThat(request.repeatable()).isFalse();
        assertThat(request.to().url()).isEqualTo(
                "https://graph.instagram.com/refresh_access_token?grant_type=ig_refresh_token&access_token=a-1");
        assertThat(request.toString()).doesNotContain("a-1");
    }

    @Test
    void aClientsOwnCredentialsSpendNothing() {
        OutboundRequest request = request(data(Grant.CLIENT_CREDENTIALS, ClientAuth.POST, "https://id.example/token", "s-1"),
                null, Map.of());

        assertThat(request.repeatable()).isTrue();
        assertThat(body(request)).contains("grant_type=client_credentials").contains("scope=read").doesNotContain("r%2B1");
    }

    @Test
    void theProvidersHostIsAskedWithItsHeaders() {
        OutboundRequest request = request(data(Grant.AUTHORIZATION_CODE, ClientAuth.POST, null, "s-1"), "quickbooks",
                Map.of("realmId", "1234567"));

        assertThat(URI.create(request.to().url()).getHost()).isEqualTo("oauth.platform.intuit.com");
        assertThat(header(request, "Authorization")).startsWith("Basic ");
    }

    @Test
    void withoutAnAddressThereIsNoRequest() {
        assertThatThrownBy(() -> request(data(Grant.REFRESH_TOKEN, ClientAuth.POST, null, "s-1"), null, Map.of()))
                .isInstanceOf(ProblemException.class);
        assertThat(TokenRequests.kind(data(Grant.REFRESH_TOKEN, ClientAuth.POST, null, null), null))
                .isEqualTo(Kind.REFRESH_TOKEN);
    }
}
