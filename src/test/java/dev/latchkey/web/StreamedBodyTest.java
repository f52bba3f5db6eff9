package dev.latchkey.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A client that goes away is seen, also while nobody asks for more of its body. */
class StreamedBodyTest {

    private static final Duration LONG = Duration.ofSeconds(20);
    /** What HTTP/2 lets a client send before it is told to go on (RFC 9113 section 6.9.2). */
    private static final int WINDOW = 65_535;
    private static final String BROKEN_OFF = "malformed-request: The body broke off before its end.";

    private final Vertx vertx = Vertx.vertx();
    private final CompletableFuture<StreamedBody> begun = new CompletableFuture<>();
    private final CompletableFuture<Throwable> broken = new CompletableFuture<>();
    private int port;

    @BeforeEach
    void start() {
        Router router = Router.router(vertx);
        router.post().handler(this::begin);
        CompletableFuture<HttpServer> server = vertx.createHttpServer().requestHandler(router)
                .listen(0, InetAddress.getLoopbackAddress().getHostAddress()).toCompletionStage().toCompletableFuture();
        assertThat(server).succeedsWithin(LONG);
        port = server.join().actualPort();
    }

    @AfterEach
    void stop() {
        vertx.close();
    }

    /** Asks for one piece, and for no more. */
    private void begin(RoutingContext request) {
        StreamedBody body = StreamedBody.of(request, LONG);
        body.next().subscribe().with(piece -> {
            body.broken().subscribe().with(never -> {
            }, broken::complete);
            begun.complete(body);
        });
    }

    @Test
    void whoeverClosesTheConnectionIsSeen() throws IOException {
        sendAndClose();

        isBroken();
    }

    @Test
    void whoeverResetsAStreamIsSeenThoughHeHasSentAllThatHeMay() {
        CompletableFuture<HttpClientRequest> request = vertx
                .createHttpClient(new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2)
                        .setHttp2ClearTextUpgrade(false))
                .request(HttpMethod.POST, port, InetAddress.getLoopbackAddress().getHostAddress(), "/").toCompletionStage()
                .toCompletableFuture();
        assertThat(request).succeedsWithin(LONG);
        HttpClientRequest sent = request.join().setChunked(true);
        sent.write(Buffer.buffer(new byte[WINDOW]));
        assertThat(begun).succeedsWithin(LONG);
        assertThat(broken).isNotDone();

        sent.reset();

        isBroken();
    }

    @Test
    void whoeverAsksAfterTheEndIsToldTheSame() throws IOException {
        sendAndClose();
        isBroken();
        CompletableFuture<Throwable> next = new CompletableFuture<>();
        CompletableFuture<Throwable> again = new CompletableFuture<>();

        begun.join().next().subscribe().with(piece -> next.cancel(false), next::complete);
        begun.join().broken().subscribe().with(never -> again.cancel(false), again::complete);

        assertThat(next.join()).hasMessage(BROKEN_OFF);
        assertThat(again.join()).hasMessage(BROKEN_OFF);
    }

    private void sendAndClose() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write("POST / HTTP/1.1\r\nHost: api.example\r\nContent-Length: 100000\r\n\r\nsome"
                    .getBytes(StandardCharsets.US_ASCII));
            assertThat(begun).succeedsWithin(LONG);
            socket.getOutputStream().write("and more".getBytes(StandardCharsets.US_ASCII));
            assertThat(broken).isNotDone();
        }
    }

    private void isBroken() {
        assertThat(broken).succeedsWithin(LONG);
        assertThat(broken.join()).isInstanceOf(ProblemException.class).hasMessage(BROKEN_OFF);
    }
}
