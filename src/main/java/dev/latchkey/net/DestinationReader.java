package dev.latchkey.net;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

import dev.latchkey.net.Destination.Invalid;
import dev.latchkey.net.Destination.Parsed;
import dev.latchkey.net.Destination.Valid;
import org.jspecify.annotations.Nullable;

/**
 * Reads URLs into destinations (RFC 3986, hosts as {@link HostText} does). What is read differently by different readers, and
 * might thus be checked as one host and dialled as another, is refused.
 */
final class DestinationReader {

    private static final int LONGEST = 2048;
    private static final Pattern SCHEME = Pattern.compile("(?i)(https?)://(.*)");
    private static final Pattern PORT = Pattern.compile("0*([1-9]\\d{0,4})");
    private static final Pattern BAD_ESCAPE = Pattern.compile("%(?![0-9a-fA-F]{2})");
    /** What browsers escape in paths and queries, and others leave as it is. */
    private static final String ESCAPED = "\"<>^`{|}";

    private DestinationReader() {
    }

    static Parsed read(String url) {
        if (url.length() > LONGEST) {
            return new Invalid("longer than " + LONGEST + " characters");
        }
        if (url.chars().anyMatch(each -> each <= ' ' || each == 0x7f || each == '\\' || Character.isISOControl(each))) {
            return new Invalid("no blanks, backslashes, line breaks or control characters");
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(url)) {
            return new Invalid("half a character");
        }
        var parts = SCHEME.matcher(url);
        if (!parts.matches()) {
            return new Invalid("write a URL that begins with https://");
        }
        var secure = parts.group(1).length() == "https".length();
        var rest = parts.group(2);
        if (rest.indexOf('#') >= 0) {
            return new Invalid("no fragment: leave out everything from # on");
        }
        var end = endOfAuthority(rest);
        return read(secure, rest.substring(0, end), rest.substring(end));
    }

    private static Parsed read(boolean secure, String authority, String rest) {
        if (authority.indexOf('@') >= 0) {
            return new Invalid("no user name or password in the URL");
        }
        var bracket = authority.startsWith("[") ? authority.indexOf(']') : 0;
        var colon = bracket < 0 ? -1 : bracket == 0 ? authority.indexOf(':') : bracket + 1;
        var hasPort = colon >= 0 && colon < authority.length();
        var port = hasPort ? port(authority, colon) : Destination.defaultPort(secure);
        if (port < 0) {
            return new Invalid("the port must be 1 to 65535");
        }
        var target = target(rest);
        if (target == null) {
            return new Invalid("every % is followed by two hexadecimal digits");
        }
        var host = HostText.read(hasPort ? authority.substring(0, colon) : authority);
        if (host instanceof HostText.Wrong wrong) {
            return new Invalid(wrong.message());
        }
        if (host instanceof HostText.Address read) {
            return new Valid(new Destination(secure, read.address().toString(), read.address(), read.disguised(), port,
                    target));
        }
        return new Valid(new Destination(secure, ((HostText.Name) host).labels(), null, false, port, target));
    }

    private static int endOfAuthority(String rest) {
        for (var i = 0; i < rest.length(); i++) {
            if (rest.charAt(i) == '/' || rest.charAt(i) == '?') {
                return i;
            }
        }
        return rest.length();
    }

    private static int port(String authority, int colon) {
        var digits = PORT.matcher(authority.substring(colon + 1));
        if (authority.charAt(colon) != ':' || !digits.matches()) {
            return -1;
        }
        var port = Integer.parseInt(digits.group(1));
        return port > 0xffff ? -1 : port;
    }

    /** Null when an escape is none. */
    private static @Nullable String target(String rest) {
        if (BAD_ESCAPE.matcher(rest).find()) {
            return null;
        }
        var target = new StringBuilder(rest.length() + 1);
        if (!rest.startsWith("/")) {
            target.append('/');
        }
        for (var each : rest.getBytes(StandardCharsets.UTF_8)) {
            if (each < 0 || ESCAPED.indexOf(each) >= 0) {
                target.append('%').append(String.format("%02X", each & 0xff));
            } else {
                target.append((char) each);
            }
        }
        return target.toString();
    }
}
