package dev.latchkey.credential;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * What became of asking a token endpoint.
 *
 * @param granted present exactly when the code is {@code GRANTED}
 * @param error a word for people and rows: of RFC 6749 section 5.2 where the endpoint has said one of those that are known,
 *        else one of ours. Nothing else of the answer is kept, since it may hold a token. Null when it is granted
 * @param httpStatus null: there was no answer
 * @param retryAfter as the endpoint asks for; null: it does not
 */
record RefreshOutcome(Code code, @Nullable Granted granted, @Nullable String error, @Nullable Integer httpStatus,
        @Nullable Duration retryAfter) {

    /** What it means for the pair, and for whom. */
    enum Code {
        /** There is a new pair. */
        GRANTED,
        /** The grant is gone, for good: {@code invalid_grant}. */
        GRANT_REFUSED,
        /** The OAuth app is not accepted, which is its fault and not that of one credential: {@code invalid_client}. */
        CLIENT_REFUSED,
        /** It was refused for what was asked, not for whom: a wrong address, a scope, a way that is not spoken there. */
        REJECTED,
        /** It says that it succeeded, and what it holds cannot be used: the refresh token has to be taken for spent. */
        WITHOUT_PAIR,
        /** Too many requests, or the endpoint fails: the pair stands, as far as the endpoint says. */
        BUSY,
        /** Nothing was sent, so nothing is spent. */
        UNREACHED,
        /** It was sent, and no whole answer came: whether the refresh token was spent, nobody here knows. */
        LOST
    }

    RefreshOutcome {
        if ((code == Code.GRANTED) != (granted != null)) {
            throw new IllegalArgumentException("a pair exactly when it is granted");
        }
    }

    static RefreshOutcome of(Granted granted, int httpStatus) {
        return new RefreshOutcome(Code.GRANTED, granted, null, httpStatus, null);
    }

    static RefreshOutcome failed(Code code, String error, @Nullable Integer httpStatus) {
        return new RefreshOutcome(code, null, error, httpStatus, null);
    }

    static RefreshOutcome busy(String error, int httpStatus, @Nullable Duration retryAfter) {
        return new RefreshOutcome(Code.BUSY, null, error, httpStatus, retryAfter);
    }
}
