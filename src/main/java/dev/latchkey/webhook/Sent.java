package dev.latchkey.webhook;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

import dev.latchkey.net.Header;
import dev.latchkey.net.OutboundOutcome;

/**
 * One attempt, as it went. What may not be told, where a name leads, is in none of it.
 *
 * @param startedAt by the replica's clock, as in {@code webhook-timestamp}
 * @param took zero where no address may be told of
 * @param headers of the request, but those that only the client sets
 * @param outcome never {@code BLOCKED}, which is told as {@code UNRESOLVED}
 */
record Sent(Instant startedAt, Duration took, List<Header> headers, OutboundOutcome outcome) {

    Sent {
        headers = List.copyOf(headers);
    }

    /** What follows from it. */
    DeliveryOutcome delivery() {
        return DeliveryOutcome.of(outcome, startedAt.plus(took));
    }
}
