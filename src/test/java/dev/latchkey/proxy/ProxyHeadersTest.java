package dev.latchkey.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;

import dev.latchkey.credential.Authentication;
import dev.latchkey.crypto.Secret;
import dev.latchkey.net.Header;
import io.vertx.core.MultiMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyHeadersTest {

    private static final List<Header> NOTHING = List.of();

    @ParameterizedTest
    @ValueSource(strings = { "X-API-Key", "x-api-secret", "AUTHORIZATION", "Cookie", "X-Organization", "X-CSRF-Token",
            "X-Store",
            "Host", "Content-Length", "Expect", "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authorization", "TE",
            "Trailer", "Transfer-Encoding", "Upgrade", "HTTP2-Settings", "Forwarded", "X-Forwarded-For", "X-Forwarded-Host",
            "X-Real-IP", "X-Original-URL", "Via" })
    void whatIsTheCallersOwnOrOfItsConnectionStaysHere(String name) {
        assertThat(sent(headers(name, "value"), NOTHING).names()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = { "Content-Type", "Content-Encoding", "Accept", "Accept-Encoding", "Accept-Language", "User-Agent",
            "Idempotency-Key", "If-Match", "Range", "X-Shop-Version", "Prefer", "traceparent" })
    void whatIsForTheProviderIsSentOn(String name) {
        assertThat(sent(headers(name, "value"), NOTHING).get(name)).isEqualTo("value");
    }

    @Test
    void whatConnectionNamesIsOfTheConnection() {
        MultiMap received = headers("Connection", "close, X-Hop").add("connection", "x-another").add("X-Hop", "1")
                .add("X-Another", "2").add("X-Stays", "3");

        assertThat(sent(received, NOTHING).names()).containsExactly("X-Stays");
    }

    @Test
    void theAuthenticationStandsInPlaceOfTheCallersOwn() {
        MultiMap sent = sent(
                headers("x-shop-token", "mine").add("X-Shop-Token", "mine too").add("Authorization", "Bearer mine"),
                List.of(new Header("X-Shop-Token", "theirs"), new Header("Authorization", "Basic dGhlaXJz")));

        assertThat(sent.getAll("X-Shop-Token")).containsExactly("theirs");
        assertThat(sent.getAll("Authorization")).containsExactly("Basic dGhlaXJz");
    }

    @Test
    void aHeaderThatIsSentTwiceStaysTwo() {
        assertThat(sent(headers("Prefer", "a").add("Prefer", "b"), NOTHING).getAll("Prefer")).containsExactly("a", "b");
    }

    @ParameterizedTest
    @ValueSource(strings = { "Set-Cookie", "Connection", "Keep-Alive", "Transfer-Encoding", "Trailer", "Upgrade",
            "Proxy-Authenticate", "Strict-Transport-Security", "Alt-Svc", "Clear-Site-Data", "Access-Control-Allow-Origin",
            "Access-Control-Allow-Credentials" })
    void whatAProviderSaysOfItsOriginOrConnectionIsNotSaidOfOurs(String name) {
        assertThat(answered(headers(name, "value"), List.of()).names()).containsExactly("X-Proxied");
    }

    @ParameterizedTest
    @ValueSource(strings = { "Content-Type", "Content-Length", "Content-Encoding", "ETag", "Cache-Control", "Location", "Link",
            "Retry-After", "RateLimit", "WWW-Authenticate", "Date", "Vary", "X-Shopify-Shop-Api-Call-Limit" })
    void whatAProviderSaysOfItsAnswerComesBack(String name) {
        assertThat(answered(headers(name, "value"), List.of()).get(name)).isEqualTo("value");
    }

    @Test
    void theProvidersRequestIdComesBackUnderAnotherName() {
        MultiMap answer = answered(headers("X-Request-ID", "theirs"), List.of());

        assertThat(answer.get("X-Provider-Request-Id")).isEqualTo("theirs");
        assertThat(answer.contains("X-Request-Id")).isFalse();
    }

    @Test
    void aProviderCannotSayThatItsAnswerIsOurs() {
        assertThat(answered(headers("X-Proxied", "false"), List.of()).getAll("X-Proxied")).containsExactly("true");
    }

    @Test
    void aHeaderThatRepeatsTheSecretShowsItNot() {
        Authentication authentication = new Authentication(Map.of("Authorization", Secret.of("Bearer 4fTzW7Qm2Vb/X+c9")),
                Map.of("api_key", Secret.of("Lk R1s&Nj8")));
        List<String> secrets = ProxyHeaders.secrets(authentication);

        MultiMap answer = answered(headers("Location", "https://p.example/x?api_key=Lk+R1s%26Nj8&page=2")
                .add("Link", "<https://p.example/x?api_key=Lk%20R1s%26Nj8>; rel=\"next\"").add("X-Echo", "4fTzW7Qm2Vb/X+c9")
                .add("X-Encoded", "4fTzW7Qm2Vb%2FX%2Bc9"), secrets);

        assertThat(answer.get("Location")).isEqualTo("https://p.example/x?api_key=***&page=2");
        assertThat(answer.get("Link")).isEqualTo("<https://p.example/x?api_key=***>; rel=\"next\"");
        assertThat(answer.get("X-Echo")).isEqualTo("***");
        assertThat(answer.get("X-Encoded")).isEqualTo("***");
    }

    private static MultiMap headers(String name, String value) {
        return MultiMap.caseInsensitiveMultiMap().add(name, value);
    }

    private static MultiMap sent(MultiMap received, List<Header> authentication) {
        MultiMap sent = MultiMap.caseInsensitiveMultiMap();
        ProxyHeaders.send(received, authentication, sent);
        return sent;
    }

    private static MultiMap answered(MultiMap received, List<String> secrets) {
        MultiMap sent = MultiMap.caseInsensitiveMultiMap();
        ProxyHeaders.answer(received, secrets, sent);
        return sent;
    }
}
