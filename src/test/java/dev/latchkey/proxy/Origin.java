package dev.latchkey.proxy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;

/** A provider written by hand, byte by byte: it answers as no server would that is in order. */
final class Origin implements AutoCloseable {

    private final ServerSocket server;
    private final Behaviour behaviour;
    private final boolean keeps;
    private final AtomicInteger connections = new AtomicInteger();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final BlockingQueue<Request> reached = new LinkedBlockingQueue<>();

    private Origin(ServerSocket server, Behaviour behaviour, boolean keeps) {
        this.server = server;
        this.behaviour = behaviour;
        this.keeps = keeps;
    }

    /** What it does with a connection on which it has read a head. */
    interface Behaviour {
        void answer(Request request, InputStream in, OutputStream out) throws IOException, InterruptedException;
    }

    /**
     * A head that has reached it.
     *
     * @param lines of headers
     */
    record Request(String method, String target, List<String> lines) {

        List<String> headers(String name) {
            String start = name.toLowerCase(Locale.ROOT) + ":";
            return lines.stream().filter(line -> line.toLowerCase(Locale.ROOT).startsWith(start))
                    .map(line -> line.substring(start.length()).strip()).toList();
        }

        @Nullable
        String header(String name) {
            List<String> values = headers(name);
            return values.isEmpty() ? null : String.join(", ", values);
        }
    }

    /** One that takes one request on each connection. */
    static Origin that(Behaviour behaviour) {
        return start(behaviour, false);
    }

    /**
     * One that keeps its connections, and takes the next request on each when the behaviour is done with the one before, until
     * that throws.
     */
    static Origin keeping(Behaviour behaviour) {
        return start(behaviour, true);
    }

    private static Origin start(Behaviour behaviour, boolean keeps) {
        try {
            Origin origin = new Origin(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), behaviour, keeps);
            origin.threads.execute(origin::accept);
            return origin;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One that answers each request with this, and ends its connection. */
    static Origin answering(String status, String body, String... headers) {
        return that((request, in, out) -> {
            List<String> lines = new ArrayList<>(List.of("HTTP/1.1 " + status, "Content-Length: " + body.length()));
            lines.addAll(List.of(headers));
            write(out, String.join("\r\n", lines) + "\r\nConnection: close\r\n\r\n" + body);
        });
    }

    static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    String url() {
        return "http://127.0.0.1:" + server.getLocalPort();
    }

    /** Everything that reached it since it was last asked. */
    List<Request> reached() {
        List<Request> requests = new ArrayList<>();
        reached.drainTo(requests);
        return requests;
    }

    /** How many it has taken. */
    int connections() {
        return connections.get();
    }

    /** Until there is nobody who would reach it. */
    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        threads.shutdownNow();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket connection = server.accept();
                connections.incrementAndGet();
                threads.execute(() -> serve(connection));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            connection.setTcpNoDelay(true);
            InputStream in = connection.getInputStream();
            for (String head = head(in); !head.isEmpty(); head = keeps ? head(in) : "") {
                List<String> lines = head.lines().toList();
                String[] first = lines.get(0).split(" ");
                Request request = new Request(first[0], first[1], lines.subList(1, lines.size()));
                reached.add(request);
                behaviour.answer(request, in, connection.getOutputStream());
            }
        } catch (IOException gone) {
            // Seen by the other side.
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        for (int next = in.read(); next >= 0; next = in.read()) {
            head.write(next);
            if (head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
                break;
            }
        }
        return head.toString(StandardCharsets.ISO_8859_1).strip();
    }
}
