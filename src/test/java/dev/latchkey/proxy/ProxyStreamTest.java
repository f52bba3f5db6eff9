package dev.latchkey.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPOutputStream;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.crypto.DataKeys;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.Pause;
import dev.latchkey.testing.RawHttp;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies pass as they come, at the pace of whoever is slower, and what is broken off never looks whole. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class ProxyStreamTest {

    private static final int MIB = 1 << 20;

    @Inject
    DataSource database;
    @Inject
    DataKeys dataKeys;

    private ProxyScene scene;

    @BeforeEach
    void anOrganizationWithAKey() {
        scene = new ProxyScene(database, dataKeys);
    }

    /** Longer than any other operation takes, and than the server itself would. */
    @Test
    void aLongBodyArrivesWholeAndWithItsLength() throws Exception {
        byte[] body = new byte[20 * MIB];
        new Random(7).nextBytes(body);
        BlockingQueue<byte[]> arrived = new LinkedBlockingQueue<>();
        try (Origin origin = Origin.that((request, in, out) -> {
            arrived.add(in.readNBytes(Integer.parseInt(request.header("Content-Length"))));
            Origin.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
        })) {
            String credential = scene.bound(origin.url());

            HttpResponse<String> answer = scene.http.send(scene.to(credential, "/x").header("Content-Type", "application/x-any")
                    .POST(BodyPublishers.ofByteArray(body)).build(), BodyHandlers.ofString());

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(arrived.poll(10, TimeUnit.SECONDS)).isEqualTo(body);
            Origin.Request reached = origin.reached().get(0);
            assertThat(reached.headers("Content-Type")).containsExactly("application/x-any");
            assertThat(reached.headers("Transfer-Encoding")).isEmpty();
        }
    }

    @Test
    void aLongAnswerArrivesWholeAndWithItsLength() throws Exception {
        byte[] body = new byte[20 * MIB];
        new Random(8).nextBytes(body);
        try (Origin origin = Origin.that((request, in, out) -> {
            Origin.write(out, "HTTP/1.1 200 OK\r\nContent-Length: " + body.length + "\r\nConnection: close\r\n\r\n");
            out.write(body);
        })) {
            String credential = scene.bound(origin.url());

            HttpResponse<byte[]> answer = scene.http.send(scene.to(credential, "/x").build(), BodyHandlers.ofByteArray());

            assertThat(answer.body()).isEqualTo(body);
            assertThat(answer.headers().firstValueAsLong("Content-Length")).hasValue(body.length);
        }
    }

    /** Compressed or of a strange type: it is not ours to read. */
    @Test
    void aCompressedBodyPassesUntouchedBothWays() throws Exception {
        byte[] compressed = gzip("stock,7\n");
        try (Origin origin = Origin.that((request, in, out) -> {
            byte[] body = in.readNBytes(Integer.parseInt(request.header("Content-Length")));
            Origin.write(out, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + body.length
                    + "\r\nConnection: close\r\n\r\n");
            out.write(body);
        })) {
            String credential = scene.bound(origin.url());

            HttpResponse<byte[]> answer = scene.http.send(scene.to(credential, "/x").header("Content-Encoding", "gzip")
                    .header("Content-Type", "text/csv; charset=utf-16").header("Accept", "text/csv;;q")
                    .PUT(BodyPublishers.ofByteArray(compressed)).build(), BodyHandlers.ofByteArray());

            assertThat(answer.body()).isEqualTo(compressed);
            Origin.Request reached = origin.reached().get(0);
            assertThat(reached.header("Content-Encoding")).isEqualTo("gzip");
            assertThat(reached.header("Content-Type")).isEqualTo("text/csv; charset=utf-16");
            assertThat(reached.header("Accept")).isEqualTo("text/csv;;q");
        }
    }

    /** Neither side waits for the end of the other: each piece is there before the next one is sent. */
    @Test
    void piecesPassAsTheyComeInBothDirectionsAtOnce() throws Exception {
        try (Origin origin = Origin.that((request, in, out) -> {
            Origin.write(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
            for (String piece = chunk(in); !piece.isEmpty(); piece = chunk(in)) {
                Origin.write(out, Integer.toHexString(piece.length()) + "\r\n" + piece + "\r\n");
            }
            Origin.write(out, "0\r\n\r\n");
        })) {
            String credential = scene.bound(origin.url());
            try (Socket caller = connect()) {
                Origin.write(caller.getOutputStream(), head("POST", credential, "Transfer-Encoding: chunked"));
                InputStream in = caller.getInputStream();
                for (String piece : new String[] { "one", "two", "three" }) {
                    Origin.write(caller.getOutputStream(), Integer.toHexString(piece.length()) + "\r\n" + piece + "\r\n");
                    if (piece.equals("one")) {
                        assertThat(headOf(in)).startsWith("HTTP/1.1 200");
                    }
                    assertThat(chunk(in)).isEqualTo(piece);
                }
                Origin.write(caller.getOutputStream(), "0\r\n\r\n");
                assertThat(chunk(in)).isEmpty();
            }
        }
    }

    /** Event streams and answers that are computed for minutes: the caller's own patience for a head is shorter. */
    @ParameterizedTest
    @ValueSource(strings = { "Content-Length: 3\r\n\r\n|one", "Transfer-Encoding: chunked\r\n\r\n|3\r\none\r\n0\r\n\r\n" })
    void theHeadDoesNotWaitForTheBody(String answer) throws Exception {
        CountDownLatch seen = new CountDownLatch(1);
        try (Origin origin = Origin.that((request, in, out) -> {
            Origin.write(out, "HTTP/1.1 200 OK\r\n" + answer.split("\\|")[0]);
            if (seen.await(10, TimeUnit.SECONDS)) {
                Origin.write(out, answer.split("\\|")[1]);
            }
        })) {
            String credential = scene.bound(origin.url());
            try (Socket caller = connect()) {
                Origin.write(caller.getOutputStream(), head("GET", credential));
                assertThat(headOf(caller.getInputStream())).startsWith("HTTP/1.1 200").containsIgnoringCase("X-Proxied: true");
                seen.countDown();

                assertThat(new String(caller.getInputStream().readNBytes(3), StandardCharsets.US_ASCII)).isIn("one", "3\r\n");
            }
        }
    }

    /** A problem of ours would go out under the provider's length, and part the connection for all who share it. */
    @ParameterizedTest
    @ValueSource(strings = { "Content-Length: 1000|closes", "Content-Length: 5|is silent", "Transfer-Encoding: chunked|closes",
            "Transfer-Encoding: chunked|is silent" })
    void aHeadAndNothingMoreIsNoProblemOfOurs(String answer) throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        try (Origin origin = Origin.that((request, in, out) -> {
            Origin.write(out, "HTTP/1.1 200 OK\r\nETag: \"7\"\r\n" + answer.split("\\|")[0] + "\r\n\r\n");
            if (answer.endsWith("silent")) {
                over.await(20, TimeUnit.SECONDS);
            }
        })) {
            String credential = scene.bound(origin.url());
            try (Socket caller = connect()) {
                Origin.write(caller.getOutputStream(), head("GET", credential));
                String head = headOf(caller.getInputStream());
                assertThat(head).startsWith("HTTP/1.1 200").containsIgnoringCase("X-Proxied: true");
                assertThat(head.toLowerCase(Locale.ROOT).split("content-length|transfer-encoding")).hasSize(2);

                assertThat(rest(caller.getInputStream())).isEmpty();
            } finally {
                over.countDown();
            }
            assertThat(origin.reached()).hasSize(1);
        }
    }

    /** Only its end says where such a body ends. */
    @Test
    void anOldCallerIsNotLeftWaitingForTheEnd() throws Exception {
        try (Origin origin = Origin.that((request, in, out) -> Origin.write(out,
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n0\r\n\r\n"))) {
            String credential = scene.bound(origin.url());
            try (Socket caller = connect()) {
                Origin.write(caller.getOutputStream(), "GET " + ProxyScene.path(credential, "/x")
                        + " HTTP/1.0\r\nConnection: keep-alive\r\nX-API-Key: " + scene.key.key() + "\r\n\r\n");

                assertThat(headOf(caller.getInputStream())).contains(" 200 ");
                assertThat(rest(caller.getInputStream())).isEqualTo("one");
            }
        }
    }

    @Test
    void whoeverDoesNotReadIsNotReadFor() throws Exception {
        AtomicLong written = new AtomicLong();
        CountDownLatch broken = new CountDownLatch(1);
        long whole = 256L * MIB;
        try (Origin origin = Origin.that((request, in, out) -> {
            Origin.write(out, "HTTP/1.1 200 OK\r\nContent-Length: " + whole + "\r\nConnection: close\r\n\r\n");
            byte[] piece = new byte[64 * 1024];
            try {
                for (long sent = 0; sent < whole; sent += piece.length) {
                    out.write(piece);
                    written.addAndGet(piece.length);
                }
            } catch (IOException cut) {
                broken.countDown();
            }
        })) {
            String credential = scene.bound(origin.url());
            try (Socket caller = connect()) {
                Origin.write(caller.getOutputStream(), head("GET", credential));
                assertThat(headOf(caller.getInputStream())).startsWith("HTTP/1.1 200");
                // What the buffers of two connections and the system's take, and no more.
                standsStill(written);
                assertThat(written.get()).isBetween(1L, 64L * MIB);
                // Until it has stood still for too long.
                assertThat(broken.await(15, TimeUnit.SECONDS)).isTrue();
            }
        }
    }

    @Test
    void whoeverDoesNotTakeABodyIsNotSentMore() throws Exception {
        CountDownLatch closing = new CountDownLatch(1);
        try (Origin origin = Origin.that((request, in, out) -> closing.await(20, TimeUnit.SECONDS))) {
            String credential = scene.bound(origin.url());
            AtomicLong written = new AtomicLong();
            try (Socket caller = connect()) {
                Origin.write(caller.getOutputStream(), head("POST", credential, "Content-Length: " + 256L * MIB));
                Thread writer = new Thread(() -> write(caller, 256L * MIB, written), "writer");
                writer.start();
                standsStill(written);
                assertThat(written.get()).isBetween(1L, 64L * MIB);
                // Until it has stood still for too long.
                assertThat(headOf(caller.getInputStream())).startsWith("HTTP/1.1 504");
            } finally {
                closing.countDown();
            }
        }
    }

    @Test
    void aCallerWhoGoesTakesTheProvidersConnectionAlong() throws Exception {
        BlockingQueue<Integer> ends = new LinkedBlockingQueue<>();
        try (Origin origin = Origin.that((request, in, out) -> {
            int last = 0;
            try {
                while (last >= 0) {
                    last = in.read();
                }
            } catch (IOException reset) {
                last = -2;
            }
            ends.add(last);
        })) {
            String credential = scene.bound(origin.url());
            // While it waits for the answer, and in the middle of its own body.
            for (String[] begun : new String[][] { { "GET", "", "" }, { "POST", "Content-Length: 1000", "half" },
                    { "POST", "Transfer-Encoding: chunked", "4\r\nhalf\r\n" } }) {
                try (Socket caller = connect()) {
                    Origin.write(caller.getOutputStream(),
                            begun[1].isEmpty() ? head(begun[0], credential) : head(begun[0], credential, begun[1]));
                    Origin.write(caller.getOutputStream(), begun[2]);
                    Eventually.holds(() -> assertThat(origin.reached()).hasSize(1));
                }
                assertThat(ends.poll(10, TimeUnit.SECONDS)).as(Arrays.toString(begun)).isNotNull();
            }
        }
    }

    /** An end of the chunks would say that this is all. */
    @Test
    void aBodyThatBreaksOffDoesNotLookWholeToTheProvider() throws Exception {
        BlockingQueue<String> arrived = new LinkedBlockingQueue<>();
        try (Origin origin = Origin.that((request, in, out) -> {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            try {
                in.transferTo(body);
            } catch (IOException reset) {
                body.writeBytes("[reset]".getBytes(StandardCharsets.US_ASCII));
            }
            arrived.add(body.toString(StandardCharsets.US_ASCII));
        })) {
            String credential = scene.bound(origin.url());
            try (Socket caller = connect()) {
                Origin.write(caller.getOutputStream(), head("POST", credential, "Transfer-Encoding: chunked"));
                Origin.write(caller.getOutputStream(), "4\r\nhalf\r\n");
                Eventually.holds(() -> assertThat(origin.reached()).hasSize(1));
            }
            assertThat(arrived.poll(10, TimeUnit.SECONDS)).doesNotContain("\r\n0\r\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = { "Content-Length: 1000\r\n\r\nhalf", "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n" })
    void anAnswerThatBreaksOffDoesNotLookWholeToTheCaller(String answer) {
        try (Origin origin = Origin.that((request, in, out) -> Origin.write(out, "HTTP/1.1 200 OK\r\n" + answer))) {
            String credential = scene.bound(origin.url());

            assertThatThrownBy(() -> scene.http.send(scene.to(credential, "/x").build(), BodyHandlers.ofString()))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void anAnswerThatStandsStillIsEndedAndDoesNotLookWhole() {
        try (Origin origin = Origin.that((request, in, out) -> {
            Origin.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf");
            in.readAllBytes();
        })) {
            String credential = scene.bound(origin.url());

            assertThatThrownBy(() -> scene.http.send(scene.to(credential, "/x").build(), BodyHandlers.ofString()))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void aCallerWhoStandsStillIsToldSo() throws Exception {
        try (Origin origin = Origin.that((request, in, out) -> in.transferTo(OutputStream.nullOutputStream()))) {
            String credential = scene.bound(origin.url());
            try (Socket caller = connect()) {
                Origin.write(caller.getOutputStream(), head("POST", credential, "Content-Length: 1000") + "half");

                assertThat(headOf(caller.getInputStream())).startsWith("HTTP/1.1 408");
            }
        }
    }

    /** It has seen enough: the caller gets to know at once, and the rest goes nowhere. */
    @Test
    void aProviderMayAnswerBeforeItHasReadEverything() throws Exception {
        try (Origin origin = Origin.that((request, in, out) -> {
            Origin.write(out, "HTTP/1.1 413 Too Much\r\nContent-Length: 4\r\n\r\nmuch");
            in.transferTo(OutputStream.nullOutputStream());
        })) {
            String credential = scene.bound(origin.url());
            try (Socket caller = connect()) {
                Origin.write(caller.getOutputStream(), head("POST", credential, "Content-Length: 1000") + "half");

                assertThat(headOf(caller.getInputStream())).startsWith("HTTP/1.1 413").containsIgnoringCase("X-Proxied: true");
            }
        }
    }

    @Test
    void aCallerWhoAsksFirstIsToldToGoOn() throws Exception {
        try (Origin origin = Origin.that((request, in, out) -> Origin.write(out,
                "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\n"
                        + new String(in.readNBytes(4), StandardCharsets.US_ASCII)))) {
            String credential = scene.bound(origin.url());
            try (Socket caller = connect()) {
                Origin.write(caller.getOutputStream(), head("POST", credential, "Content-Length: 4", "Expect: 100-continue"));
                assertThat(headOf(caller.getInputStream())).startsWith("HTTP/1.1 100");
                Origin.write(caller.getOutputStream(), "body");

                assertThat(headOf(caller.getInputStream())).startsWith("HTTP/1.1 200");
            }
            assertThat(origin.reached().get(0).headers("Expect")).isEmpty();
        }
    }

    @Test
    void aHeadTellsTheLengthAndSendsNoBody() {
        try (Origin origin = Origin.that((request, in, out) -> Origin.write(out,
                "HTTP/1.1 200 OK\r\nContent-Length: 12345\r\nETag: \"7\"\r\nConnection: close\r\n\r\n"))) {
            String credential = scene.bound(origin.url());

            RawHttp.Answer answer = RawHttp.to(RestAssured.port).ask("HEAD", ProxyScene.path(credential, "/x"),
                    "X-API-Key: " + scene.key.key());

            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.header("Content-Length")).isEqualTo("12345");
            assertThat(answer.header("ETag")).isEqualTo("\"7\"");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = { 204, 304 })
    void anAnswerWithoutABodyStaysOne(int status) {
        try (Origin origin = Origin.that((request, in, out) -> Origin.write(out,
                "HTTP/1.1 " + status + " x\r\nETag: \"7\"\r\nConnection: close\r\n\r\n"))) {
            String credential = scene.bound(origin.url());

            RawHttp.Answer answer = RawHttp.to(RestAssured.port).ask("GET", ProxyScene.path(credential, "/x"),
                    "X-API-Key: " + scene.key.key());

            assertThat(answer.status()).isEqualTo(status);
            assertThat(answer.header("Transfer-Encoding")).isNull();
            assertThat(answer.body()).isEmpty();
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), RestAssured.port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(15_000);
        return socket;
    }

    private String head(String method, String credential, String... headers) {
        String more = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
        return method + " " + ProxyScene.path(credential, "/x") + " HTTP/1.1\r\nHost: localhost\r\nX-API-Key: "
                + scene.key.key() + "\r\n" + more + "\r\n";
    }

    private static String headOf(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("ended within its head: " + head);
            }
            head.append((char) next);
        }
        return head.toString();
    }

    /** Until the connection ends, in whichever way. */
    private static String rest(InputStream in) throws IOException {
        ByteArrayOutputStream rest = new ByteArrayOutputStream();
        try {
            in.transferTo(rest);
        } catch (SocketException reset) {
            // Is an end, too.
        }
        return rest.toString(StandardCharsets.US_ASCII);
    }

    /** The next chunk; empty at the end. */
    private static String chunk(InputStream in) throws IOException {
        StringBuilder size = new StringBuilder();
        while (size.indexOf("\r\n") < 0) {
            size.append((char) in.read());
        }
        byte[] piece = in.readNBytes(Integer.parseInt(size.toString().strip(), 16));
        in.readNBytes(2);
        return new String(piece, StandardCharsets.US_ASCII);
    }

    private static void standsStill(AtomicLong written) {
        AtomicLong before = new AtomicLong(-1);
        Eventually.holds(() -> {
            Pause.ofMillis(300);
            assertThat(written.get()).isPositive();
            assertThat(before.getAndSet(written.get())).isEqualTo(written.get());
        });
    }

    private static void write(Socket to, long bytes, AtomicLong written) {
        byte[] piece = new byte[64 * 1024];
        try {
            while (written.get() < bytes) {
                to.getOutputStream().write(piece);
                written.addAndGet(piece.length);
            }
        } catch (IOException ended) {
            // By the other side, since it stood still, or by the test.
        }
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }
}
