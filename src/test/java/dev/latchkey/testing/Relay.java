package dev.latchkey.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/** Carries TCP connections to somewhere else, until the test cuts, delays or freezes them. */
public final class Relay implements AutoCloseable {

    private static final int BUFFER_BYTES = 16 * 1024;
    /** Between two looks whether it has thawed. */
    private static final int THAW_MILLIS = 5;

    private final int port;
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    private ServerSocket listener;
    private volatile InetSocketAddress target;
    private volatile double frozenShare;
    private volatile int delayMillis;

    private Relay(InetSocketAddress target) throws IOException {
        this.target = target;
        this.listener = listen(0);
        this.port = listener.getLocalPort();
    }

    /** Begins to carry connections to a port of this machine. */
    public static Relay to(int targetPort) {
        try {
            Relay relay = new Relay(new InetSocketAddress(InetAddress.getLoopbackAddress(), targetPort));
            relay.accept(relay.listener);
            return relay;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return port;
    }

    /** From now on connections are refused, and those that stand end. */
    public synchronized void cut() {
        try {
            listener.close();
            cut(1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends about that share of the connections; others may be opened at once. */
    public void cut(double share) throws IOException {
        for (Connection connection : open) {
            if (connection.lot < share) {
                connection.close();
            }
        }
    }

    /** From now on new connections lead to another port of this machine. */
    public void lead(int targetPort) {
        target = new InetSocketAddress(InetAddress.getLoopbackAddress(), targetPort);
    }

    /** Takes connections again, on the same port. */
    public synchronized void restore() {
        try {
            listener = listen(port);
            accept(listener);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** From now on nothing gets through, either way, and nobody is told: connections are half-open. */
    public void freeze() {
        freeze(1);
    }

    /** The same for about that share of the connections: one that listens may be among them or not. */
    public void freeze(double share) {
        frozenShare = share;
    }

    /** What was held goes on its way. */
    public void thaw() {
        frozenShare = 0;
    }

    /** From now on everything takes up to that much longer, each piece on each connection another time. */
    public void delay(int millis) {
        delayMillis = millis;
    }

    @Override
    public void close() {
        cut();
    }

    private static ServerSocket listen(int port) throws IOException {
        ServerSocket socket = new ServerSocket();
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return socket;
    }

    private void accept(ServerSocket socket) {
        inBackground(() -> {
            while (!socket.isClosed()) {
                Connection connection = new Connection(socket.accept(), new Socket(), ThreadLocalRandom.current().nextDouble());
                open.add(connection);
                try {
                    connection.there.connect(target);
                } catch (IOException refused) {
                    connection.close();
                    continue;
                }
                inBackground(() -> connection.copy(connection.here, connection.there));
                inBackground(() -> connection.copy(connection.there, connection.here));
            }
        });
    }

    private final class Connection {
        private final Socket here;
        private final Socket there;
        /** Between 0 and 1: those with a low one are hit by what hits a share of them. */
        private final double lot;

        Connection(Socket here, Socket there, double lot) {
            this.here = here;
            this.there = there;
            this.lot = lot;
        }

        void copy(Socket from, Socket to) throws IOException {
            try {
                byte[] buffer = new byte[BUFFER_BYTES];
                InputStream in = from.getInputStream();
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    hold();
                    to.getOutputStream().write(buffer, 0, read);
                }
            } finally {
                close();
            }
        }

        private void hold() {
            int delay = delayMillis;
            if (delay > 0) {
                Pause.ofMillis(ThreadLocalRandom.current().nextInt(delay));
            }
            while (lot < frozenShare && !here.isClosed()) {
                Pause.ofMillis(THAW_MILLIS);
            }
        }

        void close() throws IOException {
            open.remove(this);
            here.close();
            there.close();
        }
    }

    private static void inBackground(Transfer transfer) {
        Thread thread = new Thread(() -> {
            try {
                transfer.run();
            } catch (IOException cut) {
                // That is what a relay is for.
            }
        }, "relay");
        thread.setDaemon(true);
        thread.start();
    }

    private interface Transfer {
        void run() throws IOException;
    }
}
