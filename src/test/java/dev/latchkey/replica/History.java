package dev.latchkey.replica;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * What several replicas answered while keys were changed, and what of it cannot be. All times are microseconds of one machine's
 * wall clock, which is the database's too.
 */
final class History {

    /** What comes after every version: a revoked key stays revoked. */
    static final long REVOKED = Long.MAX_VALUE;

    /**
     * A change of a key to a version. Versions of a key grow; each is begun after the one before has ended.
     *
     * @param inForce when it was answered to be in force everywhere; {@link Long#MAX_VALUE} when nobody said so
     */
    record Change(String key, long version, long began, long inForce) {
    }

    /** A verification that told the version of the key that it was judged by; -1: as if there were no such key. */
    record Judged(String key, long version, long began, long ended, int replica) {
    }

    /** A change of a limited key's limit, as above. */
    record Limit(String key, int limit, long began, long inForce) {
    }

    /** A request that was admitted. */
    record Admitted(String key, long began, long ended, int replica) {
    }

    private final Queue<Change> changes = new ConcurrentLinkedQueue<>();
    private final Queue<Judged> judged = new ConcurrentLinkedQueue<>();
    private final Queue<Limit> limits = new ConcurrentLinkedQueue<>();
    private final Queue<Admitted> admitted = new ConcurrentLinkedQueue<>();
    private final Queue<String> unexpected = new ConcurrentLinkedQueue<>();

    void add(Change change) {
        changes.add(change);
    }

    void add(Judged verification) {
        judged.add(verification);
    }

    void add(Limit limit) {
        limits.add(limit);
    }

    void add(Admitted request) {
        admitted.add(request);
    }

    /** An answer to a verification that is neither 503 nor a verdict that could be. */
    void addUnexpected(String answer) {
        unexpected.add(answer);
    }

    List<String> unexpected() {
        return List.copyOf(unexpected);
    }

    int operations() {
        return judged.size() + admitted.size();
    }

    long revocations() {
        return changes.stream().filter(change -> change.version == REVOKED && change.inForce < Long.MAX_VALUE).count();
    }

    int changes() {
        return changes.size() + limits.size();
    }

    /** Verifications that began after a change was in force and were judged by an older state. */
    List<String> stale() {
        Map<String, List<Change>> byKey = new HashMap<>();
        changes.forEach(change -> byKey.computeIfAbsent(change.key, key -> new ArrayList<>()).add(change));
        List<String> violations = new ArrayList<>();
        for (Judged one : judged) {
            long least = 0;
            for (Change change : byKey.getOrDefault(one.key, List.of())) {
                if (change.inForce <= one.began) {
                    least = Math.max(least, change.version);
                }
            }
            if (one.version < least) {
                violations.add("judged by version " + one.version + " though " + least + " was in force: " + one);
            }
        }
        return violations;
    }

    /**
     * Windows that admitted more than they may, counting requests that lie wholly inside: in all, more than the highest limit
     * of the time; after a change was in force and before the next one, more than it allows.
     */
    List<String> overAdmitted(int windowSeconds) {
        Map<String, List<Limit>> limitsOf = new HashMap<>();
        limits.forEach(limit -> limitsOf.computeIfAbsent(limit.key, key -> new ArrayList<>()).add(limit));
        Map<String, Map<Long, List<Admitted>>> windows = new HashMap<>();
        long length = windowSeconds * 1_000_000L;
        for (Admitted one : admitted) {
            if (one.began / length == one.ended / length) {
                windows.computeIfAbsent(one.key, key -> new HashMap<>())
                        .computeIfAbsent(one.began / length, window -> new ArrayList<>()).add(one);
            }
        }
        List<String> violations = new ArrayList<>();
        windows.forEach((key, ofKey) -> ofKey.forEach((window, requests) -> violations
                .addAll(check(key, window * length, length, requests, limitsOf.getOrDefault(key, List.of())))));
        return violations;
    }

    private static List<String> check(String key, long start, long length, List<Admitted> requests, List<Limit> limits) {
        List<String> violations = new ArrayList<>();
        int highest = 0;
        for (int i = 0; i < limits.size(); i++) {
            Limit limit = limits.get(i);
            long next = i + 1 < limits.size() ? limits.get(i + 1).began : Long.MAX_VALUE;
            long until = endOf(limits, i);
            if (limit.began < start + length && until > start) {
                highest = Math.max(highest, limit.limit);
            }
            long alone = requests.stream().filter(one -> one.began >= limit.inForce && one.ended < next).count();
            if (alone > limit.limit) {
                violations.add(alone + " admitted under a limit of " + limit.limit + ": key=" + key + " window=" + start);
            }
        }
        if (requests.size() > highest) {
            violations.add(requests.size() + " admitted where at most " + highest + " could be: key=" + key + " window="
                    + start);
        }
        return violations;
    }

    /** A limit may be judged by until a later one is in force. */
    private static long endOf(List<Limit> limits, int index) {
        long end = Long.MAX_VALUE;
        for (int later = index + 1; later < limits.size(); later++) {
            end = Math.min(end, limits.get(later).inForce);
        }
        return end;
    }
}
