package dev.latchkey.credential;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.latchkey.net.Destination;
import dev.latchkey.net.OutboundRequest;

/**
 * A provider that answers as its documentation has it. All hosts are one: {@link #instead} leads there whatever was asked of a
 * provider's own host, which becomes the first segment of the path.
 */
public final class FakeProvider implements AutoCloseable {

    static {
        // Otherwise its answers wait 40 ms for the caller's acknowledgement.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final LinkedBlockingQueue<Asked> asked = new LinkedBlockingQueue<>();
    private volatile Function<Asked, Answer> answers = request -> new Answer(500, "");

    private FakeProvider(HttpServer server) {
        this.server = server;
    }

    /**
     * What it was asked.
     *
     * @param target host, path and query: {@code api.example.com/v1/balance}
     */
    public record Asked(String method, String target, Headers headers, String body) {

        /** The header's only value; empty where there is none. */
        public String header(String name) {
            List<String> values = headers.getOrDefault(name, List.of());
            return values.size() == 1 ? values.get(0) : "";
        }
    }

    /** What it answers. */
    public record Answer(int status, String body) {
    }

    public static FakeProvider start() {
        try {
            FakeProvider fake = new FakeProvider(
                    HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
            fake.server.createContext("/", fake::answer);
            fake.server.setExecutor(fake.threads);
            fake.server.start();
            return fake;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** From now on. */
    public void answers(Function<Asked, Answer> chosen) {
        answers = chosen;
        asked.clear();
    }

    /** From now on, whatever is asked. */
    public void answers(int status, String body) {
        answers(request -> new Answer(status, body));
    }

    /** Everything that it was asked since it was last asked. */
    public List<Asked> asked() {
        List<Asked> requests = new ArrayList<>();
        asked.drainTo(requests);
        return requests;
    }

    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** The same request, to this server. */
    OutboundRequest instead(OutboundRequest request) {
        Destination here = Destination.parse(url() + "/" + request.to().authority() + request.to().target()).orNull();
        return new OutboundRequest(request.method(), Objects.requireNonNull(here), request.headers(), request.body(),
                request.limits(), request.repeatable());
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            Asked request = new Asked(exchange.getRequestMethod(), exchange.getRequestURI().toString().substring(1),
                    exchange.getRequestHeaders(),
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            asked.add(request);
            Answer chosen = answers.apply(request);
            byte[] body = chosen.body().getBytes(StandardCharsets.UTF_8);
            boolean isBodiless = exchange.getRequestMethod().equals("HEAD") || body.length == 0;
            if (chosen.status() / 100 == 3) {
                exchange.getResponseHeaders().set("Location", url() + "/elsewhere");
            }
            exchange.sendResponseHeaders(chosen.status(), isBodiless ? -1 : body.length);
            if (!isBodiless) {
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
