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
import java.util.concurrent.TimeUnit;

/** Carries TCP connections to somewhere else, until the test cuts, delays or freezes them. */
public final class Relay implements AutoCloseable {

    private static final int BUFFER_BYTES = 16 * 1024;

    private final InetSocketAddress target;
    private final int port;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private ServerSocket listener;
    private volatile boolean frozen;
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
            for (Socket socket : open) {
                socket.close();
            }
            open.clear();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
        frozen = true;
    }

    /** What was held goes on its way. */
    public void thaw() {
        frozen = false;
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
                Socket here = socket.accept();
                Socket there = new Socket();
                open.add(here);
                open.add(there);
                there.connect(target);
                inBackground(() -> copy(here, there));
                inBackground(() -> copy(there, here));
            }
        });
    }

    private void copy(Socket from, Socket to) throws IOException {
        try (from; to) {
            byte[] buffer = new byte[BUFFER_BYTES];
            InputStream in = from.getInputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                hold();
                to.getOutputStream().write(buffer, 0, read);
            }
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    private void hold() throws IOException {
        try {
            int delay = delayMillis;
            if (delay > 0) {
                TimeUnit.MILLISECONDS.sleep(ThreadLocalRandom.current().nextInt(delay));
            }
            while (frozen) {
                TimeUnit.MILLISECONDS.sleep(5);
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
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
