package dev.latchkey.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.LogRecord;

import dev.latchkey.testing.Eventually;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** One error of the client library is not logged, and nothing else is kept from being so. */
class LatePoolTimeoutsTest {

    private final LatePoolTimeouts filter = new LatePoolTimeouts();

    /** Fails when the library is mended: then the filter can go. */
    @Test
    void whatThePoolSaysAfterTheDatabaseWasAwayIsNotLogged() {
        List<Throwable> uncaught = new CopyOnWriteArrayList<>();
        Vertx vertx = Vertx.vertx().exceptionHandler(uncaught::add);
        Pool pool = PgBuilder.pool()
                .with(new PoolOptions().setConnectionTimeout(300).setConnectionTimeoutUnit(TimeUnit.MILLISECONDS))
                .connectingTo(new PgConnectOptions().setHost("127.0.0.1").setPort(1).setUser("nobody").setDatabase("none"))
                .using(vertx).build();
        try {
            assertThatThrownBy(() -> pool.query("select 1").execute().toCompletionStage().toCompletableFuture()
                    .get(20, TimeUnit.SECONDS)).hasStackTraceContaining("Connection refused");

            Eventually.holds(() -> assertThat(uncaught).hasSize(1));
            assertThat(isLogged(uncaught.get(0))).isFalse();
        } finally {
            vertx.close();
        }
    }

    @Test
    void everythingElseIsLogged() {
        Promise<String> promise = Promise.promise();
        promise.complete("done");

        assertThatThrownBy(() -> promise.fail("twice")).hasMessage("Result is already complete")
                .satisfies(ours -> assertThat(isLogged(ours)).isTrue());
        assertThat(isLogged(new IllegalStateException("Pool closed"))).isTrue();
        assertThat(isLogged(null)).isTrue();
    }

    private boolean isLogged(@Nullable Throwable fault) {
        LogRecord line = new LogRecord(Level.SEVERE, "Uncaught exception received by Vert.x");
        line.setThrown(fault);
        return filter.isLoggable(line);
    }
}
