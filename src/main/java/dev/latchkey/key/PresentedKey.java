package dev.latchkey.key;

import java.util.List;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/** Finds the key that a request presents: {@code X-API-Key}, or {@code Authorization: Bearer} with anything but a JWT. */
final class PresentedKey {

    static final String HEADER = "X-API-Key";
    private static final String BEARER = "Bearer ";

    private PresentedKey() {
    }

    /** The key as it was sent, or null where the request presents none; two different ones are none that could be right. */
    static @Nullable String of(HttpServerRequest request) {
        List<String> keys = request.headers().getAll(HEADER);
        if (!keys.isEmpty()) {
            return keys.stream().distinct().count() == 1 ? keys.get(0).strip() : "";
        }
        String authorization = request.headers().get(HttpHeaders.AUTHORIZATION);
        if (authorization == null || !authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return null;
        }
        String token = authorization.substring(BEARER.length()).strip();
        return isJwt(token) ? null : token;
    }

    /** Two dots make it a JWT (RFC 7519 section 3.1). A foreign key that holds as many is sent in {@code X-API-Key}. */
    private static boolean isJwt(String token) {
        return token.chars().filter(c -> c == '.').count() == 2;
    }
}
