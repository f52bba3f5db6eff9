package dev.latchkey.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

import dev.latchkey.net.OutboundOutcome.Code;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.Pause;
import dev.latchkey.testing.WireServer;
import io.smallrye.mutiny.subscription.Cancellable;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers, the lack of them, and servers that mean no good. */
@NullUnmarked
class OutboundTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok";
    private static final OutboundLimits SHORT = OutboundLimits.of(Duration.ofMillis(600), 64 * 1024);
    private static final Duration SOON = Duration.ofSeconds(3);
    private static final long PIECE_MILLIS = 50;

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
    void anAnswerComesWhole() {
        try (var server = WireServer.answering(
                "HTTP/1.1 401 Unauthorized\r\nX-One: 1\r\nX-One: 2\r\nContent-Length: 4\r\n\r\nnope")) {
            var outcome = egress.get(server.url() + "/v1/me?x=%20y");

            assertThat(outcome.code()).isEqualTo(Code.ANSWERED);
            assertThat(outcome.sent()).isTrue();
            assertThat(outcome.answer().status()).isEqualTo(401);
            assertThat(outcome.answer().headers()).contains(new Header("X-One", "1"), new Header("X-One", "2"));
            assertThat(outcome.answer().header("x-one")).contains("1");
            assertThat(outcome.answer().body()).hasToString("nope");
            assertThat(outcome.answer().truncated()).isFalse();
            assertThat(outcome.phases().dnsMs()).isNull();
            assertThat(outcome.phases().connectMs()).isPositive();
            assertThat(outcome.phases().tlsMs()).isNull();
            assertThat(outcome.phases().firstByteMs()).isPositive();
            assertThat(outcome.took()).isPositive();
            assertThat(server.requests().get(0)).startsWith("GET /v1/me?x=%20y HTTP/1.1\r\n")
                    .containsIgnoringCase("\r\nhost: 127.0.0.1:" + server.port() + "\r\n")
                    .containsIgnoringCase("\r\nuser-agent: Latchkey\r\n").doesNotContainIgnoringCase("content-length")
                    .doesNotContainIgnoringCase("accept-encoding");
        }
    }

    @Test
    void headersAndBodyAreSentAsTheyStand() {
        try (var server = WireServer.answering(OK)) {
            egress.send(new OutboundRequest(HttpMethod.POST, Egress.to(server.url() + "/token"),
                    List.of(new Header("Authorization", "Basic eDp5"), new Header("X-A", "1"), new Header("X-A", "2"),
                            new Header("user-agent", "Shop/1")),
                    Buffer.buffer("grant_type=x"), Egress.LIMITS));
            egress.send(new OutboundRequest(HttpMethod.POST, Egress.to(server.url()), List.of(), null, Egress.LIMITS));

            assertThat(server.requests().get(0)).startsWith("POST /token HTTP/1.1\r\n")
                    .contains("Authorization: Basic eDp5\r\n",
                            "X-A: 1\r\nX-A: 2\r\n", "user-agent: Shop/1\r\n")
                    .doesNotContain("Latchkey").endsWith("\r\n\r\ngrant_type=x");
            assertThat(server.requests().get(1)).containsIgnoringCase("content-length: 0\r\n");
        }
    }

    @Test
    void anIpv6AddressStandsInBracketsInTheHostHeader() {
        try (var server = WireServer.start("::1", 0, connection -> {
            connection.readRequest();
            connection.write(OK);
        })) {
            var outcome = egress.get("http://[::1]:" + server.port() + "/");

            assertThat(outcome.code()).isEqualTo(Code.ANSWERED);
            assertThat(server.requests().get(0)).containsIgnoringCase("\r\nhost: [::1]:" + server.port() + "\r\n");
        }
    }

    @Test
    void aRedirectIsAnAnswerAndNotFollowed() {
        try (var other = WireServer.answering(OK);
                var server = WireServer.answering(
                        "HTTP/1.1 302 Found\r\nLocation: " + other.url() + "/\r\nContent-Length: 0\r\n\r\n")) {
            var outcome = egress.get(server.url());

            assertThat(outcome.answer().status()).isEqualTo(302);
            assertThat(outcome.answer().header("location")).contains(other.url() + "/");
            assertThat(other.connections()).isZero();
        }
    }

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

    private static void assertBroken(OutboundOutcome outcome, String detail) {
        assertThat(outcome.code()).isEqualTo(Code.BROKEN);
        assertThat(outcome.detail()).isEqualTo(detail);
        assertThat(outcome.sent()).isTrue();
        assertThat(outcome.answer()).isNull();
    }

    @Test
    void anAnswerUntilTheEndOfTheConnectionIsWhole() {
        try (var server = WireServer.start(connection -> {
            connection.readRequest();
            connection.write("HTTP/1.0 200 OK\r\n\r\nall of it");
        })) {
            assertThat(egress.get(server.url()).answer().body()).hasToString("all of it");
        }
    }

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

    @Test
    void nothingIsCountedByHost() {
        try (var server = WireServer.answering(OK)) {
            var before = answered();
            egress.get(server.url());

            assertThat(answered()).isEqualTo(before + 1);
            assertThat(egress.metrics.getMeters()).allSatisfy(meter -> assertThat(meter.getId().toString())
                    .doesNotContain("127.0.0.1").doesNotContain(Integer.toString(server.port())));
            assertThat(egress.metrics.timer("latchkey.egress.duration", "phase", "total").count()).isPositive();
        }
    }

    private static double answered() {
        return egress.metrics.counter("latchkey.egress.requests", "outcome", "answered").count();
    }

    @ParameterizedTest
    @ValueSource(strings = { "a\r\nX: y", "a\nb", "a\u0000b", "a\u010ab", "a\u00e9", " a", "a ", "\u007f" })
    void aValueThatCouldEndTheHeaderIsNotSent(String value) {
        assertThat(Header.isValue(value)).isFalse();
        assertThatThrownBy(() -> new OutboundRequest(HttpMethod.GET, Egress.to("https://a.example"),
                List.of(new Header("X-A", value)), null, Egress.LIMITS)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a header cannot be sent: X-A");
    }

    @ParameterizedTest
    @ValueSource(strings = { "", "X A", "X:A", "X\r\nA", "X\u00e9", "Host", "content-LENGTH", "Transfer-Encoding", "Connection",
            "TE", "Upgrade", "Expect" })
    void aNameThatIsNoneOrOurOwnIsNotSent(String name) {
        assertThatThrownBy(() -> new OutboundRequest(HttpMethod.GET, Egress.to("https://a.example"),
                List.of(new Header(name, "x")), null, Egress.LIMITS)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("[ -~]+");
    }

    private static void drip(WireServer.Connection connection, String piece) throws Exception {
        while (true) {
            connection.write(piece);
            Pause.ofMillis(PIECE_MILLIS);
        }
    }
}
