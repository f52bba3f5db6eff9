package dev.latchkey.net;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.latchkey.net.OutboundOutcome.Code;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.SocketAddress;

/**
 * Opens a request on the first of the addresses that takes the connection, one after the other, each with its share of the
 * time. The client gets the address as a number: it looks nothing up.
 */
final class Dialer {

    private static final int MOST_ADDRESSES = 4;

    private final Ticker ticker;

    Dialer(Ticker ticker) {
        this.ticker = ticker;
    }

    /**
     * @param asked method, target and idle time limit; nothing else of it counts
     * @param addresses checked, at least one
     * @return on the caller's context; fails with {@link OutboundException}
     */
    Future<HttpClientRequest> dial(HttpClient client, Destination to, RequestOptions asked, List<IpAddress> addresses,
            Duration limit) {
        var options = new RequestOptions(asked).setHost(to.host()).setPort(to.port()).setSsl(to.secure())
                .setFollowRedirects(false).setProxyOptions(null);
        var some = addresses.subList(0, Math.min(addresses.size(), MOST_ADDRESSES));
        return dial(client, options, some, ticker.read() + limit.toNanos()).map(request -> bracketed(request, to));
    }

    private Future<HttpClientRequest> dial(HttpClient client, RequestOptions options, List<IpAddress> addresses,
            long deadline) {
        var left = TimeUnit.NANOSECONDS.toMillis(deadline - ticker.read()) / addresses.size();
        if (left < 1) {
            return Future.failedFuture(new OutboundException(Code.TIMEOUT, Faults.CONNECT));
        }
        var server = SocketAddress.inetSocketAddress(options.getPort(), addresses.get(0).toString());
        return client.request(new RequestOptions(options).setServer(server).setConnectTimeout(left)).recover(fault -> {
            var told = Faults.ofConnecting(fault);
            // Who takes the connection and fails to prove who he is fails at his other addresses, too.
            return addresses.size() == 1 || told.code() == Code.TLS ? Future.failedFuture(told)
                    : dial(client, options, addresses.subList(1, addresses.size()), deadline);
        });
    }

    /** The client writes the host into its header as it stands, which for IPv6 is no valid one. */
    private static HttpClientRequest bracketed(HttpClientRequest request, Destination to) {
        return to.host().indexOf(':') < 0 ? request
                : request.authority(HostAndPort.create("[" + to.host() + "]", to.port()));
    }
}
