package dev.latchkey.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.crypto.DataKeys;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.Pause;
import dev.latchkey.testing.RawHttp;
import dev.latchkey.testing.TestDatabase;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** However a request ends, what it took is given back: a share that is kept is missed until the next start. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class ProxyEndsTest {

    /** As {@link TestDatabase} sets them. */
    private static final int OF_ONE_ORGANIZATION = 6;
    private static final int OF_ALL = 10;

    @Inject
    DataSource database;
    @Inject
    DataKeys dataKeys;
    @Inject
    Proxy proxy;
    @Inject
    MeterRegistry metrics;

    private ProxyScene scene;

    @BeforeEach
    void anOrganizationWithAKey() {
        scene = new ProxyScene(database, dataKeys);
    }

    /** What the caller sends, what the provider does, and how the answer begins; empty: the caller has gone. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', nullValues = "-", value = {
            "answered         |GET  |                    |HTTP/1.1 200 OK#Content-Length: 2##ok|HTTP/1.1 200",
            "no body          |GET  |                    |HTTP/1.1 204 No##                    |HTTP/1.1 204",
            "head             |HEAD |                    |HTTP/1.1 200 OK#Content-Length: 9## |HTTP/1.1 200",
            "refused          |GET  |                    |HTTP/1.1 503 No#Content-Length: 0## |HTTP/1.1 503",
            "early            |POST |Content-Length: 9##h|HTTP/1.1 413 No#Content-Length: 0## |HTTP/1.1 413",
            "late caller      |POST |Content-Length: 9##h|silence                              |HTTP/1.1 408",
            "late provider    |GET  |                    |silence                              |HTTP/1.1 504",
            "broken           |GET  |                    |HTTP/1.1 2                           |HTTP/1.1 502",
            "interim          |GET  |                    |HTTP/1.1 102 Wait##                  |HTTP/1.1 502",
            "no HTTP          |GET  |                    |220 mail.example ESMTP##             |HTTP/1.1 502",
            "broken within    |GET  |                    |HTTP/1.1 200 OK#Content-Length: 9##ok|HTTP/1.1 200",
            "odd header       |GET  |                    |HTTP/1.1 200 OK#X Y: 1#Content-Length: 0## |HTTP/1.1 ",
            "caller gone      |GET  |                    |silence                              |-",
            "caller gone, body|POST |Content-Length: 9##h|silence                              |-" })
    void nothingIsHeldWhenItIsOver(String name, String method, String sent, String answered, String begins) throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        try (Origin origin = Origin.that((request, in, out) -> {
            if (answered.equals("silence")) {
                over.await(20, TimeUnit.SECONDS);
            } else {
                Origin.write(out, answered.replace("#", "\r\n"));
            }
        })) {
            String credential = scene.bound(origin.url());
            try (Socket caller = new Socket(InetAddress.getLoopbackAddress(), RestAssured.port)) {
                caller.setSoTimeout(10_000);
                Origin.write(caller.getOutputStream(), method + " " + ProxyScene.path(credential, "/x")
                        + " HTTP/1.1\r\nHost: localhost\r\nX-API-Key: " + scene.key.key() + "\r\n"
                        + (sent == null ? "\r\n" : sent.replace("#", "\r\n")));
                if (begins == null) {
                    Eventually.holds(() -> assertThat(origin.reached()).hasSize(1));
                    assertThat(open()).isEqualTo(1);
                } else {
                    assertThat(new String(caller.getInputStream().readNBytes(begins.length()), StandardCharsets.US_ASCII))
                            .isEqualTo(begins);
                }
            }
            // Well before anything is given up for its silence.
            Eventually.within(Duration.ofSeconds(1), this::assertNothingIsHeld);
        } finally {
            over.countDown();
        }
    }

    @Test
    void nothingIsHeldForWhatIsNotSentOn() {
        try (Origin origin = Origin.answering("200 OK", "ok")) {
            String bound = scene.bound(origin.url());
            String baseless = scene.credentials.stored("basic", null, "{\"username\": \"erp\"}",
                    Map.of("password", ProxyScene.PASSWORD));
            scene.bind(baseless);
            String unbound = scene.credentials.basic(origin.url(), "erp", ProxyScene.PASSWORD);
            String altered = scene.bound(origin.url());
            new Behind(database).execute("update credential_secret set sealed = sealed || '\\x00' where credential_id = ?",
                    UUID.fromString(altered));

            expect(ProxyScene.path(bound, "/%252e%252e/x"), 422);
            expect(ProxyScene.path(UUID.randomUUID().toString(), "/x"), 404);
            expect(ProxyScene.path(unbound, "/x"), 403);
            expect(ProxyScene.path(baseless, "/x"), 409);
            expect(ProxyScene.path(altered, "/x"), 409);
            scene.credentials.is(bound, "invalid");
            expect(ProxyScene.path(bound, "/x"), 409);

            assertThat(origin.reached()).isEmpty();
            // Nothing was used.
            scene.api.asOwner().get("/api/v1/activity?action=credential.used").then().statusCode(200)
                    .body("items.size()", equalTo(0));
            Eventually.within(Duration.ofSeconds(1), this::assertNothingIsHeld);
        }
    }

    private void expect(String path, int status) {
        scene.request().get(path).then().statusCode(status).header("X-Proxied", nullValue());
    }

    /** Nobody would read the answer, and of his body nothing more comes. */
    @ParameterizedTest
    @CsvSource({ "GET, 0", "POST, 9" })
    void forACallerWhoHasGoneMeanwhileNothingIsAsked(String method, int length) throws Exception {
        try (Origin origin = Origin.answering("200 OK", "ok")) {
            String credential = scene.bound(origin.url());
            try (Connection connection = database.getConnection(); Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                statement.execute("lock table integration in access exclusive mode");
                try (Socket caller = new Socket(InetAddress.getLoopbackAddress(), RestAssured.port)) {
                    Origin.write(caller.getOutputStream(),
                            method + " " + ProxyScene.path(credential, "/x")
                                    + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
                                    + length + "\r\nX-API-Key: " + scene.key.key() + "\r\n\r\n");
                    Eventually.holds(() -> assertThat(open()).isEqualTo(1));
                }
                // Each on a connection of its own: by then every event loop has seen that he closed his.
                for (int i = 0; i < 8; i++) {
                    assertThat(RawHttp.to(RestAssured.port).ask("GET", "/q/health/live").status()).isEqualTo(200);
                }
                double before = left();
                connection.rollback();

                Eventually.within(Duration.ofSeconds(2), this::assertNothingIsHeld);
                assertThat(left()).isEqualTo(before + 1);
            }
            assertThat(origin.reached()).isEmpty();
        }
    }

    /** At whichever moment: before it is begun, while the provider is reached, or when he is waited for. */
    @Test
    void aCallerWhoseConnectionIsResetHoldsNothing() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        try (Origin origin = Origin.that((request, in, out) -> over.await(20, TimeUnit.SECONDS))) {
            String credential = scene.bound(origin.url());
            for (int i = 0; i < 40; i++) {
                try (Socket caller = new Socket(InetAddress.getLoopbackAddress(), RestAssured.port)) {
                    caller.setSoLinger(true, 0);
                    Origin.write(caller.getOutputStream(), (i % 2 == 0 ? "GET " : "POST ") + ProxyScene.path(credential, "/x")
                            + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + (i % 2 == 0 ? 0 : 9) + "\r\nX-API-Key: "
                            + scene.key.key() + "\r\n\r\n");
                    Pause.of(Duration.ofNanos(i * 300_000L));
                }
                int round = i;
                Eventually.within(Duration.ofSeconds(1),
                        () -> assertThat(proxy.isIdle()).as("round %d", round).isTrue());
            }
        } finally {
            over.countDown();
        }
    }

    @Test
    void oneOrganizationTakesNoMoreThanItsShareAndAllNoMoreThanThereIs() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        try (Origin origin = Origin.that((request, in, out) -> slowly(out, over))) {
            ProxyScene other = new ProxyScene(database, dataKeys);
            String credential = scene.bound(origin.url());
            String ofOther = other.bound(origin.url());
            List<HttpResponse<InputStream>> open = new ArrayList<>();
            for (int i = 0; i < OF_ONE_ORGANIZATION; i++) {
                open.add(begun(scene, credential));
            }
            busy(scene, credential);
            for (int i = OF_ONE_ORGANIZATION; i < OF_ALL; i++) {
                open.add(begun(other, ofOther));
            }
            busy(other, ofOther);
            assertThat(open()).isEqualTo(OF_ALL);

            over.countDown();

            for (HttpResponse<InputStream> each : open) {
                each.body().readAllBytes();
            }
            Eventually.within(Duration.ofSeconds(1), this::assertNothingIsHeld);
            assertThat(begun(scene, credential).body().readAllBytes()).isNotEmpty();
        } finally {
            over.countDown();
        }
    }

    private static HttpResponse<InputStream> begun(ProxyScene scene, String credential) throws Exception {
        HttpResponse<InputStream> begun = scene.http.send(scene.to(credential, "/x").build(), BodyHandlers.ofInputStream());
        assertThat(begun.statusCode()).isEqualTo(200);
        return begun;
    }

    private static void busy(ProxyScene scene, String credential) {
        scene.request().get(ProxyScene.path(credential, "/x")).then().statusCode(503).header("Retry-After", equalTo("2"))
                .header("X-Proxied", nullValue()).body("code", equalTo("unavailable"));
    }

    /** A piece every now and then, so that nobody gives it up. */
    private static void slowly(OutputStream out, CountDownLatch over) throws IOException, InterruptedException {
        Origin.write(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
        do {
            Origin.write(out, "1\r\nx\r\n");
        } while (!over.await(300, TimeUnit.MILLISECONDS));
        Origin.write(out, "0\r\n\r\n");
    }

    private void assertNothingIsHeld() {
        assertThat(proxy.isIdle()).isTrue();
        assertThat(open()).isZero();
    }

    private double open() {
        return metrics.get("latchkey.proxy.open").gauge().value();
    }

    private double left() {
        return metrics.get("latchkey.proxy.requests").tag("outcome", "left").timer().count();
    }
}
