package dev.latchkey.key;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

import dev.latchkey.web.Problems;
import org.jspecify.annotations.Nullable;

/**
 * Where a token was found, fit to be kept and to be told: without any token of the report, in whatever spelling, and without
 * what else looks like a secret.
 *
 * @param source who or what found it; null: not told
 * @param url where; null: not told, or no address
 */
record LeakPlace(@Nullable String source, @Nullable String url) {

    private static final String HIDDEN = "***";
    /** Enough to find a token of which the begin was cut off, and too much to meet by chance. */
    private static final int TAIL_CHARACTERS = 12;
    /** What is shorter is no secret, and stands everywhere. */
    private static final int MIN_CHARACTERS = 6;
    private static final int MOST_DECODINGS = 4;

    /** @param tokens of the whole report: the address of one may hold another */
    static LeakPlace of(@Nullable String source, @Nullable String url, List<String> tokens) {
        return new LeakPlace(source == null ? null : holdsAny(source, tokens) ? HIDDEN : Problems.masked(source),
                url == null ? null : address(url, tokens));
    }

    private static @Nullable String address(String url, List<String> tokens) {
        try {
            URI address = new URI(url.strip());
            String host = address.getHost();
            if (host == null || !List.of("http", "https").contains(String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT))
                    || holdsAny(host, tokens)) {
                return null;
            }
            // What stands before the host may be a password.
            String root = address.getScheme() + "://" + host + (address.getPort() < 0 ? "" : ":" + address.getPort());
            String rest = text("", address.getRawPath()) + text("?", address.getRawQuery())
                    + text("#", address.getRawFragment());
            return root + (holdsAny(rest, tokens) ? "/" + HIDDEN : Problems.masked(rest));
        } catch (URISyntaxException none) {
            return null;
        }
    }

    private static String text(String before, @Nullable String part) {
        return part == null ? "" : before + part;
    }

    private static boolean holdsAny(String text, List<String> tokens) {
        String spelled = text;
        for (int i = 0; i < MOST_DECODINGS; i++) {
            if (contains(spelled, tokens)) {
                return true;
            }
            String decoded = decoded(spelled);
            if (decoded == null) {
                return spelled.contains("%"); // Escapes that cannot be read may hide anything.
            }
            if (decoded.equals(spelled)) {
                return false;
            }
            spelled = decoded;
        }
        return true;
    }

    private static boolean contains(String text, List<String> tokens) {
        String lower = text.toLowerCase(Locale.ROOT);
        return tokens.stream().filter(token -> token.length() >= MIN_CHARACTERS)
                .map(token -> token.substring(Math.max(0, token.length() - TAIL_CHARACTERS)).toLowerCase(Locale.ROOT))
                .anyMatch(lower::contains);
    }

    private static @Nullable String decoded(String text) {
        try {
            // A plus is a plus: whoever writes it for a space has no token with one.
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException broken) {
            return null;
        }
    }
}
