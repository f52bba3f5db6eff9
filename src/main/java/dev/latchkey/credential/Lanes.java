package dev.latchkey.credential;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.latchkey.credential.RenewalTable.Claim;
import org.jspecify.annotations.Nullable;

/**
 * How many renewals a replica has under way, at all hosts together and at each, and what it has claimed and not begun yet: as
 * many more as were done there within the last second.
 *
 * <p>
 * Hosts take turns, so that one that always has more to do keeps no other one waiting; and an organization has no more than
 * half of all under way while others wait, however many hosts it names. Whoever is passed over for longer than its lease would
 * be claimed by another replica, and passed over there.
 */
final class Lanes {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final long FORGOTTEN = Duration.ofSeconds(10).toNanos();
    /** However fast a host is: a claim that waits is one that no other replica takes. */
    private static final int MOST_TIMES = 10;

    private final int atOnce;
    private final int atOncePerHost;
    private final Ticker ticker;
    /** The one whose turn was longest ago comes first. */
    private final Map<String, Lane> lanes = new LinkedHashMap<>();
    private final Map<UUID, Integer> runningOf = new HashMap<>();
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

        private @Nullable Waiting take(Predicate<UUID> mayHaveMore) {
            for (Iterator<Waiting> each = waiting.iterator(); each.hasNext();) {
                Waiting next = each.next();
                if (mayHaveMore.test(next.claim().organization())) {
                    each.remove();
                    return next;
                }
            }
            return null;
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

    /** The same of one that somebody waits for: before all others of its host. */
    synchronized void addFirst(Waiting claimed) {
        lanes.computeIfAbsent(claimed.claim().host(), host -> new Lane()).waiting.addFirst(claimed);
        waiting++;
    }

    /** The next one that there is room for, counted as under way; null: none. */
    synchronized @Nullable Waiting next() {
        if (waiting == 0 || running >= atOnce) {
            return null;
        }
        Waiting next = next(organization -> runningOf.getOrDefault(organization, 0) < Math.max(1, atOnce / 2));
        return next == null ? next(organization -> true) : next;
    }

    private @Nullable Waiting next(Predicate<UUID> mayHaveMore) {
        for (Map.Entry<String, Lane> each : lanes.entrySet()) {
            Waiting next = each.getValue().running < atOncePerHost ? each.getValue().take(mayHaveMore) : null;
            if (next != null) {
                waiting--;
                begin(next.claim());
                return next;
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

    private void begin(Claim claim) {
        running++;
        runningOf.merge(claim.organization(), 1, Integer::sum);
        Lane lane = lanes.remove(claim.host());
        Lane last = lane == null ? new Lane() : lane;
        last.running++;
        lanes.put(claim.host(), last);
    }

    synchronized void end(Claim claim) {
        running--;
        runningOf.computeIfPresent(claim.organization(), (organization, many) -> many > 1 ? many - 1 : null);
        Lane lane = lanes.get(claim.host());
        if (lane != null) {
            lane.running--;
            lane.end(ticker.read());
            all.end(ticker.read());
        }
    }
}
