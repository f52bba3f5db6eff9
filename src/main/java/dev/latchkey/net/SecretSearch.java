package dev.latchkey.net;

import java.util.ArrayList;
import java.util.List;

/**
 * Looks for a secret in what somebody has answered. Both may be chosen by one who wants it to take long, so it is done as
 * Knuth, Morris and Pratt do: each character is looked at once or twice, whatever they are.
 */
final class SecretSearch {

    /** The beginning of a secret that the end of what is kept may show. */
    private static final int SHORTEST_BEGINNING = 4;

    private final String secret;
    /** For each beginning of the secret, by its length less one: how much of the secret's beginning it ends with. */
    private final int[] fallback;

    /** @param secret of one character at least */
    SecretSearch(String secret) {
        this.secret = secret;
        this.fallback = new int[secret.length()];
        for (int i = 1, matched = 0; i < secret.length(); i++) {
            matched = next(matched, secret.charAt(i));
            fallback[i] = matched;
        }
    }

    /** A part of a text, {@code to} exclusive. */
    record Span(int from, int to) {
    }

    /** How much of the secret's beginning is read by then, if so much was before the character. */
    private int next(int before, char character) {
        int matched = before == secret.length() ? fallback[before - 1] : before;
        while (matched > 0 && secret.charAt(matched) != character) {
            matched = fallback[matched - 1];
        }
        return secret.charAt(matched) == character ? matched + 1 : 0;
    }

    /** Where it stands in the text, from the left. */
    List<Span> in(Reading text) {
        List<Span> found = new ArrayList<>();
        for (int i = 0, matched = 0; i < text.length(); i++) {
            matched = next(matched, text.charAt(i));
            if (matched == secret.length()) {
                found.add(new Span(text.begin(i + 1 - matched), text.begin(i + 1)));
                matched = 0;
            }
        }
        return found;
    }

    /**
     * Where in a text, in which it stands nowhere as a whole, its beginning begins that the text ends with: the text's end
     * where that is too short to tell anything.
     */
    int beginningAtTheEndOf(Reading text) {
        int cut = text.begin(text.length());
        int matched = 0;
        for (int i = 0; i < text.length(); i++) {
            if (matched >= SHORTEST_BEGINNING && text.mayBeCut(i)) {
                cut = Math.min(cut, text.begin(i - matched));
            }
            matched = next(matched, text.charAt(i));
        }
        return matched < SHORTEST_BEGINNING ? cut : Math.min(cut, text.begin(text.length() - matched));
    }

    /** Not the secret. */
    @Override
    public String toString() {
        return "SecretSearch[***]";
    }
}
