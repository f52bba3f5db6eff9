package dev.latchkey.key;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

import dev.latchkey.crypto.Secret;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/**
 * The key that a request presents, and its secret: {@code X-API-Key} with {@code X-API-Secret}, {@code Authorization: Basic
 * key:secret} (RFC 7617), or {@code Authorization: Bearer} with anything but a JWT.
 *
 * @param key as it was sent
 * @param secret as it was sent; null: none, or several that differ, of which none could be right
 */
record PresentedKey(Secret key, @Nullable Secret secret) {

    static final String HEADER = "X-API-Key";
    private static final String SECRET_HEADER = "X-API-Secret";
    private static final String BEARER = "Bearer ";
    private static final String BASIC = "Basic ";

    /** A key by itself. */
    static PresentedKey alone(String key) {
        return new PresentedKey(Secret.of(key), null);
    }

    /** Null where the request presents no key; two different ones are one that cannot be right. */
    static @Nullable PresentedKey of(HttpServerRequest request) {
        List<String> keys = request.headers().getAll(HEADER);
        List<String> secrets = request.headers().getAll(SECRET_HEADER);
        if (!keys.isEmpty()) {
            return of(keys.stream().distinct().count() == 1 ? keys.get(0) : "", secrets);
        }
        String authorization = request.headers().get(HttpHeaders.AUTHORIZATION);
        if (authorization == null) {
            return null;
        }
        if (isOf(BASIC, authorization)) {
            return ofBasic(authorization.substring(BASIC.length()).strip(), secrets);
        }
        String token = isOf(BEARER, authorization) ? authorization.substring(BEARER.length()).strip() : null;
        return token == null || isJwt(token) ? null : of(token, secrets);
    }

    private static PresentedKey ofBasic(String credentials, List<String> headers) {
        String pair;
        try {
            pair = new String(Base64.getDecoder().decode(credentials), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException notBase64) {
            pair = "";
        }
        // A foreign key that holds a colon is sent in X-API-Key.
        int colon = Math.max(0, pair.indexOf(':'));
        List<String> secrets = new ArrayList<>(headers);
        secrets.add(pair.substring(Math.min(pair.length(), colon + 1)));
        return of(pair.substring(0, colon), secrets);
    }

    /** @param secrets of which empty ones are none, as where a client has to send a password */
    private static PresentedKey of(String key, List<String> secrets) {
        if (secrets.isEmpty()) {
            return alone(key.strip());
        }
        List<String> told = secrets.stream().map(String::strip).filter(secret -> !secret.isEmpty()).distinct().toList();
        return new PresentedKey(Secret.of(key.strip()), told.size() == 1 ? Secret.of(told.get(0)) : null);
    }

    private static boolean isOf(String scheme, String authorization) {
        return authorization.regionMatches(true, 0, scheme, 0, scheme.length());
    }

    /** Two dots make it a JWT (RFC 7519 section 3.1). A foreign key that holds as many is sent in {@code X-API-Key}. */
    private static boolean isJwt(String token) {
        return token.chars().filter(c -> c == '.').count() == 2;
    }
}
