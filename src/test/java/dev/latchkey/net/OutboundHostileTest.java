package dev.latchkey.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import dev.latchkey.net.OutboundOutcome.Code;
import dev.latchkey.testing.Beside;
import dev.latchkey.testing.Pause;
import dev.latchkey.testing.WireServer;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that mean no good. */
@Beside
@NullUnmarked
class OutboundHostileTest extends OutboundCase {

    private static final long PIECE_MILLIS = 50;

    @Test
    void aBodyThatDripsEndsWithTheTime() {
        try (var server = WireServer.start(connection -> {
            connection.readRequest();
            connection.write("HTTP/1.1 200 OK\r\n\r\n");
            drip(connection, "x");
        })) {
            var outcome = egress.get(server.url(), SHORT);

            assertThat(outcome.code()).isEqualTo(Code.TIMEOUT);
            assertThat(outcome.detail()).isEqualTo("body");
            assertThat(outcome.sent()).isTrue();
            assertThat(outcome.took()).isBetween(SHORT.total(), SOON);
        }
    }

    @Test
    void headersThatDripEndWithTheTime() {
        try (var server = WireServer.start(connection -> {
            connection.readRequest();
            connection.write("HTTP/1.1 200 OK\r\nX-Slow: ");
            drip(connection, "x");
        })) {
            var outcome = egress.get(server.url(), SHORT);

            assertThat(outcome.code()).isEqualTo(Code.TIMEOUT);
            assertThat(outcome.detail()).isEqualTo("head");
            assertThat(outcome.took()).isBetween(SHORT.total(), SOON);
        }
    }

    @Test
    void hintsThatNeverEndEndWithTheTime() {
        try (var server = WireServer.start(connection -> {
            connection.readRequest();
            drip(connection, "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n");
        })) {
            assertThat(egress.get(server.url(), SHORT).code()).isEqualTo(Code.TIMEOUT);
        }
    }

    @Test
    void aBodyThatNeverEndsIsCutWhileItIsRead() throws InterruptedException {
        var written = new AtomicLong();
        var ended = new CountDownLatch(1);
        try (var server = WireServer.start(connection -> {
            connection.readRequest();
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n");
            try {
                while (true) {
                    connection.write(new byte[64 * 1024]);
                    written.addAndGet(64 * 1024);
                }
            } finally {
                ended.countDown();
            }
        })) {
            var outcome = egress.get(server.url(), OutboundLimits.of(Duration.ofSeconds(10), 10_000));

            assertThat(outcome.code()).isEqualTo(Code.ANSWERED);
            assertThat(outcome.answer().truncated()).isTrue();
            assertThat(outcome.answer().body().length()).isEqualTo(10_000);
            assertThat(ended.await(10, TimeUnit.SECONDS)).as("the connection is closed").isTrue();
            assertThat(written.get()).isLessThan(64L * 1024 * 1024);
        }
    }

    @Test
    void aBodyOfJustTheLimitIsWhole() {
        try (var server = WireServer.answering(OK)) {
            assertThat(egress.get(server.url(), OutboundLimits.of(SOON, 2)).answer().truncated()).isFalse();
            var cut = egress.get(server.url(), OutboundLimits.of(SOON, 1)).answer();
            assertThat(cut.truncated()).isTrue();
            assertThat(cut.body()).hasToString("o");
            var none = egress.get(server.url(), OutboundLimits.of(SOON, 0)).answer();
            assertThat(none.truncated()).isTrue();
            assertThat(none.body().length()).isZero();
        }
    }

    @Test
    void aHeaderOfAHundredMegabytesIsNotReadToItsEnd() {
        var written = new AtomicLong();
        try (var server = WireServer.start(connection -> {
            connection.readRequest();
            connection.write("HTTP/1.1 200 OK\r\nX-Long: ");
            var piece = "x".repeat(64 * 1024);
            for (var i = 0; i < 1600; i++) {
                connection.write(piece);
                written.addAndGet(piece.length());
            }
            connection.write("\r\n\r\n");
        })) {
            var outcome = egress.get(server.url());

            assertThat(outcome.code()).isEqualTo(Code.BROKEN);
            assertThat(outcome.detail()).isEqualTo("head-too-long");
            assertThat(written.get()).isLessThan(32L * 1024 * 1024);
        }
    }

    @Test
    void headersWithoutEndAreNotReadToTheirEnd() {
        try (var server = WireServer.start(connection -> {
            connection.readRequest();
            connection.write("HTTP/1.1 200 OK\r\n");
            for (var i = 0; i < 1_000_000; i++) {
                connection.write("X-" + i + ": y\r\n");
            }
        })) {
            assertThat(egress.get(server.url()).detail()).isEqualTo("head-too-long");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = { "SSH-2.0-OpenSSH_9.2\r\n", "220 mail.example ESMTP\r\n", "HTTP/2.7 200 OK\r\n\r\n",
            "HTTP/1.1 abc OK\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n" })
    void whatIsNoHttpIsNoAnswer(String answer) {
        try (var server = WireServer.start(connection -> {
            connection.readRequest();
            connection.write(answer);
            connection.awaitEnd();
        })) {
            var outcome = egress.get(server.url(), SHORT);

            assertThat(outcome.code()).as(outcome.toString()).isEqualTo(Code.BROKEN);
            assertThat(outcome.detail()).isEqualTo("malformed");
        }
    }

    @Test
    void anAnswerThatBreaksOffIsBroken() {
        try (var early = WireServer.start(WireServer.Connection::readRequest);
                var reset = WireServer.start(connection -> {
                    connection.readRequest();
                    connection.reset();
                });
                var half = WireServer.start(connection -> {
                    connection.readRequest();
                    connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
                });
                var chunked = WireServer.start(connection -> {
                    connection.readRequest();
                    connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhalf");
                })) {
            assertBroken(egress.get(early.url()), "closed");
            assertBroken(egress.get(reset.url()), "closed");
            assertBroken(egress.get(half.url()), "body");
            assertBroken(egress.get(chunked.url()), "body");
        }
    }

    private static void drip(WireServer.Connection connection, String piece) throws Exception {
        while (true) {
            connection.write(piece);
            Pause.ofMillis(PIECE_MILLIS);
        }
    }
}
