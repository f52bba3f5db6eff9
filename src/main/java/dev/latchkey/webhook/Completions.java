package dev.latchkey.webhook;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.UUID;

import dev.latchkey.webhook.CompletionTable.Written;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgException;
import org.jboss.logging.Logger;

/**
 * Collects what became of deliveries and writes it, many at once. On one context of Vert.x.
 *
 * <p>
 * <b>Invariant:</b> what has an answer is written, or still here. A database that is away keeps it here, and it is tried again
 * until it is written, whatever has become of the claims meanwhile: a success counts without one. A kill loses what is here, and
 * then its claims run out and it is sent once more.
 *
 * <p>
 * One statement is under way at a time, and while it is, the next batch grows; otherwise the first one waits a moment for
 * others. Where something of a batch cannot be written at all, halves of it are tried, until it stands alone: it is written
 * without what the receiver has said, or else left to its claim, so that it keeps nothing else from being written.
 */
final class Completions {

    private static final Logger LOG = Logger.getLogger(Completions.class);
    private static final long PATIENCE_MILLIS = 10;
    private static final long AWAY_MILLIS = 500;
    private static final int MOST = 500;
    /** So many are worth a statement at once. */
    private static final int MANY = 100;

    private final CompletionTable table;
    private final Vertx vertx;
    private final Listener listener;
    private final Deque<Ended> waiting = new ArrayDeque<>();
    private int most = MOST;
    private boolean isWriting;
    private boolean isArmed;

    /** Who hears of it, on the same context. */
    interface Listener {
        void written(List<Ended> batch, Written written);

        /** That cannot be written; its claim will run out. */
        void given(Ended lost);
    }

    Completions(CompletionTable table, Vertx vertx, Listener listener) {
        this.table = table;
        this.vertx = vertx;
        this.listener = listener;
    }

    void add(Ended ended) {
        waiting.add(ended);
        goOn();
    }

    /** Whether everything is written. */
    boolean isDone() {
        return waiting.isEmpty() && !isWriting;
    }

    private void goOn() {
        if (isWriting || waiting.isEmpty()) {
            return;
        }
        if (waiting.size() >= MANY) {
            write();
        } else {
            arm(PATIENCE_MILLIS);
        }
    }

    private void arm(long millis) {
        if (!isArmed) {
            isArmed = true;
            vertx.setTimer(millis, over -> {
                isArmed = false;
                write();
            });
        }
    }

    private void write() {
        if (isWriting || waiting.isEmpty()) {
            return;
        }
        isWriting = true;
        List<Ended> batch = next();
        Uni.createFrom().deferred(() -> table.write(batch)).subscribe().with(written -> {
            isWriting = false;
            most = MOST;
            listener.written(batch, written);
            goOn();
        }, fault -> {
            isWriting = false;
            failed(batch, fault);
        });
    }

    /** Each delivery once: one that was lost and claimed again here may be in it twice. */
    private List<Ended> next() {
        List<Ended> batch = new ArrayList<>(Math.min(most, waiting.size()));
        Set<UUID> seen = new HashSet<>();
        Iterator<Ended> all = waiting.iterator();
        while (all.hasNext() && batch.size() < most) {
            Ended ended = all.next();
            if (seen.add(ended.delivery().id())) {
                batch.add(ended);
                all.remove();
            }
        }
        return batch;
    }

    private void failed(List<Ended> batch, Throwable fault) {
        if (isOfTheData(fault)) {
            most = Math.max(1, batch.size() / 2);
            if (batch.size() == 1) {
                unwritable(batch.get(0), fault);
                goOn();
                return;
            }
        } else {
            LOG.warnf("what became of deliveries cannot be written now, tried again: deliveries=%d cause=%s",
                    batch.size() + waiting.size(), fault);
        }
        for (int i = batch.size() - 1; i >= 0; i--) {
            waiting.addFirst(batch.get(i));
        }
        arm(isOfTheData(fault) ? PATIENCE_MILLIS : AWAY_MILLIS);
    }

    private void unwritable(Ended ended, Throwable fault) {
        if (ended.answer() != null) {
            waiting.addFirst(ended.withoutAnswer());
            return;
        }
        LOG.errorf("what became of a delivery cannot be written, and it will be sent again: org=%s webhookId=%s deliveryId=%s cause=%s",
                ended.delivery().organization(), ended.delivery().webhook(), ended.delivery().id(), fault);
        listener.given(ended);
    }

    /** Classes 22 and 23 of SQLSTATE: what was given is no such value, or violates a constraint. */
    private static boolean isOfTheData(Throwable fault) {
        return fault instanceof PgException answer && answer.getSqlState() != null
                && (answer.getSqlState().startsWith("22") || answer.getSqlState().startsWith("23"));
    }
}
