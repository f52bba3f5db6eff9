package dev.latchkey.net;

import java.util.Set;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.TrustManagerFactory;

import com.github.benmanes.caffeine.cache.Ticker;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.net.TrustOptions;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP clients: one that keeps connections open, one that never does.
 * <p>
 * Both are told which address to dial with each request, and pool by (address, host, port, TLS): a connection is given only to
 * requests for which the very same address has been checked. HTTP/1.1 alone, which every receiver speaks, and of which a
 * broken exchange harms no other one. No redirects, no proxies, no decompression: a body is counted as it comes.
 *
 * @param kept for what may be sent again when a kept connection turns out to be closed
 * @param fresh opens a connection for each request
 */
record Clients(HttpClient kept, HttpClient fresh) {

    private static final Logger LOG = Logger.getLogger(Clients.class);
    private static final Set<String> PROTOCOLS = Set.of("TLSv1.3", "TLSv1.2");
    private static final int MAX_HEADER_BYTES = 32 * 1024;
    private static final int MAX_LINE_BYTES = 8 * 1024;
    private static final int CHUNK_BYTES = 16 * 1024;

    /** @param trusted null for what the Java runtime believes */
    static Clients of(Vertx vertx, EgressConfig config, @Nullable TrustManagerFactory trusted, Ticker ticker) {
        var options = options(trusted, ticker).setKeepAliveTimeout((int) config.keepAlive().toSeconds());
        return new Clients(client(vertx, options, config),
                client(vertx, new HttpClientOptions(options).setKeepAlive(false), config));
    }

    private static HttpClient client(Vertx vertx, HttpClientOptions options, EgressConfig config) {
        return vertx.httpClientBuilder().with(options)
                .with(new PoolOptions().setHttp1MaxSize(config.connectionsPerAddress()))
                // Otherwise each is logged as an error of ours, with what the other side has said in it.
                .withConnectHandler(connection -> connection.exceptionHandler(
                        fault -> LOG.debugf("a connection broke: to=%s cause=%s", connection.remoteAddress(),
                                fault.getClass().getName())))
                .build();
    }

    private static HttpClientOptions options(@Nullable TrustManagerFactory trusted, Ticker ticker) {
        var longestConnect = OutboundLimits.LONGEST_CONNECT;
        var options = new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_1_1).setPipelining(false)
                .setConnectTimeout((int) longestConnect.toMillis()).setMaxHeaderSize(MAX_HEADER_BYTES)
                .setMaxInitialLineLength(MAX_LINE_BYTES).setMaxChunkSize(CHUNK_BYTES).setDecompressionSupported(false)
                .setMaxRedirects(0).setVerifyHost(true).setTrustAll(false).setEnabledSecureTransportProtocols(PROTOCOLS)
                .setSslHandshakeTimeout(longestConnect.toMillis()).setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                .setSslEngineOptions(new TimedTls(ticker));
        return trusted == null ? options : options.setTrustOptions(TrustOptions.wrap(trusted));
    }

    void close() {
        kept.close();
        fresh.close();
    }
}
