package dev.latchkey.webhook;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeoutException;

import dev.latchkey.webhook.CompletionTable.Written;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.VertxException;
import io.vertx.pgclient.PgException;
import org.jboss.logging.Logger;

/**
 * Collects what became of deliveries and writes it, many at once. On one context of Vert.x.
 *
 * <p>
 * <b>Invariant:</b> what has an answer is written, or still here. A database that is away keeps it here, and it is tried again
 * until it is written, whatever has become of the claims meanwhile: a success counts without one. A kill loses what is here,
 * and then its claims run out and it is sent once more.
 *
 * <p>
 * One statement is under way at a time, and while it is, the next batch grows; otherwise the first one waits a moment for
 * others. Where a batch cannot be written and the database does not say that it is for all, halves of it are tried, until
 * one stands alone. That is set apart and tried once more when something else could be written, by which it is the one to
 * blame. Then it is written without what the receiver has said, or else given up and put back: it keeps nothing else from being
 * written, and is not given up for what concerns everything. How much is here is bounded by the slots, which are free when
 * it is written: nobody keeps claims from going on meanwhile, which end when all slots are taken.
 *
 * <p>
 * A fault does not say whether the statement has taken effect: its answer may be what was lost. So what was tried once is
 * written by a statement that looks first ({@link CompletionTable}).
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
    /** Each of which could not be written alone. */
    private final Deque<Ended> apart = new ArrayDeque<>();
    private List<Ended> underWay = List.of();
    private int most = MOST;
    /** Whether something was written since one was set apart. */
    private boolean hasWritten;
    private boolean isArmed;
    /** Whether the database is left alone for a moment. */
    private boolean isPausing;

    /** Who hears of it, on the same context. */
    interface Listener {
        void written(List<Ended> batch, Written written);

        /** That cannot be written. */
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
        return waiting.isEmpty() && apart.isEmpty() && underWay.isEmpty();
    }

    /** What is being written now: its rows are locked, nobody else can take them. */
    List<Ended> underWay() {
        return underWay;
    }

    private void goOn() {
        if (!underWay.isEmpty() || waiting.isEmpty() && apart.isEmpty()) {
            return;
        }
        if (waiting.size() >= MANY && !isPausing) {
            write();
        } else {
            arm(waiting.isEmpty() && !hasWritten ? AWAY_MILLIS : PATIENCE_MILLIS);
        }
    }

    private void arm(long millis) {
        if (!isArmed) {
            isArmed = true;
            vertx.setTimer(millis, over -> {
                isArmed = false;
                isPausing = false;
                write();
            });
        }
    }

    private void write() {
        if (!underWay.isEmpty() || waiting.isEmpty() && apart.isEmpty()) {
            return;
        }
        boolean isApart = !apart.isEmpty() && (hasWritten || waiting.isEmpty());
        List<Ended> batch = isApart ? List.of(apart.remove()) : next();
        boolean isToBlame = isApart && hasWritten;
        underWay = batch;
        Uni.createFrom().deferred(() -> table.write(batch)).subscribe().with(written -> {
            underWay = List.of();
            most = MOST;
            hasWritten = true;
            listener.written(batch, written);
            goOn();
        }, fault -> {
            underWay = List.of();
            failed(batch, fault, isToBlame);
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

    private void failed(List<Ended> tried, Throwable fault, boolean isToBlame) {
        List<Ended> batch = tried.stream().map(Ended::again).toList();
        if (isAway(fault)) {
            LOG.warnf("what became of deliveries cannot be written now, tried again: deliveries=%d cause=%s",
                    batch.size() + waiting.size() + apart.size(), fault);
            putBack(batch);
            isPausing = true;
            arm(AWAY_MILLIS);
        } else if (batch.size() > 1) {
            most = batch.size() / 2;
            putBack(batch);
            arm(PATIENCE_MILLIS);
        } else if (isToBlame || isOfTheData(fault)) {
            unwritable(batch.get(0), fault);
            goOn();
        } else {
            LOG.warnf("what became of a delivery cannot be written, tried again after others: deliveryId=%s cause=%s",
                    batch.get(0).delivery().id(), fault);
            apart.add(batch.get(0));
            hasWritten = false;
            goOn();
        }
    }

    private void putBack(List<Ended> batch) {
        for (int i = batch.size() - 1; i >= 0; i--) {
            waiting.addFirst(batch.get(i));
        }
    }

    private void unwritable(Ended ended, Throwable fault) {
        if (ended.answer() != null) {
            waiting.addFirst(ended.withoutAnswer());
            return;
        }
        LOG.errorf(
                "what became of a delivery cannot be written, and it will be sent again in an hour: org=%s webhookId=%s deliveryId=%s cause=%s",
                ended.delivery().organization(), ended.delivery().webhook(), ended.delivery().id(), fault);
        listener.given(ended);
    }

    /** Classes 22 and 23 of SQLSTATE: what was given is no such value, or violates a constraint. */
    private static boolean isOfTheData(Throwable fault) {
        return isOfClass(fault, Set.of("22", "23"));
    }

    /**
     * Whether nothing can be written now, whatever it is: no connection, none is free, or we are not let in; a conflict with
     * somebody else; a statement that took too long, a lock, resources, a stop, or the disk.
     */
    private static boolean isAway(Throwable fault) {
        return fault instanceof PgException ? isOfClass(fault, Set.of("08", "25", "28", "40", "53", "55", "57", "58"))
                : fault instanceof IOException || fault instanceof VertxException || fault instanceof TimeoutException
                        || "Timeout".equals(fault.getMessage());
    }

    private static boolean isOfClass(Throwable fault, Set<String> classes) {
        return fault instanceof PgException answer && answer.getSqlState() != null && answer.getSqlState().length() == 5
                && classes.contains(answer.getSqlState().substring(0, 2));
    }
}
