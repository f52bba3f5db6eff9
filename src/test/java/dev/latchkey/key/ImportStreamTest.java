package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.Foreign;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.Tokens;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** An import whose client sends and reads piece by piece, or stops doing so. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class ImportStreamTest {

    private final Api api = Api.ofNewOrganization();
    private final String prefix = Foreign.aPrefix();

    @Test
    void rowsAreAnsweredWhileTheFileIsStillBeingSent() throws IOException {
        try (Exchange exchange = new Exchange(api)) {
            for (int i = 1; i <= 3; i++) {
                Foreign key = Foreign.key(prefix);
                exchange.send(key.line() + "\n");

                assertThat(exchange.line().getLong("line")).isEqualTo(i);
                assertThat(api.verdictOn(key.token())).isEqualTo("VALID");
            }
            exchange.end();
            assertThat(exchange.line().getString("status")).isEqualTo("done");
            assertThat(exchange.hasEnded()).isTrue();
        }
    }

    @Test
    void anOrganizationImportsOneFileAtATimeAndOthersGoOn() throws IOException {
        try (Exchange exchange = new Exchange(api)) {
            exchange.send(Foreign.key(prefix).line() + "\n");
            exchange.line();

            Foreign.post(api.asOwner(), Foreign.key(prefix).line()).then().statusCode(409).body("code", equalTo("conflict"))
                    .header("Retry-After", "10");
            Foreign.imported(Api.ofNewOrganization(), Foreign.key(Foreign.aPrefix()).line());
            exchange.end();
            assertThat(exchange.line().getString("status")).isEqualTo("done");
        }
        Foreign.imported(api, Foreign.key(prefix).line());
    }

    @Test
    void whatWasAnsweredStandsWhenTheClientGoesAndTheFileCanBeSentAgain() throws IOException {
        List<Foreign> keys = List.of(Foreign.key(prefix), Foreign.key(prefix), Foreign.key(prefix));
        try (Exchange exchange = new Exchange(api)) {
            exchange.send(keys.get(0).line() + "\n");
            exchange.line();
            exchange.send(keys.get(1).line().substring(0, 40));
        }
        assertThat(api.verdictOn(keys.get(0).token())).isEqualTo("VALID");

        Eventually.holds(() -> assertThat(Foreign.post(api.asOwner(), Foreign.file(keys)).statusCode()).isEqualTo(200));
        assertThat(Foreign.imported(api, Foreign.file(keys))).extracting(line -> line.getString("status"))
                .containsExactly("duplicate", "duplicate", "duplicate", "done");
        api.asOwner().get("/api/v1/keys").then().body("items.size()", equalTo(3));
    }

    @Test
    void whoMayNotImportIsToldBeforeHeSends() throws IOException {
        try (Exchange exchange = new Exchange(api, "viewer", "Expect: 100-continue\r\n")) {
            assertThat(exchange.status()).isEqualTo("HTTP/1.1 403 Forbidden");
        }
        try (Exchange exchange = new Exchange(api, "owner", "Expect: 100-continue\r\n")) {
            assertThat(exchange.status()).isEqualTo("HTTP/1.1 100 Continue");
            exchange.send(Foreign.key(prefix).line());
            exchange.end();
            assertThat(exchange.line().getString("status")).isEqualTo("imported");
        }
    }

    /** One request in chunks, whose answer is read line by line. */
    private static final class Exchange implements AutoCloseable {

        private final Socket socket = new Socket();
        private final BufferedReader reader;
        private boolean headRead;

        Exchange(Api api) throws IOException {
            this(api, "owner", "");
        }

        Exchange(Api api, String role, String header) throws IOException {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), RestAssured.port), 5_000);
            socket.setSoTimeout(20_000);
            reader = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            write("POST /api/v1/keys/import HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Type: "
                    + Foreign.NDJSON + "\r\nAuthorization: Bearer "
                    + Tokens.of(api.organization(), "ana@" + api.organization(), role) + "\r\n" + header + "\r\n");
        }

        void send(String text) throws IOException {
            write(Integer.toHexString(text.getBytes(StandardCharsets.UTF_8).length) + "\r\n" + text + "\r\n");
        }

        void end() throws IOException {
            write("0\r\n\r\n");
        }

        String status() throws IOException {
            return reader.readLine();
        }

        /** The next line of the answer, without the lengths of its chunks. */
        JsonObject line() throws IOException {
            return Objects.requireNonNull(next(), "a line");
        }

        boolean hasEnded() throws IOException {
            return next() == null;
        }

        private @Nullable JsonObject next() throws IOException {
            if (!headRead) {
                List<String> head = new ArrayList<>();
                for (String line = reader.readLine(); line != null && (!line.isEmpty() || head.isEmpty()
                        || head.get(head.size() - 1).contains("100 Continue")); line = reader.readLine()) {
                    head.add(line);
                }
                headRead = true;
            }
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (line.equals("0")) {
                    return null;
                }
                if (line.startsWith("{")) {
                    return new JsonObject(line);
                }
            }
            throw new IOException("the connection ended within the answer");
        }

        private void write(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            socket.getOutputStream().flush();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
