package dev.latchkey.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;

import dev.latchkey.testing.RawHttp;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies pass as they come, whole and untouched. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class ProxyStreamTest extends ProxyStreamCase {

    private static final int MIB = 1 << 20;

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

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }
}
