package dev.latchkey.credential;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.latchkey.net.Destination;
import org.jspecify.annotations.Nullable;

/**
 * A host, or all hosts below one, and how it is spoken to: a credential that is admitted to a host is not meant for whatever
 * else listens there, nor for the wire in clear.
 *
 * @param host in lower case; a label {@code *} within it stands for any one
 * @param below whether it stands for what is below it, not for itself; one label where there is another {@code *}
 * @param secure whether by https
 */
public record HostPattern(String host, boolean below, boolean secure, int port) {

    private static final String LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
    private static final String ANY = "*";
    private static final String WILDCARD = "*.";
    private static final String CLEAR = "http://";
    private static final int HTTPS_PORT = 443;
    private static final int HTTP_PORT = 80;
    private static final int MAX_PORT = 65_535;
    /** What stands behind an inner wildcard is a name of somebody's, not a top level. */
    private static final Pattern FORM = Pattern.compile("(http://)?(\\*\\.)?(" + LABEL + "(?:\\." + LABEL + ")+|" + LABEL
            + "(?:\\." + LABEL + ")*\\.\\*(?:\\." + LABEL + "){2,})(?::([1-9][0-9]{0,4}))?");

    /** Null where it is none of {@code api.example.com}, {@code *.example.com} and what docs/providers.md has besides. */
    static @Nullable HostPattern parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            return null;
        }
        boolean secure = form.group(1) == null;
        int port = form.group(4) != null ? Integer.parseInt(form.group(4)) : secure ? HTTPS_PORT : HTTP_PORT;
        return port > MAX_PORT ? null : new HostPattern(form.group(3), form.group(2) != null, secure, port);
    }

    boolean matches(Destination there) {
        return there.secure() == secure && there.port() == port && matches(there.host());
    }

    boolean matches(String other) {
        String lower = other.toLowerCase(Locale.ROOT);
        if (host.contains(ANY)) {
            return matchesLabels(lower.split("\\.", -1));
        }
        return below ? lower.endsWith("." + host) : lower.equals(host);
    }

    private boolean matchesLabels(String[] labels) {
        String[] wanted = ((below ? WILDCARD : "") + host).split("\\.", -1);
        if (labels.length != wanted.length) {
            return false;
        }
        for (int i = 0; i < wanted.length; i++) {
            if (labels[i].isEmpty() || !wanted[i].equals(ANY) && !wanted[i].equals(labels[i])) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return (secure ? "" : CLEAR) + (below ? WILDCARD : "") + host
                + (port == (secure ? HTTPS_PORT : HTTP_PORT) ? "" : ":" + port);
    }
}
