package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

import dev.latchkey.net.Egress;
import dev.latchkey.net.Header;
import dev.latchkey.net.OutboundOutcome;
import dev.latchkey.net.Phases;
import dev.latchkey.testing.Behaviour;
import dev.latchkey.testing.Beside;
import dev.latchkey.testing.NameServer;
import dev.latchkey.testing.Planted;
import dev.latchkey.testing.Receiver;
import dev.latchkey.testing.TestAuthority;
import dev.latchkey.testing.WireServer;
import dev.latchkey.webhook.DeliveryOutcome.Code;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.KeyStoreOptions;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes to a receiver, and what is told of however it takes it. */
@Beside
@NullUnmarked
class SenderTest {

    private static final String HOST = "erp.example";
    private static final Duration TIMEOUT = Duration.ofSeconds(1);

    @TempDir
    private static Path directory;
    private static TestAuthority authority;
    private static NameServer names;
    private static Egress egress;

    private final WebhookSecret secret = WebhookSecret.generate(new SecureRandom());
    private final Receiver receiver = Receiver.start();
    private final Message message = new Message("order-1", Buffer.buffer("{\"id\":\"order-1\"}"), null);

    @BeforeAll
    static void open() {
        authority = TestAuthority.in(directory);
        names = NameServer.start().says(HOST, "127.0.0.1");
        egress = Egress.of(new Egress.Settings(List.of("127.0.0.1"), authority.pem().toString(), List.of(names.address())));
    }

    @AfterAll
    static void close() {
        egress.close();
        names.close();
    }

    @AfterEach
    void closeReceiver() {
        receiver.close();
    }

    @Test
    void aReceiverGetsWhatTheSpecificationSays() {
        Sent sent = send(receiver.url());

        Receiver.Received received = receiver.last();
        assertThat(received.method()).isEqualTo("POST");
        assertThat(received.body()).isEqualTo("{\"id\":\"order-1\"}");
        assertThat(received.headers()).containsEntry("content-type", "application/json")
                .containsEntry("user-agent", "Latchkey/1.0").containsEntry("webhook-id", "order-1")
                .doesNotContainKeys("webhook-test", "traceparent");
        assertThat(received.timestamp()).isEqualTo(sent.startedAt().getEpochSecond());
        assertThat(received.isSignedWith(secret.reveal())).isTrue();
        assertThat(sent.delivery().code()).isEqualTo(Code.DELIVERED);
        assertThat(sent.took()).isPositive();
        assertThat(DeliveryAdvice.of(Egress.to(receiver.url()), sent)).isNull();
    }

    @Test
    void aTraceAndHeadersOfTheirsGoAlong() {
        String trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        Target target = new Target(UUID.randomUUID(), 1, UUID.randomUUID(), Egress.to(receiver.url()),
                List.of(new Header("X-Tenant", "acme"), new Header("user-agent", "Their own")), Signatures.of(secret));

        Sent sent = sender().send(target, new Message("order-1", message.body(), trace), true).await().atMost(TIMEOUT);

        assertThat(receiver.last().headers()).containsEntry("traceparent", trace).containsEntry("x-tenant", "acme")
                .containsEntry("user-agent", "Their own").containsEntry("webhook-test", "true");
        assertThat(sent.toString()).doesNotContain("acme");
        assertThat(sent.headers()).extracting(header -> header.name().toLowerCase(Locale.ROOT)).doesNotHaveDuplicates();
    }

    @Test
    void eachAttemptIsSignedAnewUnderTheSameId() {
        send(receiver.url());
        Instant later = Instant.now().plusSeconds(10);
        new Sender(egress.outbound, InstantSource.fixed(later), TIMEOUT).send(target(receiver.url()), message, false).await()
                .atMost(TIMEOUT);

        assertThat(receiver.times("order-1")).isEqualTo(2);
        assertThat(receiver.received()).allMatch(each -> each.isSignedWith(secret.reveal())).extracting(
                Receiver.Received::signature).doesNotHaveDuplicates();
        assertThat(receiver.last().timestamp()).isEqualTo(later.getEpochSecond());
        assertThat(receiver.connections()).as("kept open").isEqualTo(1);
    }

    @Test
    void aLongAnswerIsReadInPartAndDelivered() {
        receiver.behaving(Behaviour.oversized(1_000_000));

        Sent sent = send(receiver.url());

        assertThat(sent.delivery().code()).isEqualTo(Code.DELIVERED);
        assertThat(sent.outcome().answer().truncated()).isTrue();
        assertThat(sent.outcome().answer().body().length()).isEqualTo(16 * 1024);
    }

    @Test
    void aRedirectIsNotFollowed() {
        Receiver other = Receiver.start();
        try (other) {
            receiver.behaving(Behaviour.redirecting(other.url() + "?token=abc"));
            assertFails(receiver.url(), DeliveryError.REDIRECT,
                    "answered 302, a redirect to " + other.url() + "?***. Redirects are not followed");
            receiver.behaving(Behaviour.redirecting("/elsewhere"));
            assertFails(receiver.url(), DeliveryError.REDIRECT,
                    "a redirect to http://127.0.0.1:" + receiver.port() + "/elsewhere.");
            receiver.behaving(Behaviour.redirecting("::"));
            assertFails(receiver.url(), DeliveryError.REDIRECT, "a redirect. Redirects are not");
            assertThat(other.requests()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = { 400, 401, 402, 403, 404, 405, 410, 413, 415, 422, 429, 500, 503 })
    void forEachStatusThereIsSomethingToDo(int status) {
        receiver.behaving(Behaviour.failing(status));

        assertFails(receiver.url(), DeliveryError.HTTP_STATUS, "answered " + status + ": ");
    }

    @Test
    void whoeverIsSilentTimesOutInAPhase() throws IOException {
        String url = receiver.url();
        receiver.behaving(Behaviour.hanging());
        assertFails(url, DeliveryError.TIMEOUT_RESPONSE, "did not begin to answer within 1 second.");
        receiver.behaving(Behaviour.hangingBody());
        assertFails(url, DeliveryError.TIMEOUT_BODY, "did not finish within 1 second.");
        receiver.behaving(Behaviour.dripping(Duration.ofMillis(100)));
        assertFails(url, DeliveryError.TIMEOUT_BODY, "did not finish within 1 second.");
        try (WireServer silent = WireServer.start(WireServer.Connection::awaitEnd)) {
            assertFails("https://127.0.0.1:" + silent.port(), DeliveryError.TIMEOUT_TLS,
                    "did not finish the TLS handshake within 1 second.");
        }
        try (Full full = Full.open()) {
            assertFails("http://127.0.0.1:" + full.port(), DeliveryError.TIMEOUT_CONNECT,
                    "did not take a connection within 1 second.");
            assertFails("https://127.0.0.1:" + full.port(), DeliveryError.TIMEOUT_CONNECT,
                    "did not take a connection within 1 second.");
        }
    }

    @Test
    void namesThatAreNotAnsweredForTimeOut() {
        try (NameServer silent = NameServer.start().loses(Integer.MAX_VALUE);
                Egress without = Egress.of(new Egress.Settings(List.of("127.0.0.1"), null, List.of(silent.address())))) {
            Sent sent = new Sender(without.outbound, Instant::now, TIMEOUT).send(target("https://" + HOST), message, false)
                    .await().atMost(Duration.ofSeconds(10));

            assertFails("https://" + HOST, sent, DeliveryError.TIMEOUT_DNS, "The name servers of erp.example did not answer");
        }
    }

    /** Nobody maps a network by where he has his webhooks sent. */
    @Test
    void aNameThatLeadsInsideIsToldAsOneThatLeadsNowhere() {
        names.says("inside.example", "10.1.2.3");

        Sent inside = send("https://inside.example/hook");
        Sent nowhere = send("https://nowhere.example/hook");

        assertThat(inside.outcome()).isEqualTo(nowhere.outcome());
        assertThat(inside.outcome()).isEqualTo(new OutboundOutcome(OutboundOutcome.Code.UNRESOLVED, null, false, Phases.NONE,
                Duration.ZERO, null));
        assertThat(inside.took()).isZero();
        assertFails("https://inside.example/hook", inside, DeliveryError.NAME_NOT_FOUND, "leads to no public address");
        assertFails("https://10.1.2.3/hook", DeliveryError.NAME_NOT_FOUND, "leads to no public address");
    }

    @Test
    void whoRefusesOrHangsUpIsTold() {
        receiver.behaving(Behaviour.closing());
        assertFails(receiver.url(), DeliveryError.CONNECTION_BROKEN, "closed the connection without");
        receiver.shut();
        assertFails(receiver.url(), DeliveryError.CONNECTION_REFUSED, "refuses connections on port");
        try (WireServer other = WireServer.answering("SSH-2.0-OpenSSH_9.2\r\n\r\n");
                WireServer half = WireServer.start(connection -> {
                    connection.readRequest();
                    connection.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
                })) {
            assertFails(other.url(), DeliveryError.CONNECTION_BROKEN, "is not HTTP/1.1");
            assertFails(half.url(), DeliveryError.CONNECTION_BROKEN, "in the middle of its answer");
        }
    }

    @Test
    void aCertificateThatProvesNothingIsTold() {
        assertDistrusted(authority.sign("old", "dns:" + HOST, "-10d", 5), DeliveryError.CERTIFICATE_EXPIRED,
                "The certificate of erp.example has expired. Renew it");
        assertDistrusted(authority.sign("other", "dns:other.example", "-1d", 10), DeliveryError.CERTIFICATE_NAME_MISMATCH,
                "is for other names. Install one that names erp.example");
        assertDistrusted(authority.selfSigned("self", "dns:" + HOST), DeliveryError.CERTIFICATE_UNTRUSTED,
                "is not signed by an authority that is trusted here");
        assertDistrusted(authority.sign("young", "dns:" + HOST, "+5d", 5), DeliveryError.TLS, "is not valid yet");
        assertFails("https://" + HOST + ":" + receiver.port(), DeliveryError.TLS,
                "does not speak TLS on port");
        try (Receiver good = Receiver.start(authority.sign("good", "dns:" + HOST, "-1d", 10))) {
            assertThat(send("https://" + HOST + ":" + good.port()).delivery().code()).isEqualTo(Code.DELIVERED);
        }
    }

    /** A claim that nobody ends would be taken over and fail again and again. */
    @Test
    void aFaultOfOursIsAnOutcomeToo() {
        Target unsendable = new Target(UUID.randomUUID(), 1, UUID.randomUUID(), Egress.to(receiver.url()),
                List.of(new Header("Host", "other.example")), Signatures.of(secret));
        Message traced = new Message("order-1", message.body(), "not\na trace");

        Sent none = sender().send(unsendable, message, false).await().atMost(TIMEOUT);
        Sent sent = sender().send(target(receiver.url()), traced, false).await().atMost(TIMEOUT);

        assertThat(none.delivery().error()).isEqualTo(DeliveryError.BUSY);
        assertThat(none.outcome().sent()).isFalse();
        assertThat(sent.delivery().code()).isEqualTo(Code.DELIVERED);
        assertThat(receiver.last().headers()).doesNotContainKey("traceparent");
    }

    @Test
    void aTimeoutThatIsNoneStopsTheStart() {
        for (Duration none : List.of(Duration.ZERO, Duration.ofSeconds(-1), Duration.ofMillis(999), Duration.ofSeconds(61))) {
            assertThatThrownBy(() -> new Sender(egress.outbound, Instant::now, none))
                    .isInstanceOf(ConfigurationException.class).hasMessageContaining("LATCHKEY_WEBHOOK_TIMEOUT");
        }
    }

    private void assertDistrusted(KeyStoreOptions certificate, DeliveryError error, String advice) {
        try (Receiver secure = Receiver.start(certificate)) {
            assertFails("https://" + HOST + ":" + secure.port(), error, advice);
            assertThat(secure.requests()).isZero();
        }
    }

    private void assertFails(String url, DeliveryError error, String advice) {
        assertFails(url, send(url), error, advice);
    }

    private static void assertFails(String url, Sent sent, DeliveryError error, String advice) {
        assertThat(sent.delivery().error()).as(sent.toString()).isEqualTo(error);
        assertThat(sent.delivery().code()).isIn(Code.RETRY, Code.GONE);
        assertThat(DeliveryAdvice.of(Egress.to(url), sent)).contains(advice).endsWith(".");
    }

    private Sent send(String url) {
        return sender().send(target(url), message, false).await().atMost(Duration.ofSeconds(10));
    }

    private static Sender sender() {
        return new Sender(egress.outbound, Instant::now, TIMEOUT);
    }

    private Target target(String url) {
        Planted.add(secret.reveal());
        return new Target(UUID.randomUUID(), 1, UUID.randomUUID(), Egress.to(url), List.of(), Signatures.of(secret));
    }

    /** A port on which as many connections wait as may, so that no further one is taken. */
    private record Full(ServerSocket listener, List<SocketChannel> waiting) implements AutoCloseable {

        static Full open() throws IOException {
            ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
            List<SocketChannel> waiting = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                SocketChannel channel = SocketChannel.open();
                channel.configureBlocking(false);
                channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), listener.getLocalPort()));
                waiting.add(channel);
            }
            return new Full(listener, waiting);
        }

        int port() {
            return listener.getLocalPort();
        }

        @Override
        public void close() throws IOException {
            for (SocketChannel channel : waiting) {
                channel.close();
            }
            listener.close();
        }
    }
}
