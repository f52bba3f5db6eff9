package dev.latchkey.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/** A server that says to each connection just what a test has it say, byte by byte, be it HTTP or not. */
public final class WireServer implements AutoCloseable {

    /** What it does with a connection, which is closed when this returns. */
    @FunctionalInterface
    public interface Talk {
        void with(Connection connection) throws Exception;
    }

    private static final int MOST_PAIRS = 100;
    private static final Pattern LENGTH = Pattern.compile("(?i)content-length: (\\d+)");

    private final ServerSocket listener;
    private final Talk talk;
    private final AtomicInteger connections = new AtomicInteger();
    private final Queue<String> requests = new ConcurrentLinkedQueue<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    private WireServer(ServerSocket listener, Talk talk) {
        this.listener = listener;
        this.talk = talk;
    }

    /** On a free port of 127.0.0.1. */
    public static WireServer start(Talk talk) {
        return start("127.0.0.1", 0, talk);
    }

    public static WireServer start(String address, int port, Talk talk) {
        try {
            var listener = new ServerSocket();
            listener.setReuseAddress(true);
            listener.bind(new InetSocketAddress(InetAddress.getByName(address), port));
            var server = new WireServer(listener, talk);
            daemon(server::accept);
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Both of them. */
    public record Pair(WireServer one, WireServer other) {
    }

    /** One at each of two addresses, on the same port: one that is free at both, since each may be in use at one alone. */
    public static Pair pair(String address, Talk talk, String otherAddress, Talk otherTalk) {
        for (int tries = 1;; tries++) {
            var one = start(address, 0, talk);
            try {
                return new Pair(one, start(otherAddress, one.port(), otherTalk));
            } catch (UncheckedIOException taken) {
                one.close();
                if (tries == MOST_PAIRS || !(taken.getCause() instanceof BindException)) {
                    throw taken;
                }
            }
        }
    }

    /** Answers every request of every connection with the same text. */
    public static WireServer answering(String answer) {
        return start(connection -> {
            while (!connection.readRequest().isEmpty()) {
                connection.write(answer);
            }
        });
    }

    public int port() {
        return listener.getLocalPort();
    }

    public String url() {
        return "http://" + listener.getInetAddress().getHostAddress() + ":" + port();
    }

    /** How many connections it has taken. */
    public int connections() {
        return connections.get();
    }

    /** The requests that it has read, each whole. */
    public List<String> requests() {
        return List.copyOf(requests);
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (var socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                var socket = listener.accept();
                connections.incrementAndGet();
                open.add(socket);
                daemon(() -> talk(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void talk(Socket socket) {
        try (socket) {
            talk.with(new Connection(socket));
        } catch (Exception over) {
            // The other side has had enough.
        } finally {
            open.remove(socket);
        }
    }

    private static void daemon(Runnable work) {
        var thread = new Thread(work, "wire-server");
        thread.setDaemon(true);
        thread.start();
    }

    /** One of them. */
    public final class Connection {

        private final Socket socket;
        private final InputStream in;
        private final OutputStream out;

        private Connection(Socket socket) throws IOException {
            this.socket = socket;
            this.in = socket.getInputStream();
            this.out = socket.getOutputStream();
        }

        /** The next request, its body included when it says how long it is; empty when there is none. */
        public String readRequest() throws IOException {
            var text = new StringBuilder();
            while (text.indexOf("\r\n\r\n") < 0) {
                var next = in.read();
                if (next < 0) {
                    return "";
                }
                text.append((char) next);
            }
            var length = LENGTH.matcher(text);
            if (length.find()) {
                text.append(new String(in.readNBytes(Integer.parseInt(length.group(1))), StandardCharsets.ISO_8859_1));
            }
            requests.add(text.toString());
            return text.toString();
        }

        public void write(String text) throws IOException {
            write(text.getBytes(StandardCharsets.ISO_8859_1));
        }

        public void write(byte[] bytes) throws IOException {
            out.write(bytes);
            out.flush();
        }

        /** Waits until the other side closes. */
        public void awaitEnd() throws IOException {
            in.readAllBytes();
        }

        /** Closes without a word that nothing was lost (RST). */
        public void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }
    }
}
