package dev.latchkey.net;

import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.TrustManagerFactory;

import com.github.benmanes.caffeine.cache.Ticker;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.net.impl.ConnectionBase;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP clients: one that keeps connections open, one that never does, and one for streams.
 * <p>
 * All are told which address to dial with each request, and pool by (address, host, port, TLS): a connection is given only to
 * requests for which the very same address has been checked. HTTP/1.1 alone, which every receiver speaks, and of which a
 * broken exchange harms no other one. No redirects, no proxies, no decompression: a body is counted as it comes.
 * <p>
 * Streams last as long as those who stream like. They have connections of their own, so that however many of them hold
 * theirs, nobody's test or renewal waits for one. No pool has a queue: {@link Dialling} waits, and knows what for.
 *
 * @param kept for what may be sent again when a kept connection turns out to be closed
 * @param fresh opens a connection for each request
 * @param streams keeps connections, too
 * @param ready when TLS can be spoken: until then nothing is dialled by it
 * @param handshakes of all of them
 */
record Clients(HttpClient kept, HttpClient fresh, HttpClient streams, Future<?> ready, Handshakes handshakes) {

    /** When a connection stood, TLS included, by the ticker. */
    static final AttributeKey<Long> STANDS_SINCE = AttributeKey.valueOf(Clients.class, "standsSince");

    private static final Logger LOG = Logger.getLogger(Clients.class);
    private static final Set<String> PROTOCOLS = Set.of("TLSv1.3", "TLSv1.2");
    private static final int MAX_HEADER_BYTES = 32 * 1024;
    private static final int MAX_LINE_BYTES = 8 * 1024;
    private static final int CHUNK_BYTES = 16 * 1024;

    /** @param trusted is asked for on a worker, since it may read files */
    static Clients of(Vertx vertx, EgressConfig config, Callable<TrustManagerFactory> trusted, Ticker ticker) {
        var tls = vertx.executeBlocking(() -> TimedTls.prepare(trusted.call()), false)
                .onFailure(fault -> LOG.error("nothing can be called by https: the certificate authorities cannot be read",
                        fault));
        var handshakes = new Handshakes();
        var options = options(new TimedTls(tls, ticker, handshakes)).setKeepAliveTimeout((int) config.keepAlive().toSeconds());
        return new Clients(client(vertx, options, config, ticker),
                client(vertx, new HttpClientOptions(options).setKeepAlive(false), config, ticker),
                client(vertx, options, config, ticker), tls, handshakes);
    }

    private static HttpClient client(Vertx vertx, HttpClientOptions options, EgressConfig config, Ticker ticker) {
        return vertx.httpClientBuilder().with(options)
                .with(new PoolOptions().setHttp1MaxSize(config.connectionsPerAddress()).setMaxWaitQueueSize(0))
                .withConnectHandler(connection -> {
                    var channel = channel(connection);
                    if (channel != null) {
                        channel.attr(STANDS_SINCE).set(ticker.read());
                        InterimAnswers.watch(channel);
                    }
                    // Otherwise each is logged as an error of ours, with what the other side has said in it.
                    connection.exceptionHandler(fault -> LOG.debugf("a connection broke: to=%s cause=%s",
                            connection.remoteAddress(), fault.getClass().getName()));
                }).build();
    }

    /** What the client has beneath it; it tells nothing of when a connection was made, or what for. */
    static @Nullable Channel channel(HttpConnection connection) {
        return connection instanceof ConnectionBase base ? base.channel() : null;
    }

    private static HttpClientOptions options(TimedTls tls) {
        var longestConnect = OutboundLimits.LONGEST_CONNECT;
        return new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_1_1).setPipelining(false)
                .setConnectTimeout((int) longestConnect.toMillis()).setMaxHeaderSize(MAX_HEADER_BYTES)
                .setMaxInitialLineLength(MAX_LINE_BYTES).setMaxChunkSize(CHUNK_BYTES).setDecompressionSupported(false)
                .setMaxRedirects(0).setVerifyHost(true).setTrustAll(false).setEnabledSecureTransportProtocols(PROTOCOLS)
                .setSslHandshakeTimeout(longestConnect.toMillis()).setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                // Each request says whether it speaks TLS; where this says no, the client forgets whose TLS it was given.
                .setSsl(true).setSslEngineOptions(tls);
    }

    void close() {
        kept.close();
        fresh.close();
        streams.close();
    }
}
