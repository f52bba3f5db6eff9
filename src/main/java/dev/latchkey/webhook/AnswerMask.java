package dev.latchkey.webhook;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

import dev.latchkey.net.Header;
import dev.latchkey.webhook.SecretSearch.Span;

/**
 * Covers what a webhook's own headers say in what its receiver answers, as it is and as URLs, JSON and HTML spell it: whatever
 * writes the answer escapes what it finds odd, such as the slash and the equals sign of base64.
 */
final class AnswerMask {

    static final String MASK = "***";
    /** Shorter ones are no secrets, and masking them would garble the answer. */
    private static final int SHORTEST_SECRET = 8;

    private final List<SecretSearch> asWritten;
    private final List<SecretSearch> unescaped;

    private AnswerMask(List<String> secrets) {
        asWritten = secrets.stream().map(SecretSearch::new).toList();
        unescaped = secrets.stream().map(Reading::folded).map(SecretSearch::new).toList();
    }

    /** Of the values, and of {@code Bearer abc} also of what follows the scheme. */
    static AnswerMask of(List<Header> asked) {
        return new AnswerMask(asked.stream().map(Header::value)
                .flatMap(value -> Stream.of(value, value.substring(value.lastIndexOf(' ') + 1)))
                .filter(value -> value.length() >= SHORTEST_SECRET).distinct().toList());
    }

    /** The text with {@code ***} in place of each. */
    String over(String text) {
        Reading written = Reading.asWritten(text);
        Reading read = Reading.unescaped(text);
        List<Span> found = Stream
                .concat(asWritten.stream().flatMap(secret -> secret.in(written).stream()),
                        unescaped.stream().flatMap(secret -> secret.in(read).stream()))
                .sorted(Comparator.comparingInt(Span::from)).toList();
        return found.isEmpty() ? text : without(text, found);
    }

    /** The same, of a text that ends somewhere: without the part of a secret that the cut has left there. */
    String overCut(String text) {
        String masked = over(text);
        Reading written = Reading.asWritten(masked);
        Reading read = Reading.unescaped(masked);
        int cut = Math.min(
                asWritten.stream().mapToInt(secret -> secret.beginningAtTheEndOf(written)).min().orElse(masked.length()),
                unescaped.stream().mapToInt(secret -> secret.beginningAtTheEndOf(read)).min().orElse(masked.length()));
        return cut == masked.length() ? masked : masked.substring(0, cut) + MASK;
    }

    /** One may hold another, or begin with what another one ends with: those are one. */
    private static String without(String text, List<Span> found) {
        StringBuilder masked = new StringBuilder(text.length());
        int at = 0;
        for (Span span : found) {
            if (span.from() >= at) {
                masked.append(text, at, span.from()).append(MASK);
            }
            at = Math.max(at, span.to());
        }
        return masked.append(text, at, text.length()).toString();
    }
}
