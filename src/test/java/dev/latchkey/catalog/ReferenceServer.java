package dev.latchkey.catalog;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How kinds of servers get from a target to names, written as plainly as they could be: what {@link ApiPath} must not miss.
 * <p>
 * Names are compared without empty ones and, for servers that keep raw parameters, without those: a parameter never changes
 * which operation is meant, except at a dot segment, where a kept one shows as a name.
 */
enum ReferenceServer {

    /** nginx with merge_slashes, Go's ServeMux: decode all, merge, resolve. Parameters are part of the name. */
    MERGES_FIRST(true, true, false, true),
    /** A WHATWG URL, as in Node: resolve with empty names counted, decode last, each name by itself. */
    RESOLVES_EMPTY_NAMES(false, false, false, true),
    /** Tomcat with encodedSolidusHandling=decode: cut parameters, decode, merge, resolve. */
    CUTS_PARAMETERS_FIRST(true, true, true, true),
    /** Tomcat and Jetty that pass an encoded slash through: cut parameters, merge, resolve, decode each name. */
    CUTS_AND_KEEPS_ENCODED_SLASHES(true, false, true, true),
    /** Express, Django, Flask: routes on the target as it came, and decodes each name by itself. */
    ROUTES_AS_IT_CAME(true, false, false, false);

    private final boolean mergesFirst;
    private final boolean decodesFirst;
    private final boolean cutsFirst;
    private final boolean resolvesDots;

    ReferenceServer(boolean mergesFirst, boolean decodesFirst, boolean cutsFirst, boolean resolvesDots) {
        this.resolvesDots = resolvesDots;
        this.mergesFirst = mergesFirst;
        this.decodesFirst = decodesFirst;
        this.cutsFirst = cutsFirst;
    }

    List<String> read(String target) {
        var path = target.split("\\?", 2)[0];
        path = cutsFirst ? path.replaceAll(";[^/]*", "") : markParameters(path);
        path = decodesFirst ? decode(path) : path;
        path = mergesFirst ? path.replaceAll("/+", "/") : path;
        var stack = new ArrayList<String>();
        for (var name : Arrays.asList(path.substring(1).split("/", -1))) {
            var decoded = decodesFirst ? name : decode(name);
            if (resolvesDots && decoded.equals("..")) {
                if (!stack.isEmpty()) {
                    stack.remove(stack.size() - 1);
                }
            } else if (!resolvesDots || !decoded.equals(".")) {
                stack.add(decoded);
            }
        }
        stack.replaceAll(name -> name.replaceAll("\u0001.*", ""));
        stack.removeIf(String::isEmpty);
        return stack;
    }

    /** A raw semicolon as a character that no target holds, so that it is told from an encoded one after decoding. */
    private static String markParameters(String path) {
        return path.replace(';', '\u0001');
    }

    private static String decode(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
