package dev.latchkey.net;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * Where a request goes: an http or https URL, read once and the way in which it will be dialled.
 *
 * @param secure whether it is https
 * @param host lower-case A-labels without a trailing dot, or the one spelling of an address, without brackets
 * @param address present when the host is an address, in whichever spelling
 * @param disguised whether that address was written so that others read another one, or none, in it (IPv4-mapped, with a
 *        zone): such a one is never dialled
 * @param port 1 to 65535
 * @param target path and query in ASCII, beginning with a slash: what stands in the request line
 */
public record Destination(boolean secure, String host, @Nullable IpAddress address, boolean disguised, int port,
        String target) {

    /** What a text turned out to be. */
    public sealed interface Parsed permits Valid, Invalid {

        /** The destination, or null when the text is none. */
        default @Nullable Destination orNull() {
            return this instanceof Valid valid ? valid.destination() : null;
        }
    }

    /** The text leads there. */
    public record Valid(Destination destination) implements Parsed {
        public Valid {
            requireNonNull(destination, "destination");
        }
    }

    /**
     * The text leads nowhere.
     *
     * @param message what is wrong and what to write instead, for a person; never repeats the text
     */
    public record Invalid(String message) implements Parsed {
        public Invalid {
            requireNonNull(message, "message");
        }
    }

    /** @throws IllegalArgumentException when the target is none; it is not repeated */
    public Destination {
        requireNonNull(host, "host");
        if (!isTarget(requireNonNull(target, "target"))) {
            throw new IllegalArgumentException("the target is no path");
        }
    }

    /**
     * Whether it can stand in a request line as path and query: of this host, since an absolute form would name another one,
     * and in one word, since a blank or a line break would end the line. The client itself does not look.
     */
    public static boolean isTarget(String text) {
        return text.startsWith("/") && text.chars().allMatch(each -> each > ' ' && each <= '~');
    }

    /**
     * Reads an absolute http or https URL. Nothing is resolved, and whether the address may be dialled is not asked here:
     * see {@link Outbound#refusal}.
     */
    public static Parsed parse(String url) {
        return DestinationReader.read(requireNonNull(url, "url"));
    }

    /**
     * The same host with another path and query.
     *
     * @throws IllegalArgumentException when the target is none
     */
    public Destination withTarget(String other) {
        return new Destination(secure, host, address, disguised, port, other);
    }

    /** Host and port as they stand in a URL and in the {@code Host} header: without the scheme's own port. */
    public String authority() {
        var shown = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        return port == defaultPort(secure) ? shown : shown + ":" + port;
    }

    static int defaultPort(boolean secure) {
        return secure ? 443 : 80;
    }

    /** The whole URL, in its one spelling. May hold a secret in its query. */
    public String url() {
        return origin() + target;
    }

    /** Scheme, host and port. */
    public String origin() {
        return (secure ? "https://" : "http://") + authority();
    }

    /** Without the query, where secrets may stand. */
    @Override
    public String toString() {
        var query = target.indexOf('?');
        return origin() + (query < 0 ? target : target.substring(0, query) + "?***");
    }
}
