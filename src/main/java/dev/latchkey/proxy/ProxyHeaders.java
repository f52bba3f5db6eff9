package dev.latchkey.proxy;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.latchkey.credential.Authentication;
import dev.latchkey.net.Header;
import dev.latchkey.web.RequestId;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;

/**
 * What of a head is sent on, in either direction.
 *
 * <p>
 * To the provider: not what concerns one connection (RFC 9110 section 7.6.1), and not what the caller, or a gateway in front,
 * shows to us. Some of it says who somebody is; providers are other people's machines.
 *
 * <p>
 * To the caller: a tenant chooses the provider, but the answer comes from our origin, through gateways and caches that others
 * share. So nothing comes back by which a server in front is ruled, or that would be said of our origin; it is for whoever
 * asked, since no cache knows what tells callers apart; and what a browser shows of it runs nothing.
 */
final class ProxyHeaders {

    /** Says that a status is the provider's own: the same ones are also ours. */
    static final String PROXIED = "X-Proxied";
    /** The provider's own {@code X-Request-Id}: that name is taken. */
    static final String PROVIDER_REQUEST_ID = "X-Provider-Request-Id";

    private static final String POLICY = "Content-Security-Policy";
    private static final String SHOWN_TO_NOBODY = "sandbox; default-src 'none'; frame-ancestors 'none'";
    private static final String RESOURCE_POLICY = "Cross-Origin-Resource-Policy";
    private static final String CALLERS = "X-API-Key, X-API-Secret, Authorization";

    private static final HeaderNames OF_CONNECTION = HeaderNames.of("connection", "keep-alive", "proxy-connection",
            "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade", "http2-settings");
    /** Set anew, by whoever sends the message on. */
    private static final HeaderNames OF_MESSAGE = HeaderNames.of("host", "content-length", "expect");
    private static final HeaderNames OF_CALLER = HeaderNames.of("x-api-key", "x-api-secret", "authorization", "cookie",
            "cookie2", "x-organization", "x-csrf-token", "x-store", "x-auth-organization-required");
    /** What gateways say of whoever asks them, his address and who he is, and a second method for the keys' own to miss. */
    private static final HeaderNames OF_GATEWAY = HeaderNames.of("forwarded", "via", "x-forwarded*", "x-original-*",
            "x-real-ip", "x-client-ip", "x-cluster-client-ip", "true-client-ip", "fastly-client-ip", "cf-connecting-ip*",
            "cf-access-*", "x-goog-iap-*", "x-goog-authenticated-user-*", "x-amzn-oidc-*", "x-amzn-mtls-*", "x-auth-request-*",
            "x-ms-client-principal*", "x-ms-token-*", "x-envoy-*", "x-client-cert*", "x-ssl-*", "ssl-client-*", "client-cert*",
            "x-http-method", "x-http-method-override", "x-method-override");
    private static final HeaderNames OF_ORIGIN = HeaderNames.of("set-cookie", "set-cookie2", "set-login",
            "strict-transport-security", "alt-svc", "clear-site-data", "public-key-pins", "public-key-pins-report-only",
            "expect-ct", "service-worker-allowed", "origin-agent-cluster", "nel", "report-to", "reporting-endpoints",
            "accept-ch", "critical-ch", "use-as-dictionary", "content-security-policy", "content-security-policy-report-only",
            "cross-origin-resource-policy", "access-control-*", "x-proxied", "x-provider-request-id");
    /** What nginx, lighttpd, Envoy and caches on the way obey. */
    private static final HeaderNames OF_GATEWAYS = HeaderNames.of("x-accel-*", "x-sendfile*", "x-lighttpd-*", "x-litespeed-*",
            "x-reproxy-*", "x-envoy-*", "surrogate-*", "*cdn-cache-control");
    /** They frame the answer, say when and of which form it is, or are read by programs; a number may be somebody's secret. */
    private static final HeaderNames NEVER_MASKED = HeaderNames.of("content-type", "content-length", "content-encoding",
            "content-language", "content-range", "date", "age", "etag", "last-modified", "expires", "vary", "allow",
            "retry-after", "accept-ranges", "cache-control");
    private static final Set<String> FOR_EVERYONE = Set.of("public", "s-maxage", "private");

    private final Authentication authentication;
    private final HeaderNames stripped;
    private final Redirects redirects;
    private final Mask mask;

    /** @param stripped from requests besides, as the operator says */
    ProxyHeaders(Authentication authentication, HeaderNames stripped, Redirects redirects) {
        this.authentication = authentication;
        this.stripped = stripped;
        this.redirects = redirects;
        this.mask = Mask.of(authentication.secrets());
    }

    /**
     * Puts on a request what its caller sent of it, and what signs it in. What the provider's entry says besides stands in
     * place of the caller's own, but for the form in which he wants the answer.
     */
    void send(MultiMap received, MultiMap sent) {
        Set<String> named = namedByConnection(received);
        boolean asksForForm = asksForForm(received);
        List<Header> ours = authentication.sent().stream()
                .filter(header -> !asksForForm || !isConstant(header, HttpHeaders.ACCEPT)).toList();
        Set<String> replaced = ours.stream().map(header -> lower(header.name())).collect(Collectors.toSet());
        for (Map.Entry<String, String> header : received) {
            String name = lower(header.getKey());
            if (!OF_CONNECTION.contains(name) && !named.contains(name) && !OF_MESSAGE.contains(name)
                    && !OF_CALLER.contains(name) && !OF_GATEWAY.contains(name) && !stripped.contains(name)
                    && !replaced.contains(name)) {
                sent.add(header.getKey(), header.getValue());
            }
        }
        ours.forEach(header -> sent.add(header.name(), header.value()));
    }

    /** Whether the caller wants something of his own: most clients say that they take anything when nobody has said more. */
    private static boolean asksForForm(MultiMap received) {
        String accept = received.get(HttpHeaders.ACCEPT);
        return accept != null && !accept.strip().equals("*/*");
    }

    private boolean isConstant(Header header, CharSequence name) {
        return header.name().equalsIgnoreCase(name.toString()) && authentication.constants().contains(lower(header.name()));
    }

    /**
     * Puts on an answer what the provider said of it. What repeats a secret that signed the request in, as a redirect or a
     * link to the next page may, shows {@code ***} in its place.
     */
    void answer(MultiMap received, MultiMap sent) {
        Set<String> named = namedByConnection(received);
        for (Map.Entry<String, String> header : received) {
            String name = lower(header.getKey());
            if (!OF_CONNECTION.contains(name) && !named.contains(name) && !OF_ORIGIN.contains(name)
                    && !OF_GATEWAYS.contains(name)) {
                sent.add(name.equalsIgnoreCase(RequestId.HEADER) ? PROVIDER_REQUEST_ID : header.getKey(),
                        answered(name, header.getValue()));
            }
        }
        sent.set(HttpHeaders.CACHE_CONTROL, forTheCaller(received.getAll(HttpHeaders.CACHE_CONTROL)));
        sent.set(HttpHeaders.VARY, Stream.concat(received.getAll(HttpHeaders.VARY).stream(), Stream.of(CALLERS))
                .collect(Collectors.joining(", ")));
        sent.set(POLICY, SHOWN_TO_NOBODY).set(RESOURCE_POLICY, "same-origin").set(PROXIED, "true");
    }

    private String answered(String name, String value) {
        String masked = NEVER_MASKED.contains(name) ? value : mask.over(value);
        return name.contentEquals(HttpHeaders.LOCATION) ? redirects.of(masked) : masked;
    }

    /** What a cache may do with it, if it is the caller's own; where nobody says, or not clearly, nothing. */
    private static String forTheCaller(List<String> said) {
        String all = String.join(",", said);
        if (said.isEmpty() || all.chars().filter(each -> each == '"').count() % 2 != 0) {
            return "private, no-store";
        }
        List<String> directives = new ArrayList<>(List.of("private"));
        for (String directive : directives(all)) {
            String name = lower(directive.split("=", 2)[0].strip());
            if (!name.isEmpty() && !FOR_EVERYONE.contains(name)) {
                directives.add(directive.strip());
            }
        }
        return String.join(", ", directives);
    }

    /** Some have a list of names, in quotes. */
    private static List<String> directives(String said) {
        List<String> directives = new ArrayList<>();
        boolean isQuoted = false;
        int from = 0;
        for (int i = 0; i < said.length(); i++) {
            isQuoted ^= said.charAt(i) == '"';
            if (said.charAt(i) == ',' && !isQuoted) {
                directives.add(said.substring(from, i));
                from = i + 1;
            }
        }
        directives.add(said.substring(from));
        return directives;
    }

    private static Set<String> namedByConnection(MultiMap headers) {
        return headers.getAll(HttpHeaders.CONNECTION).stream().flatMap(value -> Stream.of(value.split(",")))
                .map(name -> lower(name.strip())).collect(Collectors.toSet());
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }
}
