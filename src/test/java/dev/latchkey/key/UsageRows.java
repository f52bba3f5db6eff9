package dev.latchkey.key;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.NullUnmarked;

/** What is in the database of the uses of a key. */
@NullUnmarked
record UsageRows(Pool database) {

    List<Row> rows(String sql, UUID key) {
        List<Row> rows = new ArrayList<>();
        database.preparedQuery(sql).executeAndAwait(Tuple.of(key)).forEach(rows::add);
        return rows;
    }

    long count(UUID key, String name) {
        return database
                .preparedQuery("select coalesce(sum(count), 0)::bigint as sum from key_usage where key_id = $1 and name = $2")
                .executeAndAwait(Tuple.of(key, name)).iterator().next().getLong("sum");
    }

    List<String> findings(UUID key, String kind) {
        return rows("select kind, subject from key_finding where key_id = $1 order by subject", key).stream()
                .filter(row -> row.getString("kind").equals(kind)).map(row -> row.getString("subject")).toList();
    }
}
