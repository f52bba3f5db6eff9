package dev.latchkey.credential;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.latchkey.credential.RenewalTable.Claim;
import org.jspecify.annotations.Nullable;

/**
 * How many renewals a replica has under way, at all hosts together and at each, and what it has claimed and not begun yet: as
 * many more as were done there within the last second. One after the other.
 */
final class Lanes {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final long FORGOTTEN = Duration.ofSeconds(10).toNanos();
    /** However fast a host is: a claim that waits is one that no other replica takes. */
    private static final int MOST_TIMES = 10;

    private final int atOnce;
    private final int atOncePerHost;
    private final Ticker ticker;
    private final Map<String, Lane> lanes = new HashMap<>();
    private final Lane all = new Lane();
    private int running;
    private int waiting;

    Lanes(int atOnce, int atOncePerHost, Ticker ticker) {
        this.atOnce = atOnce;
        this.atOncePerHost = atOncePerHost;
        this.ticker = ticker;
    }

    /**
     * A renewal that was claimed.
     *
     * @param begun when that was asked for, by the monotonic clock
     */
    record Waiting(Claim claim, long begun) {
    }

    /** One host, or all of them. */
    private static final class Lane {

        private final Deque<Waiting> waiting = new ArrayDeque<>();
        private int running;
        private long second;
        private int done;
        private int doneBefore;

        private void end(long now) {
            if (now - second > SECOND) {
                doneBefore = now - second > 2 * SECOND ? 0 : done;
                done = 0;
                second = now;
            }
            done++;
        }

        private int rate() {
            return Math.max(done, doneBefore);
        }

        private boolean isIdle(long now) {
            return running == 0 && waiting.isEmpty() && now - second > FORGOTTEN;
        }
    }

    /** How many more may be claimed. */
    synchronized int most() {
        return Math.max(0, atOnce * 2 - running - waiting);
    }

    /** How many more may be claimed of each host where something is under way. */
    synchronized Map<String, Integer> room() {
        Map<String, Integer> room = new HashMap<>();
        long now = ticker.read();
        for (Iterator<Map.Entry<String, Lane>> each = lanes.entrySet().iterator(); each.hasNext();) {
            Map.Entry<String, Lane> entry = each.next();
            Lane lane = entry.getValue();
            if (lane.isIdle(now)) {
                each.remove();
            } else {
                int ahead = Math.min(lane.rate(), atOncePerHost * MOST_TIMES);
                room.put(entry.getKey(), Math.max(0, atOncePerHost + ahead - lane.running - lane.waiting.size()));
            }
        }
        return room;
    }

    /** Whether less is left to go on with than is done within half a second. */
    synchronized boolean isShort() {
        return waiting <= Math.max(atOncePerHost / 2, all.rate() / 2);
    }

    synchronized void add(Waiting claimed) {
        lanes.computeIfAbsent(claimed.claim().host(), host -> new Lane()).waiting.add(claimed);
        waiting++;
    }

    /** The next one that there is room for, counted as under way; null: none. */
    synchronized @Nullable Waiting next() {
        if (waiting == 0 || running >= atOnce) {
            return null;
        }
        for (Lane lane : lanes.values()) {
            if (lane.running < atOncePerHost && !lane.waiting.isEmpty()) {
                waiting--;
                running++;
                lane.running++;
                return lane.waiting.remove();
            }
        }
        return null;
    }

    /** What was claimed of a host and not begun, which is not waited for any more. */
    synchronized List<Waiting> giveUp(String host) {
        Lane lane = lanes.get(host);
        if (lane == null) {
            return List.of();
        }
        List<Waiting> left = List.copyOf(lane.waiting);
        waiting -= left.size();
        lane.waiting.clear();
        return left;
    }

    /** One more is under way, for which somebody waits. */
    synchronized void begin(String host) {
        running++;
        lanes.computeIfAbsent(host, other -> new Lane()).running++;
    }

    synchronized void end(String host) {
        running--;
        Lane lane = lanes.get(host);
        if (lane != null) {
            lane.running--;
            lane.end(ticker.read());
            all.end(ticker.read());
        }
    }
}
