package dev.latchkey.key;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Tokens that have opened a key since this replica started, in a fixed, small space: a Bloom filter of two generations. It may
 * take one in fifty strangers for one of them, which then gets a look-up that it would not have had; nothing else depends on
 * it. Only what was found is added, so that nobody fills it with junk. A generation that is full becomes the old one, and
 * what nobody asks for any more is dropped with the next.
 */
final class Seen {

    /** 1 MiB in each generation, for some 1.5 million tokens in both. */
    static final int DEFAULT_BITS = 1 << 23;
    private static final int BITS_A_TOKEN = 10;

    private final int capacity;
    private final AtomicInteger added = new AtomicInteger();
    private volatile AtomicLongArray young;
    private volatile AtomicLongArray old;

    /** @param bits a power of two, of 64 or more */
    Seen(int bits) {
        this.capacity = bits / BITS_A_TOKEN;
        this.young = new AtomicLongArray(bits / Long.SIZE);
        this.old = new AtomicLongArray(bits / Long.SIZE);
    }

    void add(Fingerprint fingerprint) {
        if (contains(young, fingerprint)) {
            return;
        }
        if (added.incrementAndGet() > capacity) {
            turn();
        }
        AtomicLongArray filter = young;
        set(filter, fingerprint.a());
        set(filter, fingerprint.b());
        set(filter, fingerprint.c());
        set(filter, fingerprint.d());
    }

    boolean contains(Fingerprint fingerprint) {
        return contains(young, fingerprint) || contains(old, fingerprint);
    }

    private synchronized void turn() {
        if (added.get() > capacity) {
            old = young;
            young = new AtomicLongArray(old.length());
            added.set(1);
        }
    }

    private static boolean contains(AtomicLongArray filter, Fingerprint fingerprint) {
        return isSet(filter, fingerprint.a()) && isSet(filter, fingerprint.b()) && isSet(filter, fingerprint.c())
                && isSet(filter, fingerprint.d());
    }

    /** The four parts of a SHA-256 are as good as four hash functions. */
    private static boolean isSet(AtomicLongArray filter, long hash) {
        return (filter.getPlain(word(filter, hash)) & 1L << hash) != 0;
    }

    private static void set(AtomicLongArray filter, long hash) {
        filter.accumulateAndGet(word(filter, hash), 1L << hash, (bits, bit) -> bits | bit);
    }

    /** By bits that do not choose the bit within the word. */
    private static int word(AtomicLongArray filter, long hash) {
        return (int) (hash >>> 6) & (filter.length() - 1);
    }
}
