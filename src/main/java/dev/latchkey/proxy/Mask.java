package dev.latchkey.proxy;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

import dev.latchkey.crypto.Secret;

/**
 * Covers secrets in what a provider says. A URL may spell each character of one as it is or escaped, in capitals or not, and a
 * blank as a plus: whoever wrote the link chose, and it need not have been us. Escapes of escapes are not read.
 */
final class Mask {

    private static final String MASK = "***";
    /** Shorter ones would be found in any text. */
    private static final int SHORTEST = 6;
    private static final int ESCAPE = 3;

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
        if (text.indexOf('%') < 0 && text.indexOf('+') < 0) {
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
            char said = text.charAt(at);
            int escaped = escaped(text, at);
            if (escaped >= 0 ? escaped != wanted : said != wanted && (said != '+' || wanted != ' ')) {
                return -1;
            }
            at += escaped >= 0 ? ESCAPE : 1;
        }
        return at;
    }

    /** The byte for which an escape stands; negative where there is none. */
    private static int escaped(String text, int at) {
        if (text.charAt(at) != '%' || at + ESCAPE > text.length()) {
            return -1;
        }
        int high = Character.digit(text.charAt(at + 1), 16);
        int low = Character.digit(text.charAt(at + 2), 16);
        return high < 0 || low < 0 ? -1 : high * 16 + low;
    }
}
