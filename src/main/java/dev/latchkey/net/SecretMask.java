package dev.latchkey.net;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.latchkey.net.SecretSearch.Span;

/**
 * Covers secrets in what somebody answers, as they are and as URLs, JSON and HTML spell them: whatever writes the answer
 * escapes what it finds odd, such as the slash and the equals sign of base64. A secret may hold escapes of its own, which
 * whoever escapes the rest of it may leave as they are. The time it takes grows with answer and secrets, whatever they say.
 */
public final class SecretMask {

    /** What stands in place of each. */
    public static final String MASK = "***";

    private final List<String> asWritten;
    private final List<String> unescaped;
    /** Of those that hold escapes. */
    private final List<String> reduced;
    /** Nothing shorter shows one. */
    private final int shortestText;

    private SecretMask(List<String> secrets, List<String> reduced) {
        this.asWritten = secrets;
        this.unescaped = secrets.stream().map(Reading::folded).toList();
        this.reduced = reduced;
        this.shortestText = Stream.concat(secrets.stream(), reduced.stream()).mapToInt(String::length).min()
                .orElse(Integer.MAX_VALUE);
    }

    /** @param shortest what has fewer characters, as it is or without its escapes, is found in any text and left there */
    public static SecretMask of(Collection<String> secrets, int shortest) {
        List<String> longer = secrets.stream().filter(secret -> secret.length() >= shortest).distinct().toList();
        List<String> reduced = longer.stream().filter(Escape::mayBeIn)
                .map(secret -> Reading.reduced(secret).meant()).filter(secret -> secret.length() >= shortest).distinct()
                .toList();
        return new SecretMask(longer, reduced);
    }

    /** The text with {@code ***} in place of each. */
    public String over(String text) {
        if (text.length() < shortestText) {
            return text;
        }
        List<Span> found = looks(text).stream().flatMap(Look::found).sorted(Comparator.comparingInt(Span::from)).toList();
        return found.isEmpty() ? text : without(text, found);
    }

    /** The same, of a text that ends somewhere: without the part of a secret that the cut has left there. */
    public String overCut(String text) {
        String masked = over(text);
        int cut = looks(masked).stream().flatMapToInt(Look::beginnings).min().orElse(masked.length());
        return cut == masked.length() ? masked : masked.substring(0, cut) + MASK;
    }

    /**
     * Secrets, and the text as it is to be read to find them. Most texts are shorter than most secrets, so that making a search
     * ready for each beforehand would take longer than looking.
     */
    private record Look(List<String> secrets, Reading text) {

        Stream<Span> found() {
            return secrets.stream().filter(secret -> secret.length() <= text.length())
                    .flatMap(secret -> new SecretSearch(secret).in(text).stream());
        }

        IntStream beginnings() {
            return secrets.stream().mapToInt(secret -> new SecretSearch(secret).beginningAtTheEndOf(text));
        }

        /** Neither. */
        @Override
        public String toString() {
            return "Look[***]";
        }
    }

    private List<Look> looks(String text) {
        Look read = new Look(unescaped, Reading.unescaped(text));
        if (!Escape.mayBeIn(text)) {
            // All three readings are this one.
            return List.of(read, new Look(reduced, read.text()));
        }
        Look written = new Look(asWritten, Reading.asWritten(text));
        return reduced.isEmpty() ? List.of(written, read) : List.of(written, read, new Look(reduced, Reading.reduced(text)));
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
