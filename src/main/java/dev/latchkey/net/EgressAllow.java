package dev.latchkey.net;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The operator's list of what may be called beyond public addresses, and by plain http: hosts and networks, each on one port
 * or on all.
 *
 * @param entries of which one suffices
 */
public record EgressAllow(List<Entry> entries) {

    private static final int ANY_PORT = 0;
    private static final int MIN_PREFIX_BITS = 7;
    private static final String EXAMPLES = "write a host, an address or a network, each with an optional port, like"
            + " erp.example.com:8443, 10.1.2.0/24 or [fd12::/64]:443";

    /**
     * One of them.
     *
     * @param host the name that leads wherever its owner says; null for a network
     * @param network null for a name
     * @param port 0 for every port
     */
    public record Entry(@Nullable String host, @Nullable Cidr network, int port) {

        boolean isAt(int asked) {
            return port == ANY_PORT || port == asked;
        }
    }

    /** What a list of texts turned out to be. */
    public sealed interface Parsed permits Valid, Invalid {
    }

    /** Every text is an entry. */
    public record Valid(EgressAllow allow) implements Parsed {
        public Valid {
            requireNonNull(allow, "allow");
        }
    }

    /**
     * A text is no entry; the first such one is told.
     *
     * @param index its position in the list, from 0
     * @param message what is wrong with it and what to write instead, for a person
     */
    public record Invalid(int index, String message) implements Parsed {
        public Invalid {
            requireNonNull(message, "message");
        }

        /** Both, to be put behind the name of the setting. */
        public String place() {
            return ", entry " + (index + 1) + ": " + message + ".";
        }
    }

    public EgressAllow {
        entries = List.copyOf(entries);
    }

    /** Opens nothing. */
    public static EgressAllow none() {
        return new EgressAllow(List.of());
    }

    /** Reads entries; blanks around one do not matter, and an empty text is none. */
    public static Parsed parse(List<String> texts) {
        var entries = new ArrayList<Entry>(texts.size());
        for (var i = 0; i < texts.size(); i++) {
            var text = texts.get(i).strip();
            if (text.isEmpty()) {
                continue;
            }
            var entry = entry(text);
            if (entry == null) {
                return new Invalid(i, text.indexOf('*') >= 0 ? "a host is named in full, without wildcards" : EXAMPLES);
            }
            var refusal = entry.network() == null ? null : refusal(entry.network());
            if (refusal != null) {
                return new Invalid(i, refusal);
            }
            entries.add(entry);
        }
        return new Valid(new EgressAllow(entries));
    }

    private static @Nullable Entry entry(String text) {
        var bare = Cidr.parse(text).orNull();
        if (bare != null) {
            return new Entry(null, bare, ANY_PORT);
        }
        var split = text.startsWith("[") ? text.indexOf(']') + 1 : text.indexOf(':') < 0 ? text.length() : text.indexOf(':');
        var port = split == text.length() ? ANY_PORT : port(text, split);
        if (split == 0 || port < 0) {
            return null;
        }
        var named = text.substring(0, split);
        if (named.startsWith("[")) {
            var inside = named.substring(1, named.length() - 1);
            var network = inside.indexOf(':') < 0 ? null : Cidr.parse(inside).orNull();
            return network == null ? null : new Entry(null, network, port);
        }
        var network = Cidr.parse(named).orNull();
        if (network != null) {
            return new Entry(null, network, port);
        }
        return HostText.read(named) instanceof HostText.Name name ? new Entry(name.labels(), null, port) : null;
    }

    private static int port(String text, int colon) {
        var digits = text.substring(colon + 1);
        if (text.charAt(colon) != ':' || !digits.matches("[1-9]\\d{0,4}")) {
            return -1;
        }
        var port = Integer.parseInt(digits);
        return port > 0xffff ? -1 : port;
    }

    private static @Nullable String refusal(Cidr network) {
        // Whoever writes it expects what will not happen.
        if (AddressPolicy.neverContains(network)) {
            return "cloud metadata and other link-local addresses are never called";
        }
        // Larger than any private network: every tenant could call every one of them, in clear too.
        return network.prefixLength() < MIN_PREFIX_BITS
                ? "a network of less than /" + MIN_PREFIX_BITS + " opens what is not yours; name the networks of your own"
                : null;
    }

    /** Whether the host stands here by its name, with that port. */
    boolean names(String host, int port) {
        return entries.stream().anyMatch(entry -> entry.isAt(port) && host.equals(entry.host()));
    }

    /** Whether the host stands here by its name, whatever the port. */
    boolean names(String host) {
        return entries.stream().anyMatch(entry -> host.equals(entry.host()));
    }

    /** Whether the address lies in a network that stands here, with that port. */
    boolean contains(IpAddress address, int port) {
        return entries.stream()
                .anyMatch(entry -> entry.isAt(port) && entry.network() != null && entry.network().contains(address));
    }

    /** Whether a name that does not stand here could be called by plain http, namely when it leads into a network. */
    boolean hasNetworkAt(int port) {
        return entries.stream().anyMatch(entry -> entry.isAt(port) && entry.network() != null);
    }
}
