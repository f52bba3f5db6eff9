package dev.latchkey.panel;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

import jakarta.inject.Singleton;

import dev.latchkey.crypto.Peppers;
import dev.latchkey.crypto.Secret;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * The secrets of signing in: {@code latchkey_link_…} opens a session once, {@code latchkey_session_…} is the cookie of one. By
 * these names people and scanners recognise them. Behind each stands, in base64url:
 *
 * <table>
 * <caption>44 bytes, hence 59 characters</caption>
 * <tr>
 * <td>32 bytes</td>
 * <td>random: it is moot to count who guesses wrong</td>
 * </tr>
 * <tr>
 * <td>12 bytes</td>
 * <td>the beginning of HMAC-SHA-256(pepper, kind, random): what was never handed out costs no look-up</td>
 * </tr>
 * </table>
 *
 * <p>
 * What a session shows besides its cookie to change anything, its CSRF token, is derived from the cookie under the pepper: it
 * need not be kept, and neither can be told from the other.
 */
@Singleton
final class SignInTokens {

    private static final int RANDOM_BYTES = 32;
    private static final int MARK_BYTES = 12;
    private static final String BYTES = "_[\\w-]{59}";
    private static final String CSRF = "panel-csrf";

    private final SecureRandom random;
    private final Peppers peppers;

    SignInTokens(SecureRandom random, Peppers peppers) {
        this.random = random;
        this.peppers = peppers;
    }

    /** What a token is for; of another kind it fits nothing. */
    enum Kind {
        LINK("latchkey_link", "panel-link"),
        SESSION("latchkey_session", "panel-session");

        private final String start;
        private final String purpose;
        private final Pattern pattern;

        Kind(String start, String purpose) {
            this.start = start;
            this.purpose = purpose;
            this.pattern = Pattern.compile(start + BYTES);
        }

        private String mark() {
            return purpose + "-mark";
        }
    }

    Secret make(Kind kind) {
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        byte[] mark = Arrays.copyOf(peppers.tag(kind.mark(), bytes), MARK_BYTES);
        return Secret.of(kind.start + "_"
                + base64(ByteBuffer.allocate(RANDOM_BYTES + MARK_BYTES).put(bytes).put(mark).array()));
    }

    /** Null for what was never handed out. */
    @Nullable
    Secret parse(Kind kind, String text) {
        if (!kind.pattern.matcher(text).matches()) {
            return null;
        }
        byte[] bytes = Base64.getUrlDecoder().decode(text.substring(kind.start.length() + 1));
        byte[] drawn = Arrays.copyOf(bytes, RANDOM_BYTES);
        byte[] mark = Arrays.copyOfRange(bytes, RANDOM_BYTES, bytes.length);
        return peppers.tags(kind.mark(), drawn).stream()
                .anyMatch(tag -> MessageDigest.isEqual(Arrays.copyOf(tag, MARK_BYTES), mark)) ? Secret.of(text) : null;
    }

    /** What is kept of a new token: 32 bytes. */
    byte[] hash(Kind kind, Secret token) {
        return peppers.tag(kind.purpose, bytes(token));
    }

    /** What may be kept of a token while peppers rotate, for a comparison with {@code any}. */
    Buffer[] hashes(Kind kind, Secret token) {
        return peppers.tags(kind.purpose, bytes(token)).stream().map(Buffer::buffer).toArray(Buffer[]::new);
    }

    /** What the page of a session has to repeat with each change. */
    Secret csrf(Secret session) {
        return Secret.of(base64(peppers.tag(CSRF, bytes(session))));
    }

    /** Whether that was told to the page of this session, by whichever replica while peppers rotate. */
    boolean isCsrf(Secret session, @Nullable String shown) {
        byte[] said = shown == null ? new byte[0] : shown.getBytes(StandardCharsets.UTF_8);
        List<byte[]> right = peppers.tags(CSRF, bytes(session)).stream()
                .map(tag -> base64(tag).getBytes(StandardCharsets.US_ASCII)).toList();
        return right.stream().anyMatch(tag -> MessageDigest.isEqual(tag, said));
    }

    private static byte[] bytes(Secret token) {
        return token.reveal().getBytes(StandardCharsets.US_ASCII);
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
