package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;

import dev.latchkey.testing.Pause;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/**
 * A platform that publishes as it should: with ids of its own, and what was not answered with 202 once more, under the same
 * ids, at the next replica.
 */
final class StubbornPublisher {

    private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2)).build();
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final long PAUSE_MILLIS = 50;

    private final Supplier<List<String>> urls;
    private final AtomicInteger turn = new AtomicInteger();
    private final AtomicInteger repeated = new AtomicInteger();
    private final AtomicInteger taken = new AtomicInteger();
    private final Map<String, Integer> refusals = new TreeMap<>();

    /** @param urls of the replicas that run now */
    StubbornPublisher(Supplier<List<String>> urls) {
        this.urls = urls;
    }

    /**
     * Publishes so many events and waits until all of them are accepted.
     *
     * @param key of the organization that they are of
     * @return their ids
     */
    List<String> publish(String key, String type, int count) {
        List<String> ids = IntStream.range(0, count).mapToObj(i -> UUID.randomUUID().toString()).toList();
        JsonArray events = new JsonArray();
        ids.forEach(id -> events.add(new JsonObject().put("id", id).put("type", type)
                .put("data", new JsonObject().put("number", "#100045").put("total", "59.90"))));
        String body = new JsonObject().put("events", events).encode();
        boolean first = true;
        while (!accepted(key, body, ids, first)) {
            first = false;
            repeated.incrementAndGet();
            Pause.ofMillis(PAUSE_MILLIS);
        }
        return ids;
    }

    private boolean accepted(String key, String body, List<String> ids, boolean first) {
        List<String> running = urls.get();
        if (running.isEmpty()) {
            return false;
        }
        String url = running.get(turn.getAndIncrement() % running.size());
        try {
            HttpResponse<String> answer = HTTP.send(HttpRequest.newBuilder(URI.create(url + "/api/v1/events")).timeout(ANSWER)
                    .header("X-API-Key", key).header("Content-Type", "application/json").POST(BodyPublishers.ofString(body))
                    .build(), BodyHandlers.ofString());
            if (answer.statusCode() != 202) {
                refused(Integer.toString(answer.statusCode()));
                return false;
            }
            check(new JsonObject(answer.body()).getJsonArray("events"), ids, first);
            return true;
        } catch (IOException unanswered) {
            refused("unanswered");
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void check(JsonArray answered, List<String> ids, boolean first) {
        List<String> told = new ArrayList<>();
        for (int i = 0; i < answered.size(); i++) {
            told.add(answered.getJsonObject(i).getString("id"));
            if (answered.getJsonObject(i).getBoolean("duplicate")) {
                assertThat(first).as("a new id is no duplicate").isFalse();
                taken.incrementAndGet();
            }
        }
        assertThat(told).isEqualTo(ids);
    }

    private synchronized void refused(String how) {
        refusals.merge(how, 1, Integer::sum);
    }

    /** How often a batch had to be published once more. */
    int repeated() {
        return repeated.get();
    }

    /** How many events had been accepted although nobody was told. */
    int taken() {
        return taken.get();
    }

    /** What was answered in place of 202, by status, {@code unanswered} for no answer at all. */
    synchronized Map<String, Integer> refusals() {
        return new TreeMap<>(refusals);
    }
}
