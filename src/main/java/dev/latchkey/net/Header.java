package dev.latchkey.net;

import static java.util.Objects.requireNonNull;

import java.util.Locale;
import java.util.Set;

/**
 * A field of an outgoing request or of its answer (RFC 9110 section 5). Prints without its value, which may be a secret.
 *
 * @param name a token; compared without regard to case
 * @param value visible ASCII with blanks and tabs in between, on requests; whatever arrived, on answers
 */
public record Header(String name, String value) {

    private static final String TOKEN_CHARACTERS = "!#$%&'*+-.^_`|~";
    /** What the client itself says of the message or of the connection: two voices would let a request be smuggled. */
    private static final Set<String> RESERVED = Set.of("host", "content-length", "transfer-encoding", "connection",
            "keep-alive", "proxy-connection", "proxy-authorization", "te", "trailer", "upgrade", "expect", "http2-settings");

    public Header {
        requireNonNull(name, "name");
        requireNonNull(value, "value");
    }

    /** Whether it is a name (RFC 9110 section 5.1). */
    public static boolean isName(String text) {
        return !text.isEmpty() && text.chars().allMatch(Header::isTokenCharacter);
    }

    /**
     * Whether it is a value that every receiver reads alike: no control characters, hence no line breaks, nothing beyond
     * ASCII, no blanks around it.
     */
    public static boolean isValue(String text) {
        return text.chars().allMatch(each -> each >= ' ' && each <= '~' || each == '\t') && text.equals(text.strip());
    }

    /** Whether only the client sets it: {@code Host}, lengths, and what concerns the connection. */
    public static boolean isReserved(String name) {
        return RESERVED.contains(name.toLowerCase(Locale.ROOT));
    }

    private static boolean isTokenCharacter(int each) {
        return each >= 'a' && each <= 'z' || each >= 'A' && each <= 'Z' || each >= '0' && each <= '9'
                || each < 0x80 && TOKEN_CHARACTERS.indexOf(each) >= 0;
    }

    /** Whether a client may send it. */
    boolean isSendable() {
        return isName(name) && isValue(value) && !isReserved(name);
    }

    @Override
    public String toString() {
        return name + ": ***";
    }
}
