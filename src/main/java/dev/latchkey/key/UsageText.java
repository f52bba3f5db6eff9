package dev.latchkey.key;

import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

import dev.latchkey.catalog.ApiPath;
import dev.latchkey.catalog.Demand;
import dev.latchkey.web.LikelySecret;
import org.jspecify.annotations.Nullable;

/**
 * What of a request may be written down: no query, no control characters, bounded in length, and nothing that may be a secret
 * ({@link LikelySecret}): people put tokens into paths, as links that reset a password.
 */
final class UsageText {

    private static final int LONGEST_PATH = 200;
    private static final int LONGEST_METHOD = 20;
    /** An id as text. */
    private static final int LONGEST_SEGMENT = 36;
    private static final String LEFT_OUT = "…";
    private static final int LONGEST_STORE = 63;
    private static final Pattern VERSION = Pattern.compile("v[0-9]{1,3}");
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cntrl}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]");

    private UsageText() {
    }

    /**
     * The path by which a request is counted: that of the catalogue's operation, or where the catalogue knows none, the
     * request's own with a star for each segment that looks like an id.
     */
    static String counted(Question.Operation operation, @Nullable Demand demand) {
        if (demand != null && demand.path() != null) {
            return demand.path();
        }
        return joined(operation.path(), UsageText::withoutId);
    }

    /** The path as it was asked for; null for one that names nothing. */
    static @Nullable String path(ApiPath path) {
        return path.isValid() ? joined(path, UsageText::segment) : null;
    }

    /** No further than it is kept: callers may send thousands of segments. */
    private static String joined(ApiPath path, UnaryOperator<String> written) {
        StringBuilder text = new StringBuilder();
        for (String segment : path.segments()) {
            if (text.length() > LONGEST_PATH) {
                break;
            }
            text.append('/').append(written.apply(segment));
        }
        return text.length() == 0 ? "/" : cut(text.toString());
    }

    static String method(String method) {
        String clean = clean(method);
        return clean.length() > LONGEST_METHOD ? clean.substring(0, LONGEST_METHOD) : clean;
    }

    /** Id or key of a store; anything else is no store's, and is not kept. */
    static String store(String idOrKey) {
        boolean mayBe = !idOrKey.isEmpty() && idOrKey.length() <= LONGEST_STORE;
        // No pattern: it is asked on the path of every verification that names a store.
        for (int i = 0; mayBe && i < idOrKey.length(); i++) {
            char character = idOrKey.charAt(i);
            mayBe = character >= 'a' && character <= 'z' || character >= '0' && character <= '9'
                    || i > 0 && (character == '-' || character == '_');
        }
        return mayBe ? idOrKey : UsedNames.OTHER;
    }

    private static String withoutId(String segment) {
        boolean isId = segment.length() > LONGEST_SEGMENT
                || segment.chars().anyMatch(Character::isDigit) && !VERSION.matcher(segment).matches();
        return isId ? "*" : clean(segment);
    }

    private static String segment(String segment) {
        return LikelySecret.is(segment) ? LEFT_OUT : clean(segment);
    }

    private static String clean(String text) {
        return UNPRINTABLE.matcher(text).replaceAll("?");
    }

    private static String cut(String text) {
        return text.length() > LONGEST_PATH ? text.substring(0, LONGEST_PATH - 1) + LEFT_OUT : text;
    }
}
