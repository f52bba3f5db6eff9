package dev.latchkey.webhook;

import java.util.function.Function;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlConnection;

/**
 * Work of which one replica does a batch at a time, each in a transaction of its own: so who finds nothing left knows that
 * nobody else is in the middle of it. No lock is held between batches, hence no connection either.
 */
final class Alone {

    private static final String LOCK = "select pg_try_advisory_xact_lock(hashtextextended('%s', 0)) as locked";

    private final Pool database;
    private final String lock;

    /** @param name of the work; what is named alike excludes each other */
    Alone(Pool database, String name) {
        this.database = database;
        this.lock = LOCK.formatted(name);
    }

    /** Another replica is at it. */
    static final class ElsewhereException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        ElsewhereException() {
            super("another replica is at it", null, false, false);
        }
    }

    /** One batch, which fails with {@link ElsewhereException} while another replica is at one. */
    <T> Uni<T> batch(Function<SqlConnection, Uni<T>> work) {
        return database.withTransaction(connection -> connection.query(lock).execute()
                .flatMap(rows -> rows.iterator().next().getBoolean("locked") ? work.apply(connection)
                        : Uni.createFrom().failure(new ElsewhereException())));
    }
}
