package dev.latchkey.key;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import jakarta.inject.Singleton;

import io.vertx.mutiny.sqlclient.Pool;
import org.jboss.logging.Logger;

/**
 * Empties the list in which new keys wait to enter {@code api_key_search}, while an import fills it.
 *
 * <p>
 * A key has some hundred marks, spread over the whole index: entered alone, each costs a page. PostgreSQL therefore gathers
 * them in a list and enters all at once, in the transaction that finds it too long, with the little memory of one. For a
 * million keys that takes minutes. So the transactions of an import let the list grow further ({@link #ROOM}), and it is
 * emptied beside them, with the memory that PostgreSQL keeps for such work. How long it gets is bounded because every search
 * reads all of it: some thousands of keys take it some milliseconds.
 *
 * <p>
 * Nothing depends on it but time. Where emptying fails, or the process ends before, the next key that is written does it.
 */
@Singleton
class SearchList {

    /** In KiB: the longest that the list gets where it is not emptied in time; then the transaction does it. */
    static final int ROOM = 16 * 1024;
    /** Fewer keys are not worth it: about 7 MiB. */
    private static final int WORTH = 3_000;

    private static final Logger LOG = Logger.getLogger(SearchList.class);

    private final Pool database;
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicBoolean busy = new AtomicBoolean();

    SearchList(Pool database) {
        this.database = database;
    }

    /** So many keys have been committed. Waits for nothing. */
    void grown(int keys) {
        if (waiting.addAndGet(keys) >= WORTH) {
            empty();
        }
    }

    /** What is left of an import that has ended. Waits for nothing. */
    void ended() {
        if (waiting.get() > 0) {
            empty();
        }
    }

    // Only the owner of the index may; migrations are applied by the same role.
    private void empty() {
        if (!busy.compareAndSet(false, true)) {
            return;
        }
        waiting.set(0);
        database.query("select gin_clean_pending_list('api_key_search')").execute().subscribe().with(done -> busy.set(false),
                fault -> {
                    busy.set(false);
                    LOG.warnf("new keys stay in the list before the index of searches until the next one is written: cause=%s",
                            fault.getMessage());
                });
    }
}
