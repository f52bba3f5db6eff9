package dev.latchkey.key;

import dev.latchkey.net.IpAddress;

/** A network from which a key was accepted. Guarded by whoever holds it. */
final class UsedNetwork {

    private static final int IPV4_PREFIX = 24;
    private static final int IPV6_PREFIX = 48;

    private final long high;
    private final long low;
    private final IpAddress ip;
    private long last;

    /** @param at milliseconds since the epoch */
    UsedNetwork(IpAddress ip, long at) {
        this.high = high(ip);
        this.low = low(ip);
        this.ip = ip;
        this.last = at;
    }

    // /24 and /48: what one household or office is given, so that a new address of it is nothing new.
    private static long high(IpAddress ip) {
        return ip.isIpv4() ? ip.high() : ip.high() & ~0xffffL;
    }

    private static long low(IpAddress ip) {
        return ip.isIpv4() ? ip.low() & ~0xffL : 0;
    }

    boolean holds(IpAddress address) {
        return high == high(address) && low == low(address);
    }

    /** @param at milliseconds since the epoch */
    void usedAt(long at) {
        last = Math.max(last, at);
    }

    String text() {
        return new IpAddress(high, low) + "/" + (ip.isIpv4() ? IPV4_PREFIX : IPV6_PREFIX);
    }

    /** The first address of it that was seen. */
    IpAddress ip() {
        return ip;
    }

    String address() {
        return ip.toString();
    }

    /** Milliseconds since the epoch. */
    long last() {
        return last;
    }
}
