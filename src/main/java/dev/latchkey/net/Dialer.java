package dev.latchkey.net;

import java.time.Duration;
import java.util.List;

import com.github.benmanes.caffeine.cache.Ticker;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.RequestOptions;

/** Begins to dial, once it is known who is to be believed. */
final class Dialer {

    private final Future<?> ready;
    private final Dialling.Tools tools;

    Dialer(Vertx vertx, Clients clients, Ticker ticker) {
        this.ready = clients.ready();
        this.tools = new Dialling.Tools(vertx, ticker, clients.handshakes());
    }

    /**
     * Called on the context.
     *
     * @param asked method, target and headers; nothing else of it counts
     * @param addresses checked, at least one
     * @param limit until the connection stands
     */
    Dialling dial(HttpClient client, Destination to, RequestOptions asked, List<IpAddress> addresses, Duration limit,
            Context context) {
        // What else options can say would lead elsewhere, or fail with the target, secrets of a query included, in the text.
        var options = new RequestOptions().setMethod(asked.getMethod()).setURI(asked.getURI()).setHeaders(asked.getHeaders())
                .setHost(to.host()).setPort(to.port()).setSsl(to.secure()).setFollowRedirects(false);
        var dialling = new Dialling(tools, client, to, options, addresses, limit);
        if (!to.secure() || ready.succeeded()) {
            dialling.begin();
        } else {
            ready.onComplete(done -> context.runOnContext(here -> {
                if (done.succeeded()) {
                    dialling.begin();
                } else {
                    dialling.fail(new OutboundException(OutboundOutcome.Code.TLS, "handshake"));
                }
            }));
        }
        return dialling;
    }
}
