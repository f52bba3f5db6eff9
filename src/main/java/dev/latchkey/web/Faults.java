package dev.latchkey.web;

import java.io.IOException;
import java.sql.SQLException;
import java.util.concurrent.TimeoutException;

import jakarta.persistence.OptimisticLockException;

import io.vertx.core.VertxException;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.impl.NoStackTraceThrowable;
import io.vertx.core.impl.NoStackTraceTimeoutException;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.ClosedConnectionException;
import org.hibernate.StaleStateException;
import org.jspecify.annotations.Nullable;

/** Tells faults of the database apart: away, which passes; data that it cannot hold, which the caller sent. */
public final class Faults {

    private Faults() {
    }

    /**
     * Whether the database could not be reached or ended the connection: connection exceptions (class 08), shutdown and
     * start-up (57P), out of connections or other resources (53), a cancelled statement (57014), a primary that turned
     * read-only in a failover (25006); or that the pool has no connection to give.
     */
    static boolean isDatabaseAway(Throwable fault) {
        for (Throwable cause = fault; cause != null; cause = cause.getCause()) {
            String state = ownSqlState(cause);
            if (state != null) {
                return state.startsWith("08") || state.startsWith("57P") || state.startsWith("53") || state.equals("57014")
                        || state.equals("25006");
            }
            // The pool and the connection speak in plain texts and unnamed types.
            if (cause instanceof IOException || cause instanceof TimeoutException
                    || cause instanceof io.smallrye.mutiny.TimeoutException
                    || cause instanceof NoStackTraceTimeoutException || cause instanceof ClosedConnectionException
                    || cause instanceof ConnectionPoolTooBusyException
                    || (cause instanceof NoStackTraceThrowable || cause instanceof VertxException)
                            && tellsOfConnection(cause.getMessage())) {
                return true;
            }
        }
        return false;
    }

    /** "Timeout", "Timeout waiting for connection", "Connection is not active now, current status: CLOSED". */
    private static boolean tellsOfConnection(@Nullable String message) {
        return message != null && (message.startsWith("Timeout") || message.startsWith("Connection "));
    }

    /** Whether the database refused a value as such (class 22): text with NUL, a number out of range. */
    static boolean isUnstorable(Throwable fault) {
        String state = sqlState(fault);
        return state != null && state.startsWith("22");
    }

    /**
     * Whether two transactions got into each other's way (class 40), or one found a row that another one had changed, or
     * referred to one that had gone (23503).
     */
    static boolean isRace(Throwable fault) {
        for (Throwable cause = fault; cause != null; cause = cause.getCause()) {
            String state = ownSqlState(cause);
            if (cause instanceof StaleStateException || cause instanceof OptimisticLockException
                    || state != null && (state.startsWith("40") || state.equals("23503"))) {
                return true;
            }
        }
        return false;
    }

    /** What the database called it; null where it did not say anything. */
    public static @Nullable String sqlState(Throwable fault) {
        String state = null;
        for (Throwable cause = fault; cause != null && state == null; cause = cause.getCause()) {
            state = ownSqlState(cause);
        }
        return state;
    }

    /** The reactive client says it in its own type, Hibernate Reactive in that of JDBC. */
    private static @Nullable String ownSqlState(Throwable fault) {
        if (fault instanceof PgException answer) {
            return answer.getSqlState();
        }
        return fault instanceof SQLException answer ? answer.getSQLState() : null;
    }
}
