package dev.latchkey.panel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Stream;

import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.Receiver;
import dev.latchkey.testing.Tool;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** The receivers that the panel gives to be copied answer by the signature, and what curl sends is taken. */
@NullUnmarked
class SnippetReceiversTest extends SnippetCase {

    private static final int MEGABYTE = 1_000_000;

    @Test
    void curlSendsWhatThePublicLibraryTakes() throws Exception {
        assumeTrue(Tool.isInstalled("bash") && Tool.isInstalled("openssl") && Tool.isInstalled("curl"),
                "no bash, openssl or curl");
        write("send.sh", snippet("CURL"));
        try (Receiver receiver = Receiver.start()) {
            Ended ended = run(List.of("bash", "send.sh", receiver.url()), Map.of("WEBHOOK_SECRET", SECRET));

            assertThat(ended.said()).startsWith("2");
            assertThat(receiver.last().isSignedWith(SECRET)).isTrue();
            assertThat(receiver.last().body()).contains("\"id\":\"" + receiver.last().id() + "\"");
        }
    }

    @Test
    void theReceiverInNodeAnswersByTheSignature() throws Exception {
        List<String> node = interpreter("node", deno("run", "--no-remote", "--allow-net", "--allow-env"));
        write("receiver.mjs", snippet("NODE"));
        answersByTheSignature(port -> Stream.concat(node.stream(), Stream.of("receiver.mjs")).toList());
    }

    @Test
    void theReceiverInPhpAnswersByTheSignature() throws Exception {
        interpreter("php", List.of());
        write("receiver.php", snippet("PHP"));
        answersByTheSignature(port -> List.of("php", "-S", "127.0.0.1:" + port, "receiver.php"));
    }

    private void answersByTheSignature(IntFunction<List<String>> command) throws Exception {
        assumeTrue(Tool.isInstalled("bash") && Tool.isInstalled("openssl") && Tool.isInstalled("curl"),
                "no bash, openssl or curl");
        write("send.sh", snippet("CURL"));
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        ProcessBuilder builder = new ProcessBuilder(command.apply(port)).directory(folder.toFile())
                .redirectErrorStream(true).redirectOutput(folder.resolve("receiver.log").toFile());
        builder.environment().putAll(Map.of("PORT", String.valueOf(port), "WEBHOOK_SECRET", SECRET));
        Process receiver = builder.start();
        try {
            List<String> send = List.of("bash", "send.sh", "http://127.0.0.1:" + port + "/");
            Eventually.holds(() -> assertThat(quietly(send, SECRET)).as(receiver.isAlive() ? "" : "it has ended")
                    .isEqualTo("204"));
            assertThat(quietly(send, "whsec_" + "A".repeat(32))).isEqualTo("401");

            hangUp(port);
            assertThat(sent(port, MEGABYTE)).isEqualTo(401);
            assertThat(sent(port, MEGABYTE + 1)).isEqualTo(413);
            assertThat(quietly(send, SECRET)).as(receiver.isAlive() ? "" : "it has ended").isEqualTo("204");
        } finally {
            receiver.destroyForcibly().waitFor();
        }
    }

    /** Announces 100 bytes, sends three, and is gone: once with a word, once without (RST). */
    private static void hangUp(int port) throws IOException {
        for (boolean resets : List.of(false, true)) {
            try (Socket socket = new Socket("127.0.0.1", port)) {
                socket.getOutputStream().write("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc"
                        .getBytes(StandardCharsets.US_ASCII));
                if (resets) {
                    socket.setSoLinger(true, 0);
                }
            }
        }
    }

    /** The status that a body of so many bytes gets. */
    private static int sent(int port, int bytes) throws IOException, InterruptedException {
        return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()
                .send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"))
                        .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[bytes])).build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private String quietly(List<String> command, String secret) {
        try {
            return run(command, Map.of("WEBHOOK_SECRET", secret)).said().strip();
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }
}
