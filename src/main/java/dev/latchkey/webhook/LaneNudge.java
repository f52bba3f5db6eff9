package dev.latchkey.webhook;

import java.util.UUID;

import jakarta.inject.Singleton;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;

/**
 * Warms the lane of a webhook ({@link LaneTable}) for somebody who is about to put deliveries back into its queue, within the
 * next two seconds. Whoever takes longer has them found by the sweep.
 */
@Singleton
class LaneNudge {

    private static final String NUDGE = "with cold as (" + LaneTable.COLD.formatted("select $1::uuid") + ") " + LaneTable.WARM;

    private static final String OPEN = """
            update webhook_lane l
               set held_until = '-infinity', warm_until = greatest(l.warm_until, now() + interval '10 seconds'),
                   next_due = least(l.next_due, now() - interval '5 seconds')
             where l.webhook_id = $1
            """;

    private final Pool database;

    LaneNudge(Pool database) {
        this.database = database;
    }

    // By primary key; a transaction of its own, so that nothing is held while it waits.
    Uni<Void> warm(UUID webhook) {
        return database.preparedQuery(NUDGE).execute(Tuple.of(webhook)).replaceWithVoid();
    }

    // By primary key, as above.
    /** The same, and what the receiver has asked for by Retry-After is forgotten: somebody wants it sent now. */
    Uni<Void> open(UUID webhook) {
        return database.preparedQuery(OPEN).execute(Tuple.of(webhook)).replaceWithVoid();
    }
}
