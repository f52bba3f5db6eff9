package dev.latchkey.webhook;

import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Singleton;

import dev.latchkey.net.Destination;
import dev.latchkey.net.Phases;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonArray;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/** The reads of attempts. */
@Singleton
class AttemptQueries {

    private static final int MOST = 200;

    private final Pool database;

    AttemptQueries(Pool database) {
        this.database = database;
    }

    // By the primary key of the day.
    /**
     * The attempts of a delivery, the earliest first.
     *
     * @param at of the delivery, which names the day
     * @param url where the webhook is by now, which the sentences name
     */
    Uni<List<DeliveryView.Attempt>> of(UUID delivery, OffsetDateTime at, String url) {
        @Nullable
        Destination to = Destination.parse(url).orNull();
        return database.preparedQuery("""
                select * from (select * from attempt where delivery_id = $1 and at = $2 order by id desc limit $3) a
                 order by a.id
                """).execute(Tuple.of(delivery, at, MOST)).map(rows -> rows.stream().map(row -> attempt(row, to)).toList());
    }

    private static DeliveryView.Attempt attempt(Row row, @Nullable Destination to) {
        JsonArray pairs = (JsonArray) row.getValue("headers");
        Map<String, String> headers = pairs == null ? null : headers(pairs);
        return new DeliveryView.Attempt(row.getOffsetDateTime("started_at").toInstant(), row.getInteger("took_ms"),
                row.getInteger("status"), headers, row.getString("body"), row.getBoolean("truncated"),
                error(row, to, headers), DummyView.Steps.of(new Phases(row.getDouble("dns_ms"), row.getDouble("connect_ms"),
                        row.getDouble("tls_ms"), row.getDouble("first_byte_ms"))));
    }

    private static Map<String, String> headers(JsonArray pairs) {
        Map<String, String> headers = new LinkedHashMap<>();
        pairs.stream().map(JsonArray.class::cast)
                .forEach(pair -> headers.merge(pair.getString(0), pair.getString(1), (one, other) -> one + ", " + other));
        return headers;
    }

    /** In the words that a dummy gets. */
    private static DummyView.@Nullable Error error(Row row, @Nullable Destination to, @Nullable Map<String, String> headers) {
        String code = row.getString("error");
        DeliveryError error = code == null ? null : DeliveryError.of(code).orElse(null);
        if (code == null) {
            return null;
        }
        String location = headers == null ? null
                : headers.entrySet().stream()
                        .filter(header -> header.getKey().equalsIgnoreCase("Location")).map(Map.Entry::getValue).findFirst()
                        .orElse(null);
        return new DummyView.Error(code,
                error == null || to == null ? code
                        : DeliveryAdvice.of(to, new DeliveryAdvice.Fault(error,
                                row.getString("detail"), row.getInteger("status"), Duration.ofMillis(row.getInteger("took_ms")),
                                location)));
    }
}
