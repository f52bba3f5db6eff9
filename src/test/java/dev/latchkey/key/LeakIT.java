package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;

import dev.latchkey.testing.Databases;
import dev.latchkey.testing.Importing;
import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.Tokens;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A leak that is reported to one replica is in force on every other one when it is answered. */
class LeakIT {

    private static final String PREFIX = "leak-";
    private static final int KEYS = 20;
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Databases.Database database = Databases.create();

    @Test
    @Tag("replicas")
    void noReplicaTakesATokenAfterItsReportWasAnswered() throws IOException, InterruptedException {
        try (LatchkeyProcess first = LatchkeyProcess.on(database).start();
                LatchkeyProcess second = LatchkeyProcess.on(database).start();
                LatchkeyProcess third = LatchkeyProcess.on(database).start()) {
            List.of(first, second, third).forEach(LatchkeyProcess::awaitReady);
            List<LatchkeyProcess> replicas = List.of(first, second, third);
            Importing.send(first.baseUrl(), Tokens.of("leak-it", "ana@leak-it", "owner"), KEYS,
                    number -> Importing.row(PREFIX, number), line -> assertThat(line).doesNotContain("invalid\",\""));
            for (int number = 0; number < KEYS; number++) {
                String token = Importing.token(PREFIX, number);
                for (LatchkeyProcess replica : replicas) {
                    assertThat(verdict(replica, token)).isEqualTo("VALID");
                }
                String fates = post(replicas.get(number % 3), "/api/v1/leaks",
                        new JsonArray(List.of(Map.of("token", token))).encode());
                for (LatchkeyProcess replica : replicas) {
                    assertThat(verdict(replica, token)).as("replica %s, key %d", replica.baseUrl(), number)
                            .isEqualTo("REVOKED");
                }
                assertThat(fates).isEqualTo("{\"items\":[{\"status\":\"revoked\"}]}");
            }
        }
    }

    private static String verdict(LatchkeyProcess process, String token) throws IOException, InterruptedException {
        return String.valueOf(new JsonObject(post(process, "/api/v1/keys/verify",
                new JsonObject().put("key", token).put("cost", 0).encode())).getString("code"));
    }

    private static String post(LatchkeyProcess process, String path, String body) throws IOException, InterruptedException {
        return HTTP.send(HttpRequest.newBuilder(URI.create(process.baseUrl() + path)).header("Content-Type", "application/json")
                .header("Authorization", "Bearer " + Tokens.of("leak-it", "gateway", "platform"))
                .POST(BodyPublishers.ofString(body)).build(), HttpResponse.BodyHandlers.ofString()).body();
    }
}
