package dev.latchkey.net;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.latchkey.net.OutboundOutcome.Code;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The opening of one request, on the first of the addresses whose connection stands. Everything happens on one context.
 * <p>
 * The next address is dialled when one fails, or has not come to anything within its share of the time; whoever is slower
 * goes on meanwhile, since three round trips to another continent are slow and good. All are given as numbers: the client
 * looks nothing up.
 * <p>
 * Where all connections to an address are taken, it is asked for again until the time is up. The client's own queue would do
 * that, too, but fails alike whether we were full or the other side silent, and only the latter says something of it.
 */
final class Dialling {

    private static final int MOST_ADDRESSES = 4;
    private static final long AGAIN_MILLIS = 20;
    private static final long NO_TIMER = -1;

    /**
     * A request that can be sent.
     *
     * @param stoodBefore whether its connection is one that was kept, and may have been closed meanwhile
     */
    record Dialled(HttpClientRequest request, boolean stoodBefore) {
    }

    /** What all of them share. */
    record Tools(Vertx vertx, Ticker ticker, Handshakes handshakes) {
    }

    private final Vertx vertx;
    private final Ticker ticker;
    private final Handshakes handshakes;
    private final HttpClient client;
    private final Destination to;
    private final RequestOptions options;
    private final Deque<IpAddress> left;
    private final Duration limit;
    private final Promise<Dialled> end = Promise.promise();

    private long begun;
    private long timer = NO_TIMER;
    private int underWay;
    private int waiting;
    private @Nullable OutboundException fault;

    Dialling(Tools tools, HttpClient client, Destination to, RequestOptions options, List<IpAddress> addresses,
            Duration limit) {
        this.vertx = tools.vertx();
        this.ticker = tools.ticker();
        this.handshakes = tools.handshakes();
        this.client = client;
        this.to = to;
        this.options = options;
        this.left = new ArrayDeque<>(addresses.subList(0, Math.min(addresses.size(), MOST_ADDRESSES)));
        this.limit = limit;
    }

    /** On the context; fails with {@link OutboundException}. */
    Future<Dialled> end() {
        return end.future();
    }

    /** Whether it waits for a connection of ours, rather than for the other side. */
    boolean isBusy() {
        return waiting > 0;
    }

    /** What the other side lets us wait for, as the detail of a timeout names it: it may have taken a connection already. */
    String step() {
        return to.secure() && handshakes.areUnderWay(to.host(), to.port()) ? Faults.TLS : Faults.CONNECT;
    }

    void begin() {
        begun = ticker.read();
        next(Math.max(1, limit.toMillis() / left.size()));
    }

    /** Nobody wants it any more: what comes later is closed. */
    void giveUp() {
        fail(new OutboundException(Code.TIMEOUT, Faults.CONNECT));
    }

    void fail(OutboundException why) {
        if (end.tryFail(why)) {
            vertx.cancelTimer(timer);
        }
    }

    private boolean isOver() {
        return end.future().isComplete();
    }

    private void next(long share) {
        vertx.cancelTimer(timer);
        timer = NO_TIMER;
        var address = left.poll();
        if (isOver() || address == null) {
            return;
        }
        if (!left.isEmpty()) {
            timer = vertx.setTimer(share, late -> next(share));
        }
        underWay++;
        ask(SocketAddress.inetSocketAddress(to.port(), address.toString()), share, false);
    }

    private void ask(SocketAddress server, long share, boolean again) {
        if (isOver()) {
            return;
        }
        var asked = ticker.read();
        var time = limit.toMillis() - TimeUnit.NANOSECONDS.toMillis(asked - begun);
        if (time < 1) {
            failed(again ? new OutboundException(Code.BUSY, null) : new OutboundException(Code.TIMEOUT, step()), share);
            return;
        }
        client.request(new RequestOptions(options).setServer(server).setConnectTimeout(time)).onComplete(done -> {
            if (done.succeeded()) {
                stands(done.result(), asked);
            } else if (done.cause() instanceof ConnectionPoolTooBusyException) {
                waiting++;
                vertx.setTimer(Math.min(AGAIN_MILLIS, time), later -> {
                    waiting--;
                    ask(server, share, true);
                });
            } else {
                failed(Faults.ofConnecting(done.cause(), step()), share);
            }
        });
    }

    private void stands(HttpClientRequest request, long asked) {
        var channel = Clients.channel(request.connection());
        // Taken away by whoever has it first; a connection may also have come too late for the one that it was made for.
        var since = channel == null ? null : channel.attr(Clients.STANDS_SINCE).getAndSet(null);
        if (!end.tryComplete(new Dialled(bracketed(request), since == null || since - asked < 0))) {
            // Not left to the next one, for whom it would be neither new nor tried.
            request.exceptionHandler(told -> {
            }).connection().close();
        }
        vertx.cancelTimer(timer);
    }

    private void failed(OutboundException why, long share) {
        underWay--;
        if (fault == null || fault.code() != Code.BUSY) {
            fault = why;
        }
        // Who takes the connection and fails to prove who he is fails at his other addresses, too.
        if (why.code() == Code.TLS || left.isEmpty() && underWay == 0) {
            fail(fault);
        } else {
            next(share);
        }
    }

    /** The client writes the host into its header as it stands, which for IPv6 is no valid one. */
    private HttpClientRequest bracketed(HttpClientRequest request) {
        return to.host().indexOf(':') < 0 ? request
                : request.authority(HostAndPort.create("[" + to.host() + "]", to.port()));
    }
}
