package dev.latchkey.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Databases;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.Together;
import io.restassured.RestAssured;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A replica that is stopped answers whoever asks, and sends callers elsewhere before it closes their connections. */
class DrainIT {

    private static final int CALLERS = 4;
    private static final int ORDERLY = 143;

    private LatchkeyProcess latchkey;
    private String key;

    @BeforeEach
    void start() {
        latchkey = LatchkeyProcess.on(Databases.create()).ready();
        RestAssured.baseURI = latchkey.baseUrl();
        key = Api.ofNewOrganization().aKey().scopes("keys:verify", "orders:read").unlimited().create().key();
    }

    @AfterEach
    void stop() {
        RestAssured.reset();
        latchkey.close();
    }

    @Test
    void noRequestIsLostOnConnectionsThatGatewaysKeep() {
        AtomicInteger answers = new AtomicInteger();
        CompletableFuture<Integer> stopped = CompletableFuture.supplyAsync(() -> {
            Eventually.holds(() -> assertThat(answers.get()).isGreaterThan(100 * CALLERS));
            return latchkey.stop();
        });

        List<String> last;
        try (Together gateways = new Together(CALLERS)) {
            last = gateways.call(() -> askUntilSentAway(answers));
        }

        assertThat(last).allMatch(answer -> answer.startsWith("HTTP/1.1 204"));
        assertThat(stopped.join()).isEqualTo(ORDERLY);
    }

    /** The answer that said so; fails where a request gets none. */
    private String askUntilSentAway(AtomicInteger answers) throws IOException {
        try (Connection connection = new Connection(latchkey)) {
            while (true) {
                connection.send(question());
                String answer = connection.answer();
                answers.incrementAndGet();
                if (sendsAway(answer)) {
                    return answer;
                }
            }
        }
    }

    private String question() {
        return "GET /api/v1/auth HTTP/1.1\r\nHost: latchkey\r\nX-API-Key: " + key
                + "\r\nX-Forwarded-Method: GET\r\nX-Forwarded-Uri: /api/v1/orders\r\n\r\n";
    }

    private static boolean sendsAway(String answer) {
        return answer.toLowerCase(Locale.ROOT).contains("\r\nconnection: close");
    }

    @Test
    void whatIsUnderWayIsAnswered() throws IOException {
        String body = "{\"key\":\"" + key + "\"}";
        try (Connection slow = new Connection(latchkey)) {
            slow.send("POST /api/v1/keys/verify HTTP/1.1\r\nHost: latchkey\r\nX-API-Key: " + key
                    + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n{");
            Eventually.holds(() -> assertThat(underWay()).isPositive());
            CompletableFuture<Integer> stopped = CompletableFuture.supplyAsync(latchkey::stop);
            Eventually.holds(() -> assertThat(sendsAway(answerToANewCaller())).isTrue());

            slow.send(body.substring(1));

            assertThat(slow.answer()).startsWith("HTTP/1.1 200").contains("\"VALID\"");
            assertThat(stopped.join()).isEqualTo(ORDERLY);
        }
    }

    private String answerToANewCaller() throws IOException {
        try (Connection caller = new Connection(latchkey)) {
            caller.send(question());
            return caller.answer();
        }
    }

    /** Beside the one that asks. */
    private static int underWay() {
        return RestAssured.given().accept("text/plain").get("/q/metrics").asString().lines()
                .filter(line -> line.startsWith("http_server_active_requests"))
                .mapToInt(line -> (int) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))).sum() - 1;
    }

    /** One that its client keeps. */
    private static final class Connection implements Closeable {

        private static final int PATIENCE_MILLIS = 20_000;

        private final Socket socket;
        private final InputStream in;

        Connection(LatchkeyProcess latchkey) throws IOException {
            socket = new Socket(InetAddress.getLoopbackAddress(), URI.create(latchkey.baseUrl()).getPort());
            socket.setSoTimeout(PATIENCE_MILLIS);
            in = new BufferedInputStream(socket.getInputStream());
        }

        void send(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        }

        /** Head and body. */
        String answer() throws IOException {
            StringBuilder read = new StringBuilder();
            while (read.indexOf("\r\n\r\n") < 0) {
                int next = in.read();
                if (next < 0) {
                    throw new EOFException("cut off after: " + read);
                }
                read.append((char) next);
            }
            return read + new String(in.readNBytes(length(read.toString())), StandardCharsets.UTF_8);
        }

        private static int length(String head) {
            return Collections.max(head.lines().map(line -> line.toLowerCase(Locale.ROOT))
                    .map(line -> line.startsWith("content-length:") ? Integer.parseInt(line.substring(15).strip()) : 0)
                    .toList());
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
