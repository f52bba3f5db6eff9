package dev.latchkey.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/** The API behind a gateway: notes what reaches it and answers as it is told. */
public final class Backend implements AutoCloseable {

    static {
        // Otherwise its answers wait 40 ms for the gateway's acknowledgement.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final BlockingQueue<Request> reached = new LinkedBlockingQueue<>();
    private volatile Reply reply = Reply.OK;

    private Backend(HttpServer server) {
        this.server = server;
    }

    /** What reached the backend. */
    public record Request(String method, String target, Headers headers, byte[] body) {

        /** All values of a header. */
        public List<String> headers(String name) {
            return headers.getOrDefault(name, List.of());
        }
    }

    /** What it answers. */
    public record Reply(int status, String contentType, String body) {

        public static final Reply OK = new Reply(200, "application/json", "{\"orders\":[]}");
    }

    public static Backend start() {
        try {
            Backend backend = new Backend(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
            backend.server.createContext("/", backend::answer);
            backend.server.setExecutor(backend.threads);
            backend.server.start();
            return backend;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return server.getAddress().getPort();
    }

    /** From now on. */
    public void answers(Reply chosen) {
        reply = chosen;
    }

    /** Everything that reached it since it was last asked. */
    public List<Request> reached() {
        List<Request> requests = new ArrayList<>();
        reached.drainTo(requests);
        return requests;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            reached.add(new Request(exchange.getRequestMethod(), exchange.getRequestURI().toString(),
                    exchange.getRequestHeaders(), exchange.getRequestBody().readAllBytes()));
            Reply chosen = reply;
            byte[] body = chosen.body().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", chosen.contentType());
            boolean isHead = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(chosen.status(), isHead ? -1 : body.length);
            if (!isHead) {
                exchange.getResponseBody().write(body);
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
