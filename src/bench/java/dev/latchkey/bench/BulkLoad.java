package dev.latchkey.bench;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

import dev.latchkey.testing.Pause;
import dev.latchkey.testing.Together;
import io.vertx.core.json.JsonArray;

/** Events published in batches as fast as they are taken, each to every endpoint; what delivering them cost. */
final class BulkLoad {

    /** What all endpoints get. */
    static final String TYPE = "order.create";

    private static final int BATCH = 500;
    private static final int PUBLISHERS = 2;
    private static final int POLL_MILLIS = 100;
    private static final Duration PATIENCE = Duration.ofMinutes(15);
    private static int runs;

    private BulkLoad() {
    }

    /**
     * @param taken from the first batch until the last delivery arrived
     * @param dispatcher CPU time of its processes, until nothing was left to write
     * @param postgres CPU time of PostgreSQL, as long
     */
    record Seen(int deliveries, int duplicates, Duration taken, Duration dispatcher, Duration postgres, long statements) {

        double perSecond() {
            return deliveries / (taken.toNanos() / 1e9);
        }

        double micros(Duration cpu) {
            return cpu.toNanos() / 1e3 / deliveries;
        }

        double together() {
            return micros(dispatcher.plus(postgres));
        }
    }

    /** Runs it and waits until every delivery has arrived and all is written down. */
    static Seen run(Dispatcher to, Postgres postgres, Endpoints endpoints, int events, int perEvent) throws Exception {
        runs++;
        Arrivals arrivals = new Arrivals("bulk" + runs, events, perEvent);
        endpoints.expect(arrivals);
        long attempts = to.attempts();
        long statements = Postgres.statements(to.database());
        Duration dispatcher = Measured.cpuOf(to.pids());
        Duration inPostgres = postgres.cpu();
        long begin = System.nanoTime();
        publish(to, arrivals);
        arrivals.awaitAll(PATIENCE);
        while (to.queued() > 0) {
            Pause.ofMillis(POLL_MILLIS);
        }
        Seen seen = new Seen(arrivals.count(), arrivals.duplicates(), Duration.ofNanos(arrivals.last() - begin),
                Measured.cpuOf(to.pids()).minus(dispatcher), postgres.cpu().minus(inPostgres),
                Postgres.statements(to.database()) - statements);
        long written = to.attempts() - attempts;
        if (written < arrivals.count()) {
            throw new IllegalStateException("only " + written + " attempts are written of " + arrivals.count());
        }
        return seen;
    }

    private static void publish(Dispatcher to, Arrivals arrivals) {
        AtomicInteger next = new AtomicInteger();
        try (Together publishers = new Together(PUBLISHERS)) {
            publishers.run(() -> {
                for (int first = next.getAndAdd(BATCH); first < arrivals.events(); first = next.getAndAdd(BATCH)) {
                    JsonArray batch = new JsonArray();
                    for (int i = first; i < Math.min(first + BATCH, arrivals.events()); i++) {
                        batch.add(Dispatcher.event(arrivals.id(i), TYPE));
                    }
                    try {
                        to.publish(batch);
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                }
            });
        }
    }
}
