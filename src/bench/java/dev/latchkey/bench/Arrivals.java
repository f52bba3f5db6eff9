package dev.latchkey.bench;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

import dev.latchkey.testing.Pause;

/** When the deliveries of one run arrived, by the ids of its events. */
final class Arrivals {

    private static final int POLL_MILLIS = 5;

    private final String prefix;
    private final int perEvent;
    private final AtomicLongArray at;
    private final AtomicInteger first = new AtomicInteger();
    private final AtomicInteger again = new AtomicInteger();
    private volatile long last;

    /** @param perEvent how many endpoints each event goes to */
    Arrivals(String run, int events, int perEvent) {
        this.prefix = run + "-";
        this.perEvent = perEvent;
        this.at = new AtomicLongArray(events * perEvent);
    }

    /** What the event of that number is published as. */
    String id(int event) {
        return prefix + event;
    }

    int events() {
        return at.length() / perEvent;
    }

    /** Takes down a delivery; one of another run is none of this one's. */
    void note(int endpoint, String id) {
        if (!id.startsWith(prefix)) {
            return;
        }
        long now = System.nanoTime();
        int event = Integer.parseInt(id.substring(prefix.length()));
        if (at.compareAndSet(event * perEvent + endpoint % perEvent, 0, now)) {
            last = now;
            first.incrementAndGet();
        } else {
            again.incrementAndGet();
        }
    }

    /** Waits until all have arrived. */
    void awaitAll(Duration patience) {
        long begin = System.nanoTime();
        while (first.get() < at.length()) {
            if (System.nanoTime() - begin > patience.toNanos()) {
                throw new IllegalStateException(first + " of " + at.length() + " deliveries arrived within " + patience);
            }
            Pause.ofMillis(POLL_MILLIS);
        }
    }

    int count() {
        return first.get();
    }

    /** Those that had arrived before. */
    int duplicates() {
        return again.get();
    }

    /** {@link System#nanoTime} of the last one. */
    long last() {
        return last;
    }

    /** The same of an event that goes to one endpoint. */
    long of(int event) {
        return at.get(event);
    }
}
