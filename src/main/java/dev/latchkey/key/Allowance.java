package dev.latchkey.key;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * So many a second and so many at once, for each of a fixed number of shares.
 *
 * <p>
 * The generic cell rate algorithm: of each share only one number is kept, the time at which all that was taken would have been
 * earned. It may lie ahead of now by what may be taken at once.
 */
final class Allowance {

    private final AtomicLongArray earnedNanos;
    private final long intervalNanos;
    private final long aheadNanos;

    /**
     * @param shares a power of two
     * @param perSecond 1 or more
     * @param atOnce 1 or more
     */
    Allowance(int shares, int perSecond, int atOnce) {
        this.earnedNanos = new AtomicLongArray(shares);
        this.intervalNanos = Duration.ofSeconds(1).toNanos() / perSecond;
        this.aheadNanos = intervalNanos * atOnce;
    }

    /**
     * Takes one.
     *
     * @param hash of whom it is charged to; who share a hash share an allowance
     * @param nanos that never go back, from 0
     */
    boolean take(int hash, long nanos) {
        int share = share(hash);
        while (true) {
            long earned = earnedNanos.get(share);
            long next = Math.max(earned, nanos) + intervalNanos;
            if (next - nanos > aheadNanos) {
                return false;
            }
            if (earnedNanos.compareAndSet(share, earned, next)) {
                return true;
            }
        }
    }

    void giveBack(int hash) {
        earnedNanos.addAndGet(share(hash), -intervalNanos);
    }

    private int share(int hash) {
        return (hash ^ hash >>> 16) & (earnedNanos.length() - 1);
    }
}
