package dev.latchkey.web;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;

/** The idempotency records of one organization, as a test finds and alters them behind the application. */
final class IdempotencyRows {

    private static final String MINE = " where organization_id = (select id from organization where key = $1)";

    private final Pool database;
    private final String organization;

    IdempotencyRows(Pool database, String organization) {
        this.database = database;
        this.organization = organization;
    }

    RowSet<Row> execute(String sql, Object... parameters) {
        return database.preparedQuery(sql).executeAndAwait(Tuple.from(Arrays.asList(parameters)));
    }

    long count() {
        return execute("select count(*) from idempotency" + MINE, organization).iterator().next().getLong(0);
    }

    void set(String assignments) {
        execute("update idempotency set " + assignments + MINE, organization);
    }

    /** As if that much time had passed. */
    void age(String interval) {
        String less = " - interval '" + interval + "'";
        set("created_at = created_at" + less + ", expires_at = expires_at" + less + ", answer_dies_at = answer_dies_at" + less);
    }

    /** As if the replica had died between the commit and the answer. */
    void loseAnswers() {
        set("answer = null, answer_dies_at = null");
    }

    /** Every column of every row, bytes both as hexadecimal and as characters. */
    String dump() {
        StringBuilder dump = new StringBuilder();
        for (Row row : execute("select * from idempotency" + MINE, organization)) {
            for (int i = 0; i < row.size(); i++) {
                Object value = row.getValue(i);
                if (value instanceof Buffer bytes) {
                    dump.append(new String(bytes.getBytes(), StandardCharsets.ISO_8859_1)).append('\n');
                }
                dump.append(value).append('\n');
            }
        }
        return dump.toString();
    }
}
