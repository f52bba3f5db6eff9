package dev.latchkey.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import dev.latchkey.credential.Authentication;
import dev.latchkey.crypto.Secret;
import dev.latchkey.net.Destination;
import io.vertx.core.MultiMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyHeadersTest {

    private static final Authentication NOTHING = authentication(Map.of(), Set.of());
    private static final Redirects NOWHERE = new Redirects("/api/v1/proxy/01890a5d-ac96-79aa-8f3c-6e1d0b7a9c42",
            to("https://p.example/"), to("https://p.example/x"));

    @ParameterizedTest
    @ValueSource(strings = { "X-API-Key", "x-api-secret", "AUTHORIZATION", "Cookie", "X-Organization", "X-CSRF-Token",
            "X-Store", "Host", "Content-Length", "Expect", "Connection", "Keep-Alive", "Proxy-Connection",
            "Proxy-Authorization", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "HTTP2-Settings" })
    void whatIsTheCallersOwnOrOfItsConnectionStaysHere(String name) {
        assertThat(sent(headers(name, "value"), NOTHING).names()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = { "Forwarded", "X-Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "X-Original-URL",
            "Via", "X-Cluster-Client-IP", "Fastly-Client-IP", "CF-Connecting-IP", "Cf-Access-Jwt-Assertion",
            "X-Goog-IAP-JWT-Assertion", "X-Goog-Authenticated-User-Email", "X-Amzn-Oidc-Data", "X-Auth-Request-Email",
            "X-Ms-Client-Principal", "X-Ms-Client-Principal-Name", "X-Envoy-External-Address", "X-Client-Cert",
            "X-SSL-Client-Cert", "Client-Cert", "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override" })
    void whatAGatewaySaysOfTheCallerStaysHere(String name) {
        assertThat(sent(headers(name, "value"), NOTHING).names()).isEmpty();
    }

    @Test
    void whatTheOperatorsGatewaySaysStaysHere() {
        MultiMap sent = MultiMap.caseInsensitiveMultiMap();
        new ProxyHeaders(NOTHING, HeaderNames.of("X-Remote-User", "x-sso-*"), NOWHERE)
                .send(headers("X-Remote-User", "ana").add("X-SSO-Groups", "all").add("X-Remote", "1"), sent);

        assertThat(sent.names()).containsExactly("X-Remote");
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
                authentication(Map.of("X-Shop-Token", "theirs", "Authorization", "Basic dGhlaXJz"), Set.of()));

        assertThat(sent.getAll("X-Shop-Token")).containsExactly("theirs");
        assertThat(sent.getAll("Authorization")).containsExactly("Basic dGhlaXJz");
    }

    /** An invoice as PDF, of a service whose entry asks for JSON. */
    @ParameterizedTest
    @CsvSource({ "application/pdf, application/pdf", "*/*, application/json", ", application/json" })
    void aCallerChoosesTheFormOfTheAnswer(String asked, String sent) {
        Authentication entry = authentication(Map.of("Accept", "application/json", "X-Version", "7"),
                Set.of("accept", "x-version"));
        MultiMap received = headers("X-Version", "8");
        if (asked != null) {
            received.add("accept", asked);
        }

        assertThat(sent(received, entry).getAll("Accept")).containsExactly(sent);
        assertThat(sent(received, entry).getAll("X-Version")).containsExactly("7");
        // What the merchant entered is no constant.
        assertThat(sent(received, authentication(Map.of("Accept", "application/x-theirs"), Set.of())).getAll("Accept"))
                .containsExactly("application/x-theirs");
    }

    @Test
    void aHeaderThatIsSentTwiceStaysTwo() {
        assertThat(sent(headers("Prefer", "a").add("Prefer", "b"), NOTHING).getAll("Prefer")).containsExactly("a", "b");
    }

    @ParameterizedTest
    @ValueSource(strings = { "Set-Cookie", "Connection", "Keep-Alive", "Transfer-Encoding", "Trailer", "Upgrade",
            "Proxy-Authenticate", "Strict-Transport-Security", "Alt-Svc", "Clear-Site-Data", "Access-Control-Allow-Origin",
            "Access-Control-Allow-Credentials", "NEL", "Report-To", "Reporting-Endpoints", "Accept-CH", "Critical-CH",
            "Origin-Agent-Cluster", "Expect-CT", "Content-Security-Policy-Report-Only", "Service-Worker-Allowed" })
    void whatAProviderSaysOfItsOriginOrConnectionIsNotSaidOfOurs(String name) {
        assertThat(answered(headers(name, "value")).contains(name)).isFalse();
    }

    /** nginx would serve its internal files, Envoy take this replica out, a cache keep the answer for all. */
    @ParameterizedTest
    @ValueSource(strings = { "X-Accel-Redirect", "X-Accel-Expires", "X-Accel-Buffering", "X-Sendfile", "X-Sendfile-Type",
            "X-Lighttpd-Send-File", "X-LiteSpeed-Location", "X-Reproxy-URL", "X-Envoy-Immediate-Health-Check-Fail",
            "Surrogate-Control", "Surrogate-Key", "CDN-Cache-Control", "Cloudflare-CDN-Cache-Control" })
    void whatRulesAServerInFrontStaysHere(String name) {
        assertThat(answered(headers(name, "value")).contains(name)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = { "Content-Type", "Content-Length", "Content-Encoding", "ETag", "Link", "Retry-After", "RateLimit",
            "WWW-Authenticate", "Date", "X-Shopify-Shop-Api-Call-Limit" })
    void whatAProviderSaysOfItsAnswerComesBack(String name) {
        assertThat(answered(headers(name, "value")).get(name)).isEqualTo("value");
    }

    /** No cache knows that a key is what tells callers apart. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = { "public, max-age=3600|private, max-age=3600", "s-maxage=60|private",
            "PUBLIC , S-MaxAge=60,must-revalidate|private, must-revalidate", "no-cache|private, no-cache",
            "no-store|private, no-store", "private|private", "private=\"x-a, public\", max-age=1|private, max-age=1",
            "no-cache=\"x-a, public\"|private, no-cache=\"x-a, public\"", "x=\"a, public|private, no-store",
            "|private, no-store" })
    void anAnswerIsForWhoeverAsked(String said, String told) {
        MultiMap received = said == null ? MultiMap.caseInsensitiveMultiMap() : headers("Cache-Control", said);

        assertThat(answered(received).getAll("Cache-Control")).containsExactly(told);
        assertThat(answered(received.add("Cache-Control", "public")).getAll("Cache-Control")).hasSize(1);
        assertThat(answered(headers("Vary", "Accept")).getAll("Vary"))
                .containsExactly("Accept, X-API-Key, X-API-Secret, Authorization");
    }

    @Test
    void whatABrowserShowsOfAnAnswerRunsNothingOnOurOrigin() {
        MultiMap answer = answered(headers("Content-Security-Policy", "script-src *").add("content-security-policy", "x")
                .add("Cross-Origin-Resource-Policy", "cross-origin"));

        assertThat(answer.getAll("Content-Security-Policy"))
                .containsExactly("sandbox; default-src 'none'; frame-ancestors 'none'");
        assertThat(answer.getAll("Cross-Origin-Resource-Policy")).containsExactly("same-origin");
    }

    @Test
    void theProvidersRequestIdComesBackUnderAnotherName() {
        MultiMap answer = answered(headers("X-Request-ID", "theirs"));

        assertThat(answer.get("X-Provider-Request-Id")).isEqualTo("theirs");
        assertThat(answer.contains("X-Request-Id")).isFalse();
    }

    @Test
    void aProviderCannotSayThatItsAnswerIsOurs() {
        assertThat(answered(headers("X-Proxied", "false")).getAll("X-Proxied")).containsExactly("true");
    }

    @Test
    void aHeaderThatRepeatsTheSecretShowsItNot() {
        MultiMap answer = answered(headers("Location", "https://other.example/x?api_key=Lk+R1s%26Nj8&page=2")
                .add("Link", "<https://p.example/x?api_key=Lk%20R1s%26Nj8>; rel=\"next\"").add("X-Echo", "4fTzW7Qm2Vb/X+c9"),
                secret("Lk R1s&Nj8", "4fTzW7Qm2Vb/X+c9"));

        assertThat(answer.get("Location")).isEqualTo("https://other.example/x?api_key=***&page=2");
        assertThat(answer.get("Link")).isEqualTo("<https://p.example/x?api_key=***>; rel=\"next\"");
        assertThat(answer.get("X-Echo")).isEqualTo("***");
    }

    /** A number may be a secret, and is in every head. */
    @Test
    void whatFramesAnAnswerIsNeverTouched() {
        MultiMap received = headers("Content-Length", "1000000").add("Date", "Sun, 22 Nov 2026 10:00:00 GMT")
                .add("ETag", "\"100000\"").add("Retry-After", "100000").add("Content-Range", "bytes 0-1/100000")
                .add("X-Account", "100000");

        MultiMap answer = answered(received, secret("100000"));

        assertThat(answer.get("X-Account")).isEqualTo("***");
        received.remove("X-Account").forEach(header -> assertThat(answer.get(header.getKey())).isEqualTo(header.getValue()));
    }

    private static Authentication secret(String... secrets) {
        return new Authentication(Map.of(), Map.of(), Set.of(), List.of(secrets).stream().map(Secret::of).toList());
    }

    private static Authentication authentication(Map<String, String> headers, Set<String> constants) {
        return new Authentication(
                headers.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, each -> Secret.of(each.getValue()))),
                Map.of(), constants, List.of());
    }

    private static Destination to(String url) {
        return ((Destination.Valid) Destination.parse(url)).destination();
    }

    private static MultiMap headers(String name, String value) {
        return MultiMap.caseInsensitiveMultiMap().add(name, value);
    }

    private static MultiMap sent(MultiMap received, Authentication authentication) {
        MultiMap sent = MultiMap.caseInsensitiveMultiMap();
        new ProxyHeaders(authentication, HeaderNames.of(), NOWHERE).send(received, sent);
        return sent;
    }

    private static MultiMap answered(MultiMap received) {
        return answered(received, NOTHING);
    }

    private static MultiMap answered(MultiMap received, Authentication authentication) {
        MultiMap sent = MultiMap.caseInsensitiveMultiMap();
        new ProxyHeaders(authentication, HeaderNames.of(), NOWHERE).answer(received, sent);
        return sent;
    }
}
