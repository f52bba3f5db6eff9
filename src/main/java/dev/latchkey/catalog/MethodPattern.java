package dev.latchkey.catalog;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/**
 * Which requests a key may make: {@code GET /api/v*&#47;orders/statuses}.
 * <p>
 * An HTTP method, upper case, or {@code *} for any; one space; a path in which {@code *} stands for any part of one segment,
 * none included ({@code v*} matches {@code v}), and a trailing {@code /**} for one or more further segments. So
 * {@code /orders/**} does not match {@code /orders} itself: the contract lists both where it means both, and a pattern that
 * quietly granted the whole list together with its entries would surprise. {@code GET} does not stand for {@code HEAD}.
 * <p>
 * Literals are compared with decoded segments, case-sensitively. A pattern is therefore written decoded, without empty or dot
 * segments and without a trailing slash, as none of these is left in an {@link ApiPath}; they are refused rather than
 * accepted and never matched.
 */
public final class MethodPattern {

    /** Bound of the text, in characters: matching costs at most as many comparisons for each character of a path. */
    public static final int MAX_LENGTH = 256;

    private static final String ANY_METHOD = "*";

    /** What a text turned out to be. */
    public sealed interface Parsed permits Valid, Invalid {

        /** The pattern, or null when the text is none. */
        default @Nullable MethodPattern orNull() {
            return this instanceof Valid valid ? valid.pattern() : null;
        }
    }

    /** The text is this pattern. */
    public record Valid(MethodPattern pattern) implements Parsed {
        public Valid {
            requireNonNull(pattern, "pattern");
        }
    }

    /**
     * The text is no pattern.
     *
     * @param message what is wrong and what to write instead, for a person; never repeats the text
     * @param position index of the first character that cannot stay, from 0; the text's length when something is missing
     */
    public record Invalid(String message, int position) implements Parsed {
        public Invalid {
            requireNonNull(message, "message");
        }
    }

    private final String method;
    private final List<SegmentGlob> segments;
    private final boolean hasRest;

    MethodPattern(String method, List<SegmentGlob> segments, boolean hasRest) {
        this.method = method;
        this.segments = List.copyOf(segments);
        this.hasRest = hasRest;
    }

    /** Reads a pattern. Never throws, whatever it is given. */
    public static Parsed parse(String text) {
        return MethodPatternSyntax.read(requireNonNull(text, "text"));
    }

    /**
     * A pattern that stands in the code.
     *
     * @throws IllegalArgumentException when it is none
     */
    static MethodPattern of(String text) {
        var parsed = parse(text);
        if (parsed instanceof Valid valid) {
            return valid.pattern();
        }
        throw new IllegalArgumentException(text + ": " + parsed);
    }

    /** The method, {@code *} for any. */
    public String method() {
        return method;
    }

    /** The path as written. */
    public String path() {
        return segments.isEmpty() && !hasRest ? "/"
                : segments.stream().map(SegmentGlob::text).collect(Collectors.joining("/", segments.isEmpty() ? "" : "/", ""))
                        + (hasRest ? "/**" : "");
    }

    List<SegmentGlob> segments() {
        return segments;
    }

    boolean hasRest() {
        return hasRest;
    }

    boolean isForAnyMethod() {
        return method.equals(ANY_METHOD);
    }

    /** Whether this allows the request, under every reading of its path; never when the path is invalid. */
    public boolean matches(String requestMethod, ApiPath path) {
        var readings = path.readings();
        for (var i = 0; i < readings.size(); i++) {
            if (!matches(requestMethod, readings.get(i))) {
                return false;
            }
        }
        return path.isValid();
    }

    /** Whether this allows the request, under one reading of its path. */
    boolean matches(String requestMethod, List<String> names) {
        return (isForAnyMethod() || method.equals(requestMethod)) && matches(names);
    }

    private boolean matches(List<String> names) {
        var fixed = segments.size();
        if (hasRest ? names.size() <= fixed : names.size() != fixed) {
            return false;
        }
        // From the end: patterns differ there, while nearly all begin with /api/v*.
        for (var i = fixed - 1; i >= 0; i--) {
            if (!segments.get(i).matches(names.get(i))) {
                return false;
            }
        }
        return true;
    }

    /**
     * Whether this allows every request that the other allows: what a grant must satisfy to not exceed its maker's.
     * <p>
     * True is always right. For two patterns false is right as well; a list of patterns may together allow what none of them
     * covers alone ({@code GET} and all others instead of {@code *}), which then has to be granted as its maker holds it.
     */
    public boolean covers(MethodPattern other) {
        return (isForAnyMethod() || method.equals(other.method)) && coversPath(other);
    }

    boolean coversPath(MethodPattern other) {
        var fixed = segments.size();
        var othersLeast = other.segments.size() + (other.hasRest ? 1 : 0);
        var longEnough = hasRest ? othersLeast > fixed : !other.hasRest && othersLeast == fixed;
        if (!longEnough) {
            return false;
        }
        for (var i = 0; i < fixed; i++) {
            if (!segments.get(i).covers(other.segments.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** Whether some request is allowed by both: a pattern that overlaps nothing in the catalogue is likely a slip. */
    public boolean overlaps(MethodPattern other) {
        var sameMethod = isForAnyMethod() || other.isForAnyMethod() || method.equals(other.method);
        var least = segments.size() + (hasRest ? 1 : 0);
        var othersLeast = other.segments.size() + (other.hasRest ? 1 : 0);
        if (!sameMethod || least > othersLeast && !other.hasRest || othersLeast > least && !hasRest) {
            return false;
        }
        for (var i = 0; i < Math.min(segments.size(), other.segments.size()); i++) {
            if (!segments.get(i).overlaps(other.segments.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** Of two that overlap: one that allows whatever both do, and as little besides as a single pattern can say. */
    MethodPattern narrowedBy(MethodPattern other) {
        var longest = Math.max(segments.size(), other.segments.size());
        var both = new ArrayList<SegmentGlob>(longest);
        for (var i = 0; i < longest; i++) {
            var mine = i < segments.size() ? segments.get(i) : other.segments.get(i);
            var others = i < other.segments.size() ? other.segments.get(i) : mine;
            both.add(mine.covers(others) ? others : mine);
        }
        return new MethodPattern(isForAnyMethod() ? other.method : method, both, hasRest && other.hasRest);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof MethodPattern pattern && method.equals(pattern.method)
                && segments.equals(pattern.segments) && hasRest == pattern.hasRest;
    }

    @Override
    public int hashCode() {
        return 31 * (31 * method.hashCode() + segments.hashCode()) + Boolean.hashCode(hasRest);
    }

    /** As written; parses to an equal pattern. */
    @Override
    public String toString() {
        return method + " " + path();
    }
}
