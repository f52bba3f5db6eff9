package dev.latchkey.catalog;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

import dev.latchkey.catalog.ApiPath.Problem;
import org.jspecify.annotations.Nullable;

/** Percent-decoding of a part of a path (RFC 3986 section 2.1): once, strictly, and with what may not stand there refused. */
final class PercentCode {

    /** Characters that mean themselves in a segment: RFC 3986 {@code pchar}, without {@code %} and {@code ;}. */
    private static final boolean[] PLAIN = plain();

    /** The decoded text, empty when there is a problem. */
    record Decoded(String text, @Nullable Problem problem) {
        private static Decoded refused(Problem problem) {
            return new Decoded("", problem);
        }
    }

    private PercentCode() {
    }

    private static boolean[] plain() {
        var plain = new boolean[0x80];
        var characters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,=:@";
        for (var i = 0; i < characters.length(); i++) {
            plain[characters.charAt(i)] = true;
        }
        return plain;
    }

    static boolean isPlain(char character) {
        return character < 0x80 && PLAIN[character];
    }

    static Decoded decode(String path, int start, int end) {
        var text = new StringBuilder(end - start);
        var at = start;
        while (at < end) {
            var character = path.charAt(at);
            if (character == '%') {
                var runEnd = endOfRun(path, at, end);
                if (runEnd == at || !appendRun(text, path, at, runEnd)) {
                    return Decoded.refused(Problem.BAD_ENCODING);
                }
                at = runEnd;
            } else if (character == '#') {
                return Decoded.refused(Problem.FRAGMENT);
            } else if (character == ' ') {
                return Decoded.refused(Problem.CONTROL_CHARACTER);
            } else {
                text.append(character);
                at++;
            }
        }
        var decoded = text.toString();
        var problem = problemIn(decoded);
        return problem == null ? new Decoded(decoded, null) : Decoded.refused(problem);
    }

    /** The end of the triplets that begin here: only a whole run can be judged as UTF-8. */
    private static int endOfRun(String path, int start, int end) {
        var at = start;
        while (at + 2 < end && path.charAt(at) == '%' && hex(path.charAt(at + 1)) >= 0 && hex(path.charAt(at + 2)) >= 0) {
            at += 3;
        }
        return at;
    }

    private static boolean appendRun(StringBuilder text, String path, int start, int end) {
        var bytes = new byte[(end - start) / 3];
        for (var i = 0; i < bytes.length; i++) {
            var at = start + 3 * i;
            bytes[i] = (byte) (hex(path.charAt(at + 1)) << 4 | hex(path.charAt(at + 2)));
        }
        try {
            text.append(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)));
            return true;
        } catch (CharacterCodingException overlongOrHalf) {
            return false;
        }
    }

    private static @Nullable Problem problemIn(String decoded) {
        for (var i = 0; i < decoded.length(); i++) {
            var character = decoded.charAt(i);
            if (Character.isISOControl(character)) {
                return Problem.CONTROL_CHARACTER;
            }
            if (character == '\\') {
                return Problem.BACKSLASH;
            }
            if (character == '%' && looksEncoded(decoded, i)) {
                return Problem.DOUBLE_ENCODING;
            }
            if (Character.isHighSurrogate(character) && i + 1 < decoded.length()
                    && Character.isLowSurrogate(decoded.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(character)) {
                return Problem.BAD_ENCODING;
            }
        }
        return null;
    }

    /** Two hexadecimal digits, or the {@code %uXXXX} of IIS. */
    private static boolean looksEncoded(String text, int percent) {
        return areHex(text, percent + 1, 2)
                || percent + 1 < text.length() && (text.charAt(percent + 1) | 0x20) == 'u' && areHex(text, percent + 2, 4);
    }

    private static boolean areHex(String text, int from, int count) {
        if (from + count > text.length()) {
            return false;
        }
        for (var i = from; i < from + count; i++) {
            if (hex(text.charAt(i)) < 0) {
                return false;
            }
        }
        return true;
    }

    /** The value of an ASCII hexadecimal digit, else negative: {@link Character#digit} also takes full-width ones. */
    private static int hex(char character) {
        return character < 0x80 ? Character.digit(character, 16) : -1;
    }
}
