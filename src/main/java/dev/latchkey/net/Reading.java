package dev.latchkey.net;

import org.jspecify.annotations.Nullable;

/** A text, character by character as it may be meant, and where in it each of them begins. */
final class Reading {

    private final String text;
    private final boolean isReduced;
    private final char[] meant;
    private final int[] begins;
    private int length;

    private Reading(String text, boolean isReduced) {
        this.text = text;
        this.isReduced = isReduced;
        this.meant = new char[text.length()];
        this.begins = new int[text.length() + 1];
    }

    static Reading asWritten(String text) {
        Reading reading = new Reading(text, false);
        for (int at = 0; at < text.length(); at++) {
            reading.add(text.charAt(at), at + 1);
        }
        return reading;
    }

    /** Without the escapes of URLs, JSON and HTML; in forms a blank is a plus, so that both are one ({@link #folded}). */
    static Reading unescaped(String text) {
        Reading reading = new Reading(text, false);
        int at = 0;
        while (at < text.length()) {
            Escape escape = Escape.at(text, at);
            char character = escape == null ? text.charAt(at) : escape.meant();
            at += escape == null ? 1 : escape.length();
            reading.add(folded(character), at);
        }
        return reading;
    }

    /**
     * The same, and without the escapes that this leaves, until there are none. Two texts of which one is the other with some
     * of its characters escaped read the same, whatever escapes the other one holds itself.
     */
    static Reading reduced(String text) {
        Reading reading = new Reading(text, true);
        for (int at = 0; at < text.length(); at++) {
            reading.add(folded(text.charAt(at)), at + 1);
            reading.reduce();
        }
        return reading;
    }

    /** As what is looked for has to be for {@link #unescaped}. */
    static String folded(String text) {
        return text.replace('+', ' ');
    }

    private static char folded(char character) {
        return character == '+' ? ' ' : character;
    }

    private void add(char character, int end) {
        meant[length++] = character;
        begins[length] = end;
    }

    /** Puts what is meant in place of the escape that ends here, and again where that is the end of one. */
    private void reduce() {
        int end = begins[length];
        for (Escape escape = last(); escape != null; escape = last()) {
            length -= escape.length();
            add(folded(escape.meant()), end);
        }
    }

    /** Null where none ends here. None holds what another one begins with, but for the backslash of a backslash. */
    private @Nullable Escape last() {
        for (int at = length - 2; at >= 0 && length - at <= Escape.LONGEST; at--) {
            if (Escape.isBegin(meant[at])) {
                Escape escape = Escape.at(new String(meant, at, length - at), 0);
                return escape != null && at + escape.length() == length ? escape : null;
            }
        }
        return null;
    }

    int length() {
        return length;
    }

    char charAt(int index) {
        return meant[index];
    }

    /** Where in the text the character begins; of one behind the last, the text's end. */
    int begin(int index) {
        return begins[index];
    }

    /** Whether the text may end in the middle of an escape that begins there. */
    boolean mayBeCut(int index) {
        if (isReduced) {
            return length - index < Escape.LONGEST && Escape.isBegin(meant[index]);
        }
        return text.length() - begins[index] < Escape.LONGEST && begins[index + 1] == begins[index] + 1
                && Escape.isBegin(text.charAt(begins[index]));
    }

    String meant() {
        return new String(meant, 0, length);
    }
}
