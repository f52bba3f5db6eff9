package dev.latchkey.net;

import org.jspecify.annotations.Nullable;

/**
 * Reads and writes the literals of addresses, nothing but the literals.
 * <p>
 * Everything that two readers understand differently is refused rather than guessed: {@code 010.0.0.1} is 8.0.0.1 to
 * {@code inet_aton} and 10.0.0.1 to others, {@code 127.1} and {@code 0x7f.1} are loopback to some and a host name to the rest.
 */
final class IpLiteral {

    private static final int GROUPS = 8;

    private IpLiteral() {
    }

    static @Nullable IpAddress parse(String text) {
        if (text.indexOf(':') >= 0) {
            return parseIpv6(text);
        }
        var bits = parseIpv4(text, 0);
        return bits < 0 ? null : IpAddress.ofIpv4((int) bits);
    }

    /** The 32 bits of the dotted decimal that the rest of the text is; negative when it is none. */
    private static long parseIpv4(String text, int from) {
        var bits = 0L;
        var at = from;
        for (var part = 0; part < 4; part++) {
            if (part > 0 && (at >= text.length() || text.charAt(at++) != '.')) {
                return -1;
            }
            var start = at;
            var value = 0;
            while (at < text.length() && at - start < 3 && isDigit(text.charAt(at))) {
                value = value * 10 + text.charAt(at++) - '0';
            }
            var length = at - start;
            if (length == 0 || value > 255 || length > 1 && text.charAt(start) == '0') {
                return -1;
            }
            bits = bits << 8 | value;
        }
        return at == text.length() ? bits : -1;
    }

    /** Groups before the gap are collected from the left, and moved apart by the gap's width once all are counted. */
    private static @Nullable IpAddress parseIpv6(String text) {
        var groups = new int[GROUPS];
        var count = 0;
        var gapAt = -1;
        var at = 0;
        if (text.startsWith("::")) {
            gapAt = 0;
            at = 2;
        }
        while (at < text.length()) {
            if (count == GROUPS) {
                return null;
            }
            var end = endOfGroup(text, at);
            if (end < text.length() && text.charAt(end) == '.') {
                return dottedTail(text, at, groups, count, gapAt);
            }
            if (end == at || end - at > 4) {
                return null;
            }
            groups[count++] = Integer.parseInt(text, at, end, 16);
            at = end;
            if (at == text.length()) {
                break;
            }
            if (text.charAt(at++) != ':' || at == text.length()) {
                return null;
            }
            if (text.charAt(at) == ':') {
                if (gapAt >= 0) {
                    return null;
                }
                gapAt = count;
                at++;
            }
        }
        return spread(groups, count, gapAt);
    }

    private static int endOfGroup(String text, int from) {
        var at = from;
        while (at < text.length() && isHexDigit(text.charAt(at))) {
            at++;
        }
        return at;
    }

    private static @Nullable IpAddress dottedTail(String text, int from, int[] groups, int count, int gapAt) {
        var bits = parseIpv4(text, from);
        if (bits < 0 || count > GROUPS - 2) {
            return null;
        }
        groups[count] = (int) (bits >>> 16);
        groups[count + 1] = (int) (bits & 0xffff);
        return spread(groups, count + 2, gapAt);
    }

    private static @Nullable IpAddress spread(int[] groups, int count, int gapAt) {
        if (gapAt < 0 ? count != GROUPS : count == GROUPS) {
            return null;
        }
        var high = 0L;
        var low = 0L;
        for (var i = 0; i < count; i++) {
            var position = gapAt < 0 || i < gapAt ? i : i + GROUPS - count;
            if (position < 4) {
                high |= (long) groups[i] << (48 - 16 * position);
            } else {
                low |= (long) groups[i] << (48 - 16 * (position - 4));
            }
        }
        return new IpAddress(high, low);
    }

    static String format(IpAddress address) {
        if (address.isIpv4()) {
            var bits = address.low();
            return (bits >> 24 & 0xff) + "." + (bits >> 16 & 0xff) + "." + (bits >> 8 & 0xff) + "." + (bits & 0xff);
        }
        var gapAt = -1;
        var gapLength = 1;
        for (var i = 0; i < GROUPS; i++) {
            var length = zeroGroups(address, i);
            if (length > gapLength) {
                gapAt = i;
                gapLength = length;
            }
        }
        var text = new StringBuilder(39);
        for (var i = 0; i < GROUPS; i++) {
            if (i == gapAt) {
                text.append("::");
                i += gapLength - 1;
            } else {
                if (i > 0 && text.charAt(text.length() - 1) != ':') {
                    text.append(':');
                }
                text.append(Integer.toHexString(group(address, i)));
            }
        }
        return text.toString();
    }

    private static int zeroGroups(IpAddress address, int from) {
        var at = from;
        while (at < GROUPS && group(address, at) == 0) {
            at++;
        }
        return at - from;
    }

    private static int group(IpAddress address, int index) {
        var half = index < 4 ? address.high() : address.low();
        return (int) (half >>> (48 - 16 * (index & 3)) & 0xffff);
    }

    private static boolean isDigit(char character) {
        return character >= '0' && character <= '9';
    }

    private static boolean isHexDigit(char character) {
        return isDigit(character) || character >= 'a' && character <= 'f' || character >= 'A' && character <= 'F';
    }
}
