package dev.latchkey.net;

import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * A character that somebody has not written as it is: the percent escapes of URLs (RFC 3986), what JSON begins with a backslash
 * (RFC 8259), and the character references of HTML. Which characters are escaped, the writer chooses.
 *
 * @param meant the character; of a percent escape, the byte
 * @param length of the escape
 */
record Escape(char meant, int length) {

    /** What an escape has characters at most; longer references of HTML say nothing that shorter ones do not. */
    static final int LONGEST = 9;

    private static final Map<String, Character> NAMED = Map.of("amp", '&', "lt", '<', "gt", '>', "quot", '"', "apos", '\'');

    /** The one that begins there; null where none does. What is escaped twice is read once. */
    static @Nullable Escape at(String text, int at) {
        return switch (text.charAt(at)) {
            case '%' -> ofHex(text, at, 1, 2);
            case '\\' -> ofJson(text, at);
            case '&' -> ofHtml(text, at);
            default -> null;
        };
    }

    /** Whether an escape begins with it. */
    static boolean isBegin(char character) {
        return character == '%' || character == '\\' || character == '&';
    }

    static boolean mayBeIn(String text) {
        return text.indexOf('%') >= 0 || text.indexOf('\\') >= 0 || text.indexOf('&') >= 0;
    }

    private static @Nullable Escape ofJson(String text, int at) {
        if (at + 1 >= text.length()) {
            return null;
        }
        char said = text.charAt(at + 1);
        return switch (said) {
            case 'u' -> ofHex(text, at, 2, 4);
            case 't' -> new Escape('\t', 2);
            case '"', '\\', '/' -> new Escape(said, 2);
            default -> null;
        };
    }

    private static @Nullable Escape ofHtml(String text, int at) {
        int limit = Math.min(text.length(), at + LONGEST);
        int end = at + 1;
        while (end < limit && text.charAt(end) != ';') {
            end++;
        }
        return end == limit ? null : ofReference(text.substring(at + 1, end));
    }

    private static @Nullable Escape ofReference(String name) {
        int length = name.length() + 2;
        if (!name.startsWith("#")) {
            Character meant = NAMED.get(name);
            return meant == null ? null : new Escape(meant, length);
        }
        boolean isHex = name.startsWith("x", 1) || name.startsWith("X", 1);
        int meant = number(name, isHex ? 2 : 1, name.length(), isHex ? 16 : 10);
        return meant < 0 ? null : new Escape((char) meant, length);
    }

    private static @Nullable Escape ofHex(String text, int at, int before, int digits) {
        int end = at + before + digits;
        int meant = end > text.length() ? -1 : number(text, at + before, end, 16);
        return meant < 0 ? null : new Escape((char) meant, end - at);
    }

    /** Negative where it is none, or none of a character. */
    private static int number(String text, int from, int to, int radix) {
        int number = from < to ? 0 : -1;
        for (int i = from; i < to && number >= 0; i++) {
            int digit = Character.digit(text.charAt(i), radix);
            number = digit < 0 ? -1 : number * radix + digit;
        }
        return number > Character.MAX_VALUE ? -1 : number;
    }
}
