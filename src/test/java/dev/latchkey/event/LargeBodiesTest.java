package dev.latchkey.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whoever sends large bodies slowly, or does not say how long they are, keeps nobody from publishing. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class LargeBodiesTest {

    private static final String EVENTS = "/api/v1/events";
    private static final int LONGEST = Publications.MAX_BYTES;
    /** Longer than a single one of the slow ones is borne with (3 s), and shorter than all of them in turn. */
    private static final Duration AT_ONCE = Duration.ofSeconds(12);
    private static final int SLOW_ONES = 12;
    private static final String WHILE_OTHERS_WAITED = "while others waited";

    private final List<Socket> open = new ArrayList<>();

    @AfterEach
    void close() throws IOException {
        for (Socket socket : open) {
            socket.close();
        }
    }

    @Test
    void organizationsThatSendSlowlyKeepNoOtherOneFromPublishing() throws Exception {
        for (int organization = 0; organization < 2; organization++) {
            String slow = publisher();
            for (int i = 0; i < SLOW_ONES; i++) {
                begin(slow, "Content-Length: " + LONGEST, 300 * 1024);
            }
        }
        String key = publisher();

        assertThat(CompletableFuture.supplyAsync(() -> publish(key, large("a", 24)).statusCode())).succeedsWithin(AT_ONCE)
                .isEqualTo(202);
    }

    @Test
    void aShortBodyOfUnknownLengthWaitsForNoOther() throws Exception {
        String key = publisher();
        for (int i = 0; i < SLOW_ONES; i++) {
            begin(key, "Transfer-Encoding: chunked", 0);
        }
        String event = "{\"type\": \"order.create\", \"data\": {}}";
        Socket socket = begin(key, "Transfer-Encoding: chunked", 0);

        socket.getOutputStream().write((Integer.toHexString(event.length()) + "\r\n" + event + "\r\n0\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));

        socket.setSoTimeout((int) AT_ONCE.toMillis());
        assertThat(answer(socket)).startsWith("HTTP/1.1 202");
    }

    /**
     * Who waits is one that stops as well, since what it sends is in its socket at once. On a machine that is busy it may ask
     * for room so late that the first is given up for his slowness alone: once more.
     */
    @Test
    void whoStopsSendingWhileOthersWaitForRoomIsGivenUp() throws Exception {
        String key = publisher();
        List<String> answers = new ArrayList<>();

        while (answers.size() < 10 && answers.stream().noneMatch(answer -> answer.contains(WHILE_OTHERS_WAITED))) {
            Socket slow = begin(key, "Content-Length: " + LONGEST, LONGEST - 100);
            Socket waiting = begin(key, "Content-Length: " + LONGEST, LONGEST - 100);

            answers.add(answer(slow));
            answers.add(answer(waiting));
        }

        assertThat(answers).allSatisfy(answer -> assertThat(answer).startsWith("HTTP/1.1 408").contains("request-timeout"))
                .anySatisfy(answer -> assertThat(answer).contains(WHILE_OTHERS_WAITED));
        assertThat(CompletableFuture.supplyAsync(() -> publish(key, large("a", 24)).statusCode())).succeedsWithin(AT_ONCE)
                .isEqualTo(202);
    }

    @Test
    void aLargeBodyOfUnknownLengthIsTakenWhole() throws Exception {
        String key = publisher();
        byte[] body = large("a", 24).getBytes(StandardCharsets.US_ASCII);
        Socket socket = begin(key, "Transfer-Encoding: chunked", 0);

        for (int from = 0; from < body.length; from += 100_000) {
            int length = Math.min(100_000, body.length - from);
            socket.getOutputStream().write((Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(body, from, length);
            socket.getOutputStream().write("\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        socket.getOutputStream().write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));

        assertThat(answer(socket)).startsWith("HTTP/1.1 202").contains("a23");
    }

    private static String publisher() {
        return Api.ofNewOrganization().aKey().scopes("events:publish").create().key();
    }

    private static Response publish(String key, String body) {
        return Api.withKey(key).body(body).post(EVENTS);
    }

    /** Events of some 256 KiB each. */
    private static String large(String name, int events) {
        String data = "{\"x\":\"" + "x".repeat(Events.MAX_BYTES - 100) + "\"}";
        return IntStream.range(0, events)
                .mapToObj(i -> "{\"type\": \"order.create\", \"id\": \"" + name + i + "\", \"data\": " + data + "}")
                .collect(Collectors.joining(", ", "{\"events\": [", "]}"));
    }

    /** Sends a head and some bytes of a body, and no more. */
    private Socket begin(String key, String length, int bytes) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), RestAssured.port);
        socket.setSoTimeout(30_000);
        open.add(socket);
        socket.getOutputStream().write(("POST " + EVENTS + " HTTP/1.1\r\nHost: api.example\r\nX-API-Key: " + key
                + "\r\nContent-Type: application/json\r\n" + length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        // Apart, since it waits here for as long as it is not read.
        Thread writing = new Thread(() -> write(socket, bytes), "slow publisher");
        writing.setDaemon(true);
        writing.start();
        return socket;
    }

    private static void write(Socket socket, int bytes) {
        try {
            socket.getOutputStream().write(" ".repeat(bytes).getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().flush();
        } catch (IOException closed) {
            // Given up.
        }
    }

    private static String answer(Socket socket) throws IOException {
        StringBuilder read = new StringBuilder();
        byte[] piece = new byte[8192];
        while (!read.toString().endsWith("}")) {
            int length = socket.getInputStream().read(piece);
            if (length < 0) {
                break;
            }
            read.append(new String(piece, 0, length, StandardCharsets.UTF_8));
        }
        return read.toString();
    }
}
