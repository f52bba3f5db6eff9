package dev.latchkey.net;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

import com.github.benmanes.caffeine.cache.Ticker;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import org.jspecify.annotations.Nullable;

/** A way out with settings of a test's own, without the rest of the application; for the tests of other rooms, too. */
public final class Egress implements AutoCloseable {

    public static final OutboundLimits LIMITS = OutboundLimits.of(Duration.ofSeconds(10), 64 * 1024);
    /** At once, to one address. */
    public static final int CONNECTIONS = 8;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    public final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    public final Outbound outbound;
    public final Vertx vertx = Vertx.vertx();

    private Egress(Settings settings) {
        outbound = new Outbound(vertx, settings, metrics, Ticker.systemTicker());
    }

    /** Which may call this machine alone. */
    public static Egress toThisMachine() {
        return new Egress(new Settings(List.of("127.0.0.1", "[::1]"), null, List.of()));
    }

    public static Egress of(Settings settings) {
        return new Egress(settings);
    }

    public OutboundOutcome send(OutboundRequest request) {
        return outbound.send(request).await().atMost(PATIENCE);
    }

    public OutboundOutcome get(String url) {
        return get(url, LIMITS);
    }

    public OutboundOutcome get(String url, OutboundLimits limits) {
        return send(OutboundRequest.get(to(url), limits));
    }

    public Optional<Refusal> refusal(String url) {
        return outbound.refusal(to(url)).await().atMost(PATIENCE);
    }

    public static Destination to(String url) {
        return Objects.requireNonNull(Destination.parse(url).orNull(), url);
    }

    @Override
    public void close() {
        outbound.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    public record Settings(List<String> list, @Nullable String pem, List<String> servers) implements EgressConfig {

        @Override
        public Optional<List<String>> allow() {
            return Optional.of(list);
        }

        @Override
        public Optional<String> trustCertificates() {
            return Optional.ofNullable(pem);
        }

        @Override
        public Optional<List<String>> dnsServers() {
            return Optional.of(servers);
        }

        @Override
        public int connectionsPerAddress() {
            return CONNECTIONS;
        }

        @Override
        public Duration keepAlive() {
            return Duration.ofSeconds(10);
        }
    }
}
