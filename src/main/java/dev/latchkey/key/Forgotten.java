package dev.latchkey.key;

import java.util.Collection;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

import dev.latchkey.replica.Scope;

/**
 * What is not to be believed any more, though it may still lie in memory: to forget a key costs one entry here, where
 * finding all that is remembered of it among a million would hold up whoever waits for the change.
 *
 * <p>
 * <b>Invariant:</b> what was read under a mark is believed only if nothing that covers it was forgotten under a later one.
 * Each thing forgotten raises the mark. A sweep removes from memory what is covered, and then the entries here that covered
 * it; three things could slip between the two. A load that ends while the sweep runs: what it read is kept only if the mark
 * has not risen since it began, and keeping excludes forgetting. A verification that holds an entry in its hand, taken from
 * memory before the sweep: the sweep flags what it removes, and the flag is looked at last. A thing forgotten while the
 * sweep runs: its mark is above the one that the sweep began with, and stays.
 */
final class Forgotten {

    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private final ConcurrentMap<UUID, Long> keys = new ConcurrentHashMap<>();
    private final ConcurrentMap<UUID, Long> organizations = new ConcurrentHashMap<>();
    private volatile long mark;
    private volatile long everything;
    private volatile long unknown;
    private long swept;

    /** To be taken before something is read that is to be remembered or joined. */
    long mark() {
        return mark;
    }

    void add(Scope scope) {
        lock.writeLock().lock();
        try {
            long next = mark + 1;
            if (scope.unknown()) {
                unknown = next;
            } else if (scope.organization() == null) {
                everything = next;
            } else if (scope.keys().isEmpty()) {
                organizations.put(scope.organization(), next);
            } else {
                scope.keys().forEach(key -> keys.put(key, next));
            }
            mark = next;
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** Runs it unless something was forgotten since that mark, and lets nothing be forgotten meanwhile. */
    void ifNothingSince(long then, Runnable remember) {
        lock.readLock().lock();
        try {
            if (mark == then) {
                remember.run();
            }
        } finally {
            lock.readLock().unlock();
        }
    }

    boolean believes(KeySnapshots.Known known) {
        return !covers(known) && !known.removed();
    }

    void sweep(Collection<KeySnapshots.Known> remembered) {
        long upTo = mark;
        if (keys.isEmpty() && organizations.isEmpty() && everything <= swept) {
            return;
        }
        remembered.removeIf(known -> {
            boolean covered = covers(known);
            if (covered) {
                known.remove();
            }
            return covered;
        });
        keys.values().removeIf(forgotten -> forgotten <= upTo);
        organizations.values().removeIf(forgotten -> forgotten <= upTo);
        swept = upTo;
    }

    /** Whether what was found to be unknown under that mark still counts as unknown. */
    boolean believesUnknown(long then) {
        return unknown <= then && !precedesEverything(then);
    }

    /** Whether what was read under that mark is older than the last time that everything was forgotten. */
    private boolean precedesEverything(long then) {
        return everything > then;
    }

    private boolean covers(KeySnapshots.Known known) {
        return precedesEverything(known.mark()) || !keys.isEmpty() && since(keys, known.snapshot().keyId()) > known.mark()
                || !organizations.isEmpty() && since(organizations, known.snapshot().organizationId()) > known.mark();
    }

    private static long since(ConcurrentMap<UUID, Long> forgotten, UUID id) {
        Long mark = forgotten.get(id);
        return mark == null ? -1 : mark;
    }
}
