package dev.latchkey.key;

import java.util.UUID;

import dev.latchkey.net.IpAddress;
import org.jspecify.annotations.Nullable;

/** When material of a key was last accepted, and from where as far as that was told. Guarded by whoever holds it. */
final class LastUse {

    private final UUID materialId;
    private long at;
    private @Nullable IpAddress ip;

    /** @param at milliseconds since the epoch */
    LastUse(UUID materialId, long at, @Nullable IpAddress ip) {
        this.materialId = materialId;
        this.at = at;
        this.ip = ip;
    }

    /** Threads may come in any order: the later use counts, and the last address that is known. */
    void merge(long otherAt, @Nullable IpAddress otherIp) {
        if (otherIp != null && (ip == null || otherAt >= at)) {
            ip = otherIp;
        }
        at = Math.max(at, otherAt);
    }

    UUID materialId() {
        return materialId;
    }

    /** Milliseconds since the epoch. */
    long at() {
        return at;
    }

    @Nullable
    IpAddress ip() {
        return ip;
    }

    @Nullable
    String address() {
        return ip == null ? null : ip.toString();
    }

    void merge(LastUse other) {
        merge(other.at, other.ip);
    }
}
