package dev.latchkey.catalog;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * Turns a path of a document into that of a {@link MethodPattern}: {@code /orders/{id}.{format}} into {@code /orders/*.*}.
 * <p>
 * A parameter stands for any part of one segment, as in OpenAPI, which knows none that spans several; only {@code {proxy+}} at
 * the end, as AWS writes it, stands for any rest. Slashes that are doubled or come last go, and what is percent-encoded is
 * decoded, as {@link ApiPath} does with requests. Stars stay stars.
 *
 * @param path as a pattern writes it; empty when there is a problem
 * @param shape the same for templates that differ only in the names of their parameters, which OpenAPI takes for identical
 * @param problem why it cannot be written as a pattern; null when it can
 */
record PathTemplate(String path, String shape, @Nullable String problem) {

    static PathTemplate of(String template) {
        var path = new StringBuilder();
        var shape = new StringBuilder();
        var segments = template.split("/", -1);
        for (var i = 0; i < segments.length; i++) {
            var isLast = i == segments.length - 1;
            var segment = new Segment(segments[i], isLast);
            if (segment.problem != null) {
                return new PathTemplate("", "", segment.problem);
            }
            shape.append(i == 0 ? "" : "/").append(segment.shape);
            if (!segment.pattern.isEmpty()) {
                path.append('/').append(segment.pattern);
            }
        }
        return new PathTemplate(path.isEmpty() ? "/" : path.toString(), shape.toString(), null);
    }

    /** One segment, read on construction. */
    private static final class Segment {

        private final String text;
        private final StringBuilder pattern = new StringBuilder();
        private final StringBuilder shape = new StringBuilder();
        private @Nullable String problem;

        Segment(String text, boolean isLast) {
            this.text = text;
            if (text.equals("**")) {
                pattern.append(text);
                shape.append(text);
                return;
            }
            var at = 0;
            while (at < text.length() && problem == null) {
                at = text.charAt(at) == '{' ? readParameter(at, isLast) : readLiteral(at);
            }
        }

        private int readParameter(int open, boolean isLast) {
            var close = text.indexOf('}', open);
            var name = close < 0 ? "" : text.substring(open + 1, close);
            if (name.isBlank() || name.indexOf('{') >= 0) {
                problem = "a parameter is written {name}, within one segment";
                return text.length();
            }
            if (isLast && name.endsWith("+") && open == 0 && close == text.length() - 1) {
                pattern.append("**");
            } else {
                addStar();
            }
            shape.append("{}");
            return close + 1;
        }

        private int readLiteral(int start) {
            var brace = text.indexOf('{', start);
            var end = brace < 0 ? text.length() : brace;
            var literal = text.substring(start, end);
            shape.append(literal);
            if (literal.indexOf('%') >= 0) {
                var decoded = PercentCode.decode(literal, 0, literal.length());
                if (decoded.problem() != null) {
                    problem = requireNonNull(decoded.problem()).explanation();
                    return end;
                }
                literal = decoded.text();
                if (literal.indexOf('*') >= 0 || literal.indexOf('/') >= 0) {
                    problem = "an encoded slash or star cannot be told from a plain one";
                }
            }
            for (var i = 0; i < literal.length(); i++) {
                if (literal.charAt(i) == '*') {
                    addStar();
                } else {
                    pattern.append(literal.charAt(i));
                }
            }
            return end;
        }

        /** Two in a row would stand for any rest. */
        private void addStar() {
            if (pattern.isEmpty() || pattern.charAt(pattern.length() - 1) != '*') {
                pattern.append('*');
            }
        }
    }
}
