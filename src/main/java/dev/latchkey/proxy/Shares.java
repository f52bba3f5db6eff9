package dev.latchkey.proxy;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many requests each organization has under way. One that has many slow ones would otherwise hold all connections to a
 * provider that others use, too.
 */
final class Shares {

    private final int each;
    private final Map<UUID, Integer> taken = new ConcurrentHashMap<>();

    Shares(int each) {
        this.each = each;
    }

    /** Whether there is one more for it, which is then taken. */
    boolean take(UUID organization) {
        if (taken.merge(organization, 1, Integer::sum) <= each) {
            return true;
        }
        give(organization);
        return false;
    }

    /** Once for each that was taken. */
    void give(UUID organization) {
        taken.computeIfPresent(organization, (same, number) -> number == 1 ? null : number - 1);
    }

    boolean isEmpty() {
        return taken.isEmpty();
    }
}
