package dev.latchkey.net;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The handshakes that are under way, by the host and port that they are made for: connections that the other side has taken,
 * and that cannot be used yet. The client tells that it has waited in vain, and not for which of the two.
 */
final class Handshakes {

    private final Map<String, Integer> underWay = new ConcurrentHashMap<>();

    void begun(String host, int port) {
        underWay.merge(to(host, port), 1, Integer::sum);
    }

    void ended(String host, int port) {
        underWay.computeIfPresent(to(host, port), (to, count) -> count > 1 ? count - 1 : null);
    }

    boolean areUnderWay(String host, int port) {
        return underWay.containsKey(to(host, port));
    }

    private static String to(String host, int port) {
        return port + " " + host;
    }
}
