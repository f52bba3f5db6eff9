package dev.latchkey.catalog;

import java.util.LinkedHashSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.latchkey.catalog.Findings.Note;
import dev.latchkey.catalog.Part.Kind;
import org.jspecify.annotations.Nullable;

/**
 * The base path of a list of servers: what a request's path begins with before the operation's own.
 * <p>
 * A gateway sees one host, and so one base path: that of the first server, the usual one by custom; that others name another
 * one is told. Listing operations under each was dropped: the others are mostly test servers on a developer's machine, and
 * what is not listed is refused, which is the safe side. Variables have their default.
 */
final class Servers {

    private static final Pattern VARIABLE = Pattern.compile("\\{([^{}]*)}");
    private static final Pattern AUTHORITY = Pattern.compile("^([A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*");

    private final Findings findings;

    Servers(Findings findings) {
        this.findings = findings;
    }

    /** @return empty, or beginning with a slash and not ending with one; null where the list says nothing */
    @Nullable
    String basePath(@Nullable Part servers) {
        if (servers == null || !findings.expect(servers, Kind.LIST) || servers.items().isEmpty()) {
            return null;
        }
        var paths = new LinkedHashSet<String>();
        for (var server : servers.items()) {
            if (findings.expect(server, Kind.OBJECT)) {
                paths.add(pathOf(server));
            }
        }
        if (paths.isEmpty()) {
            return "";
        }
        var first = paths.iterator().next();
        if (paths.size() > 1) {
            paths.remove(first);
            findings.note(Note.BASE_PATH, (first.isEmpty() ? "/" : first) + " instead of "
                    + String.join(" or ", paths.stream().map(path -> path.isEmpty() ? "/" : path).toList()));
        }
        return first;
    }

    private String pathOf(Part server) {
        var url = server.get("url");
        if (url == null) {
            findings.error(server, "must have a url");
            return "";
        }
        if (!findings.expect(url, Kind.SCALAR)) {
            return "";
        }
        var written = AUTHORITY.matcher(withDefaults(url, server.get("variables"))).replaceFirst("");
        while (written.startsWith("./")) {
            written = written.substring(2);
        }
        if (written.isEmpty() || written.equals(".")) {
            return "";
        }
        var path = PathTemplate.of(written.startsWith("/") ? written : "/" + written);
        if (path.problem() != null) {
            findings.error(url, "has no path that can be matched: " + path.problem());
            return "";
        }
        if (MethodPattern.parse("GET " + path.path()) instanceof MethodPattern.Invalid invalid) {
            findings.error(url, "has no path that can be matched: " + invalid.message());
            return "";
        }
        return path.path().equals("/") ? "" : path.path();
    }

    private String withDefaults(Part url, @Nullable Part variables) {
        var known = variables != null && findings.expect(variables, Kind.OBJECT) ? variables : null;
        return VARIABLE.matcher(url.text()).replaceAll(found -> {
            var variable = known == null ? null : known.get(found.group(1));
            if (variable == null || !variable.is(Kind.OBJECT) || variable.get("default") == null) {
                findings.error(url, "names a variable without a default: " + CleanText.of(found.group(1), 50));
                return "";
            }
            return Matcher.quoteReplacement(findings.text(variable, "default"));
        });
    }
}
