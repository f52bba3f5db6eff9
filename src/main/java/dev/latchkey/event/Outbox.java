package dev.latchkey.event;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;

import jakarta.inject.Singleton;

import io.vertx.core.Vertx;

/**
 * Says on this replica that committed events lie in {@code event_outbox}, so that who fans them out need not wait until he
 * looks the next time. Nothing rests on it: whoever is not told finds them a second later.
 */
@Singleton
public class Outbox {

    /** Transactions of ours have mostly committed by then. */
    private static final long SOON_MILLIS = 25;

    private final Vertx vertx;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final AtomicBoolean isSoon = new AtomicBoolean();

    Outbox(Vertx vertx) {
        this.vertx = vertx;
    }

    /** Something was laid into the outbox by a transaction that will probably have committed in a moment. */
    void soon() {
        if (isSoon.compareAndSet(false, true)) {
            vertx.setTimer(SOON_MILLIS, over -> {
                isSoon.set(false);
                arrived();
            });
        }
    }

    /** To be called after the commit; how often does not matter. */
    public void arrived() {
        listeners.forEach(Runnable::run);
    }

    /** @param listener called on the event loop of whoever has published: it must return at once, and never throw */
    public void onArrival(Runnable listener) {
        listeners.add(listener);
    }
}
