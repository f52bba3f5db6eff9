package dev.latchkey.boot;

import java.util.Arrays;
import java.util.logging.Filter;
import java.util.logging.LogRecord;

import io.quarkus.logging.LoggingFilter;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one error of the PostgreSQL client's pool out of the log, which every restart of the database would fill with it:
 * where a connection cannot be had, the caller is told so, and the timer that bounds his wait goes on and tells him once
 * more (https://github.com/eclipse-vertx/vertx-sql-client/issues/1706; issue 1567 there is the same where a connection is
 * asked for). Nobody hears the second time, so nothing is lost by it. At DEBUG it is told in one line; whatever else says
 * the same, or the pool says else, stays.
 */
@LoggingFilter(name = LatePoolTimeouts.NAME)
public final class LatePoolTimeouts implements Filter {

    static final String NAME = "late-pool-timeouts";

    private static final Logger LOG = Logger.getLogger(LatePoolTimeouts.class);
    private static final String POOL = "io.vertx.sqlclient.impl.pool.SqlConnectionPool";
    /** Of the promise, of which there is one for everything. */
    private static final String MESSAGE = "Result is already complete";
    /** The promise's own, and then the pool's. */
    private static final int NEAR = 3;

    @Override
    public boolean isLoggable(LogRecord line) {
        if (!isLate(line.getThrown())) {
            return true;
        }
        LOG.debug("a timeout of the connection pool came after its caller had been answered");
        return false;
    }

    private static boolean isLate(@Nullable Throwable fault) {
        return fault instanceof IllegalStateException && MESSAGE.equals(fault.getMessage())
                && Arrays.stream(fault.getStackTrace()).limit(NEAR)
                        .anyMatch(frame -> frame.getClassName().startsWith(POOL));
    }
}
