package dev.latchkey.bench;

import java.sql.SQLException;
import java.util.List;

import dev.latchkey.testing.Databases.Database;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** What delivers events to endpoints: Latchkey, or another's product at the same job. */
interface Dispatcher extends AutoCloseable {

    /** An order as platforms publish it, about 200 bytes. */
    static JsonObject event(String id, String type) {
        return new JsonObject().put("id", id).put("type", type)
                .put("data", new JsonObject().put("id", "100045").put("number", "#100045").put("status", "pending")
                        .put("currency", "EUR").put("total", "59.90").put("customerId", "c-2001")
                        .put("createdAt", "2026-11-22T09:29:58Z").put("lines", new JsonArray().add(
                                new JsonObject().put("sku", "TSHIRT-M-BLUE").put("quantity", 2).put("price", "24.95"))));
    }

    /** Publishes up to 500 events and waits until they stand. */
    void publish(JsonArray events) throws Exception;

    /** How many deliveries are still queued. */
    long queued() throws SQLException;

    /** How many attempts it has written down. */
    long attempts() throws SQLException;

    /** The processes that dispatch. */
    List<Long> pids();

    Database database();

    @Override
    void close();
}
