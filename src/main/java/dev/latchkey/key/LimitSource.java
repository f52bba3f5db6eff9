package dev.latchkey.key;

import java.util.Locale;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** Where a key's rate limit comes from, as {@code api_key.limit_source} holds it. */
@Schema(name = "RateLimitSource")
enum LimitSource {
    /** The organization's default as it stands at the time of the request. */
    @JsonProperty("organization")
    ORGANIZATION,
    /** The key names its own. */
    @JsonProperty("key")
    KEY,
    /** None. */
    @JsonProperty("unlimited")
    UNLIMITED;

    static LimitSource of(String column) {
        return valueOf(column.toUpperCase(Locale.ROOT));
    }

    String column() {
        return name().toLowerCase(Locale.ROOT);
    }
}
