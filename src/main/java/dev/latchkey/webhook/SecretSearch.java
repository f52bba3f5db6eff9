package dev.latchkey.webhook;

/**
 * Looks for a secret in what a receiver has answered. Both may be chosen by one who wants it to take long, so it is done as
 * Knuth, Morris and Pratt do: each character is looked at once or twice, whatever they are.
 */
final class SecretSearch {

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

    /** How much of the secret's beginning is read by then, if so much was before the character. */
    private int next(int before, char character) {
        int matched = before == secret.length() ? fallback[before - 1] : before;
        while (matched > 0 && secret.charAt(matched) != character) {
            matched = fallback[matched - 1];
        }
        return secret.charAt(matched) == character ? matched + 1 : 0;
    }

    /** As {@link String#replace}, from the left. */
    String replacedIn(String text, String by) {
        if (text.length() < secret.length()) {
            return text;
        }
        StringBuilder replaced = null;
        int kept = 0;
        for (int i = 0, matched = 0; i < text.length(); i++) {
            matched = next(matched, text.charAt(i));
            if (matched == secret.length()) {
                replaced = replaced == null ? new StringBuilder(text.length()) : replaced;
                replaced.append(text, kept, i + 1 - matched).append(by);
                kept = i + 1;
                matched = 0;
            }
        }
        return replaced == null ? text : replaced.append(text, kept, text.length()).toString();
    }

    /** Not the secret. */
    @Override
    public String toString() {
        return "SecretSearch[***]";
    }

    /** How many characters of the secret's beginning the text ends with; the whole secret counts as none. */
    int beginningAtTheEndOf(String text) {
        int matched = 0;
        for (int i = Math.max(0, text.length() - secret.length() + 1); i < text.length(); i++) {
            matched = next(matched, text.charAt(i));
        }
        return matched;
    }
}
