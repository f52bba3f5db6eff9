package dev.latchkey.proxy;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

import dev.latchkey.crypto.Secret;
import dev.latchkey.net.Escape;

/**
 * Covers secrets in what a provider says. A URL may spell each character of one as it is or escaped, in capitals or not, and a
 * blank as a plus, and so may JSON and HTML: whoever wrote it chose, and it need not have been us. Escapes of escapes are not
 * read.
 */
final class Mask {

    private static final String MASK = "***";
    /** Shorter ones would be found in any text. */
    private static final int SHORTEST = 6;

    /** Each byte as a character, as headers have them. */
    private final List<String> secrets;

    private Mask(List<String> secrets) {
        this.secrets = secrets;
    }

    static Mask of(Collection<Secret> secrets) {
        // The longest first, since one may hold another.
        return new Mask(secrets.stream()
                .map(secret -> new String(secret.reveal().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1))
                .filter(secret -> secret.length() >= SHORTEST).distinct()
                .sorted(Comparator.comparingInt(String::length).reversed()).toList());
    }

    /** The text with {@code ***} in place of each secret. */
    String over(String text) {
        String masked = text;
        for (String secret : secrets) {
            // One may hold what looks like an escape, and be repeated as it is.
            masked = unescaped(secret, masked.replace(secret, MASK));
        }
        return masked;
    }

    private static String unescaped(String secret, String text) {
        if (text.chars().noneMatch(said -> said == '+' || Escape.isBegin((char) said))) {
            return text;
        }
        StringBuilder masked = new StringBuilder(text.length());
        int at = 0;
        while (at < text.length()) {
            int end = end(secret, text, at);
            if (end < 0) {
                masked.append(text.charAt(at++));
            } else {
                masked.append(MASK);
                at = end;
            }
        }
        return masked.toString();
    }

    /** Where a spelling of the secret that begins there ends; negative where none does. */
    private static int end(String secret, String text, int from) {
        int at = from;
        for (int i = 0; i < secret.length(); i++) {
            if (at >= text.length()) {
                return -1;
            }
            char wanted = secret.charAt(i);
            Escape escape = Escape.at(text, at);
            char said = escape == null ? text.charAt(at) : escape.meant();
            if (said != wanted && (escape != null || said != '+' || wanted != ' ')) {
                return -1;
            }
            at += escape == null ? 1 : escape.length();
        }
        return at;
    }
}
