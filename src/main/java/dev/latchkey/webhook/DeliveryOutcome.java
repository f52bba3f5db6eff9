package dev.latchkey.webhook;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;

import dev.latchkey.net.OutboundAnswer;
import dev.latchkey.net.OutboundOutcome;
import org.jspecify.annotations.Nullable;

/**
 * What an attempt has come to.
 *
 * @param status of the answer; null where there was none
 * @param error what went wrong; null exactly for what was delivered
 * @param detail a word that narrows the error, as docs/egress.md has them; null for none. Nothing of it comes from the receiver
 * @param retryAfter for how long the receiver asks not to be called, more than zero; null: it does not
 */
record DeliveryOutcome(Code code, @Nullable Integer status, @Nullable DeliveryError error, @Nullable String detail,
        @Nullable Duration retryAfter) {

    private static final int GONE = 410;

    /** What follows from it. */
    enum Code {
        /** An answer of 200 to 299, read to its end or to as much as is kept. */
        DELIVERED,
        /** It is to be tried again, while attempts are left. */
        RETRY,
        /** The receiver wants nothing any more (410). */
        GONE
    }

    DeliveryOutcome {
        requireNonNull(code, "code");
        if ((code == Code.DELIVERED) != (error == null)) {
            throw new IllegalArgumentException("an error exactly where it was not delivered");
        }
    }

    /** @param endedAt from when a date in {@code Retry-After} is counted */
    static DeliveryOutcome of(OutboundOutcome outcome, Instant endedAt) {
        OutboundAnswer answer = outcome.answer();
        return answer == null
                ? new DeliveryOutcome(Code.RETRY, null, DeliveryError.of(outcome), DeliveryError.detail(outcome), null)
                : of(answer, endedAt);
    }

    private static DeliveryOutcome of(OutboundAnswer answer, Instant endedAt) {
        int status = answer.status();
        if (status >= 200 && status < 300) {
            return new DeliveryOutcome(Code.DELIVERED, status, null, null, null);
        }
        boolean redirects = status >= 300 && status < 400;
        return new DeliveryOutcome(status == GONE ? Code.GONE : Code.RETRY, status,
                redirects ? DeliveryError.REDIRECT : DeliveryError.HTTP_STATUS, null, answer.retryAfter(endedAt).orElse(null));
    }
}
