package dev.latchkey.proxy;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * What a caller wants of a provider: the path and query behind {@code /api/v1/proxy/{credentialId}}, as they came over the
 * wire. Nothing is decoded on the way, so that the provider reads what the caller wrote.
 *
 * <p>
 * <b>Invariant:</b> what is asked lies below the credential's base path, whoever reads it. The host is never read from here.
 * Servers decode once, twice, or turn backslashes into slashes; some drop what follows a semicolon in a segment. So the path is
 * decoded until nothing changes any more, and at no stage may it hold a segment that climbs, a control character, or a
 * beginning that could be taken for a host. An encoded slash or dot that does none of this is the caller's business: there are
 * services whose ids need them.
 *
 * @param path empty, or beginning with one slash
 * @param query without its question mark; null: none
 */
record ProxyTarget(String path, @Nullable String query) {

    static final String ROOT = "/api/v1/proxy";
    private static final int ID_CHARACTERS = 36;
    /** Nobody encodes as often for a good reason. */
    private static final int MOST_ENCODINGS = 4;
    /** What stands in a path as it is, besides letters, digits and the slash (RFC 3986 section 3.3). */
    private static final String PATH_CHARACTERS = "-._~!$&'()*+,;=:@%";

    /** What a target turned out to be. */
    sealed interface Parsed permits Valid, Invalid {
    }

    /**
     * It may be sent on.
     *
     * @param credential the id in it, as written
     */
    record Valid(String credential, ProxyTarget target) implements Parsed {
        Valid {
            requireNonNull(credential, "credential");
            requireNonNull(target, "target");
        }
    }

    /**
     * It is not sent on.
     *
     * @param message what is wrong with it, as the end of a sentence about the path
     */
    record Invalid(String message) implements Parsed {
        Invalid {
            requireNonNull(message, "message");
        }
    }

    ProxyTarget {
        requireNonNull(path, "path");
    }

    /** Reads the target of a request line. */
    static Parsed parse(String target) {
        if (!target.startsWith(ROOT + "/")) {
            return new Invalid("has to begin with " + ROOT + "/, written like that");
        }
        int mark = target.indexOf('?');
        String whole = mark < 0 ? target : target.substring(0, mark);
        String query = mark < 0 ? null : target.substring(mark + 1);
        int from = ROOT.length() + 1;
        int slash = whole.indexOf('/', from);
        String credential = whole.substring(from, slash < 0 ? whole.length() : slash);
        if (credential.length() != ID_CHARACTERS) {
            return new Invalid("has to have the id of a credential behind " + ROOT);
        }
        String path = slash < 0 ? "" : whole.substring(slash);
        String complaint = complaintOf(path);
        if (complaint == null && query != null && !query.chars().allMatch(ProxyTarget::isInQuery)) {
            complaint = "has a query with characters that have to be escaped";
        }
        return complaint == null ? new Valid(credential, new ProxyTarget(path, query)) : new Invalid(complaint);
    }

    /**
     * What stands in the request line to the provider, without what signs it in.
     *
     * @param base path of the credential's base URL: beginning with a slash, without a query
     */
    String below(String base) {
        String whole = (base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + path;
        return (whole.isEmpty() ? "/" : whole) + (query == null ? "" : "?" + query);
    }

    private static @Nullable String complaintOf(String path) {
        if (!path.chars().allMatch(ProxyTarget::isInPath)) {
            return "has characters that have to be escaped";
        }
        if (path.contains("//")) {
            return "has an empty segment";
        }
        String stage = path;
        for (int encodings = 0; encodings <= MOST_ENCODINGS; encodings++) {
            String complaint = complaintOfStage(stage);
            String next = decoded(stage);
            if (complaint != null || next.equals(stage)) {
                return complaint;
            }
            stage = next;
        }
        return "is encoded too many times over";
    }

    private static @Nullable String complaintOfStage(String path) {
        if (path.chars().anyMatch(each -> each < ' ' || each == 0x7f)) {
            return "has a control character";
        }
        if (isOverlong(path)) {
            return "has bytes that are no UTF-8";
        }
        String slashed = path.replace('\\', '/');
        if (slashed.startsWith("//")) {
            return "begins like the name of a host";
        }
        for (String segment : slashed.split("/", -1)) {
            int parameters = segment.indexOf(';');
            String name = (parameters < 0 ? segment : segment.substring(0, parameters)).strip();
            if (name.equals(".") || name.equals("..")) {
                return "must not climb: it has a segment of dots";
            }
        }
        return null;
    }

    /**
     * Whether it has what is never in UTF-8 (RFC 3629): with it begins an overlong dot or slash, which old decoders take for
     * one.
     */
    private static boolean isOverlong(String path) {
        for (int i = 0; i < path.length(); i++) {
            char each = path.charAt(i);
            char next = i + 1 < path.length() ? path.charAt(i + 1) : 0;
            if (each == 0xc0 || each == 0xc1 || each >= 0xf5 || each == 0xe0 && next >= 0x80 && next < 0xa0
                    || each == 0xf0 && next >= 0x80 && next < 0x90) {
                return true;
            }
        }
        return false;
    }

    /** Each escape as the byte that it stands for; what is no escape stays. */
    private static String decoded(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        StringBuilder decoded = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            int high = text.charAt(i) == '%' && i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
            int low = high < 0 ? -1 : Character.digit(text.charAt(i + 2), 16);
            if (low >= 0) {
                decoded.append((char) (high * 16 + low));
                i += 2;
            } else {
                decoded.append(text.charAt(i));
            }
        }
        return decoded.toString();
    }

    private static boolean isInPath(int c) {
        return isLetterOrDigit(c) || c == '/' || PATH_CHARACTERS.indexOf(c) >= 0;
    }

    /** More than the standard has: brackets and the like are sent by many clients, and do no harm. */
    private static boolean isInQuery(int c) {
        return c > ' ' && c < 0x7f && c != '#';
    }

    private static boolean isLetterOrDigit(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
    }
}
