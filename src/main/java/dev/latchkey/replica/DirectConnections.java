package dev.latchkey.replica;

import java.util.List;
import java.util.concurrent.TimeUnit;

import jakarta.inject.Singleton;

import io.quarkus.reactive.datasource.ReactiveDataSource;
import io.quarkus.reactive.pg.client.PgPoolCreator;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnectOptions;
import org.jspecify.annotations.Nullable;

/**
 * Connections to the database itself, never through a pooler: for listening, which needs a session of its own, and for the
 * statements that everything else waits for, so that overload cannot starve them. The data source is the named one
 * {@code direct}; it goes where the default one goes unless it is configured otherwise.
 */
@Singleton
@ReactiveDataSource(DirectConnections.NAME)
class DirectConnections implements PgPoolCreator {

    static final String NAME = "direct";

    private static final int CONNECT_MILLIS = 3_000;
    /** Heartbeats come more often than this; a connection on which nothing comes is dead. */
    static final int SILENT_SECONDS = 8;
    private static final int WAIT_SECONDS = 5;
    /** Characters of a statement that is kept prepared: that which takes tokens is longer than the default of 2,048. */
    private static final int PREPARED_CHARACTERS = 10_000;
    private static final String LOCK_MILLIS = "2500";
    private static final String STATEMENT_MILLIS = "4000";

    private @Nullable Vertx vertx;
    private @Nullable PgConnectOptions options;

    @Override
    public Pool create(Input input) {
        input.pgConnectOptionsList().forEach(each -> each.setConnectTimeout(CONNECT_MILLIS).setTcpKeepAlive(true)
                .setIdleTimeout(SILENT_SECONDS).setIdleTimeoutUnit(TimeUnit.SECONDS)
                .setPreparedStatementCacheSqlLimit(PREPARED_CHARACTERS));
        // A statement that waits for a lock, or that nobody waits for any more, must not hold up what comes behind it.
        input.pgConnectOptionsList().forEach(each -> each.addProperty("lock_timeout", LOCK_MILLIS)
                .addProperty("statement_timeout", STATEMENT_MILLIS));
        vertx = input.vertx();
        options = input.pgConnectOptionsList().get(0);
        return PgBuilder.pool()
                .with(input.poolOptions().setConnectionTimeout(WAIT_SECONDS).setConnectionTimeoutUnit(TimeUnit.SECONDS))
                .connectingTo(List.<SqlConnectOptions> copyOf(input.pgConnectOptionsList())).using(input.vertx()).build();
    }

    /** A connection of the caller's own, to be closed by it. The pool must have been made before. */
    Uni<PgConnection> open() {
        if (vertx == null || options == null) {
            throw new IllegalStateException("the pool of direct connections has not been made yet");
        }
        return Uni.createFrom().completionStage(PgConnection.connect(vertx, options).toCompletionStage());
    }
}
