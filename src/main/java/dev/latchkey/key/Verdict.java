package dev.latchkey.key;

import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What became of a verification. A refusal is an expected outcome, hence a value.
 *
 * @param code the first reason that applies, or {@link Code#VALID}
 * @param key what is known of the key; null where nothing may be told of any key
 * @param quota what is left of the key's limit; null where it has none or was not asked
 */
record Verdict(Code code, @Nullable KeySnapshot key, @Nullable Quota quota) {

    /** The codes of the REST contract, in the order in which they are judged. */
    @Schema(name = "VerdictCode")
    enum Code {
        MALFORMED,
        NOT_FOUND,
        BAD_SECRET,
        REVOKED,
        INACTIVE,
        EXPIRED,
        IP_FORBIDDEN,
        STORE_FORBIDDEN,
        METHOD_FORBIDDEN,
        SCOPE_MISSING,
        RATE_LIMITED,
        VALID
    }

    static Verdict nothingKnown(Code code) {
        return new Verdict(code, null, null);
    }

    static Verdict of(Code code, KeySnapshot key) {
        return new Verdict(code, key, null);
    }

    boolean valid() {
        return code == Code.VALID;
    }
}
