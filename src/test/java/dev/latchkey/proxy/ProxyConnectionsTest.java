package dev.latchkey.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.crypto.DataKeys;
import dev.latchkey.testing.Pause;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections to a provider are kept, and all organizations share them: what one leaves on one is nobody else's. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class ProxyConnectionsTest {

    /** Callers are spread over the event loops, and a connection stays on the one that has opened it. */
    private static final int ROUNDS = 8;

    @Inject
    DataSource database;
    @Inject
    DataKeys dataKeys;

    private ProxyScene one;
    private ProxyScene other;

    @BeforeEach
    void twoOrganizations() {
        one = new ProxyScene(database, dataKeys);
        other = new ProxyScene(database, dataKeys);
    }

    /** The client takes it for the answer, and would give the connection to the next request before the true one is there. */
    @ParameterizedTest
    @ValueSource(strings = { "102 Processing", "104 Upload Resumption Supported", "199 Odd",
            "101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: other" })
    void anInterimAnswerGivesNobodyTheAnswerOfAnother(String interim) throws Exception {
        Semaphore interims = new Semaphore(0);
        try (Origin origin = Origin.keeping((request, in, out) -> {
            if (request.target().equals("/first")) {
                Origin.write(out, "HTTP/1.1 " + interim + "\r\n\r\n");
                interims.release();
                Pause.ofMillis(200);
            }
            ok(out, "for " + request.target());
        })) {
            String ofOne = one.bound(origin.url());
            String ofOther = other.bound(origin.url());
            for (int round = 0; round < ROUNDS; round++) {
                // One that is kept, of whichever event loop.
                assertThat(get(other, ofOther, "/warm").body()).isEqualTo("for /warm");
                CompletableFuture<HttpResponse<String>> first = client().sendAsync(one.to(ofOne, "/first").build(),
                        BodyHandlers.ofString());
                assertThat(interims.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
                for (int asked = 0; asked < 4; asked++) {
                    HttpResponse<String> second = get(other, ofOther, "/second");
                    assertThat(second.statusCode()).isEqualTo(200);
                    assertThat(second.body()).isEqualTo("for /second");
                }
                HttpResponse<String> refused = first.get(10, TimeUnit.SECONDS);
                assertThat(refused.statusCode()).isEqualTo(502);
                assertThat(refused.headers().firstValue("X-Proxied")).isEmpty();
            }
            // Not asked again, though a GET could be.
            assertThat(origin.reached().stream().filter(request -> request.target().equals("/first"))).hasSize(ROUNDS);
        }
    }

    @Test
    void interimAnswersThatHttpKnowsArePassedOver() throws Exception {
        try (Origin origin = Origin.keeping((request, in, out) -> {
            Origin.write(out, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n");
            ok(out, "for " + request.target());
        })) {
            String credential = one.bound(origin.url());

            for (String target : new String[] { "/a", "/b" }) {
                assertThat(get(one, credential, target).body()).isEqualTo("for " + target);
            }
            assertThat(origin.connections()).isEqualTo(1);
        }
    }

    @Test
    void aConnectionServesTheNextRequestWhateverTheLastAnswerWasLike() throws Exception {
        try (Origin origin = Origin.keeping((request, in, out) -> {
            if (request.header("Content-Length") != null) {
                in.readNBytes(Integer.parseInt(request.header("Content-Length")));
            }
            switch (request.target()) {
                case "/none" -> Origin.write(out, "HTTP/1.1 204 No Content\r\n\r\n");
                case "/same" -> Origin.write(out, "HTTP/1.1 304 Not Modified\r\nETag: \"7\"\r\nContent-Length: 9\r\n\r\n");
                case "/head" -> Origin.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n");
                case "/pieces" ->
                    Origin.write(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n");
                case "/empty" -> Origin.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                default -> ok(out, "for " + request.target());
            }
        })) {
            String ofOne = one.bound(origin.url());
            String ofOther = other.bound(origin.url());
            Map<String, String> bodies = Map.of("/none", "", "/same", "", "/pieces", "onetwo", "/empty", "");

            for (String target : bodies.keySet()) {
                assertThat(get(one, ofOne, target).body()).as(target).isEqualTo(bodies.get(target));
                assertThat(get(other, ofOther, "/next").body()).as("after " + target).isEqualTo("for /next");
            }
            client().send(one.to(ofOne, "/head").method("HEAD", BodyPublishers.noBody()).build(), BodyHandlers.ofString());
            assertThat(get(other, ofOther, "/next").body()).isEqualTo("for /next");
            client().send(one.to(ofOne, "/post").POST(BodyPublishers.ofString("body")).build(), BodyHandlers.ofString());
            assertThat(get(other, ofOther, "/next").body()).isEqualTo("for /next");

            assertThat(origin.connections()).isEqualTo(1);
        }
    }

    /** What it left unread would be read as the beginning of the next request. */
    @Test
    void aConnectionOnWhichABodyWasLeftServesNobodyElse() throws Exception {
        try (Origin origin = Origin.keeping((request, in, out) -> {
            if (request.method().equals("POST")) {
                Origin.write(out, "HTTP/1.1 413 Too Much\r\nContent-Length: 4\r\n\r\nmuch");
                in.transferTo(OutputStream.nullOutputStream());
                throw new IOException("over");
            }
            ok(out, "for " + request.target());
        })) {
            String ofOne = one.bound(origin.url());
            String ofOther = other.bound(origin.url());
            try (Socket caller = new Socket(InetAddress.getLoopbackAddress(), RestAssured.port)) {
                caller.setSoTimeout(10_000);
                Origin.write(caller.getOutputStream(), "POST " + ProxyScene.path(ofOne, "/post")
                        + " HTTP/1.1\r\nHost: localhost\r\nX-API-Key: " + one.key.key()
                        + "\r\nContent-Length: 1000\r\n\r\nhalf");
                assertThat(new String(caller.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
                        .isEqualTo("HTTP/1.1 413");

                assertThat(get(other, ofOther, "/next").body()).isEqualTo("for /next");
            }
        }
    }

    /** The other side closes it just when it is used. */
    @Test
    void whatCanBeSentTwiceIsWhenAKeptConnectionIsGone() throws Exception {
        AtomicBoolean closes = new AtomicBoolean();
        try (Origin origin = Origin.keeping((request, in, out) -> {
            if (closes.getAndSet(false)) {
                throw new IOException("closed instead of answered");
            }
            ok(out, "ok");
        })) {
            String credential = one.bound(origin.url());
            for (String method : new String[] { "GET", "DELETE", "PUT", "POST" }) {
                get(one, credential, "/warm");
                origin.reached();
                closes.set(true);

                HttpResponse<String> answer = client().send(
                        one.to(credential, "/x").method(method, BodyPublishers.noBody()).build(), BodyHandlers.ofString());

                assertThat(answer.statusCode()).as(method).isEqualTo(method.equals("POST") ? 502 : 200);
                assertThat(origin.reached()).as(method).hasSize(method.equals("POST") ? 1 : 2);
            }
            get(one, credential, "/warm");
            origin.reached();
            closes.set(true);
            HttpResponse<String> put = client().send(one.to(credential, "/x").PUT(BodyPublishers.ofString("x")).build(),
                    BodyHandlers.ofString());
            assertThat(put.statusCode()).isEqualTo(502);
            assertThat(origin.reached()).hasSize(1);
        }
    }

    /** It may have done it already: what it says of a second time is not what became of the first. */
    @Test
    void whatAFreshConnectionLosesIsNotSentAgain() throws Exception {
        try (Origin origin = Origin.that((request, in, out) -> Origin.write(out, "HTTP/1.1 200 O"))) {
            String credential = one.bound(origin.url());

            for (String method : new String[] { "GET", "DELETE", "POST" }) {
                HttpResponse<String> answer = client().send(
                        one.to(credential, "/x").method(method, BodyPublishers.noBody()).build(), BodyHandlers.ofString());

                assertThat(answer.statusCode()).as(method).isEqualTo(502);
                assertThat(origin.reached()).as(method).hasSize(1);
            }
        }
    }

    private static HttpResponse<String> get(ProxyScene scene, String credential, String target) throws Exception {
        return client().send(scene.to(credential, target).build(), BodyHandlers.ofString());
    }

    /** Each with a connection of its own. */
    private static HttpClient client() {
        return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }

    private static void ok(OutputStream out, String body) throws IOException {
        Origin.write(out, "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
    }
}
