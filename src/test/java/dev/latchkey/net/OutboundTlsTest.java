package dev.latchkey.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.TrustManagerFactorySpi;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.latchkey.net.OutboundOutcome.Code;
import dev.latchkey.testing.Beside;
import dev.latchkey.testing.NameServer;
import dev.latchkey.testing.TestAuthority;
import dev.latchkey.testing.WireServer;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.KeyStoreOptions;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever answers proves that he is the host of the URL, though an address was dialled. */
@Beside
@NullUnmarked
class OutboundTlsTest {

    private static final String HOST = "shop.example";
    private static final List<String> ALLOW = List.of("127.0.0.1");

    @TempDir
    private static Path directory;
    private static TestAuthority authority;
    private static NameServer names;
    private static Egress egress;
    private static Vertx vertx;

    @BeforeAll
    static void open() {
        authority = TestAuthority.in(directory);
        names = NameServer.start().says(HOST, "127.0.0.1");
        egress = Egress.of(new Egress.Settings(ALLOW, authority.pem().toString(), List.of(names.address())));
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void close() {
        egress.close();
        names.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void theHostOfTheUrlIsAskedForAndProven() {
        var asked = new AtomicReference<String>();
        var server = serve(authority.sign("good", "dns:" + HOST, "-1d", 10), asked);

        var outcome = egress.get("https://" + HOST + ":" + server.actualPort() + "/");

        assertThat(outcome.code()).as(outcome.toString()).isEqualTo(Code.ANSWERED);
        assertThat(asked).hasValue(HOST);
        assertThat(outcome.phases().dnsMs()).isPositive();
        assertThat(outcome.phases().connectMs()).isPositive();
        assertThat(outcome.phases().tlsMs()).isPositive();
        assertThat(outcome.phases().firstByteMs()).isPositive();

        var again = egress.get("https://" + HOST + ":" + server.actualPort() + "/");
        assertThat(again.phases().tlsMs()).isNull();
    }

    /** An event loop that reads authorities verifies no keys meanwhile. */
    @Test
    void whoIsBelievedIsReadBesideTheEventLoopsAndAConnectionThatStoodIsKnown() throws Exception {
        var server = serve(authority.sign("beside", "dns:" + HOST, "-1d", 10), new AtomicReference<>());
        var onEventLoop = new CopyOnWriteArrayList<Boolean>();
        var settings = new Egress.Settings(ALLOW, null, List.of());
        var clients = Clients.of(vertx, settings, () -> {
            onEventLoop.add(Context.isOnEventLoopThread());
            var trusted = TrustedRoots.with(authority.pem());
            return new TrustManagerFactory(new TrustManagerFactorySpi() {
                @Override
                protected void engineInit(KeyStore store) {
                }

                @Override
                protected void engineInit(ManagerFactoryParameters parameters) {
                }

                @Override
                protected TrustManager[] engineGetTrustManagers() {
                    onEventLoop.add(Context.isOnEventLoopThread());
                    return trusted.getTrustManagers();
                }
            }, trusted.getProvider(), "recording") {
            };
        }, Ticker.systemTicker());
        var dialer = new Dialer(vertx, clients, Ticker.systemTicker());
        var to = Egress.to("https://" + HOST + ":" + server.actualPort());
        var opened = new CompletableFuture<Dialling.Dialled>();
        var again = new CompletableFuture<Dialling.Dialled>();
        vertx.runOnContext(here -> dial(dialer, clients, to).onSuccess(first -> {
            opened.complete(first);
            // As a stream does it, which nobody notes but the dialer; and once the connection has been given back.
            first.request().send().compose(HttpClientResponse::body).onSuccess(read -> Vertx.currentContext()
                    .runOnContext(later -> dial(dialer, clients, to).onSuccess(again::complete)));
        }));

        assertThat(opened.get(10, TimeUnit.SECONDS).stoodBefore()).isFalse();
        assertThat(Clients.channel(opened.get().request().connection()).attr(TimedTls.CONNECTED_AT).get()).isNotNull();
        assertThat(again.get(10, TimeUnit.SECONDS).stoodBefore()).isTrue();
        assertThat(onEventLoop).isNotEmpty().containsOnly(false);
        clients.close();
    }

    private static Future<Dialling.Dialled> dial(Dialer dialer, Clients clients, Destination to) {
        return dialer.dial(clients.kept(), to, new RequestOptions(), List.of(IpAddress.ofIpv4(0x7f00_0001)),
                OutboundLimits.LONGEST_CONNECT, Vertx.currentContext()).end();
    }

    @Test
    void anAddressIsProvenAsAnAddress() {
        var server = serve(authority.sign("address", "ip:127.0.0.1", "-1d", 10), new AtomicReference<>());

        assertThat(egress.get("https://127.0.0.1:" + server.actualPort() + "/").code()).isEqualTo(Code.ANSWERED);
        assertFails("https://" + HOST + ":" + server.actualPort() + "/", "certificate-name");
    }

    /** The address that was dialled proves nothing of the name: a certificate for it must not do. */
    @Test
    void aCertificateOfAnotherHostIsRefused() {
        var server = serve(authority.sign("other", "dns:other.example,ip:127.0.0.1", "-1d", 10), new AtomicReference<>());

        assertFails("https://" + HOST + ":" + server.actualPort() + "/", "certificate-name");
    }

    @Test
    void anOldCertificateIsRefused() {
        var server = serve(authority.sign("old", "dns:" + HOST, "-10d", 5), new AtomicReference<>());

        assertFails("https://" + HOST + ":" + server.actualPort() + "/", "certificate-expired");
    }

    @Test
    void aCertificateOfTomorrowIsRefused() {
        var server = serve(authority.sign("young", "dns:" + HOST, "+5d", 5), new AtomicReference<>());

        assertFails("https://" + HOST + ":" + server.actualPort() + "/", "certificate-not-yet-valid");
    }

    @Test
    void aCertificateThatNobodySignedIsRefused() {
        var server = serve(authority.selfSigned("self", "dns:" + HOST), new AtomicReference<>());

        assertFails("https://" + HOST + ":" + server.actualPort() + "/", "certificate-untrusted");
    }

    @Test
    void anAuthorityOfTheOperatorsIsBelievedOnlyWhereItIsNamed() {
        var server = serve(authority.sign("trusted", "dns:" + HOST, "-1d", 10), new AtomicReference<>());
        try (var without = Egress.of(new Egress.Settings(ALLOW, null, List.of(names.address())))) {
            var outcome = without.get("https://" + HOST + ":" + server.actualPort() + "/");

            assertThat(outcome.code()).isEqualTo(Code.TLS);
            assertThat(outcome.detail()).isEqualTo("certificate-untrusted");
        }
    }

    @Test
    void aServerWithoutTlsIsRefused() {
        try (var server = WireServer.answering("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
                var plain = WireServer.start(connection -> {
                    connection.write("HTTP/1.1 400 Bad Request\r\n\r\n");
                    connection.awaitEnd();
                });
                var hangsUp = WireServer.start(connection -> {
                })) {
            assertFails("https://" + HOST + ":" + plain.port() + "/", "no-tls");
            assertThat(egress.get("https://" + HOST + ":" + hangsUp.port() + "/").code()).isEqualTo(Code.TLS);
            assertThat(server.requests()).isEmpty();
        }
    }

    @Test
    void oldProtocolsAreNotSpoken() {
        var server = vertx.createHttpServer(options(authority.sign("ancient", "dns:" + HOST, "-1d", 10))
                .setEnabledSecureTransportProtocols(java.util.Set.of("TLSv1.1")))
                .requestHandler(request -> request.response().end()).listen(0, "127.0.0.1").toCompletionStage()
                .toCompletableFuture().join();

        assertThat(egress.get("https://" + HOST + ":" + server.actualPort() + "/").code()).isEqualTo(Code.TLS);
    }

    @Test
    void aFileWithoutCertificatesStopsTheStart() throws IOException {
        var empty = Files.writeString(directory.resolve("empty.pem"), "no certificate\n");

        for (var file : List.of(empty, directory.resolve("missing.pem"))) {
            var settings = new Egress.Settings(ALLOW, file.toString(), List.of());
            assertThatThrownBy(() -> Egress.of(settings)).isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("LATCHKEY_EGRESS_TRUST_CERTIFICATES").hasMessageContaining(file.toString());
        }
    }

    private static void assertFails(String url, String detail) {
        var outcome = egress.get(url);

        assertThat(outcome.code()).as(outcome.toString()).isEqualTo(Code.TLS);
        assertThat(outcome.detail()).isEqualTo(detail);
        assertThat(outcome.sent()).isFalse();
    }

    private static HttpServer serve(KeyStoreOptions certificate, AtomicReference<String> asked) {
        return vertx.createHttpServer(options(certificate).setSni(true)).requestHandler(request -> {
            asked.set(request.connection().indicatedServerName());
            request.response().end("ok");
        }).listen(0, "127.0.0.1").toCompletionStage().toCompletableFuture().join();
    }

    private static HttpServerOptions options(KeyStoreOptions certificate) {
        return new HttpServerOptions().setSsl(true).setKeyCertOptions(certificate);
    }
}
