package dev.latchkey.key;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;

import jakarta.inject.Singleton;

import dev.latchkey.replica.DatabaseTime;

/**
 * By which time keys are judged: the database's, on every replica.
 *
 * <p>
 * <b>Invariant:</b> of verifications that begin when the database's clock shows the instant at which a key expires, or at which
 * its predecessor's grace ends, none accepts it, whatever the replicas' own clocks show. {@link DatabaseTime} bounds what
 * that clock shows now, and judged is by the later bound: a replica may refuse by as much too early as its last heartbeat
 * took to be answered, some milliseconds, and never accepts too late. All replicas hold to the one clock, so that they
 * judge alike within those milliseconds. Memory that is not believed for want of heartbeats is not asked, so the bounds are
 * seconds old at most whenever a key is judged from memory; while the database is asked for each verdict they go on, a
 * thousandth of the time apart at worst.
 *
 * <p>
 * Before the first heartbeat of a process nothing is known of that clock, and its own is taken: nothing is judged from memory
 * then, and it is not ready. Whoever sets back the database's clock, or moves over to a database with another one, prolongs or
 * shortens what has an end by as much.
 */
@Singleton
class VerdictTime {

    private final DatabaseTime database;
    private final InstantSource clock;

    VerdictTime(DatabaseTime database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /** For what is written with a key, and judged by later: durable ends come from the clock that they are judged by. */
    Instant toWrite() {
        return now().truncatedTo(ChronoUnit.MICROS);
    }

    /** On the path of every verification: reads the monotonic clock, as the limiter does. */
    Instant now() {
        DatabaseTime.Bounds bounds = database.bounds();
        return bounds == null ? clock.instant() : bounds.latest();
    }
}
