package dev.latchkey.key;

import java.util.Locale;

/** Where a key's rate limit comes from, as {@code api_key.limit_source} holds it. */
enum LimitSource {
    /** The organization's default as it stands at the time of the request. */
    ORGANIZATION,
    /** The key names its own. */
    KEY,
    /** None. */
    UNLIMITED;

    static LimitSource of(String column) {
        return valueOf(column.toUpperCase(Locale.ROOT));
    }

    String column() {
        return name().toLowerCase(Locale.ROOT);
    }
}
