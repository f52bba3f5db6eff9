package dev.latchkey.credential;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import jakarta.inject.Singleton;

import dev.latchkey.crypto.Peppers;
import dev.latchkey.crypto.Secret;
import dev.latchkey.web.PublicUrl;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/**
 * The secrets of connecting. A state (RFC 6749 section 10.12) is, in base64url:
 *
 * <table>
 * <caption>44 bytes, hence 59 characters</caption>
 * <tr>
 * <td>32 bytes</td>
 * <td>random</td>
 * </tr>
 * <tr>
 * <td>12 bytes</td>
 * <td>the beginning of HMAC-SHA-256(pepper, purpose, random): what was never handed out costs no look-up, though anybody may
 * ask</td>
 * </tr>
 * </table>
 *
 * <p>
 * The cookie that ties it to a browser is derived from it under the pepper: who learns a state has not got the cookie, and
 * nothing has to be kept. Its name has the beginning of the state, so that two who are under way in one browser do not take
 * each other's. {@code SameSite=Lax}, since the way back is a navigation from the provider's site, on which {@code Strict} is
 * not sent; that is also why the panel's session itself cannot be looked for there.
 */
@Singleton
final class ConnectTokens {

    private static final int RANDOM_BYTES = 32;
    private static final int MARK_BYTES = 12;
    private static final int NAMED_CHARACTERS = 8;
    private static final Pattern STATE = Pattern.compile("[\\w-]{59}");
    private static final String MARK = "oauth-state-mark";
    private static final String HASH = "oauth-state";
    private static final String COOKIE = "oauth-browser";
    private static final String CLIENT = "oauth-client";

    private final SecureRandom random;
    private final Peppers peppers;
    private final boolean isHttps;

    ConnectTokens(SecureRandom random, Peppers peppers, PublicUrl publicUrl) {
        this.random = random;
        this.peppers = peppers;
        this.isHttps = publicUrl.isHttps();
    }

    /** A new state. */
    Secret state() {
        byte[] drawn = drawn();
        byte[] mark = Arrays.copyOf(peppers.tag(MARK, drawn), MARK_BYTES);
        return Secret.of(base64(ByteBuffer.allocate(RANDOM_BYTES + MARK_BYTES).put(drawn).put(mark).array()));
    }

    /** Null for what was never handed out. */
    @Nullable
    Secret parse(String text) {
        if (!STATE.matcher(text).matches()) {
            return null;
        }
        byte[] bytes = Base64.getUrlDecoder().decode(text);
        byte[] drawn = Arrays.copyOf(bytes, RANDOM_BYTES);
        byte[] mark = Arrays.copyOfRange(bytes, RANDOM_BYTES, bytes.length);
        return peppers.tags(MARK, drawn).stream()
                .anyMatch(tag -> MessageDigest.isEqual(Arrays.copyOf(tag, MARK_BYTES), mark)) ? Secret.of(text) : null;
    }

    /** What is kept of a new state: 32 bytes. */
    byte[] hash(Secret state) {
        return peppers.tag(HASH, bytes(state));
    }

    /** What may be kept of a state while peppers rotate. */
    List<byte[]> hashes(Secret state) {
        return peppers.tags(HASH, bytes(state));
    }

    /** What is kept of the client and the addresses that a state was made for: 32 bytes. */
    byte[] client(String... parts) {
        return peppers.tag(CLIENT, joined(parts));
    }

    /** Whether a state was made for these. */
    boolean isClient(byte[] kept, String... parts) {
        return peppers.tags(CLIENT, joined(parts)).stream().anyMatch(tag -> MessageDigest.isEqual(tag, kept));
    }

    /** A new code verifier, RFC 7636 section 4.1: 43 characters. */
    Secret verifier() {
        return Secret.of(base64(drawn()));
    }

    /** Its {@code S256} challenge, section 4.2. The plain one is never made: whoever sees it can present the code. */
    static String challenge(Secret verifier) {
        return base64(Peppers.fingerprint(verifier.reveal()));
    }

    /** The value of {@code Set-Cookie} that ties a state to the browser that began it. */
    String cookie(Secret state, long seconds) {
        return cookieName(state) + "=" + base64(peppers.tag(COOKIE, bytes(state))) + attributes() + "; Max-Age=" + seconds;
    }

    /** The value of {@code Set-Cookie} that takes it away again. */
    String cleared(Secret state) {
        return cookieName(state) + "=" + attributes() + "; Max-Age=0";
    }

    /** Whether the browser that a state was begun in has sent this. */
    boolean isFromItsBrowser(Secret state, HttpServerRequest request) {
        String start = cookieName(state) + "=";
        List<byte[]> right = peppers.tags(COOKIE, bytes(state)).stream().map(tag -> ascii(base64(tag))).toList();
        return request.headers().getAll(HttpHeaders.COOKIE).stream().flatMap(line -> Stream.of(line.split(";", -1)))
                .map(String::strip).filter(pair -> pair.startsWith(start)).map(pair -> ascii(pair.substring(start.length())))
                .anyMatch(shown -> right.stream().anyMatch(tag -> MessageDigest.isEqual(tag, shown)));
    }

    /** Over https no other host of the domain can plant one (RFC 6265bis section 4.1.3.2). */
    private String cookieName(Secret state) {
        return (isHttps ? "__Host-" : "") + "latchkey-connect-" + state.reveal().substring(0, NAMED_CHARACTERS);
    }

    private String attributes() {
        return "; Path=/; HttpOnly" + (isHttps ? "; Secure" : "") + "; SameSite=Lax";
    }

    private byte[] drawn() {
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        return bytes;
    }

    /** With their lengths, so that no part can be taken for the end of another. */
    private static byte[] joined(String... parts) {
        StringBuilder joined = new StringBuilder();
        Stream.of(parts).forEach(part -> joined.append(part.length()).append(':').append(part));
        return joined.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] bytes(Secret state) {
        return ascii(state.reveal());
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
