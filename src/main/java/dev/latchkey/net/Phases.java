package dev.latchkey.net;

import org.jspecify.annotations.Nullable;

/**
 * How long each step took, in milliseconds; null for a step that was not reached or not needed, as the first three are on a
 * connection that was kept open.
 *
 * @param dnsMs looking up the name; null for an address
 * @param connectMs until the other side took the connection; over all addresses that were tried
 * @param tlsMs the handshake
 * @param firstByteMs from the request's first byte to the answer's head
 */
public record Phases(@Nullable Double dnsMs, @Nullable Double connectMs, @Nullable Double tlsMs,
        @Nullable Double firstByteMs) {

    public static final Phases NONE = new Phases(null, null, null, null);
}
