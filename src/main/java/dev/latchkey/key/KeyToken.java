package dev.latchkey.key;

import java.security.SecureRandom;
import java.util.zip.CRC32;

import org.jspecify.annotations.Nullable;

/**
 * What the holder of a key keeps secret.
 *
 * <table>
 * <caption>A token, from the right, since prefixes may hold {@code _}</caption>
 * <tr>
 * <th>part</th>
 * <th>characters</th>
 * <th>meaning</th>
 * </tr>
 * <tr>
 * <td>checksum</td>
 * <td>6</td>
 * <td>CRC-32 (IEEE) over every ASCII byte before it, as a number in base 62, left-padded with
 * 0</td>
 * </tr>
 * <tr>
 * <td>random</td>
 * <td>32 or more</td>
 * <td>base 62, 5.95 bits each: at least 190 bits</td>
 * </tr>
 * <tr>
 * <td>{@code _live_} or {@code _test_}</td>
 * <td>6</td>
 * <td>environment</td>
 * </tr>
 * <tr>
 * <td>prefix</td>
 * <td>1 to 16</td>
 * <td>{@code [a-z][a-z0-9_]*}, the organization's at the time of issue</td>
 * </tr>
 * </table>
 *
 * The alphabet is {@code 0-9A-Za-z} in this order. The checksum tells typing mistakes and junk from unknown keys without any
 * look-up, and lets secret scanners recognise a key with hardly a false alarm; it protects nothing else. Tokens of other
 * services, which were imported, have no checksum: {@link ForeignPrefixes} tells them by how they begin.
 *
 * @param text the whole token
 * @param shown how many of its first characters anyone may see
 */
record KeyToken(String text, int shown) {

    static final int RANDOM_CHARACTERS = 32;
    private static final int CHECKSUM_CHARACTERS = 6;
    /** What follows the prefix and the environment of each key that was made here. */
    static final int OWN_CHARACTERS = RANDOM_CHARACTERS + CHECKSUM_CHARACTERS;
    private static final int SHOWN_RANDOM_CHARACTERS = 4;
    private static final int MAX_CHARACTERS = 200;
    private static final String ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final int MAX_PREFIX = 16;
    private static final int ENVIRONMENT_CHARACTERS = "_live".length();

    /** A new token. Each random character is drawn without bias. */
    static KeyToken generate(String prefix, String environment, SecureRandom random) {
        return own(drawn(prefix + '_' + environment + '_', random));
    }

    /** Those first characters, random ones, and the checksum over both. */
    static String drawn(String head, SecureRandom random) {
        StringBuilder text = new StringBuilder(head);
        for (int i = 0; i < RANDOM_CHARACTERS; i++) {
            text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return text.append(checksum(text, text.length())).toString();
    }

    /** A token of another service. */
    static KeyToken foreign(String text, int prefixCharacters) {
        return new KeyToken(text, prefixCharacters);
    }

    /** The token, or null when the format or the checksum says that it never was one of ours; a foreign one may it be. */
    static @Nullable KeyToken parse(String text) {
        int randomStart = text.lastIndexOf('_') + 1;
        int checksumStart = text.length() - CHECKSUM_CHARACTERS;
        if (text.length() > MAX_CHARACTERS || randomStart < 1 || checksumStart - randomStart < RANDOM_CHARACTERS) {
            return null;
        }
        return isBase62(text, randomStart) && isHead(text, randomStart - 1) && isChecksum(text, checksumStart) ? own(text)
                : null;
    }

    /** Whether it looks like each key that was made here, whatever its checksum. */
    static boolean hasOwnForm(String text) {
        int randomStart = text.length() - OWN_CHARACTERS;
        return randomStart > 0 && isHead(text.substring(0, randomStart)) && isBase62(text, randomStart);
    }

    /** Whether it is a prefix and an environment, as those of any organization may be. */
    static boolean isHead(String text) {
        return text.endsWith("_") && isHead(text, text.length() - 1);
    }

    private static boolean isBase62(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            if (!isBase62(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static KeyToken own(String text) {
        return new KeyToken(text, text.lastIndexOf('_') + 1 + SHOWN_RANDOM_CHARACTERS);
    }

    /** The first characters, by which people recognise the key; of one of ours at least 166 random bits stay unknown. */
    String start() {
        return text.substring(0, shown);
    }

    /** Never the token: it ends up in logs otherwise. */
    @Override
    public String toString() {
        return start() + "***";
    }

    /** Whether the first characters are a prefix and an environment. */
    private static boolean isHead(String text, int end) {
        int prefixEnd = end - ENVIRONMENT_CHARACTERS;
        if (prefixEnd < 1 || prefixEnd > MAX_PREFIX || text.charAt(0) < 'a' || text.charAt(0) > 'z'
                || !text.startsWith("_live", prefixEnd) && !text.startsWith("_test", prefixEnd)) {
            return false;
        }
        for (int i = 1; i < prefixEnd; i++) {
            char c = text.charAt(i);
            if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_') {
                return false;
            }
        }
        return true;
    }

    private static boolean isChecksum(String text, int start) {
        long rest = crc(text, start);
        for (int i = start + CHECKSUM_CHARACTERS - 1; i >= start; i--) {
            if (text.charAt(i) != ALPHABET.charAt((int) (rest % ALPHABET.length()))) {
                return false;
            }
            rest /= ALPHABET.length();
        }
        return true;
    }

    private static String checksum(CharSequence text, int end) {
        long rest = crc(text, end);
        char[] digits = new char[CHECKSUM_CHARACTERS];
        for (int i = CHECKSUM_CHARACTERS - 1; i >= 0; i--) {
            digits[i] = ALPHABET.charAt((int) (rest % ALPHABET.length()));
            rest /= ALPHABET.length();
        }
        return new String(digits);
    }

    private static long crc(CharSequence text, int end) {
        CRC32 crc = new CRC32();
        for (int i = 0; i < end; i++) {
            crc.update(text.charAt(i));
        }
        return crc.getValue();
    }

    private static boolean isBase62(char c) {
        return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z';
    }
}
