package dev.latchkey.key;

import java.time.Instant;
import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

import jakarta.inject.Singleton;

import io.quarkus.scheduler.Scheduled;

/**
 * Counts requests of keys in fixed windows that are aligned to the Unix epoch, so that everyone can tell when one ends.
 *
 * <p>
 * Invariant: within one window, the costs admitted for a key add up to at most its limit. The map's atomic {@code compute}
 * keeps it under concurrent requests; a lowered limit holds from the next request on, since what was used stays counted. The
 * counts are this process's own and end with it.
 */
@Singleton
class Limiter {

    private static final long KEPT_SECONDS = 60;

    private final InstantSource clock;
    private final ConcurrentMap<UUID, Window> windows = new ConcurrentHashMap<>();

    Limiter(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * Takes the whole cost or nothing.
     *
     * @param cost at most the limit; 0 only looks
     */
    Quota take(UUID keyId, KeySnapshot.Limit limit, int cost, Instant now) {
        if (cost > limit.requests()) {
            throw new IllegalArgumentException("a cost above the limit can never be admitted");
        }
        long current = Math.floorDiv(now.getEpochSecond(), (long) limit.windowSeconds()) * limit.windowSeconds();
        boolean[] admitted = new boolean[1];
        Window after = windows.compute(keyId, (key, before) -> {
            boolean same = before != null && before.seconds == limit.windowSeconds();
            // Another thread may have read the clock later and come first: a window that was left is never entered again.
            long start = same ? Math.max(current, before.start) : current;
            int used = same && before.start == start ? before.used : 0;
            admitted[0] = used <= limit.requests() - Math.max(cost, 1);
            return new Window(start, limit.windowSeconds(), admitted[0] ? used + cost : used);
        });
        return new Quota(admitted[0], limit.requests(), limit.windowSeconds(), Math.max(0, limit.requests() - after.used),
                Instant.ofEpochSecond(after.start + after.seconds), now);
    }

    /**
     * Forgets windows that ended a while ago, so that memory follows the keys in use. Not at once: a thread that read the
     * clock before the end, and comes after, would find nothing and begin the ended window anew.
     */
    @Scheduled(every = "60s", delayed = "60s")
    void forgetEnded() {
        long now = clock.instant().getEpochSecond();
        windows.values().removeIf(window -> window.start + window.seconds + KEPT_SECONDS <= now);
    }

    /** Keys with a window that has not been forgotten. */
    int size() {
        return windows.size();
    }

    private record Window(long start, int seconds, int used) {
    }
}
