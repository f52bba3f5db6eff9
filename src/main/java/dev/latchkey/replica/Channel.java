package dev.latchkey.replica;

import java.time.Duration;

import jakarta.inject.Singleton;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.reactive.datasource.ReactiveDataSource;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The one listening connection of this replica. Each connection on which LISTEN was confirmed is a <em>generation</em>; what
 * an earlier one still says is not heard. Reopened for as long as the replica lives: by one {@link Attempt} at a time, which
 * owns its connection, and of which nothing is heard any more once another has taken its place.
 */
@Singleton
class Channel {

    private static final Logger LOG = Logger.getLogger(Channel.class);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final long FIRST_RETRY_MILLIS = 50;
    private static final long LAST_RETRY_MILLIS = 1_000;

    private final DirectConnections connections;
    private final Vertx vertx;
    private final Counter generations;
    private @Nullable Listener listener;
    private @Nullable Attempt current;
    private long generation;
    private long retryMillis = FIRST_RETRY_MILLIS;
    private boolean stopped;

    Channel(@ReactiveDataSource(DirectConnections.NAME) DirectConnections connections, Vertx vertx, MeterRegistry metrics) {
        this.connections = connections;
        this.vertx = vertx;
        this.generations = metrics.counter("latchkey.replica.generations");
    }

    /** Who hears what is said; called in the order of the channel, by one thread at a time. */
    interface Listener {
        /** LISTEN is confirmed: from here on nothing that is committed goes unheard. */
        void opened(long generation);

        void heard(long generation, Message message);
    }

    void start(Listener to) {
        synchronized (this) {
            listener = to;
        }
        connect();
    }

    synchronized void stop() {
        stopped = true;
        Attempt last = current;
        current = null;
        if (last != null) {
            last.close();
        }
    }

    /** Closes the connection, whatever its state, and opens another one. */
    void reopen(String why) {
        Attempt last;
        synchronized (this) {
            last = current;
        }
        if (last != null) {
            end(last, why);
        }
    }

    private void connect() {
        Attempt attempt;
        synchronized (this) {
            if (stopped || current != null) {
                return;
            }
            attempt = new Attempt(++generation);
            current = attempt;
        }
        connections.open().flatMap(connection -> attempt.listen(connection)).ifNoItem().after(PATIENCE).fail().subscribe()
                .with(done -> opened(attempt), fault -> end(attempt, fault.getMessage()));
    }

    private void opened(Attempt attempt) {
        Listener to = current(attempt);
        if (to == null) {
            return;
        }
        synchronized (this) {
            retryMillis = FIRST_RETRY_MILLIS;
        }
        generations.increment();
        try {
            to.opened(attempt.number);
        } catch (RuntimeException | Error defect) {
            LOG.errorf(defect, "memory could not be dropped, and is not believed: generation=%d", attempt.number);
            end(attempt, "memory could not be dropped");
        }
    }

    private void heard(Attempt attempt, String text) {
        Listener to = current(attempt);
        if (to != null) {
            to.heard(attempt.number, Message.parse(text));
        }
    }

    private synchronized @Nullable Listener current(Attempt attempt) {
        return attempt == current ? listener : null;
    }

    private void end(Attempt attempt, @Nullable String why) {
        synchronized (this) {
            if (attempt != current) {
                return;
            }
            current = null;
            LOG.warnf("listening connection lost, opening another one: generation=%d cause=%s", attempt.number, why);
            vertx.setTimer(retryMillis, tick -> connect());
            retryMillis = Math.min(2 * retryMillis, LAST_RETRY_MILLIS);
        }
        attempt.close();
    }

    /** One connection, from its opening to its end. */
    private final class Attempt {

        private final long number;
        private @Nullable PgConnection connection;
        private boolean closed;

        Attempt(long number) {
            this.number = number;
        }

        Uni<Void> listen(PgConnection opened) {
            synchronized (this) {
                connection = opened;
                if (closed) {
                    opened.close();
                }
            }
            opened.notificationHandler(said -> heard(this, said.getPayload()));
            opened.closeHandler(gone -> end(this, "closed"));
            return Uni.createFrom()
                    .completionStage(opened.query("listen " + ReplicaTable.CHANNEL).execute().toCompletionStage())
                    .replaceWithVoid();
        }

        synchronized void close() {
            closed = true;
            if (connection != null) {
                connection.close();
            }
        }
    }
}
