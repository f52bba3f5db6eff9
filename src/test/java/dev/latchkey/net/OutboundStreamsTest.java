package dev.latchkey.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import dev.latchkey.net.OutboundOutcome.Code;
import dev.latchkey.testing.Beside;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.WireServer;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the proxy is laid over. */
@Beside
@NullUnmarked
class OutboundStreamsTest {

    private static Egress egress;

    @BeforeAll
    static void open() {
        egress = Egress.toThisMachine();
    }

    @AfterAll
    static void close() {
        egress.close();
    }

    @Test
    void aStreamGoesToTheCheckedAddressWhateverTheOptionsName() throws Exception {
        try (var server = WireServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                var other = WireServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno")) {
            var options = new RequestOptions().setMethod(HttpMethod.GET).setURI("/stock?x=1").setHost("127.0.0.2")
                    .setPort(other.port()).setSsl(true).setFollowRedirects(true);
            var body = egress.outbound.open(Egress.to(server.url() + "/ignored"), options)
                    .compose(stream -> stream.request().send().compose(HttpClientResponse::body));

            assertThat(get(body)).hasToString("ok");
            assertThat(server.requests().get(0)).startsWith("GET /stock?x=1 HTTP/1.1\r\n");
            assertThat(other.connections()).isZero();
            assertThat(egress.metrics.counter("latchkey.egress.streams", "outcome", "answered").count()).isPositive();
        }
    }

    /** Whoever streams holds his connections for as long as he likes; nobody's test waits for him. */
    @Test
    void streamsTakeNoConnectionsFromOthers() throws Exception {
        try (var server = WireServer.start(connection -> {
            if (connection.readRequest().startsWith("GET /stream")) {
                connection.awaitEnd();
            }
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        })) {
            var streams = new ArrayList<HttpClientRequest>();
            for (var i = 0; i < Egress.CONNECTIONS; i++) {
                var stream = get(egress.outbound.open(Egress.to(server.url()), new RequestOptions().setURI("/stream")))
                        .request();
                stream.exceptionHandler(told -> {
                }).end();
                streams.add(stream);
            }

            assertThat(egress.get(server.url()).code()).isEqualTo(Code.ANSWERED);
            assertCode(server.url(), Code.BUSY);
            streams.forEach(HttpClientRequest::reset);
            assertThat(get(egress.outbound.open(Egress.to(server.url()), new RequestOptions()))).isNotNull();
        }
    }

    /** What a stream has opened is no new connection: closed meanwhile, it says nothing of a test that comes later. */
    @Test
    void aConnectionThatAStreamHasUsedIsKnownToBeOld() throws Exception {
        var connections = new AtomicInteger();
        try (var server = WireServer.start(connection -> {
            connection.readRequest();
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            if (connections.getAndIncrement() == 0) {
                connection.readRequest();
                connection.reset();
            }
            connection.awaitEnd();
        })) {
            get(egress.outbound.open(Egress.to(server.url()), new RequestOptions())
                    .compose(stream -> stream.request().send().compose(HttpClientResponse::body)));

            assertThat(egress.get(server.url()).code()).isEqualTo(Code.ANSWERED);
        }
    }

    /** A second voice on host or length would lead on from the checked address. */
    @ParameterizedTest
    @ValueSource(strings = { "Host", "content-length", "Transfer-Encoding", "Connection", "X A" })
    void headersOfTheClientsOwnAreRefused(String name) {
        var options = new RequestOptions().setHeaders(MultiMap.caseInsensitiveMultiMap().add("X-A", "1").add(name, "1"));

        assertThatThrownBy(() -> get(egress.outbound.open(Egress.to("http://127.0.0.1:1"), options)))
                .hasCauseInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aTunnelIsRefused() {
        assertThatThrownBy(() -> get(egress.outbound.open(Egress.to("http://127.0.0.1:1"),
                new RequestOptions().setMethod(HttpMethod.CONNECT)))).hasCauseInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void headersOfTheOptionsAreSent() throws Exception {
        try (var server = WireServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")) {
            get(egress.outbound.open(Egress.to(server.url()), new RequestOptions().putHeader("X-A", "1"))
                    .compose(stream -> stream.request().send().compose(HttpClientResponse::body)));

            assertThat(server.requests().get(0)).contains("X-A: 1\r\n");
        }
    }

    /** The client says in its own timeouts what was asked for, and a query may hold a key. */
    @Test
    void noFailureOfAStreamNamesItsTarget() throws Exception {
        var end = new CountDownLatch(1);
        try (var server = WireServer.start(connection -> {
            connection.readRequest();
            end.await(10, TimeUnit.SECONDS);
        })) {
            var options = new RequestOptions().setURI("/?key=canary").setIdleTimeout(150).setTimeout(150);
            var ours = egress.outbound.open(Egress.to(server.url()), options)
                    .compose(stream -> stream.request().send().compose(HttpClientResponse::body));
            Eventually.holds(() -> assertThat(server.requests()).hasSize(1));

            // By its own timeout, which began later than ours would have.
            var bare = egress.vertx.createHttpClient()
                    .request(new RequestOptions(options).setHost("127.0.0.1").setPort(server.port()))
                    .compose(request -> request.send().compose(HttpClientResponse::body));
            assertThat(wholeFault(bare)).contains("canary");
            assertThat(ours.isComplete()).isFalse();
            end.countDown();

            assertThat(wholeFault(ours)).contains("closed").doesNotContain("canary");
        }
    }

    /** With its causes, and whatever they say. */
    private static String wholeFault(Future<?> future) {
        var text = new StringWriter();
        assertThatThrownBy(() -> get(future)).satisfies(fault -> fault.printStackTrace(new PrintWriter(text)));
        return text.toString();
    }

    @Test
    void aBlockedAddressIsNotOpened() {
        assertCode("https://10.0.0.1/", Code.BLOCKED);
        assertCode("http://93.184.215.14/", Code.BLOCKED);
        assertCode("https://169.254.169.254/", Code.BLOCKED);
    }

    @Test
    void aClosedPortIsUnreachable() {
        var server = WireServer.answering("");
        server.close();

        assertCode(server.url(), Code.UNREACHABLE);
    }

    @ParameterizedTest
    @ValueSource(strings = { "http://127.0.0.2/", "//127.0.0.2/", "x", "", "*", "/a b", "/a\r\nX: y", "/\u00e9" })
    void aTargetIsAPathOfTheHostAndOneWord(String target) throws Exception {
        try (var server = WireServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")) {
            var opened = egress.outbound.open(Egress.to(server.url()), new RequestOptions().setURI(target));
            if (target.startsWith("//")) {
                // A path that begins with two slashes names no other host in a request line.
                var body = get(opened.compose(stream -> stream.request().send().compose(HttpClientResponse::body)));
                assertThat(body).hasToString("ok");
            } else {
                assertThatThrownBy(() -> get(opened)).hasCauseInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    private static void assertCode(String url, Code code) {
        assertThatThrownBy(() -> get(egress.outbound.open(Egress.to(url), new RequestOptions())))
                .isInstanceOfAny(ExecutionException.class, CompletionException.class).cause()
                .isInstanceOfSatisfying(OutboundException.class, told -> assertThat(told.code()).isEqualTo(code));
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
}
