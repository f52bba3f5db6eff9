package dev.latchkey.webhook;

import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * An attempt that has ended and is to be written down.
 *
 * @param version of the webhook that it was sent to
 * @param answer what is kept of it; null where there was none
 * @param pause until the next attempt; null: it was delivered, or that was the last one
 */
record Ended(Claimed delivery, long version, Sent sent, DeliveryOutcome outcome, @Nullable AnswerExcerpt answer,
        @Nullable Duration pause) {

    boolean isDelivered() {
        return outcome.code() == DeliveryOutcome.Code.DELIVERED;
    }

    /** By the replica's clock. */
    Instant at() {
        return sent.startedAt().plus(sent.took());
    }

    /** Without what the other side has said. */
    Ended withoutAnswer() {
        return new Ended(delivery, version, sent, outcome, null, pause);
    }
}
