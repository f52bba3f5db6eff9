package dev.latchkey.key;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

import dev.latchkey.key.GrantTable.Grant;
import dev.latchkey.key.GrantTable.Leftover;
import org.jspecify.annotations.Nullable;

/**
 * What this replica holds of one key's limit, and who waits for more. Every method is called under the bucket's own lock.
 */
final class Bucket {

    private static final int FIRST_WISH = 4;
    private static final int MAX_WISH = 10_000;
    private static final long FAST_NANOS = 1_000_000_000L;
    private static final long ASK_AGAIN_NANOS = 1_000_000_000L;

    final UUID keyId;
    final UUID organizationId;
    private final Queue<Waiter> waiters = new ArrayDeque<>();
    private int windowSeconds;
    private long windowStart = -1;
    private int limit;
    private int used;
    private int tokens;
    private int spent;
    private int wish = FIRST_WISH;
    private long grantedNanos;
    private long touchedNanos;

    Bucket(UUID keyId, UUID organizationId) {
        this.keyId = keyId;
        this.organizationId = organizationId;
    }

    /**
     * A request that waits for a grant.
     *
     * @param cost 0 only looks
     * @param sinceNanos when it came
     * @param answer empty where the key has no limit any more
     */
    record Waiter(int cost, long sinceNanos, CompletableFuture<Optional<Quota>> answer) {
    }

    /**
     * From memory, all or nothing.
     *
     * @param window that the database is certain to be in
     * @return null where the database has to be asked
     */
    @Nullable
    Quota take(KeySnapshot.Limit wanted, long window, int cost, Instant now, long nanos) {
        if (window != windowStart || wanted.windowSeconds() != windowSeconds || wanted.requests() != limit) {
            return null;
        }
        if (cost == 0) {
            return quota(remaining() > 0, now);
        }
        // Touched only where a token is spent: what nobody can use goes back, so that others may.
        if (tokens >= cost) {
            touchedNanos = nanos;
            tokens -= cost;
            spent += cost;
            return quota(true, now);
        }
        // What is used up may be given back by a replica that did not need it: asked again, but rarely.
        boolean known = limit - used < cost - tokens && nanos - grantedNanos < ASK_AGAIN_NANOS;
        return known && waiters.isEmpty() ? quota(false, now) : null;
    }

    /** The start of the window that the tokens are of, in seconds since the epoch; -1: none. */
    long window() {
        return windowStart;
    }

    void await(Waiter waiter) {
        waiters.add(waiter);
    }

    /** What to ask the database for. Doubles while what was granted is spent within a second. */
    GrantTable.Ask ask(boolean mayHold, long nanos) {
        // What is held is not deducted: it may be of a window that is over.
        long need = 0;
        for (Waiter waiter : waiters) {
            need += waiter.cost;
        }
        boolean fast = nanos - grantedNanos < FAST_NANOS;
        wish = fast ? Math.min(MAX_WISH, Math.max(FIRST_WISH, 2 * spent)) : FIRST_WISH;
        spent = 0;
        return new GrantTable.Ask(keyId, need, mayHold && need > 0 ? wish + need : 0);
    }

    /** How many wait; those who come later wait for the next grant. */
    int waiting() {
        return waiters.size();
    }

    /**
     * Takes a grant in, and serves those who waited when it was asked for, in their order. A token of an earlier window is
     * worth nothing.
     */
    List<Served> grant(Grant grant, int asked, long nanos) {
        if (grant.windowStart() != windowStart || grant.windowSeconds() != windowSeconds) {
            tokens = 0;
        }
        windowSeconds = grant.windowSeconds();
        windowStart = grant.windowStart();
        limit = grant.limit();
        used = grant.used();
        tokens += grant.granted();
        grantedNanos = nanos;
        List<Served> served = new ArrayList<>();
        for (Waiter waiter : leave(asked)) {
            boolean admitted = waiter.cost == 0 ? remaining() > 0 : tokens >= waiter.cost;
            if (admitted) {
                touchedNanos = nanos;
                tokens -= waiter.cost;
                spent += waiter.cost;
            }
            served.add(new Served(waiter, quota(admitted, grant.now())));
        }
        return served;
    }

    /** The first of those who wait, who wait no longer. */
    List<Waiter> leave(int asked) {
        List<Waiter> leaving = new ArrayList<>();
        for (int i = 0; i < asked; i++) {
            leaving.add(waiters.remove());
        }
        return leaving;
    }

    /** Those who came before that, who wait no longer. */
    List<Waiter> expire(long beforeNanos) {
        List<Waiter> expired = waiters.stream().filter(waiter -> waiter.sinceNanos - beforeNanos < 0).toList();
        waiters.removeAll(expired);
        return expired;
    }

    /** A request and what it is answered, to be told outside of the lock. */
    record Served(Waiter waiter, Quota quota) {
        void tell() {
            waiter.answer.complete(Optional.of(quota));
        }
    }

    /** Parts with what is held, and remembers how the window stands. @return null when nothing was held */
    @Nullable
    Leftover release() {
        Leftover leftover = tokens > 0 ? new Leftover(keyId, windowSeconds, windowStart, tokens) : null;
        used -= tokens;
        tokens = 0;
        return leftover;
    }

    /** Drops what is held, and what is known. @return null when nothing was held */
    @Nullable
    Leftover drop() {
        Leftover leftover = release();
        windowStart = -1;
        return leftover;
    }

    boolean idleSince(long nanos, long forNanos) {
        return waiters.isEmpty() && nanos - touchedNanos >= forNanos;
    }

    /** Whether nobody has asked for that long: what is known of the window may be forgotten. */
    boolean quietSince(long nanos, long forNanos) {
        return idleSince(nanos, forNanos) && nanos - grantedNanos >= forNanos;
    }

    private int remaining() {
        return Math.max(0, limit - used + tokens);
    }

    private Quota quota(boolean admitted, Instant now) {
        return new Quota(admitted, limit, windowSeconds, remaining(), Instant.ofEpochSecond(windowStart + windowSeconds), now);
    }
}
