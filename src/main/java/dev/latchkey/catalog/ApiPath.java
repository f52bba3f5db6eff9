package dev.latchkey.catalog;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/**
 * What an HTTP request target names, whatever its spelling.
 * <p>
 * Latchkey judges a request that another server answers. Where the two read a target differently, a key reaches what it was
 * never given, so the invariant is: <em>whichever way a server reads the target, that reading was judged</em>. Three means
 * hold it. Spellings that servers agree on become one value. Spellings of which both meanings are in honest use are kept as
 * several {@link #readings()}, and whoever judges must find each of them allowed. Spellings that servers disagree on and that
 * no honest client writes are refused with a {@link Problem}, and an invalid path matches no pattern and no operation.
 * <p>
 * The rules, each with what would go wrong without it:
 * <ul>
 * <li><b>Forms.</b> {@code /path} and {@code http(s)://authority/path} (nginx' {@code X-Original-URL}). The authority ends at a
 * slash and holds only host characters: it repeats the client's Host header, where a {@code ?} would hide the path. The query
 * is cut at the first raw {@code ?}. A raw {@code #} is refused, not cut: a target has no fragment (RFC 9112 section 3.2), Node
 * cuts it, Go's {@code /orders#/../customers} is {@code /customers}.
 * <li><b>Percent-encoding</b> is decoded exactly once, as strict UTF-8: overlong forms ({@code %c0%af}), surrogates,
 * {@code %u002e} and half triplets are refused. What still looks encoded after that ({@code %252e}) is refused too, since two
 * servers in a row may decode twice. That also refuses a name that truly holds {@code %41}, which is the cheaper error.
 * <li><b>Slashes</b>: duplicate and trailing ones collapse (nginx, Tomcat, Go). Two at the start are refused: Node's
 * {@code new URL(target, base)} takes {@code //x/api/v1/orders} for {@code /api/v1/orders} on host {@code x}.
 * <li><b>Dot segments</b>, raw or encoded, are resolved as RFC 3986 section 5.2.4 does; climbing above the root is refused,
 * because some clamp it and some do not. They are also read as plain names, since routers that take the target as it came
 * (Express, Django, Flask) do: {@code /customers/../orders} matches a route {@code /customers/:id/orders} there, and needs what
 * customers need. {@code ..} right behind an empty segment is refused: {@code a//../b} is {@code b} to
 * nginx and Go, and {@code a/b} to a WHATWG URL.
 * <li><b>Matrix parameters</b> ({@code ;jsessionid=1}) are cut from each segment, as Tomcat, Jetty and Spring do. Where it
 * would make a dot segment ({@code ..;x}) the target is refused instead of resolved: Tomcat climbs, while nginx, Node, Go and
 * ASP.NET see a name, so that {@code /orders/..;/../v9/customers} would be judged as customers and answered as orders.
 * <li><b>Encoded delimiters</b> ({@code %2F}, {@code %3B}, {@code %3F}, {@code %23}) are both read as data, since article
 * numbers hold them, and as the delimiter, as servers that decode first do. Together with a dot segment they are refused: a
 * proxy that resolves and a server that decodes then make a third reading.
 * <li><b>Backslashes</b>, raw or encoded, are refused: IIS, and every WHATWG URL, takes them for slashes.
 * <li><b>Control characters</b> (NUL, CR, LF, DEL, C1) raw or encoded, and raw spaces, are refused: they end the text in C,
 * the line in HTTP/1.1, or the target.
 * </ul>
 * Names stay case-sensitive and are not Unicode-normalized, as in RFC 3986: {@code /API/V1/Orders} is unknown to the catalogue
 * and therefore refused. A server that ignores case is safe behind this only while unknown operations are forbidden.
 * <p>
 * Refusing every spelling but the plain one would be simpler and was dropped: clients do send trailing slashes, session
 * parameters and needlessly encoded letters, and the servers behind us answer them.
 */
public final class ApiPath {

    /** Bound of the path without its query, in characters: nginx, Tomcat and Node end at about as much. */
    public static final int MAX_LENGTH = 8_192;

    /** Why a target names nothing that can be judged. */
    public enum Problem {
        NOT_A_PATH("a path begins with one slash, or is an absolute http or https URL"),
        TOO_LONG("a path has at most 8192 characters"),
        FRAGMENT("a request has no #fragment; write %23 where it belongs to a name"),
        CONTROL_CHARACTER("a path holds no control characters and no raw spaces"),
        BACKSLASH("a path holds no backslashes, raw or encoded"),
        BAD_ENCODING("percent-encoding is % and two hexadecimal digits, and decodes to UTF-8"),
        DOUBLE_ENCODING("a path is percent-encoded once, not twice"),
        ABOVE_ROOT("dot segments climb above the root"),
        AMBIGUOUS("servers read this spelling differently; write the path without dot segments and double slashes");

        private final String explanation;

        Problem(String explanation) {
            this.explanation = explanation;
        }

        /** One sentence for the person who sent it. */
        public String explanation() {
            return explanation;
        }
    }

    private final List<List<String>> readings;
    private final @Nullable Problem problem;

    private ApiPath(List<List<String>> readings, @Nullable Problem problem) {
        this.readings = readings;
        this.problem = problem;
    }

    /** Reads a request target. Never throws, whatever it is given. */
    public static ApiPath parse(String rawTarget) {
        return PathSpelling.read(requireNonNull(rawTarget, "rawTarget"));
    }

    static ApiPath of(List<List<String>> readings) {
        return new ApiPath(readings, null);
    }

    static ApiPath invalid(Problem problem) {
        return new ApiPath(List.of(), problem);
    }

    public boolean isValid() {
        return problem == null;
    }

    /** Why it is invalid, null when it is valid. */
    public @Nullable Problem problem() {
        return problem;
    }

    /**
     * Decoded segments, none of them empty, of each way in which a server may read the target; none when invalid. The first
     * one takes encoded delimiters for data. At most eight, nearly always one.
     */
    public List<List<String>> readings() {
        return readings;
    }

    /** The segments of the first reading; none for the root and for an invalid path. */
    public List<String> segments() {
        return readings.isEmpty() ? List.of() : readings.get(0);
    }

    /** Equal when every server that reads either the one or the other may read the same: same readings, same problem. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ApiPath path && readings.equals(path.readings) && problem == path.problem;
    }

    @Override
    public int hashCode() {
        return Objects.hash(readings, problem);
    }

    /**
     * The plain spelling of the first reading, for people and statistics: decoded, but with {@code / ; ? # %} inside a name
     * and spaces encoded, so that it parses to an equal value.
     */
    @Override
    public String toString() {
        if (problem != null) {
            return "invalid: " + problem;
        }
        return segments().stream().map(ApiPath::encodeDelimiters).collect(Collectors.joining("/", "/", ""));
    }

    private static String encodeDelimiters(String segment) {
        return segment.replace("%", "%25").replace("/", "%2F").replace(";", "%3B").replace("?", "%3F").replace("#", "%23")
                .replace(" ", "%20");
    }
}
