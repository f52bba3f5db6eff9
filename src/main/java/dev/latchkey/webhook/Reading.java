package dev.latchkey.webhook;

import dev.latchkey.net.Escape;

/** A text, character by character as it may be meant, and where in it each of them begins. */
final class Reading {

    private final String text;
    private final char[] meant;
    private final int[] begins;
    private int length;

    private Reading(String text) {
        this.text = text;
        this.meant = new char[text.length()];
        this.begins = new int[text.length() + 1];
    }

    static Reading asWritten(String text) {
        Reading reading = new Reading(text);
        for (int at = 0; at < text.length(); at++) {
            reading.add(text.charAt(at), at, 1);
        }
        return reading;
    }

    /** Without the escapes of URLs, JSON and HTML; in forms a blank is a plus, so that both are one ({@link #folded}). */
    static Reading unescaped(String text) {
        Reading reading = new Reading(text);
        int at = 0;
        while (at < text.length()) {
            Escape escape = Escape.at(text, at);
            int read = escape == null ? 1 : escape.length();
            reading.add(folded(escape == null ? text.charAt(at) : escape.meant()), at, read);
            at += read;
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

    private void add(char character, int at, int written) {
        meant[length++] = character;
        begins[length] = at + written;
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
        return text.length() - begins[index] < Escape.LONGEST && begins[index + 1] == begins[index] + 1
                && Escape.isBegin(text.charAt(begins[index]));
    }
}
