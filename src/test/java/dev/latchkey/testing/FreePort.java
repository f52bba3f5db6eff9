package dev.latchkey.testing;

import java.io.IOException;
import java.net.ServerSocket;
import java.security.SecureRandom;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Ports for programs that are told theirs before they listen. Not those that the system gives to whoever asks for any, since
 * somebody's connection may have got one before the program comes to it; and none twice.
 */
public final class FreePort {

    private static final int FIRST = 15_000;
    /** Below where Linux begins with its own (32768). */
    private static final int PORTS = 15_000;
    private static final int TRIES = 200;
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

    private FreePort() {
    }

    /** Another one each time. */
    public static int draw() {
        for (int tries = 0; tries < TRIES; tries++) {
            int port = FIRST + RANDOM.nextInt(PORTS);
            if (GIVEN.add(port) && isFree(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no port is free");
    }

    /** At all addresses. */
    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port)) {
            return socket.isBound();
        } catch (IOException taken) {
            return false;
        }
    }
}
