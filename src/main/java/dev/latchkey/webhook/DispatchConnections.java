package dev.latchkey.webhook;

import java.util.List;
import java.util.concurrent.TimeUnit;

import jakarta.inject.Singleton;

import io.quarkus.reactive.datasource.ReactiveDataSource;
import io.quarkus.reactive.pg.client.PgPoolCreator;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnectOptions;

/**
 * The dispatcher's own few connections, never through a pooler (data source {@code dispatch}): requests and deliveries do not
 * wait for each other's.
 *
 * <p>
 * Its statements are planned once, for tables as large as they may become. A queue is empty at one moment and holds a hundred
 * thousand rows at the next, and a plan for the empty one reads it from end to end until the next analysis. So whole tables are
 * not read, and there is one way left to find a row: by an index, for one that is known. The statements say which comes first:
 * {@code cross join lateral (… offset 0)} looks something up for each row on its left, {@code = any (array[x])} does so where
 * rows are written, since it is no equality by which tables could be joined the other way round.
 */
@Singleton
@ReactiveDataSource(DispatchConnections.NAME)
class DispatchConnections implements PgPoolCreator {

    static final String NAME = "dispatch";

    private static final int CONNECT_MILLIS = 3_000;
    private static final int SILENT_SECONDS = 20;
    private static final int WAIT_SECONDS = 5;
    /** Characters of a statement that is kept prepared. */
    private static final int PREPARED_CHARACTERS = 10_000;
    private static final String STATEMENT_MILLIS = "15000";

    @Override
    public Pool create(Input input) {
        input.pgConnectOptionsList().forEach(DispatchConnections::settle);
        return PgBuilder.pool()
                .with(input.poolOptions().setConnectionTimeout(WAIT_SECONDS).setConnectionTimeoutUnit(TimeUnit.SECONDS))
                .connectingTo(List.<SqlConnectOptions> copyOf(input.pgConnectOptionsList())).using(input.vertx()).build();
    }

    static void settle(PgConnectOptions options) {
        options.setConnectTimeout(CONNECT_MILLIS).setTcpKeepAlive(true).setIdleTimeout(SILENT_SECONDS)
                .setIdleTimeoutUnit(TimeUnit.SECONDS).setPreparedStatementCacheSqlLimit(PREPARED_CHARACTERS);
        options.addProperty("enable_seqscan", "off").addProperty("enable_bitmapscan", "off")
                .addProperty("enable_hashjoin", "off").addProperty("enable_mergejoin", "off")
                .addProperty("plan_cache_mode", "force_generic_plan")
                .addProperty("jit", "off").addProperty("work_mem", "16MB")
                .addProperty("statement_timeout", STATEMENT_MILLIS);
    }
}
