package dev.latchkey.net;

import java.util.List;
import java.util.concurrent.Executor;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.TrustManagerFactory;

import com.github.benmanes.caffeine.cache.Ticker;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.AttributeKey;
import io.vertx.core.Future;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.spi.tls.DefaultSslContextFactory;
import io.vertx.core.spi.tls.SslContextFactory;

/**
 * The JDK's TLS, which notes when the other side has taken the connection: the client tells only when the handshake is over,
 * and people who look for what is slow want to know which of the two was.
 */
final class TimedTls extends JdkSSLEngineOptions {

    /** When the connection stood, by the ticker; on channels that speak TLS. */
    static final AttributeKey<Long> CONNECTED_AT = AttributeKey.valueOf(TimedTls.class, "connectedAt");

    private final Future<SslContext> prepared;
    private final Ticker ticker;
    private final Handshakes handshakes;

    /** @param prepared has succeeded before anything is dialled by TLS */
    TimedTls(Future<SslContext> prepared, Ticker ticker, Handshakes handshakes) {
        this.prepared = prepared;
        this.ticker = ticker;
        this.handshakes = handshakes;
        // Checking a chain of certificates takes milliseconds, in which the event loop would verify hundreds of keys.
        setUseWorkerThread(true);
    }

    @Override
    public TimedTls copy() {
        return new TimedTls(prepared, ticker, handshakes);
    }

    /**
     * What all connections begin with. The first one of a process takes half a second, most of it for authorities and
     * classes, and the client would make it on the event loop that dials first, where verifications wait meanwhile.
     */
    static SslContext prepare(TrustManagerFactory trusted) throws SSLException {
        var context = new DefaultSslContextFactory(SslProvider.JDK, false).forClient(true).trustManagerFactory(trusted)
                .create();
        context.newEngine(ByteBufAllocator.DEFAULT);
        return context;
    }

    @Override
    public SslContextFactory sslContextFactory() {
        return new DefaultSslContextFactory(SslProvider.JDK, false) {
            @Override
            public SslContext create() {
                return new Timed(prepared.result(), ticker, handshakes);
            }
        };
    }

    private static final class Timed extends SslContext {

        private final SslContext plain;
        private final Ticker ticker;
        private final Handshakes handshakes;

        Timed(SslContext plain, Ticker ticker, Handshakes handshakes) {
            this.plain = plain;
            this.ticker = ticker;
            this.handshakes = handshakes;
        }

        @Override
        protected SslHandler newHandler(ByteBufAllocator alloc, String peerHost, int peerPort, boolean startTls,
                Executor tasks) {
            return new SslHandler(newEngine(alloc, peerHost, peerPort), startTls, tasks) {
                @Override
                public void channelActive(ChannelHandlerContext context) throws Exception {
                    context.channel().attr(CONNECTED_AT).set(ticker.read());
                    handshakes.begun(peerHost, peerPort);
                    handshakeFuture().addListener(over -> handshakes.ended(peerHost, peerPort));
                    super.channelActive(context);
                }
            };
        }

        @Override
        public boolean isClient() {
            return plain.isClient();
        }

        @Override
        public List<String> cipherSuites() {
            return plain.cipherSuites();
        }

        @Override
        public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
            return plain.applicationProtocolNegotiator();
        }

        @Override
        public SSLEngine newEngine(ByteBufAllocator alloc) {
            return plain.newEngine(alloc);
        }

        @Override
        public SSLEngine newEngine(ByteBufAllocator alloc, String peerHost, int peerPort) {
            return plain.newEngine(alloc, peerHost, peerPort);
        }

        @Override
        public SSLSessionContext sessionContext() {
            return plain.sessionContext();
        }
    }
}
