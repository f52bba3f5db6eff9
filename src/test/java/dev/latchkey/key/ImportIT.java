package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import dev.latchkey.testing.Databases;
import dev.latchkey.testing.Foreign;
import dev.latchkey.testing.Importing;
import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.Relay;
import dev.latchkey.testing.Tokens;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Imports of files that no memory holds, over several replicas, and through a kill. {@code -Dlatchkey.scale=full}: a million
 * keys instead of 20,000.
 */
class ImportIT {

    private static final boolean FULL = "full".equals(System.getProperty("latchkey.scale"));
    private static final int KEYS = FULL ? 1_000_000 : 20_000;
    private static final String PREFIX = "it-";
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Databases.Database database = Databases.create();

    @Test
    @Tag("scale")
    void aFileOfAnyLengthIsImportedInBoundedMemoryAndTime() throws IOException, InterruptedException {
        try (LatchkeyProcess process = LatchkeyProcess.on(database).heap("512m").ready()) {
            long begin = System.nanoTime();
            AtomicInteger next = new AtomicInteger();
            List<String> last = new ArrayList<>();
            Importing.send(process.baseUrl(), owner(), KEYS, number -> Importing.row(PREFIX, number), line -> {
                if (line.startsWith("{\"line\":" + (next.get() + 1) + ",\"status\":\"imported\"")) {
                    next.incrementAndGet();
                } else {
                    last.add(line);
                }
            });
            Duration taken = Duration.ofNanos(System.nanoTime() - begin);
            System.out.printf("%,d keys imported in %d ms%n", KEYS, taken.toMillis());

            assertThat(next).hasValue(KEYS);
            assertThat(last).hasSize(1);
            assertThat(new JsonObject(last.get(0)).getJsonObject("rows").getInteger("imported")).isEqualTo(KEYS);
            for (int number = 0; number < KEYS; number += KEYS / 20) {
                assertThat(verdict(process, Importing.token(PREFIX, number))).isEqualTo("VALID");
            }
            if (FULL) {
                assertThat(taken).isLessThan(Duration.ofMinutes(5));
            }
        }
    }

    /** Of rows that together are more than twice the heap. */
    @Test
    @Tag("scale")
    void noMoreOfAFileThanTwoBatchesIsHeld() throws IOException, InterruptedException {
        int rows = 5_000;
        String air = " ".repeat(64 << 10);
        try (LatchkeyProcess process = LatchkeyProcess.on(database).heap("128m").ready()) {
            List<String> last = new ArrayList<>();
            Importing.send(process.baseUrl(), owner(), rows, number -> "{" + air + Importing.row(PREFIX, number).substring(1),
                    line -> {
                        if (!line.contains("\"imported\",\"id\"")) {
                            last.add(line);
                        }
                    });

            assertThat(last).hasSize(1);
            assertThat(new JsonObject(last.get(0)).getJsonObject("rows").getInteger("imported")).isEqualTo(rows);
        }
    }

    @Test
    @Tag("chaos")
    void whoReadsNoAnswersIsLeftAndKeepsNobodyOut() throws Exception {
        try (LatchkeyProcess process = LatchkeyProcess.on(database).with("QUARKUS_HTTP_IDLE_TIMEOUT", "2s")
                // The start refuses longer ones.
                .with("LATCHKEY_PROXY_FIRST_BYTE", "1s").with("LATCHKEY_PROXY_IDLE", "1s").ready();
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), URI.create(process.baseUrl()).getPort())) {
            OutputStream out = socket.getOutputStream();
            out.write(("POST /api/v1/keys/import HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Type: "
                    + Foreign.NDJSON + "\r\nAuthorization: Bearer " + owner() + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            AtomicInteger sent = new AtomicInteger();
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                try {
                    while (sent.get() < 2_000_000) {
                        byte[] row = (Importing.row(PREFIX, sent.getAndIncrement()) + "\n").getBytes(StandardCharsets.UTF_8);
                        out.write((Integer.toHexString(row.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
                        out.write(row);
                        out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
                    }
                } catch (IOException closed) {
                    // What is waited for.
                }
            });
            sending.get(3, TimeUnit.MINUTES);

            assertThat(sent).as("not read to the end").hasValueLessThan(2_000_000);
            List<String> answers = new ArrayList<>();
            Importing.send(process.baseUrl(), owner(), 10, number -> Importing.row("late-", number), answers::add);
            assertThat(new JsonObject(answers.get(10)).getString("status")).isEqualTo("done");
        }
    }

    @Test
    @Tag("replicas")
    void whatIsAnsweredVerifiesOnEveryReplicaThoughTheyWereAskedJustBefore() throws IOException, InterruptedException {
        try (LatchkeyProcess importer = LatchkeyProcess.on(database).start();
                LatchkeyProcess other = LatchkeyProcess.on(database).start();
                LatchkeyProcess third = LatchkeyProcess.on(database).start()) {
            List.of(importer, other, third).forEach(LatchkeyProcess::awaitReady);
            List<LatchkeyProcess> others = List.of(other, third);
            List<String> wrong = new ArrayList<>();
            AtomicInteger checked = new AtomicInteger();
            for (int round = 0; round < 20; round++) {
                // A new prefix every other time.
                String prefix = "it" + round / 2 + "-" + (round % 2 == 0 ? "" : "x");
                String declared = "it" + round / 2 + "-";
                for (LatchkeyProcess replica : others) {
                    assertThat(verdict(replica, Importing.token(prefix, 7))).isIn("MALFORMED", "NOT_FOUND");
                }
                Importing.send(importer.baseUrl(), owner(), 10,
                        number -> Importing.row(prefix, number).replace("\"prefix\":\"" + prefix, "\"prefix\":\"" + declared),
                        line -> {
                            JsonObject answer = new JsonObject(line);
                            if (answer.getString("status").equals("imported")) {
                                String token = Importing.token(prefix, answer.getInteger("line") - 1);
                                for (LatchkeyProcess replica : others) {
                                    checked.incrementAndGet();
                                    String verdict = verdict(replica, token);
                                    if (!verdict.equals("VALID")) {
                                        wrong.add(token.substring(0, 8) + " " + verdict);
                                    }
                                }
                            }
                        });
            }

            assertThat(wrong).isEmpty();
            assertThat(checked).hasValue(20 * 10 * others.size());
        }
    }

    @Test
    @Tag("chaos")
    void aKilledImportGoesOnWhenTheFileIsSentAgain() throws Exception {
        AtomicInteger answered = new AtomicInteger();
        try (LatchkeyProcess killed = LatchkeyProcess.on(database).ready()) {
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                try {
                    Importing.send(killed.baseUrl(), owner(), KEYS, number -> Importing.row(PREFIX, number),
                            line -> answered.incrementAndGet());
                } catch (IOException | InterruptedException | RuntimeException expected) {
                    // The end of the process.
                }
            });
            while (answered.get() < KEYS / 4) {
                Thread.onSpinWait();
            }
            killed.kill9();
            sending.join();
        }
        assertThat(answered).hasValueLessThan(KEYS);
        try (LatchkeyProcess process = LatchkeyProcess.on(database).ready()) {
            AtomicInteger duplicates = new AtomicInteger();
            List<String> last = new ArrayList<>();
            Importing.send(process.baseUrl(), owner(), KEYS, number -> Importing.row(PREFIX, number), line -> {
                duplicates.addAndGet(line.contains("\"duplicate\",\"id\"") ? 1 : 0);
                last.add(0, line);
                last.subList(1, last.size()).clear();
            });
            JsonObject rows = new JsonObject(last.get(0)).getJsonObject("rows");
            assertThat(rows.getInteger("imported") + rows.getInteger("duplicate")).isEqualTo(KEYS);
            assertThat(duplicates).hasValueGreaterThanOrEqualTo(answered.get());
            assertThat(verdict(process, Importing.token(PREFIX, KEYS - 1))).isEqualTo("VALID");
        }
    }

    @Test
    @Tag("chaos")
    void aDatabaseThatGoesAwayEndsTheAnswerWithWhatStands() throws Exception {
        int port = Integer.parseInt(database.reactiveUrl().replaceAll(".*:(\\d+)/.*", "$1"));
        try (Relay relay = Relay.to(port);
                LatchkeyProcess process = LatchkeyProcess.on(new Databases.Database(
                        database.reactiveUrl().replace(":" + port + "/", ":" + relay.port() + "/"), database.username(),
                        database.password())).ready()) {
            List<String> answers = new ArrayList<>();
            Importing.send(process.baseUrl(), owner(), KEYS, number -> Importing.row(PREFIX, number), line -> {
                answers.add(line);
                if (answers.size() == 1_000) {
                    relay.cut();
                }
            });
            JsonObject last = new JsonObject(answers.get(answers.size() - 1));
            assertThat(last.getString("status")).isEqualTo("failed");
            assertThat(last.getString("detail")).contains("Rows up to line " + (answers.size() - 1), "Send the file again");
            assertThat(last.getJsonObject("rows").getInteger("imported")).isEqualTo(answers.size() - 1);

            relay.restore();
            process.awaitReady();
            List<String> again = new ArrayList<>();
            Importing.send(process.baseUrl(), owner(), KEYS, number -> Importing.row(PREFIX, number), again::add);
            assertThat(again).hasSize(KEYS + 1);
            assertThat(again.subList(0, answers.size() - 1)).allMatch(line -> line.contains("\"duplicate\""));
            assertThat(new JsonObject(again.get(KEYS)).getString("status")).isEqualTo("done");
        }
    }

    private static String owner() {
        return Tokens.of("import-it", "ana@import-it", "owner");
    }

    private static String verdict(LatchkeyProcess process, String token) {
        try {
            HttpResponse<String> response = HTTP.send(
                    HttpRequest.newBuilder(URI.create(process.baseUrl() + "/api/v1/keys/verify"))
                            .header("Content-Type", "application/json")
                            .header("Authorization", "Bearer " + Tokens.of("import-it", "gateway", "platform"))
                            .POST(BodyPublishers.ofString("{\"key\": \"" + token + "\", \"cost\": 0}")).build(),
                    HttpResponse.BodyHandlers.ofString());
            return String.valueOf(new JsonObject(response.body()).getString("code"));
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
