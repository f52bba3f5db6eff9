package dev.latchkey.credential;

import java.util.Locale;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * A host, or all hosts below one.
 *
 * @param host in lower case
 * @param below whether it stands for what is below it, not for itself
 */
public record HostPattern(String host, boolean below) {

    private static final String LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
    private static final Pattern HOST = Pattern.compile(LABEL + "(\\." + LABEL + ")+");
    private static final String WILDCARD = "*.";

    /** Null where it is neither {@code api.example.com} nor {@code *.example.com}. */
    static @Nullable HostPattern parse(String text) {
        boolean below = text.startsWith(WILDCARD);
        String host = below ? text.substring(WILDCARD.length()) : text;
        return HOST.matcher(host).matches() ? new HostPattern(host, below) : null;
    }

    boolean matches(String other) {
        String lower = other.toLowerCase(Locale.ROOT);
        return below ? lower.endsWith("." + host) : lower.equals(host);
    }

    @Override
    public String toString() {
        return (below ? WILDCARD : "") + host;
    }
}
