package dev.latchkey.key;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

import dev.latchkey.key.KeySnapshot.StoreReference;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Row;
import org.jspecify.annotations.Nullable;

/** What the statements of this package select alike. */
final class Rows {

    /** The stores of a key {@code k} as a JSON array of ids and keys, by the primary keys of both tables. */
    static final String STORES = """
            (select coalesce(json_agg(json_build_object('id', s.id, 'key', s.key) order by s.key), '[]')
               from api_key_store ks join store s on s.id = ks.store_id where ks.key_id = k.id) as stores
            """;

    private Rows() {
    }

    /** What {@link #STORES} selected; null for a key of all stores. */
    static @Nullable List<StoreReference> stores(Row row) {
        return row.getBoolean("all_stores") ? null
                : ((JsonArray) row.getValue("stores")).stream().map(JsonObject.class::cast)
                        .map(store -> new StoreReference(UUID.fromString(store.getString("id")), store.getString("key")))
                        .toList();
    }

    static @Nullable Instant instant(Row row, String column) {
        return row.getOffsetDateTime(column) == null ? null : row.getOffsetDateTime(column).toInstant();
    }
}
