package dev.latchkey.bench;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/** Receivers in the process that measures, each on a port of its own: healthy ones, and one that takes and never answers. */
final class Endpoints implements AutoCloseable {

    /** A look takes time of the cores that all share. */
    private static final int LOOK_EVERY = 50;

    private final Map<Integer, byte[]> secrets = new ConcurrentHashMap<>();
    private final AtomicInteger looks = new AtomicInteger();
    private final AtomicInteger unsigned = new AtomicInteger();
    private final List<HttpServer> healthy;
    private final HttpServer hanging;
    private volatile Arrivals expected = new Arrivals("none", 0, 1);

    private Endpoints(Vertx vertx, int count) {
        healthy = IntStream.range(0, count).mapToObj(i -> listening(vertx, i)).toList();
        hanging = listening(vertx, -1);
    }

    static Endpoints start(Vertx vertx, int count) {
        return new Endpoints(vertx, count);
    }

    private HttpServer listening(Vertx vertx, int number) {
        // As any web server has it: idle connections outlive the pauses of a benchmark.
        return vertx.createHttpServer(new HttpServerOptions().setIdleTimeout(0))
                .requestHandler(request -> take(number, request)).listen(0, "127.0.0.1").toCompletionStage()
                .toCompletableFuture().join();
    }

    private void take(int number, HttpServerRequest request) {
        if (number >= 0) {
            request.body().onSuccess(body -> {
                String id = request.getHeader("webhook-id");
                expected.note(number, id);
                if (looks.getAndIncrement() % LOOK_EVERY == 0 && !isSigned(request, body, secrets.get(number))) {
                    unsigned.incrementAndGet();
                }
                request.response().putHeader("Content-Type", "text/plain").end("ok");
            });
        }
    }

    /** Standard Webhooks 1.0.0, by nobody's library. */
    private static boolean isSigned(HttpServerRequest request, Buffer body, byte @Nullable [] secret) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(Objects.requireNonNull(secret, "secret"), "HmacSHA256"));
            mac.update((request.getHeader("webhook-id") + "." + request.getHeader("webhook-timestamp") + ".")
                    .getBytes(StandardCharsets.UTF_8));
            return ("v1," + Base64.getEncoder().encodeToString(mac.doFinal(body.getBytes())))
                    .equals(request.getHeader("webhook-signature"));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What deliveries to that one are signed with. */
    void secret(int number, byte[] secret) {
        secrets.put(number, secret);
    }

    /** Where a delivery that was looked at was not signed as it should be, something else was measured. */
    private void requireSigned() {
        if (unsigned.get() > 0) {
            throw new IllegalStateException(unsigned + " deliveries are not signed");
        }
    }

    /** What arrives from now on belongs to that run. */
    void expect(Arrivals run) {
        expected = run;
    }

    List<String> urls() {
        return healthy.stream().map(Endpoints::url).toList();
    }

    String hangingUrl() {
        return url(hanging);
    }

    private static String url(HttpServer server) {
        return "http://127.0.0.1:" + server.actualPort() + "/webhooks";
    }

    @Override
    public void close() {
        requireSigned();
        healthy.forEach(server -> server.close().toCompletionStage().toCompletableFuture().join());
        hanging.close().toCompletionStage().toCompletableFuture().join();
    }
}
