package dev.latchkey.webhook;

import java.util.List;
import java.util.UUID;

import dev.latchkey.net.Destination;
import dev.latchkey.net.Header;

/**
 * An endpoint, as whoever sends to it needs it.
 *
 * @param webhook its id
 * @param version of the webhook, of which this is the state
 * @param headers of its maker's, for each delivery
 * @param signatures what is signed with
 */
record Target(UUID webhook, long version, UUID organization, Destination to, List<Header> headers, Signatures signatures) {

    Target {
        headers = List.copyOf(headers);
    }
}
