package dev.latchkey.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

import dev.latchkey.testing.Eventually;
import dev.latchkey.web.StreamedBody;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whoever closes his connection while he waits for room waits no longer, and holds nothing: before any room comes. */
class HangUpTest {

    private static final int MIB = 1024 * 1024;
    private static final int FEW = 10 * 1024;
    private static final Duration LONG = Duration.ofSeconds(20);

    private final Vertx vertx = Vertx.vertx();
    private final Context context = vertx.getOrCreateContext();
    private final BodyRoom room = new BodyRoom(4 * MIB, 4 * MIB, MIB / 4, Duration.ofMinutes(10));
    private final BodyRoom.Place sender = room.place(UUID.randomUUID(), 3 * MIB);
    private final CompletableFuture<Buffer> read = new CompletableFuture<>();
    private int port;

    @BeforeEach
    void start() {
        Router router = Router.router(vertx);
        router.post().handler(this::read);
        CompletableFuture<HttpServer> server = vertx.createHttpServer().requestHandler(router)
                .listen(0, InetAddress.getLoopbackAddress().getHostAddress()).toCompletionStage().toCompletableFuture();
        assertThat(server).succeedsWithin(LONG);
        port = server.join().actualPort();
    }

    @AfterEach
    void stop() {
        vertx.close();
    }

    private void read(RoutingContext request) {
        BodyReading.Limits limits = new BodyReading.Limits(0, 3 * MIB, Duration.ofMinutes(10));
        new BodyReading(StreamedBody.of(request, limits.patience()), sender, limits, System::nanoTime).whole(vertx)
                .onTermination().invoke(sender::leave).subscribe().with(read::complete, read::completeExceptionally);
    }

    @Test
    void whoHoldsNothingYetLeavesTheQueue() throws IOException {
        BodyRoom.Place first = room.place(UUID.randomUUID(), 4 * MIB);
        assertThat(hold(first, 4 * MIB)).succeedsWithin(LONG);
        try (Socket socket = send(FEW)) {
            Eventually.holds(() -> assertThat(first.isInTheWay()).isTrue());
        }

        Eventually.holds(() -> assertThat(read).isCompletedExceptionally());
        assertThat(first.isInTheWay()).isFalse();
    }

    @Test
    void whoWaitsForMoreGivesBackWhatHeHolds() throws IOException {
        BodyRoom.Place first = room.place(UUID.randomUUID(), 3 * MIB);
        assertThat(hold(first, 3 * MIB)).succeedsWithin(LONG);
        CompletableFuture<Void> next;
        try (Socket socket = send(MIB + FEW)) {
            Eventually.holds(() -> assertThat(first.isInTheWay()).as("the sender waits for more").isTrue());
            next = hold(room.place(UUID.randomUUID(), MIB), MIB);
            Eventually.holds(() -> assertThat(sender.isInTheWay()).as("the next one waits for what it holds").isTrue());
            assertThat(next).isNotDone();
            assertThat(read).isNotDone();
        }

        assertThat(next).succeedsWithin(LONG);
        assertThat(read).isCompletedExceptionally();
    }

    private CompletableFuture<Void> hold(BodyRoom.Place place, long bytes) {
        CompletableFuture<Void> held = new CompletableFuture<>();
        context.runOnContext(turn -> place.hold(bytes).subscribe().with(held::complete, held::completeExceptionally));
        return held;
    }

    /** Begins a body of 3 MiB. */
    private Socket send(int bytes) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        Buffer head = Buffer.buffer("POST / HTTP/1.1\r\nHost: api.example\r\nContent-Length: " + 3 * MIB + "\r\n\r\n");
        socket.getOutputStream().write(head.appendBuffer(Buffer.buffer(new byte[bytes])).getBytes());
        return socket;
    }
}
