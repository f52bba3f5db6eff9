package dev.latchkey.catalog;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

import dev.latchkey.catalog.ApiPath.Problem;
import org.jspecify.annotations.Nullable;

/**
 * Reads one spelling of a request target into an {@link ApiPath}, by the rules that stand there.
 * <p>
 * The order is that of the strictest servers: cut the target, split at raw slashes, cut raw parameters, decode each name
 * once, and only then resolve dots, once for each reading. Empty names stay until dots are resolved, because what {@code ..}
 * does behind one is what servers disagree on. The first problem wins and ends the work.
 */
final class PathSpelling {

    /** Encoded delimiters that occur, as bits: each is data in one reading and acts in another. */
    private static final int SLASH = 1;
    private static final int SEMICOLON = 2;
    private static final int QUERY = 4;

    private final List<String> names = new ArrayList<>(8);
    private int encodedDelimiters;
    private boolean hasDots;
    private boolean hasEmpty;
    private @Nullable Problem problem;

    private PathSpelling() {
    }

    static ApiPath read(String target) {
        var path = pathOf(target);
        if (path == null) {
            return ApiPath.invalid(Problem.NOT_A_PATH);
        }
        return path.length() > ApiPath.MAX_LENGTH ? ApiPath.invalid(Problem.TOO_LONG) : new PathSpelling().readPath(path);
    }

    /** The path, beginning with its slash, without what stands before and behind it; null when the target has none. */
    private static @Nullable String pathOf(String target) {
        var query = target.indexOf('?');
        if (target.startsWith("/")) {
            return query < 0 ? target : target.substring(0, query);
        }
        var authority = target.regionMatches(true, 0, "http://", 0, 7) ? 7
                : target.regionMatches(true, 0, "https://", 0, 8) ? 8 : target.length();
        var slash = authority;
        while (slash < target.length() && isHostCharacter(target.charAt(slash))) {
            slash++;
        }
        if (slash == authority) {
            return null;
        }
        if (slash == target.length()) {
            return "/";
        }
        return target.charAt(slash) == '/' ? target.substring(slash, query < 0 ? target.length() : query) : null;
    }

    private static boolean isHostCharacter(char character) {
        return character < 0x80 && Character.isLetterOrDigit(character) || "-._~:[]".indexOf(character) >= 0;
    }

    private ApiPath readPath(String path) {
        for (var start = 1; start < path.length() && problem == null;) {
            var slash = path.indexOf('/', start);
            var end = slash < 0 ? path.length() : slash;
            readSegment(path, start, end);
            start = end + 1;
        }
        if (encodedDelimiters == 0 && !hasDots && !hasEmpty) {
            return problem == null ? ApiPath.of(List.of(List.copyOf(names))) : ApiPath.invalid(problem);
        }
        var readings = new LinkedHashSet<List<String>>();
        for (var acting = 0; acting <= encodedDelimiters && problem == null; acting++) {
            if ((acting & encodedDelimiters) == acting) {
                readings.add(resolve(namesWhen(acting)));
            }
        }
        if (hasDots) {
            readings.add(names.stream().filter(name -> !name.isEmpty()).toList());
        }
        return problem == null ? ApiPath.of(List.copyOf(readings)) : ApiPath.invalid(problem);
    }

    private void readSegment(String path, int start, int end) {
        var plain = start;
        while (plain < end && PercentCode.isPlain(path.charAt(plain))) {
            plain++;
        }
        if (plain == end) {
            addName(path.substring(start, end), false);
            return;
        }
        var semicolon = path.indexOf(';', plain);
        if (semicolon < 0 || semicolon >= end) {
            addName(decode(path, start, end), false);
            return;
        }
        // Cut at the raw slash or at the encoded one, a parameter that holds a delimiter ends in different places.
        if ((delimitersIn(decode(path, semicolon + 1, end)) & ~SEMICOLON) != 0) {
            refuse(Problem.AMBIGUOUS);
        }
        addName(decode(path, start, semicolon), true);
    }

    private String decode(String path, int start, int end) {
        var decoded = PercentCode.decode(path, start, end);
        if (decoded.problem() != null) {
            refuse(decoded.problem());
        }
        return decoded.text();
    }

    private void addName(String name, boolean hadParameters) {
        var isDots = isDots(name);
        if (isDots && hadParameters) {
            refuse(Problem.AMBIGUOUS);
        }
        hasDots |= isDots;
        hasEmpty |= name.isEmpty();
        encodedDelimiters |= delimitersIn(name);
        names.add(name);
    }

    private static boolean isDots(String name) {
        return name.equals(".") || name.equals("..");
    }

    /** Raw delimiters are gone when this is asked: those that are found were encoded. */
    private static int delimitersIn(String name) {
        var found = 0;
        for (var i = 0; i < name.length(); i++) {
            found |= switch (name.charAt(i)) {
                case '/' -> SLASH;
                case ';' -> SEMICOLON;
                case '?', '#' -> QUERY;
                default -> 0;
            };
        }
        return found;
    }

    /** The names as a server sees them to which these encoded delimiters are delimiters. */
    private List<String> namesWhen(int acting) {
        if (acting == 0) {
            return names;
        }
        var seen = new ArrayList<String>(names.size() + 2);
        for (var name : names) {
            var query = (acting & QUERY) == 0 ? -1 : firstQuery(name);
            addParts(seen, query < 0 ? name : name.substring(0, query), acting);
            if (query >= 0) {
                break;
            }
        }
        return seen;
    }

    private void addParts(List<String> seen, String name, int acting) {
        var semicolon = name.indexOf(';');
        if (semicolon >= 0 && name.indexOf('/', semicolon) >= 0) {
            refuse(Problem.AMBIGUOUS);
        }
        var kept = (acting & SEMICOLON) == 0 || semicolon < 0 ? name : name.substring(0, semicolon);
        if ((acting & SLASH) == 0) {
            seen.add(kept);
            return;
        }
        var start = 0;
        for (var slash = kept.indexOf('/'); slash >= 0; slash = kept.indexOf('/', start)) {
            seen.add(kept.substring(start, slash));
            start = slash + 1;
        }
        seen.add(kept.substring(start));
    }

    private static int firstQuery(String name) {
        for (var i = 0; i < name.length(); i++) {
            if (name.charAt(i) == '?' || name.charAt(i) == '#') {
                return i;
            }
        }
        return -1;
    }

    /** RFC 3986 section 5.2.4, with empty names on the stack so that it is seen when {@code ..} would take one of them. */
    private List<String> resolve(List<String> seen) {
        var stack = new ArrayList<String>(seen.size());
        for (var name : seen) {
            if (!isDots(name)) {
                stack.add(name);
                continue;
            }
            if (encodedDelimiters != 0) {
                refuse(Problem.AMBIGUOUS);
            }
            if (name.equals("..")) {
                climb(stack);
            }
        }
        var leadsWithEmpty = !stack.isEmpty() && stack.get(0).isEmpty();
        stack.removeIf(String::isEmpty);
        if (leadsWithEmpty && !stack.isEmpty()) {
            refuse(Problem.AMBIGUOUS);
        }
        return List.copyOf(stack);
    }

    private void climb(List<String> stack) {
        if (stack.isEmpty()) {
            refuse(Problem.ABOVE_ROOT);
        } else if (stack.remove(stack.size() - 1).isEmpty()) {
            refuse(Problem.AMBIGUOUS);
        }
    }

    private void refuse(Problem found) {
        if (problem == null) {
            problem = found;
        }
    }
}
