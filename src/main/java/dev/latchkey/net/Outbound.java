package dev.latchkey.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;

import javax.net.ssl.TrustManagerFactory;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.latchkey.net.OutboundOutcome.Code;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Startup;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import org.jspecify.annotations.Nullable;

/**
 * The only way out: whatever Latchkey calls on someone's behalf, it calls through here.
 * <p>
 * A name is looked up once, all of its addresses are judged by {@link AddressPolicy}, and one of these is dialled, TLS against
 * the name. Redirects are answers like any other: to follow one is to be sent somewhere by the other side. Answers are bounded
 * in time and size while they come. How often one host is called is the caller's matter. Made at the start, so that settings
 * that cannot work stop it.
 */
@Startup
@Singleton
public class Outbound {

    private final Vertx vertx;
    private final Names names;
    private final Ways ways;
    private final Clients clients;
    private final Dialer dialer;
    private final EgressMetrics metrics;
    private final Exchange.Tools tools;

    Outbound(Vertx vertx, EgressConfig config, MeterRegistry metrics, Ticker ticker) {
        this.vertx = vertx;
        this.metrics = new EgressMetrics(metrics);
        names = new Names(vertx, dnsServers(config));
        ways = new Ways(vertx, new AddressPolicy(allow(config)), names);
        if (config.connectionsPerAddress() < 1 || config.keepAlive().toSeconds() < 1) {
            throw new ConfigurationException("LATCHKEY_EGRESS_CONNECTIONS_PER_ADDRESS must be at least 1, and"
                    + " LATCHKEY_EGRESS_KEEP_ALIVE PT1S.");
        }
        clients = Clients.of(vertx, config, trusted(config), ticker);
        dialer = new Dialer(vertx, clients, ticker);
        tools = new Exchange.Tools(vertx, ways, clients, dialer, ticker);
    }

    private static EgressAllow allow(EgressConfig config) {
        var parsed = EgressAllow.parse(config.allow().orElse(List.of()));
        if (parsed instanceof EgressAllow.Invalid invalid) {
            throw new ConfigurationException(EgressConfig.ALLOW + invalid.place());
        }
        return ((EgressAllow.Valid) parsed).allow();
    }

    private static List<InetSocketAddress> dnsServers(EgressConfig config) {
        var servers = new ArrayList<InetSocketAddress>();
        for (var text : config.dnsServers().orElse(List.of())) {
            var server = Names.server(text.strip());
            if (server == null) {
                throw new ConfigurationException(
                        "LATCHKEY_EGRESS_DNS_SERVERS: write addresses, each with an optional port, like 10.0.0.53:53.");
            }
            servers.add(server);
        }
        return servers;
    }

    /** A file of the operator's is read at once, and stops the start; the runtime's own is good, and read meanwhile. */
    private static Callable<TrustManagerFactory> trusted(EgressConfig config) {
        var file = config.trustCertificates().filter(path -> !path.isBlank()).orElse(null);
        if (file == null) {
            return TrustedRoots::ofTheRuntimeAlone;
        }
        try {
            var trusted = TrustedRoots.with(Path.of(file));
            return () -> trusted;
        } catch (IOException | GeneralSecurityException e) {
            throw new ConfigurationException(
                    "LATCHKEY_EGRESS_TRUST_CERTIFICATES: no certificates (PEM) can be read from " + file + ".", e);
        }
    }

    /**
     * Sends it and reads its answer, on the caller's context. Never fails: whatever can happen is an outcome. Who gives up
     * waiting closes the connection.
     */
    public Uni<OutboundOutcome> send(OutboundRequest request) {
        return Uni.createFrom().<OutboundOutcome> emitter(emitter -> {
            var exchange = new Exchange(tools, request, vertx.getOrCreateContext(), emitter::complete);
            emitter.onTermination(exchange::cancel);
            exchange.begin();
        }).invoke(metrics::note);
    }

    /** What can be said against a destination without asking anyone: a blocked literal address, plain http. */
    public Optional<Refusal> refusalAtSight(Destination to) {
        return ways.refusalAtSight(to);
    }

    /**
     * The check when a destination is written down: looks up the name and judges every address, dials nothing. It protects
     * nobody, since a name may lead elsewhere by the time it is called; it tells a mistake when it is made.
     */
    public Uni<Optional<Refusal>> refusal(Destination to) {
        return Uni.createFrom().emitter(emitter -> {
            var context = vertx.getOrCreateContext();
            context.runOnContext(
                    here -> ways.refusal(to, context).onSuccess(emitter::complete).onFailure(emitter::fail));
        });
    }

    /**
     * Opens a request to that host on a checked address, for whoever streams both ways. Method, target and headers are those
     * of the options; host, port, server, scheme, redirects, proxies and limits on time are not. Whole answers are
     * {@link #send}'s: here nothing is bounded but the look-up and the connection, and what is set later is checked by whoever
     * sets it ({@link Destination#isTarget}, {@link Header#isReserved}).
     * <p>
     * Whoever bounds the time does so by a timer of his own. The ones of the request ({@code setTimeout},
     * {@code idleTimeout}) fail with method and target in their message, and a query may hold a key: not to be logged.
     *
     * @return on the caller's context; fails with {@link OutboundException}, or {@link IllegalArgumentException} when the
     *         target is none, or method or headers are not the caller's to set
     */
    public Future<OutboundStream> open(Destination to, RequestOptions options) {
        var mistake = mistake(options);
        if (mistake != null) {
            return Future.failedFuture(new IllegalArgumentException(mistake));
        }
        var context = vertx.getOrCreateContext();
        var opened = Promise.<OutboundStream> promise();
        if (Vertx.currentContext() == context) {
            open(to, options, context).onComplete(opened);
        } else {
            context.runOnContext(here -> open(to, options, context).onComplete(opened));
        }
        return opened.future();
    }

    private Future<OutboundStream> open(Destination to, RequestOptions options, Context context) {
        return ways.to(to, context).compose(way -> way instanceof Ways.Open open
                ? dialer.dial(clients.streams(), to, options, open.addresses(), OutboundLimits.LONGEST_CONNECT, context).end()
                : Future.failedFuture(new OutboundException(((Ways.Shut) way).code(), ((Ways.Shut) way).detail())))
                .map(dialled -> new OutboundStream(dialled.request(), dialled.stoodBefore()))
                .onComplete(done -> metrics.noteStream(done.succeeded() ? Code.ANSWERED
                        : done.cause() instanceof OutboundException told ? told.code() : Code.BROKEN));
    }

    /** A second {@code Host}, or a length that is none, would lead on from the checked address; so would a tunnel. */
    private static @Nullable String mistake(RequestOptions options) {
        if (!Destination.isTarget(options.getURI())) {
            return "the target is no path";
        }
        if (HttpMethod.CONNECT.equals(options.getMethod())) {
            return "a tunnel is no request";
        }
        var headers = options.getHeaders();
        return headers == null || headers.entries().stream()
                .allMatch(each -> new Header(each.getKey(), each.getValue()).isSendable()) ? null : "a header cannot be sent";
    }

    @PreDestroy
    void close() {
        clients.close();
        names.close();
    }
}
