package dev.latchkey.web;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;

/**
 * Lets callers leave before the stop closes their connections, on which it would cut off whatever is asked or answered.
 * Gateways keep connections for as long as they can, so it does not help them that this replica is no longer in the list of
 * those that are ready.
 *
 * <p>
 * From the beginning of the stop each answer of HTTP/1.1 is the last one on its connection and says so, and all goes on until
 * nothing has come for a moment and nothing is under way, or for {@link #PATIENCE}. Before that a request costs the reading of
 * one field: those under way are counted by Quarkus' own metrics.
 */
@ApplicationScoped
class Drain {

    /** Longer than any operation but proxied requests, of which callers know how to go on. */
    static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final long LINGER_MILLIS = 1_000;
    private static final Duration MOMENT = Duration.ofMillis(250);
    private static final String UNDER_WAY = "http.server.active.requests";
    /** Before {@link RequestId}, which answers nothing. */
    private static final int BEFORE_EVERYTHING = 1100;

    private final MeterRegistry metrics;
    private final AtomicInteger latecomers = new AtomicInteger();
    private volatile boolean isStopping;

    Drain(MeterRegistry metrics) {
        this.metrics = metrics;
    }

    void register(@Observes Filters filters) {
        filters.register(this::pass, BEFORE_EVERYTHING);
    }

    private void pass(RoutingContext routing) {
        if (isStopping) {
            latecomers.incrementAndGet();
            endConnectionAfter(routing);
        }
        routing.next();
    }

    private static void endConnectionAfter(RoutingContext routing) {
        HttpServerRequest request = routing.request();
        if (request.version() == HttpVersion.HTTP_1_1) {
            routing.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
            routing.addEndHandler(answered -> end(request, routing.vertx()));
        }
    }

    /** Who is still sending would be told that the connection is gone before he has read the answer. */
    private static void end(HttpServerRequest request, Vertx vertx) {
        if (request.isEnded()) {
            request.connection().close();
        } else {
            vertx.setTimer(LINGER_MILLIS, over -> request.connection().close());
        }
    }

    /** Blocks the thread that stops the application, which has nothing else to do: the server is closed when this returns. */
    void letLeave(@Observes ShutdownDelayInitiatedEvent stopping) {
        isStopping = true;
        try {
            for (long left = PATIENCE.toMillis(); left > 0; left -= MOMENT.toMillis()) {
                int before = latecomers.get();
                Thread.sleep(MOMENT.toMillis());
                if (latecomers.get() == before && underWay() == 0) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** None where metrics are switched off. */
    private double underWay() {
        Gauge gauge = metrics.find(UNDER_WAY).gauge();
        return gauge == null ? 0 : gauge.value();
    }
}
