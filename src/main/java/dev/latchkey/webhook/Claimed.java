package dev.latchkey.webhook;

import java.time.Instant;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * A delivery that is this replica's own, and all that it takes to send it.
 *
 * @param id of the delivery
 * @param version of the webhook, by which it is remembered
 * @param event what it tells of
 * @param attempt how many there were before
 * @param bytes of its data
 * @param failures of the endpoint in a row
 * @param claim under which it is held
 */
record Claimed(UUID id, UUID webhook, long version, UUID organization, Happened event, int attempt, int bytes,
        int failures, UUID claim) {

    /**
     * An event as receivers are told.
     *
     * @param id as they know it
     * @param at when it was published, which names the partition of the event, of its deliveries and their attempts
     * @param storeKey null for no store, and where a deleted one's was not kept
     * @param data JSON as it was published
     * @param trace {@code traceparent} of the request that published it
     */
    record Happened(String id, String type, Instant at, @Nullable UUID storeId, @Nullable String storeKey, String data,
            @Nullable String trace) {

        /** What somebody's customers did is nobody's business in a log. */
        @Override
        public String toString() {
            return "Happened[id=" + id + ", type=" + type + ", data=***]";
        }
    }
}
