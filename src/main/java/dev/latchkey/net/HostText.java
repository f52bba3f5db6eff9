package dev.latchkey.net;

import java.net.IDN;
import java.util.Locale;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * Reads the host of a URL, without brackets around a name, as browsers and {@code inet_aton} do: whatever a resolver would
 * take for an address is one here, too, so that it is judged as what it is.
 * <p>
 * {@code 2130706433}, {@code 017700000001}, {@code 0x7f.1} and {@code １２７.0.0.1} are 127.0.0.1 (WHATWG URL section 3.5,
 * "ends in a number checker" and "IPv4 parser"). Here alone they are read at all: {@link IpAddress#parse} takes only what all
 * readers understand alike, as is right for lists that someone writes by hand.
 */
final class HostText {

    private static final int LONGEST_NAME = 253;
    private static final Pattern LABEL = Pattern.compile("[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?");
    private static final Pattern NUMBER = Pattern.compile("0[xX][0-9a-fA-F]*|[0-9]+");
    /** ß, ς and joiners: IDNA 2003, which the JDK speaks, makes another name of them than IDNA 2008, which registries do. */
    private static final Pattern DEVIATES = Pattern.compile("[\u00df\u1e9e\u03c2\u200c\u200d]");

    private HostText() {
    }

    /** What it is. */
    sealed interface Read permits Name, Address, Wrong {
    }

    /** A name of lower-case A-labels, without a dot at its end. */
    record Name(String labels) implements Read {
    }

    /** An address; {@code disguised} as {@link Destination#disguised} says. */
    record Address(IpAddress address, boolean disguised) implements Read {
    }

    /** Neither. */
    record Wrong(String message) implements Read {
    }

    static Read read(String text) {
        return text.startsWith("[") ? bracketed(text) : unbracketed(text);
    }

    private static Read bracketed(String text) {
        if (!text.endsWith("]")) {
            return new Wrong("an IPv6 address stands between brackets");
        }
        var inside = text.substring(1, text.length() - 1);
        var zone = inside.indexOf('%');
        var address = inside.indexOf(':') < 0 ? null : IpAddress.parse(zone < 0 ? inside : inside.substring(0, zone));
        return address == null ? new Wrong("what stands between brackets is no IPv6 address")
                : new Address(address, zone >= 0 || address.isIpv4());
    }

    private static Read unbracketed(String text) {
        if (DEVIATES.matcher(text).find()) {
            return new Wrong("write the host name in its ASCII form (xn--…): readers differ about a letter in it");
        }
        var name = ascii(text);
        if (name == null || name.isEmpty() || name.length() > LONGEST_NAME) {
            return new Wrong("the host is no valid name");
        }
        var labels = name.split("\\.", -1);
        if (NUMBER.matcher(labels[labels.length - 1]).matches()) {
            var address = ipv4(labels);
            return address == null ? new Wrong("the host is neither a name nor an IPv4 address") : new Address(address, false);
        }
        for (var label : labels) {
            if (!LABEL.matcher(label).matches()) {
                return new Wrong("the host is no valid name: letters, digits and hyphens between dots");
            }
        }
        return new Name(name);
    }

    private static @Nullable String ascii(String text) {
        try {
            var name = IDN.toASCII(text).toLowerCase(Locale.ROOT);
            return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        } catch (IllegalArgumentException noName) {
            return null;
        }
    }

    /** One to four numbers, the last of which fills all that is left (inet_aton). */
    private static @Nullable IpAddress ipv4(String[] parts) {
        if (parts.length > 4) {
            return null;
        }
        var bits = 0L;
        for (var i = 0; i < parts.length; i++) {
            var number = number(parts[i]);
            var isLast = i == parts.length - 1;
            var most = isLast ? (1L << 8 * (4 - i)) - 1 : 255;
            if (number < 0 || number > most) {
                return null;
            }
            bits |= isLast ? number : number << 8 * (3 - i);
        }
        return IpAddress.ofIpv4((int) bits);
    }

    private static long number(String text) {
        if (!NUMBER.matcher(text).matches()) {
            return -1;
        }
        try {
            if (text.length() > 1 && (text.charAt(1) == 'x' || text.charAt(1) == 'X')) {
                return text.length() == 2 ? 0 : Long.parseLong(text.substring(2), 16);
            }
            return text.length() > 1 && text.charAt(0) == '0' ? Long.parseLong(text, 8) : Long.parseLong(text);
        } catch (NumberFormatException tooLongOrNotOctal) {
            return -1;
        }
    }
}
