package dev.latchkey.boot;

import java.util.List;
import java.util.concurrent.TimeUnit;

import jakarta.inject.Singleton;

import io.quarkus.reactive.pg.client.PgPoolCreator;
import io.vertx.pgclient.PgBuilder;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnectOptions;

/**
 * The pool with bounded waits, which Quarkus has no settings for: a caller that waits longer than this is better told that
 * the database is away. A connection on which nothing comes and goes for long is closed: where packets are dropped rather
 * than refused, nothing else would end its statement for a quarter of an hour.
 */
@Singleton
final class DatabasePool implements PgPoolCreator {

    private static final int CONNECT_MILLIS = 3_000;
    private static final int WAIT_SECONDS = 5;
    private static final int SILENT_SECONDS = 20;
    private static final int MAX_WAITING = 2_000;
    /** Characters of a statement that is kept prepared; by default it would be 2,048, and the longest would not be. */
    private static final int PREPARED_CHARACTERS = 10_000;
    /** How a statement begins that is not kept: one for which no plan is good whatever its values are. */
    private static final String PLANNED_EACH_TIME = "/* planned each time */";

    @Override
    public Pool create(Input input) {
        input.pgConnectOptionsList().forEach(options -> options.setConnectTimeout(CONNECT_MILLIS).setTcpKeepAlive(true)
                .setIdleTimeout(SILENT_SECONDS).setIdleTimeoutUnit(TimeUnit.SECONDS)
                .setPreparedStatementCacheSqlFilter(
                        sql -> sql.length() <= PREPARED_CHARACTERS && !sql.startsWith(PLANNED_EACH_TIME)));
        return PgBuilder.pool()
                .with(input.poolOptions().setConnectionTimeout(WAIT_SECONDS).setConnectionTimeoutUnit(TimeUnit.SECONDS)
                        .setMaxWaitQueueSize(MAX_WAITING))
                .connectingTo(List.<SqlConnectOptions> copyOf(input.pgConnectOptionsList())).using(input.vertx()).build();
    }
}
