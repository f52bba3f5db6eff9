package dev.latchkey.event;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import jakarta.inject.Singleton;

import org.hibernate.action.spi.AfterTransactionCompletionProcess;
import org.hibernate.reactive.mutiny.Mutiny;
import org.hibernate.reactive.mutiny.impl.MutinySessionImpl;
import org.hibernate.reactive.session.ReactiveSession;

/**
 * Says on this replica that committed events lie in {@code event_outbox}, so that who fans them out need not wait until he
 * looks the next time. Nothing rests on it: whoever is not told finds them a second later.
 */
@Singleton
public class Outbox {

    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    /** Says it as soon as the transaction of this session has committed; never if it does not. */
    void onCommit(Mutiny.Session session) {
        if (session instanceof MutinySessionImpl own) {
            AfterTransactionCompletionProcess over = (isCommitted, inside) -> {
                if (isCommitted) {
                    arrived();
                }
            };
            own.unwrap(ReactiveSession.class).getReactiveActionQueue().registerProcess(over);
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
