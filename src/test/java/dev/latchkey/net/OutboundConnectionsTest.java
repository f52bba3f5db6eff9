package dev.latchkey.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import dev.latchkey.net.OutboundOutcome.Code;
import dev.latchkey.testing.Beside;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.WireServer;
import io.smallrye.mutiny.subscription.Cancellable;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** Connections: made, kept, used again or not, and the lack of them. */
@Beside
@NullUnmarked
class OutboundConnectionsTest extends OutboundCase {

    @Test
    void aClosedPortIsUnreachableAndNothingIsSent() {
        var server = WireServer.answering(OK);
        server.close();

        var outcome = egress.get(server.url());

        assertThat(outcome.code()).isEqualTo(Code.UNREACHABLE);
        assertThat(outcome.sent()).isFalse();
        assertThat(outcome.detail()).isNull();
    }

    @Test
    void whoeverIsBlockedHearsNothingAndLooksLikeAClosedPort() {
        try (var server = WireServer.start("127.0.0.2", 0, connection -> connection.write(OK))) {
            var closed = WireServer.answering(OK);
            closed.close();
            var blocked = egress.get("https://127.0.0.2:" + server.port() + "/");

            assertThat(blocked.code()).isEqualTo(Code.BLOCKED);
            assertThat(server.connections()).isZero();
            assertThat(blocked.asTold()).as("without timings").isEqualTo(egress.get(closed.url()).asTold());
        }
    }

    @Test
    void aConnectionIsUsedAgain() {
        try (var server = WireServer.answering(OK)) {
            var first = egress.get(server.url());
            var second = egress.get(server.url());

            assertThat(server.connections()).isEqualTo(1);
            assertThat(first.phases().connectMs()).isNotNull();
            assertThat(second.phases().connectMs()).isNull();
            assertThat(second.phases().firstByteMs()).isNotNull();
        }
    }

    @Test
    void whatMayNotBeRepeatedNeverTakesAConnectionThatWasUsed() {
        try (var server = WireServer.answering(OK)) {
            egress.get(server.url());
            var post = new OutboundRequest(HttpMethod.POST, Egress.to(server.url()), List.of(), Buffer.buffer("x"),
                    Egress.LIMITS);
            egress.send(post);
            egress.send(post);
            assertThat(server.connections()).isEqualTo(3);
            assertThat(server.requests().get(2)).containsIgnoringCase("connection: close");

            egress.send(post.asRepeatable());
            assertThat(server.connections()).isEqualTo(3);
        }
    }

    @Test
    void aKeptConnectionThatWasClosedIsNoFailureOfWhatMayBeRepeated() {
        var first = new AtomicInteger();
        try (var server = WireServer.start(connection -> {
            connection.readRequest();
            connection.write(OK);
            if (first.getAndIncrement() == 0) {
                connection.readRequest();
                connection.reset();
            }
            connection.awaitEnd();
        })) {
            egress.get(server.url());
            var outcome = egress.get(server.url());

            assertThat(outcome.code()).isEqualTo(Code.ANSWERED);
            assertThat(server.requests()).hasSize(3);
            assertThat(outcome.phases().connectMs()).isNotNull();
        }
    }

    @Test
    void whatMayNotBeRepeatedIsSentOnce() {
        try (var server = WireServer.start(connection -> {
            connection.readRequest();
            connection.reset();
        })) {
            var outcome = egress.send(new OutboundRequest(HttpMethod.POST, Egress.to(server.url()), List.of(),
                    Buffer.buffer("refresh"), Egress.LIMITS));

            assertBroken(outcome, "closed");
            assertThat(server.requests()).hasSize(1);
        }
    }

    @Test
    void aServerThatTakesConnectionsAndIsSilentTimesOut() {
        try (var server = WireServer.start(WireServer.Connection::awaitEnd)) {
            var plain = egress.get(server.url(), SHORT);
            var secure = egress.get("https://127.0.0.1:" + server.port(),
                    new OutboundLimits(Duration.ofMillis(400), SOON, 1));

            assertThat(plain.code()).isEqualTo(Code.TIMEOUT);
            assertThat(plain.detail()).isEqualTo("head");
            assertThat(secure.code()).isEqualTo(Code.TIMEOUT);
            assertThat(secure.detail()).isEqualTo("tls");
            assertThat(secure.sent()).isFalse();
            assertThat(secure.took()).isLessThan(SOON);
        }
    }

    @Test
    void thatWeAreBusySaysNothingOfTheOtherSide() throws InterruptedException {
        try (var server = WireServer.start(WireServer.Connection::awaitEnd)) {
            var waiting = IntStream.range(0, Egress.CONNECTIONS)
                    .mapToObj(each -> egress.outbound.send(OutboundRequest.get(Egress.to(server.url()), Egress.LIMITS))
                            .subscribe().with(outcome -> {
                            }))
                    .toList();
            Eventually.holds(() -> assertThat(server.connections()).isEqualTo(Egress.CONNECTIONS));

            var late = egress.get(server.url(), SHORT);
            var slow = egress.get(server.url(), new OutboundLimits(Duration.ofMillis(300), SOON, 1));

            assertThat(late.code()).isEqualTo(Code.BUSY);
            assertThat(slow.code()).isEqualTo(Code.BUSY);
            assertThat(slow.sent()).isFalse();
            assertThat(slow.detail()).isNull();
            waiting.forEach(Cancellable::cancel);
            assertThat(egress.get(server.url(), SHORT).code()).as("asked again").isEqualTo(Code.TIMEOUT);
        }
    }

    @Test
    void whoeverGivesUpClosesTheConnection() throws InterruptedException {
        var ended = new CountDownLatch(1);
        try (var server = WireServer.start(connection -> {
            connection.readRequest();
            connection.awaitEnd();
            ended.countDown();
        })) {
            var waiting = egress.outbound.send(OutboundRequest.get(Egress.to(server.url()), Egress.LIMITS)).subscribe()
                    .with(outcome -> {
                    });
            Eventually.holds(() -> assertThat(server.requests()).hasSize(1));
            waiting.cancel();

            assertThat(ended.await(5, TimeUnit.SECONDS)).isTrue();
        }
    }
}
