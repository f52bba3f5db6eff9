package dev.latchkey.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.Pause;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What stands still ends, what one side ends ends at the other, and what is broken off never looks whole. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class ProxyBreakTest extends ProxyStreamCase {

    private static final int MIB = 1 << 20;

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
}
