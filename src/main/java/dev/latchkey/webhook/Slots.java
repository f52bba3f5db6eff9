package dev.latchkey.webhook;

import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/**
 * How much a replica sends at once, and to whom. Not for several threads.
 *
 * <p>
 * Whoever has nothing under way may take half of what is free, and whoever has some, as much as leaves as many free as he has
 * then (the dynamic thresholds of Choudhury and Hahne for buffers that are shared). So one that hangs ends up with half of all
 * slots, two with a third each, and somebody who comes anew always finds some, without a share being reserved for anyone who is
 * not there. That holds for endpoints and for organizations; an endpoint has a limit of its own below it, and one that fails a
 * narrow one until it succeeds, so that what is probably in vain takes up little.
 */
final class Slots {

    /** Failures in a row after which an endpoint is narrowed. */
    static final int FAILING_AFTER = 3;
    /** What it is narrowed to. */
    static final int FAILING = 2;

    private final int total;
    private final int perEndpoint;
    private final long memory;
    private final Map<UUID, Endpoint> endpoints = new HashMap<>();
    private final Map<UUID, Integer> organizations = new HashMap<>();
    private int taken;
    private long bytes;

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

    /** What is under way to one. */
    private static final class Endpoint {
        private int taken;
        private int failures;
    }

    /**
     * What may be taken now, as statements have it.
     *
     * @param total slots, at least 0
     * @param bytes of memory, at least 0
     * @param endpoint slots of one to which nothing is under way
     * @param organization slots of one that has nothing under way
     * @param endpoints those to which something is, and how much more
     * @param organizations those that have something, and how much more
     */
    record Room(int total, long bytes, int endpoint, int organization, Map<UUID, Integer> endpoints,
            Map<UUID, Integer> organizations) {

        /** Whether an endpoint may be sent something. */
        boolean isFor(UUID webhook, UUID ofOrganization) {
            return total > 0 && endpoints.getOrDefault(webhook, endpoint) > 0
                    && organizations.getOrDefault(ofOrganization, organization) > 0;
        }
    }

    Room room() {
        Map<UUID, Integer> ofEndpoints = new HashMap<>();
        endpoints.forEach((webhook, endpoint) -> ofEndpoints.put(webhook, Math.max(0,
                Math.min(limit(endpoint.failures) - endpoint.taken, allowance(endpoint.taken)))));
        Map<UUID, Integer> ofOrganizations = new HashMap<>();
        organizations.forEach((organization, held) -> ofOrganizations.put(organization, allowance(held)));
        return new Room(free(), Math.max(0, memory - bytes), Math.min(perEndpoint, allowance(0)), allowance(0), ofEndpoints,
                ofOrganizations);
    }

    /** Takes a slot, whether there is one or not: who claims by {@link #room} has asked. */
    void take(Claimed delivery) {
        taken++;
        bytes += delivery.bytes();
        Endpoint endpoint = endpoints.computeIfAbsent(delivery.webhook(), first -> new Endpoint());
        endpoint.failures = Math.max(endpoint.failures, delivery.failures());
        endpoint.taken++;
        organizations.merge(delivery.organization(), 1, Integer::sum);
    }

    /** What was under way there has ended. */
    void free(Claimed delivery) {
        taken--;
        bytes -= delivery.bytes();
        Endpoint endpoint = endpoints.get(delivery.webhook());
        if (endpoint != null && --endpoint.taken == 0) {
            endpoints.remove(delivery.webhook());
        }
        organizations.computeIfPresent(delivery.organization(), (same, held) -> held == 1 ? null : held - 1);
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

    /** How much is under way. */
    int taken() {
        return taken;
    }

    private int free() {
        return Math.max(0, total - taken);
    }

    private int limit(int failures) {
        return failures >= FAILING_AFTER ? Math.min(FAILING, perEndpoint) : perEndpoint;
    }

    /** How many more, so that then as many are free; one of the last is not left over. */
    private int allowance(int held) {
        return Math.max(0, free() - held + 1) / 2;
    }
}
