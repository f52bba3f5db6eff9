package dev.latchkey.key;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.latchkey.key.GrantTable.Leftover;
import io.smallrye.mutiny.Uni;
import org.jboss.logging.Logger;

/**
 * Tokens on their way back to the database, so that other replicas may take them. Whoever adds some holds them no longer, and
 * nothing is written twice: where nobody knows whether a write stands, the tokens are lost until their windows end.
 */
final class Leftovers {

    private static final Logger LOG = Logger.getLogger(Leftovers.class);

    private final GrantTable table;
    /** By window, with 0 tokens as the key. */
    private final Map<Leftover, Integer> tokens = new HashMap<>();

    Leftovers(GrantTable table) {
        this.table = table;
    }

    void add(Leftover leftover) {
        if (leftover.tokens() == 0) {
            return;
        }
        synchronized (tokens) {
            tokens.merge(new Leftover(leftover.keyId(), leftover.windowSeconds(), leftover.windowStart(), 0),
                    leftover.tokens(), Integer::sum);
        }
    }

    /** All that is held of a bucket. */
    void drop(Bucket bucket) {
        Leftover leftover;
        synchronized (bucket) {
            leftover = bucket.drop();
        }
        if (leftover != null) {
            add(leftover);
        }
    }

    /** Writes what was added. Never fails. */
    Uni<Void> write() {
        List<Leftover> back = new ArrayList<>();
        synchronized (tokens) {
            tokens.forEach((window, count) -> back
                    .add(new Leftover(window.keyId(), window.windowSeconds(), window.windowStart(), count)));
            tokens.clear();
        }
        if (back.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return table.giveBack(back).onFailure().invoke(fault -> LOG.warnf(
                "tokens could not be given back, and are lost until their windows end: keys=%d cause=%s", back.size(), fault))
                .onFailure().recoverWithNull().replaceWithVoid();
    }
}
