package dev.latchkey.catalog;

import java.util.ArrayList;

import dev.latchkey.catalog.MethodPattern.Invalid;
import dev.latchkey.catalog.MethodPattern.Parsed;
import dev.latchkey.catalog.MethodPattern.Valid;
import org.jspecify.annotations.Nullable;

/** Reads the text of a {@link MethodPattern}, and tells a person where and why it is none. */
final class MethodPatternSyntax {

    private static final String FORM = "write a method, one space and a path, for example GET /api/v*/orders/**";
    private static final int LONGEST_METHOD = 32;
    /** Of a literal between two stars: it is sought at each place of a name, and so multiplies the cost of a match. */
    private static final int LONGEST_INNER_PIECE = 32;

    private MethodPatternSyntax() {
    }

    static Parsed read(String text) {
        if (text.length() > MethodPattern.MAX_LENGTH) {
            return new Invalid("a pattern has at most " + MethodPattern.MAX_LENGTH + " characters", MethodPattern.MAX_LENGTH);
        }
        var space = text.indexOf(' ');
        var methodEnd = space < 0 ? text.length() : space;
        var badMethod = problemInMethod(text, methodEnd);
        if (badMethod != null) {
            return badMethod;
        }
        if (space < 0 || space + 1 == text.length()) {
            return new Invalid("the path is missing; " + FORM, text.length());
        }
        if (text.charAt(space + 1) != '/') {
            return new Invalid(
                    text.charAt(space + 1) == ' ' ? "one space too many; " + FORM : "the path must begin with a slash",
                    space + 1);
        }
        return readPath(text, text.substring(0, space), space + 1);
    }

    private static @Nullable Invalid problemInMethod(String text, int end) {
        if (end == 0) {
            return new Invalid("the method is missing; " + FORM, 0);
        }
        if (end == 1 && text.charAt(0) == '*') {
            return null;
        }
        for (var i = 0; i < end; i++) {
            var character = text.charAt(i);
            var isUpperCase = character >= 'A' && character <= 'Z';
            var isInner = i > 0 && (character == '-' || character == '_' || character >= '0' && character <= '9');
            if (i == LONGEST_METHOD) {
                return new Invalid("a method has at most " + LONGEST_METHOD + " characters; " + FORM, i);
            }
            if (!isUpperCase && !isInner) {
                return new Invalid("a method is written in capital letters, or is * for any; " + FORM, i);
            }
        }
        return null;
    }

    private static Parsed readPath(String text, String method, int path) {
        var segments = new ArrayList<SegmentGlob>();
        var start = path + 1;
        if (start == text.length()) {
            return new Valid(new MethodPattern(method, segments, false));
        }
        while (true) {
            var slash = text.indexOf('/', start);
            var end = slash < 0 ? text.length() : slash;
            var segment = text.substring(start, end);
            if (segment.equals("**")) {
                return slash < 0 ? new Valid(new MethodPattern(method, segments, true))
                        : new Invalid("** stands only at the end; use * for one segment", start);
            }
            var problem = problemInSegment(segment, start, slash < 0);
            if (problem != null) {
                return problem;
            }
            segments.add(SegmentGlob.of(segment));
            if (slash < 0) {
                return new Valid(new MethodPattern(method, segments, false));
            }
            start = end + 1;
        }
    }

    private static @Nullable Invalid problemInSegment(String segment, int start, boolean isLast) {
        if (segment.isEmpty()) {
            return isLast ? new Invalid("leave out the slash at the end; a path is matched without it", start - 1)
                    : new Invalid("two slashes in a row; a path is matched with one", start);
        }
        if (segment.equals(".") || segment.equals("..")) {
            return new Invalid("a path is matched without . and .. segments", start);
        }
        var stars = segment.indexOf("**");
        if (stars >= 0) {
            return new Invalid("** stands only as a whole last segment; use * within one", start + stars);
        }
        for (var i = 0; i < segment.length(); i++) {
            var message = problemWith(segment.charAt(i));
            if (message != null) {
                return new Invalid(message, start + i);
            }
        }
        return problemBetweenStars(segment, start);
    }

    private static @Nullable Invalid problemBetweenStars(String segment, int start) {
        var star = segment.indexOf('*');
        for (var next = segment.indexOf('*', star + 1); next > 0 && star >= 0; next = segment.indexOf('*', star + 1)) {
            if (next - star - 1 > LONGEST_INNER_PIECE) {
                return new Invalid("between two stars stand at most " + LONGEST_INNER_PIECE + " characters",
                        start + star + 1 + LONGEST_INNER_PIECE);
            }
            star = next;
        }
        return null;
    }

    private static @Nullable String problemWith(char character) {
        return switch (character) {
            case '{', '}' -> "write * where a value changes, instead of {name}";
            case '%' -> "write the path decoded, without %; * stands for what cannot be written";
            case '?', '#' -> "only the path is matched; leave out query and fragment";
            case ';' -> "only the path is matched; leave out parameters behind a semicolon";
            case '\\' -> "a path is written with slashes";
            case ' ' -> "a pattern has one space, behind the method; write * for a space in a path";
            default -> Character.isISOControl(character) || Character.isSurrogate(character)
                    ? "this character cannot stand in a pattern; * stands for what cannot be written"
                    : null;
        };
    }
}
