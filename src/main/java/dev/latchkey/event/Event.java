package dev.latchkey.event;

import java.util.UUID;

import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened.
 *
 * @param type of the catalogue of event types, as {@code key.revoked}
 * @param storeId the store that it concerns; null where it concerns the organization
 * @param data what a receiver is told, at most 256 KiB as JSON; never a secret
 */
public record Event(String type, @Nullable UUID storeId, JsonObject data) {

    /** Of the whole organization. */
    public static Event of(String type, JsonObject data) {
        return new Event(type, null, data);
    }
}
