package dev.latchkey.proxy;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.latchkey.credential.Authentication;
import dev.latchkey.crypto.Secret;
import dev.latchkey.net.Header;
import dev.latchkey.web.RequestId;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;

/**
 * What of a head is sent on, in either direction. What concerns one connection stays on it (RFC 9110 section 7.6.1); what the
 * caller shows to us is not the provider's; and what a provider says of its origin would be said of ours.
 */
final class ProxyHeaders {

    /** Says that a status is the provider's own: the same ones are also ours. */
    static final String PROXIED = "X-Proxied";
    /** The provider's own {@code X-Request-Id}: that name is taken. */
    static final String PROVIDER_REQUEST_ID = "X-Provider-Request-Id";

    private static final Set<String> OF_CONNECTION = Set.of("connection", "keep-alive", "proxy-connection",
            "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade", "http2-settings");
    /** Set anew, by whoever sends the message on. */
    private static final Set<String> OF_MESSAGE = Set.of("host", "content-length", "expect");
    private static final Set<String> OF_CALLER = Set.of("x-api-key", "x-api-secret", "authorization", "cookie", "cookie2",
            "x-organization", "x-csrf-token", "x-store", "x-auth-organization-required", "forwarded", "via", "x-real-ip",
            "x-client-ip", "true-client-ip", "cf-connecting-ip");
    private static final List<String> FORWARDING = List.of("x-forwarded-", "x-original-");
    private static final Set<String> OF_ORIGIN = Set.of("set-cookie", "set-cookie2", "strict-transport-security", "alt-svc",
            "clear-site-data", "public-key-pins", "public-key-pins-report-only", "service-worker-allowed", "x-proxied",
            "x-provider-request-id");
    private static final String CORS = "access-control-";
    /** Shorter ones would be found in any text. */
    private static final int SHORTEST_SECRET = 6;

    private ProxyHeaders() {
    }

    /** Puts on a request what its caller sent of it, and what signs it in. */
    static void send(MultiMap received, Collection<Header> authentication, MultiMap sent) {
        Set<String> named = namedByConnection(received);
        Set<String> ours = authentication.stream().map(header -> lower(header.name())).collect(Collectors.toSet());
        for (Map.Entry<String, String> header : received) {
            String name = lower(header.getKey());
            if (!OF_CONNECTION.contains(name) && !named.contains(name) && !OF_MESSAGE.contains(name)
                    && !OF_CALLER.contains(name) && FORWARDING.stream().noneMatch(name::startsWith)
                    && !ours.contains(name)) {
                sent.add(header.getKey(), header.getValue());
            }
        }
        authentication.forEach(header -> sent.add(header.name(), header.value()));
    }

    /**
     * Puts on an answer what the provider said of it.
     *
     * @param secrets that signed the request in: what repeats one, as a redirect or a link to the next page may, shows
     *        {@code ***} in its place
     */
    static void answer(MultiMap received, Collection<String> secrets, MultiMap sent) {
        Set<String> named = namedByConnection(received);
        for (Map.Entry<String, String> header : received) {
            String name = lower(header.getKey());
            if (!OF_CONNECTION.contains(name) && !named.contains(name) && !OF_ORIGIN.contains(name)
                    && !name.startsWith(CORS)) {
                sent.add(name.equalsIgnoreCase(RequestId.HEADER) ? PROVIDER_REQUEST_ID : header.getKey(),
                        masked(header.getValue(), secrets));
            }
        }
        sent.set(PROXIED, "true");
    }

    /**
     * All that must not come back: each value that is added, and the part of a header behind its scheme; as such and as in
     * URLs.
     * The longest first, since one may hold another.
     */
    static List<String> secrets(Authentication authentication) {
        Stream<String> inHeaders = authentication.headers().values().stream().map(Secret::reveal)
                .flatMap(value -> Stream.of(value, value.substring(value.lastIndexOf(' ') + 1)));
        return Stream.concat(inHeaders, authentication.query().values().stream().map(Secret::reveal))
                .flatMap(value -> Stream.of(value, URLEncoder.encode(value, StandardCharsets.UTF_8),
                        URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20")))
                .filter(secret -> secret.length() >= SHORTEST_SECRET).distinct()
                .sorted(Comparator.comparingInt(String::length).reversed()).toList();
    }

    private static String masked(String value, Collection<String> secrets) {
        String masked = value;
        for (String secret : secrets) {
            masked = masked.replace(secret, "***");
        }
        return masked;
    }

    private static Set<String> namedByConnection(MultiMap headers) {
        return headers.getAll(HttpHeaders.CONNECTION).stream().flatMap(value -> Stream.of(value.split(",")))
                .map(name -> lower(name.strip())).collect(Collectors.toSet());
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }
}
