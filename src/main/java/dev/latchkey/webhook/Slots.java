package dev.latchkey.webhook;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * How much a replica sends at once, and to whom. Not for several threads.
 *
 * <p>
 * Whoever has nothing under way may take half of what is free, and whoever has some, as much as leaves as much free as he has
 * then (the dynamic thresholds of Choudhury and Hahne for buffers that are shared). So one that hangs ends up with half of all,
 * two with a third each, and somebody who comes anew always finds some, without a share being reserved for anyone who is not
 * there. That holds for endpoints and for organizations, for slots and for the memory that large events take. An endpoint has
 * limits of its own below it, and one that fails a narrow one until it succeeds, so that what is probably in vain takes up
 * little.
 *
 * <p>
 * A provider's outage is hundreds of endpoints of as many organizations, of which each has little and all have everything. So
 * those that fail or do not answer for some time, the suspects, have a quarter together, after all others.
 *
 * <p>
 * That begins when they are known: nobody can tell whoever has just begun to hang from the others. What was sent to them until
 * then keeps its slots until it times out; the more is taken, the sooner they are suspected ({@link Flights#suspect}). So where
 * about as many endpoints as there are slots begin to hang within a second or two, the others wait until these time out, up to
 * three times, and no more once these have failed three times in a row.
 */
final class Slots {

    /** Failures in a row after which an endpoint is narrowed, and suspected. */
    static final int FAILING_AFTER = 3;
    /** What it is narrowed to. */
    static final int FAILING = 2;
    /** The part of everything that suspects have together: one of as many. */
    static final int SUSPECTS = 4;
    private static final int MOST_SHUT = 1_000;

    private final int total;
    private final int perEndpoint;
    private final long memory;
    private final Map<UUID, Endpoint> endpoints = new HashMap<>();
    private final Map<UUID, Held> organizations = new HashMap<>();
    private final Set<UUID> shut = new HashSet<>();
    private final Held taken = new Held();

    /**
     * @param total slots
     * @param perEndpoint at most
     * @param memory in bytes, of what is under way
     */
    Slots(int total, int perEndpoint, long memory) {
        this.total = total;
        this.perEndpoint = perEndpoint;
        this.memory = memory;
    }

    /** What is under way of one, or of all. */
    private static class Held {
        int slots;
        long bytes;

        void add(int moreSlots, long moreBytes) {
            slots += moreSlots;
            bytes += moreBytes;
        }
    }

    private static final class Endpoint extends Held {
        private int failures;
        private final Set<UUID> slow = new HashSet<>();

        boolean isSuspect() {
            return failures >= FAILING_AFTER || !slow.isEmpty();
        }
    }

    /**
     * How much may be taken. Of somebody's bytes the last delivery may exceed them, so that an event that is larger than what
     * he has goes out, too; those of all are not exceeded.
     */
    record Share(int slots, long bytes) {

        static final Share NONE = new Share(0, 0);

        Share {
            slots = Math.max(0, slots);
            bytes = Math.max(0, bytes);
        }

        boolean isNone() {
            return slots == 0 || bytes == 0;
        }

        Share atMost(Share other) {
            return new Share(Math.min(slots, other.slots), Math.min(bytes, other.bytes));
        }
    }

    /**
     * What may be taken now, as statements have it.
     *
     * @param suspects of all that fail or are slow
     * @param endpoint of one to which nothing is under way
     * @param organization of one that has nothing under way
     * @param endpoints those to which something is, and how much more
     * @param organizations those that have something, and how much more
     * @param suspected those of the endpoints that are suspects; others may be for what the database knows
     */
    record Room(Share total, Share suspects, Share endpoint, Share organization, Map<UUID, Share> endpoints,
            Map<UUID, Share> organizations, Set<UUID> suspected) {

        /** Whether an endpoint may be sent something. */
        boolean isFor(UUID webhook, UUID ofOrganization) {
            return !total.isNone() && !endpoints.getOrDefault(webhook, endpoint).isNone()
                    && !organizations.getOrDefault(ofOrganization, organization).isNone();
        }
    }

    Room room() {
        Held held = new Held();
        Set<UUID> suspected = new HashSet<>();
        endpoints.forEach((webhook, endpoint) -> {
            if (endpoint.isSuspect()) {
                suspected.add(webhook);
                held.add(endpoint.slots, endpoint.bytes);
            }
        });
        Share free = free();
        Share suspects = new Share(Math.max(1, total / SUSPECTS) - held.slots, memory / SUSPECTS - held.bytes).atMost(free);
        Held nothing = new Held();
        Map<UUID, Share> ofEndpoints = new HashMap<>();
        endpoints.forEach((webhook, endpoint) -> {
            Share share = limit(endpoint, endpoint.failures).atMost(allowance(endpoint));
            ofEndpoints.put(webhook, endpoint.isSuspect() ? share.atMost(suspects) : share);
        });
        shut.forEach(webhook -> ofEndpoints.put(webhook, Share.NONE));
        Map<UUID, Share> ofOrganizations = new HashMap<>();
        organizations.forEach((organization, some) -> ofOrganizations.put(organization, allowance(some)));
        return new Room(free, suspects, limit(nothing, 0).atMost(allowance(nothing)), allowance(nothing), ofEndpoints,
                ofOrganizations, suspected);
    }

    /** Takes a slot, whether there is one or not: who claims by {@link #room} has asked. */
    void take(Claimed delivery) {
        Endpoint endpoint = endpoints.computeIfAbsent(delivery.webhook(), first -> new Endpoint());
        endpoint.failures = Math.max(endpoint.failures, delivery.failures());
        endpoint.add(1, delivery.bytes());
        organizations.computeIfAbsent(delivery.organization(), first -> new Held()).add(1, delivery.bytes());
        taken.add(1, delivery.bytes());
    }

    /** What was under way there has ended. */
    void free(Claimed delivery) {
        Endpoint endpoint = endpoints.get(delivery.webhook());
        if (endpoint != null) {
            endpoint.slow.remove(delivery.id());
        }
        free(endpoints, delivery.webhook(), delivery.bytes());
        free(organizations, delivery.organization(), delivery.bytes());
        taken.add(-1, -delivery.bytes());
    }

    private static void free(Map<UUID, ? extends Held> all, UUID id, long bytes) {
        Held held = all.get(id);
        if (held != null) {
            held.add(-1, -bytes);
            if (held.slots == 0) {
                all.remove(id);
            }
        }
    }

    /** It has not been answered for some time: until it is, its endpoint is a suspect. */
    void slow(Claimed delivery) {
        Endpoint endpoint = endpoints.get(delivery.webhook());
        if (endpoint != null) {
            endpoint.slow.add(delivery.id());
        }
    }

    /** Before its slot is freed. */
    void succeeded(UUID webhook) {
        Endpoint endpoint = endpoints.get(webhook);
        if (endpoint != null) {
            endpoint.failures = 0;
        }
    }

    /** Before its slot is freed. */
    void failed(UUID webhook) {
        Endpoint endpoint = endpoints.get(webhook);
        if (endpoint != null) {
            endpoint.failures++;
        }
    }

    /**
     * It gets nothing from here until it is opened.
     *
     * @return false where so many are shut that this one is not remembered
     */
    boolean shut(UUID webhook) {
        return shut.contains(webhook) || shut.size() < MOST_SHUT && shut.add(webhook);
    }

    void open(UUID webhook) {
        shut.remove(webhook);
    }

    boolean isShut(UUID webhook) {
        return shut.contains(webhook);
    }

    /** How many are under way. */
    int taken() {
        return taken.slots;
    }

    /** Whether more is under way than is free. */
    boolean isCrowded() {
        return 2 * taken.slots > total;
    }

    private Share free() {
        return new Share(total - taken.slots, memory - taken.bytes);
    }

    /** Of memory an endpoint has the same part as of slots. */
    private Share limit(Held held, int failures) {
        int most = failures >= FAILING_AFTER ? Math.min(FAILING, perEndpoint) : perEndpoint;
        return new Share(most - held.slots, Math.round((double) memory * Math.min(perEndpoint, total) / total) - held.bytes);
    }

    /** How much more, so that then as much is free; one of the last is not left over. */
    private Share allowance(Held held) {
        Share free = free();
        return new Share((free.slots - held.slots + 1) / 2, (free.bytes - held.bytes + 1) / 2);
    }
}
