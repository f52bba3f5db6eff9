package dev.latchkey.webhook;

import java.time.Duration;
import java.util.UUID;

import com.github.f4b6a3.uuid.UuidCreator;
import org.jspecify.annotations.Nullable;

/**
 * An attempt that has ended and is to be written down.
 *
 * @param attempt its id, under which it is written once, however often that is tried
 * @param version of the webhook that it was sent to
 * @param answer what is kept of it; null where there was none
 * @param pause until the next attempt; null: it was delivered, or that was the last one
 * @param isAgain whether it may have been written before
 */
record Ended(Claimed delivery, UUID attempt, long version, Sent sent, DeliveryOutcome outcome, @Nullable AnswerExcerpt answer,
        @Nullable Duration pause, boolean isAgain) {

    /** One that has just ended. */
    static Ended of(Claimed delivery, long version, Sent sent, @Nullable AnswerExcerpt answer, @Nullable Duration pause) {
        return new Ended(delivery, UuidCreator.getTimeOrderedEpoch(), version, sent, sent.delivery(), answer, pause, false);
    }

    boolean isDelivered() {
        return outcome.code() == DeliveryOutcome.Code.DELIVERED;
    }

    /** Without what the other side has said. */
    Ended withoutAnswer() {
        return new Ended(delivery, attempt, version, sent, outcome, null, pause, isAgain);
    }

    /** The same, of which nobody knows whether it is written. */
    Ended again() {
        return new Ended(delivery, attempt, version, sent, outcome, answer, pause, true);
    }
}
