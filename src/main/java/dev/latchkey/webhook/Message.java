package dev.latchkey.webhook;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.UUID;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import io.vertx.mutiny.sqlclient.Row;
import org.jspecify.annotations.Nullable;

/**
 * An event as its receivers get it, all of them and each time the very same bytes.
 *
 * @param id {@code webhook-id}, by which a receiver knows repetitions
 * @param body {@code {"id", "type", "timestamp", "store": {"id", "key"} | null, "data"}}
 * @param trace W3C traceparent of the request that published it; null for none
 */
record Message(String id, Buffer body, @Nullable String trace) {

    /**
     * What is told of an event beside its data.
     *
     * @param id as receivers see it
     * @param at when it was published
     * @param store where it happened; null for the whole organization
     * @param trace as above
     */
    record Head(String id, String type, Instant at, @Nullable Store store, @Nullable String trace) {

        /** The same, in a store. */
        Head in(Store where) {
            return new Head(id, type, at, where, trace);
        }
    }

    /**
     * Where it happened.
     *
     * @param key as it was when the event was published; of events from before that was kept as it is now, and null once the
     *        store is deleted
     */
    record Store(UUID id, @Nullable String key) {
    }

    /** @param data JSON, which goes out as it stands */
    static Message of(Head head, String data) {
        StringBuilder body = new StringBuilder(256 + data.length());
        body.append("{\"id\":").append(Json.encode(head.id())).append(",\"type\":").append(Json.encode(head.type()))
                .append(",\"timestamp\":\"").append(head.at()).append("\",\"store\":");
        Store store = head.store();
        if (store == null) {
            body.append("null");
        } else {
            body.append("{\"id\":\"").append(store.id()).append("\",\"key\":")
                    .append(store.key() == null ? "null" : Json.encode(store.key())).append('}');
        }
        body.append(",\"data\":").append(data).append('}');
        return new Message(head.id(), Buffer.buffer(body.toString()), head.trace());
    }

    /**
     * Of a row with {@code public_id}, {@code type}, {@code event_at}, {@code store_id}, {@code store_key}, {@code data} as
     * text, and {@code trace}.
     */
    static Message of(Row row) {
        OffsetDateTime at = row.getOffsetDateTime("event_at");
        UUID store = row.getUUID("store_id");
        return of(new Head(row.getString("public_id"), row.getString("type"), at.toInstant(),
                store == null ? null : new Store(store, row.getString("store_key")), row.getString("trace")),
                row.getString("data"));
    }

    /** Without the body, which is somebody's. */
    @Override
    public String toString() {
        return "Message[id=" + id + ", bytes=" + body.length() + "]";
    }
}
