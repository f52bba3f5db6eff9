package dev.latchkey.net;

import static java.util.Objects.requireNonNull;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

import org.jspecify.annotations.Nullable;

/**
 * An IPv4 or IPv6 address as 128 bits, an IPv4 address as its IPv4-mapped form ({@code ::ffff:a.b.c.d}).
 * <p>
 * With one layout for both families the mapped spelling of an IPv4 address <em>is</em> that address: no allow-list can be
 * passed, and no block-list avoided, by writing {@code ::ffff:127.0.0.1}. {@link InetAddress} is not used for parsing, because
 * it asks DNS about whatever is no literal and takes {@code 010.1}, {@code 127.1} and {@code 2130706433} for addresses.
 *
 * @param high the first 64 bits, in network order
 * @param low the last 64 bits, in network order
 */
public record IpAddress(long high, long low) {

    private static final int LONGEST_PORT = 5;
    private static final int HIGHEST_PORT = 65_535;

    /**
     * The address that the text is a literal of: dotted decimal with four parts and no leading zeros, or RFC 4291 section 2.2
     * for IPv6, without a zone.
     *
     * @return null when it is anything else, a host name, a shortened or octal form, or surrounded by blanks
     */
    public static @Nullable IpAddress parse(String text) {
        return IpLiteral.parse(requireNonNull(text, "text"));
    }

    /**
     * The address in one entry of {@code X-Forwarded-For}, which proxies also write as {@code [v6]}, {@code [v6]:port}
     * (Azure, HAProxy) and {@code v4:port} (IIS, Azure), and with blanks around it.
     * <p>
     * Apart from {@link #parse}, since in a configuration or an allow-list an address with a port is a mistake.
     *
     * @return null when the entry names no address, as {@code unknown} and obfuscated names do not
     */
    public static @Nullable IpAddress parseForwardedFor(String entry) {
        var text = requireNonNull(entry, "entry").strip();
        if (text.startsWith("[")) {
            var end = text.indexOf(']');
            if (end < 0 || !isPortOrNothing(text, end + 1)) {
                return null;
            }
            var inner = text.substring(1, end);
            return inner.indexOf(':') < 0 ? null : parse(inner);
        }
        var colon = text.indexOf(':');
        if (colon >= 0 && colon == text.lastIndexOf(':')) {
            return isPortOrNothing(text, colon) ? parse(text.substring(0, colon)) : null;
        }
        return parse(text);
    }

    private static boolean isPortOrNothing(String text, int from) {
        if (from == text.length()) {
            return true;
        }
        var digits = text.length() - from - 1;
        if (text.charAt(from) != ':' || digits < 1 || digits > LONGEST_PORT) {
            return false;
        }
        var port = 0;
        for (var i = from + 1; i < text.length(); i++) {
            var digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return false;
            }
            port = port * 10 + digit;
        }
        return port <= HIGHEST_PORT;
    }

    /** The address that a resolved one stands for; its host name and zone are dropped. */
    public static IpAddress of(InetAddress address) {
        var bytes = requireNonNull(address, "address").getAddress();
        if (bytes.length == 4) {
            return ofIpv4((int) bits(bytes, 0, 4));
        }
        return new IpAddress(bits(bytes, 0, 8), bits(bytes, 8, 16));
    }

    /** The same as the JDK has it, without a host name or a zone. Asks nobody. */
    InetAddress toInetAddress() {
        var bytes = ByteBuffer.allocate(isIpv4() ? 4 : 16);
        if (isIpv4()) {
            bytes.putInt((int) low);
        } else {
            bytes.putLong(high).putLong(low);
        }
        try {
            return InetAddress.getByAddress(bytes.array());
        } catch (UnknownHostException wrongLength) {
            throw new IllegalStateException(wrongLength);
        }
    }

    private static long bits(byte[] bytes, int from, int to) {
        var bits = 0L;
        for (var i = from; i < to; i++) {
            bits = bits << 8 | (bytes[i] & 0xffL);
        }
        return bits;
    }

    static IpAddress ofIpv4(int bits) {
        return new IpAddress(0, 0xffff_0000_0000L | (bits & 0xffff_ffffL));
    }

    /** Whether this is an IPv4 address, however it was spelled. */
    public boolean isIpv4() {
        return high == 0 && low >>> 32 == 0xffff;
    }

    /** The one spelling of it: dotted decimal, or RFC 5952 for IPv6. */
    @Override
    public String toString() {
        return IpLiteral.format(this);
    }
}
