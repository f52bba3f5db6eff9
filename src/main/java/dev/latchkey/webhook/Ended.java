package dev.latchkey.webhook;

import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * An attempt that has ended and is to be written down.
 *
 * @param answer what is kept of it; null where there was none
 * @param pause until the next attempt; null: it was delivered, or that was the last one
 */
record Ended(Claimed delivery, Sent sent, DeliveryOutcome outcome, @Nullable AnswerExcerpt answer, @Nullable Duration pause) {

    boolean isDelivered() {
        return outcome.code() == DeliveryOutcome.Code.DELIVERED;
    }

    /** By the replica's clock. */
    Instant at() {
        return sent.startedAt().plus(sent.took());
    }
}
