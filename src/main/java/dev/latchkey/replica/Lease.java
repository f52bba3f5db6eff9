package dev.latchkey.replica;

import java.time.Duration;
import java.time.InstantSource;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;

import com.github.benmanes.caffeine.cache.Ticker;

/**
 * Until when this replica may believe its memory.
 *
 * <p>
 * <b>Invariant.</b> While {@link #holds()}, everything that had been committed before the moment at which the lease began has
 * been seen, and what it altered forgotten: the lease begins when a heartbeat is <em>sent</em>, and is granted when that
 * heartbeat comes back over the listening connection, on which PostgreSQL delivers in commit order. Whoever changes something
 * and waits a full lease from its commit on therefore waits for the end of every lease that could hide the change.
 *
 * <p>
 * Two clocks must agree that it runs: the monotonic one, which nobody sets but which stands still while a machine is
 * suspended, and the wall clock, which does not stand still. {@code holds()} is asked <em>before</em> memory is read: what was
 * answered before the question has then been forgotten, and what is read afterwards is only newer, whatever pauses come
 * between. Asked afterwards, a lease that ran out and was renewed meanwhile would vouch for what was read in between.
 */
@Singleton
public class Lease {

    private final Ticker monotonic;
    private final InstantSource wall;
    private final Duration length;
    private volatile Term term = Term.OVER;

    @Inject
    Lease(Ticker monotonic, InstantSource wall, ReplicaConfig config) {
        this(monotonic, wall, config.lease().minus(config.margin()));
    }

    /** @param length how long a lease lasts, margin deducted */
    Lease(Ticker monotonic, InstantSource wall, Duration length) {
        this.monotonic = monotonic;
        this.wall = wall;
        this.length = length;
    }

    /** Whether memory may be believed, as far as it is read after this call. */
    public boolean holds() {
        Term now = term;
        return now.granted && monotonic.read() - now.sentNanos < length.toNanos()
                && wall.millis() - now.sentMillis < length.toMillis();
    }

    /** How much of the lease is left, in seconds; 0 when there is none. */
    double secondsLeft() {
        Term now = term;
        return now.granted ? Math.max(0, length.toNanos() - (monotonic.read() - now.sentNanos)) / 1e9 : 0;
    }

    /** The moment from which a lease would run, to be taken before its heartbeat is sent. */
    Moment moment() {
        return new Moment(monotonic.read(), wall.millis());
    }

    /** A heartbeat that was sent at that moment has come back. */
    synchronized void renew(Moment sent) {
        if (!term.granted || sent.nanos - term.sentNanos > 0) {
            term = new Term(true, sent.nanos, sent.millis);
        }
    }

    /** From now on nothing is believed. */
    synchronized void giveUp() {
        term = Term.OVER;
    }

    /**
     * @param nanos of the monotonic clock
     * @param millis of the wall clock
     */
    record Moment(long nanos, long millis) {
    }

    private record Term(boolean granted, long sentNanos, long sentMillis) {
        static final Term OVER = new Term(false, 0, 0);
    }
}
