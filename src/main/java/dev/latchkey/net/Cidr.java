package dev.latchkey.net;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * A network: an address and how many of its leading bits count (RFC 4632, RFC 4291 section 2.3).
 * <p>
 * Bits beyond the prefix are cleared rather than refused: {@code 192.168.1.7/24} is what people copy from their network card,
 * and it names exactly one network. An IPv4 network never contains an IPv6 address and the other way round: whoever writes
 * {@code ::/0} opens IPv6, and would not expect to have opened IPv4.
 *
 * @param network its first address
 * @param prefixLength leading bits that count: 0 to 32 for IPv4, 0 to 128 for IPv6
 */
public record Cidr(IpAddress network, int prefixLength) {

    private static final int IPV4_BITS = 32;
    private static final int IPV6_BITS = 128;
    private static final int MAPPED_BITS = IPV6_BITS - IPV4_BITS;
    private static final int LONGEST_TEXT = 64;

    /** What a text turned out to be. */
    public sealed interface Parsed permits Valid, Invalid {

        /** The network, or null when the text names none. */
        default @Nullable Cidr orNull() {
            return this instanceof Valid valid ? valid.cidr() : null;
        }
    }

    /** The text names this network. */
    public record Valid(Cidr cidr) implements Parsed {
        public Valid {
            requireNonNull(cidr, "cidr");
        }
    }

    /**
     * The text names no network.
     *
     * @param message what is wrong and what to write instead, for a person; never repeats the text
     */
    public record Invalid(String message) implements Parsed {
        public Invalid {
            requireNonNull(message, "message");
        }
    }

    /** @throws IllegalArgumentException when the prefix is longer than the address, or negative */
    public Cidr {
        requireNonNull(network, "network");
        if (prefixLength < 0 || prefixLength > bits(network)) {
            throw new IllegalArgumentException("prefixLength is " + prefixLength + ", must be 0 to " + bits(network));
        }
        var leading = leadingBits(network, prefixLength);
        network = new IpAddress(network.high() & highMask(leading), network.low() & lowMask(leading));
    }

    /**
     * The network that the text names: {@code address/length}, or an address alone for the network that holds only it.
     * Nothing is resolved.
     */
    public static Parsed parse(String text) {
        if (requireNonNull(text, "text").length() > LONGEST_TEXT) {
            return new Invalid("too long for a network; write one like 203.0.113.0/24 or 2001:db8::/32");
        }
        var slash = text.indexOf('/');
        var address = IpAddress.parse(slash < 0 ? text : text.substring(0, slash));
        if (address == null) {
            return new Invalid(whyNoAddress(text));
        }
        if (slash < 0) {
            return new Valid(new Cidr(address, bits(address)));
        }
        return withLength(address, text.indexOf(':') >= 0, text.substring(slash + 1));
    }

    private static Parsed withLength(IpAddress address, boolean writtenAsIpv6, String lengthText) {
        var written = parseLength(lengthText);
        var mapped = address.isIpv4() && writtenAsIpv6;
        var most = writtenAsIpv6 ? IPV6_BITS : IPV4_BITS;
        if (written < 0 || written > most) {
            return new Invalid(lengthText.indexOf('.') >= 0
                    ? "write the prefix length instead of a netmask, for example /24 for 255.255.255.0"
                    : "prefix length must be 0 to " + most);
        }
        if (mapped && written < MAPPED_BITS) {
            return new Invalid("the prefix length of an IPv4-mapped network must be 96 to 128; better write it as IPv4, "
                    + "for example " + address + "/24");
        }
        return new Valid(new Cidr(address, mapped ? written - MAPPED_BITS : written));
    }

    /** Negative when it is no number of one to three digits without leading zeros. */
    private static int parseLength(String text) {
        if (text.isEmpty() || text.length() > 3 || text.length() > 1 && text.charAt(0) == '0') {
            return -1;
        }
        var length = 0;
        for (var i = 0; i < text.length(); i++) {
            var digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            length = length * 10 + digit;
        }
        return length;
    }

    private static String whyNoAddress(String text) {
        if (text.isBlank()) {
            return "empty; write a network like 203.0.113.0/24 or 2001:db8::/32";
        }
        if (text.indexOf('%') >= 0) {
            return "an address here has no zone; leave out everything from % on";
        }
        if (!text.equals(text.strip())) {
            return "remove the blanks around the address";
        }
        return "not an IPv4 or IPv6 address; host names, shortened and octal addresses are not accepted";
    }

    /** Whether the address lies in this network. Allocates nothing. */
    public boolean contains(IpAddress address) {
        if (address.isIpv4() != network.isIpv4()) {
            return false;
        }
        var leading = leadingBits(network, prefixLength);
        return ((address.high() ^ network.high()) & highMask(leading)) == 0
                && ((address.low() ^ network.low()) & lowMask(leading)) == 0;
    }

    /** Whether every address of the other network lies in this one. */
    public boolean contains(Cidr other) {
        return other.prefixLength >= prefixLength && contains(other.network);
    }

    private static int bits(IpAddress address) {
        return address.isIpv4() ? IPV4_BITS : IPV6_BITS;
    }

    /** The prefix counted over all 128 bits of the layout. */
    private static int leadingBits(IpAddress address, int prefixLength) {
        return address.isIpv4() ? MAPPED_BITS + prefixLength : prefixLength;
    }

    private static long highMask(int leading) {
        return leading == 0 ? 0 : leading >= 64 ? -1L : -1L << (64 - leading);
    }

    private static long lowMask(int leading) {
        return leading <= 64 ? 0 : -1L << (128 - leading);
    }

    /** The one spelling of it, always with its length: {@code 203.0.113.7/32}, {@code 2001:db8::/32}. */
    @Override
    public String toString() {
        return network + "/" + prefixLength;
    }
}
