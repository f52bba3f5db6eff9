package dev.latchkey.key;

import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import org.jspecify.annotations.Nullable;

/**
 * What the holder of a refused key is told. Unknown, foreign and malformed look alike to it; only a verifier is told which.
 */
final class Refusals {

    static final String CHALLENGE = "Bearer realm=\"latchkey\"";
    private static final String INVALID_CHALLENGE = CHALLENGE + ", error=\"invalid_token\"";

    private Refusals() {
    }

    static ProblemException missing() {
        return new ProblemException(ProblemCode.UNAUTHENTICATED,
                "Send an API key in X-API-Key, or a token in Authorization: Bearer.").with("WWW-Authenticate", CHALLENGE);
    }

    /** @param verdict any but {@code VALID} */
    static ProblemException of(Verdict verdict) {
        return switch (verdict.code()) {
            case MALFORMED, NOT_FOUND, BAD_SECRET -> unauthorized(ProblemCode.INVALID_KEY, "The API key is not valid.");
            case REVOKED -> unauthorized(ProblemCode.KEY_REVOKED, "The API key has been revoked or replaced.");
            case INACTIVE -> unauthorized(ProblemCode.KEY_INACTIVE, "The API key is switched off.");
            case EXPIRED -> unauthorized(ProblemCode.KEY_EXPIRED, "The API key has expired.");
            case IP_FORBIDDEN -> new ProblemException(ProblemCode.NETWORK_FORBIDDEN,
                    "The API key may not be used from this network.");
            case STORE_FORBIDDEN -> new ProblemException(ProblemCode.STORE_FORBIDDEN,
                    "The API key does not reach this store.");
            case METHOD_FORBIDDEN -> new ProblemException(ProblemCode.METHOD_FORBIDDEN,
                    "The API key does not allow this operation.");
            case SCOPE_MISSING -> new ProblemException(ProblemCode.SCOPE_MISSING,
                    "The API key lacks a scope that this operation demands.");
            case RATE_LIMITED -> limited(verdict.quota());
            case VALID -> throw new IllegalArgumentException("a valid key is not refused");
        };
    }

    static ProblemException limited(@Nullable Quota quota) {
        if (quota == null) {
            throw new IllegalArgumentException("a limited verdict tells its quota");
        }
        return new ProblemException(ProblemCode.RATE_LIMITED, "The API key has used its " + quota.limit() + " requests in "
                + quota.windowSeconds() + " seconds; try again in " + quota.secondsToReset() + " seconds.")
                .with("Retry-After", Long.toString(quota.secondsToReset())).with("RateLimit", quota.limitField())
                .with("RateLimit-Policy", quota.policyField());
    }

    private static ProblemException unauthorized(ProblemCode code, String detail) {
        return new ProblemException(code, detail).with("WWW-Authenticate", INVALID_CHALLENGE);
    }
}
