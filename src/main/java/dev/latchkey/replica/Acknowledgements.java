package dev.latchkey.replica;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import jakarta.inject.Singleton;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import org.jboss.logging.Logger;

/** Says what this replica has forgotten; what gathers while one statement runs is said by the next. */
@Singleton
class Acknowledgements {

    private static final Logger LOG = Logger.getLogger(Acknowledgements.class);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final ReplicaTable table;
    private final Counter sent;
    private List<String> waiting = new ArrayList<>();
    private boolean busy;

    Acknowledgements(ReplicaTable table, MeterRegistry metrics) {
        this.table = table;
        this.sent = metrics.counter("latchkey.replica.acknowledgements", "direction", "sent");
    }

    synchronized void say(String message) {
        waiting.add(message);
        flush();
    }

    private synchronized void flush() {
        if (busy || waiting.isEmpty()) {
            return;
        }
        busy = true;
        List<String> now = waiting;
        waiting = new ArrayList<>();
        // What is lost is asked for again by whoever waits for it.
        table.say(now).ifNoItem().after(PATIENCE).fail().onItemOrFailure().invoke((done, fault) -> {
            if (fault == null) {
                sent.increment(now.size());
            } else {
                LOG.warnf("cannot acknowledge changes: cause=%s", fault.getMessage());
            }
            done();
        }).onFailure().recoverWithNull().subscribe().with(done -> {
        });
    }

    private synchronized void done() {
        busy = false;
        flush();
    }
}
