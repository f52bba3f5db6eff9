package dev.latchkey.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.SQLException;
import java.util.Base64;
import java.util.List;

import dev.latchkey.testing.Databases.Database;
import dev.latchkey.testing.Tokens;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** One replica with default settings, an organization of its own and a key that publishes. */
final class LatchkeyDispatcher implements Dispatcher {

    private static final String PEOPLE = Tokens.of("bench-0", "ana@bench.example", "owner", "platform");
    private static final String SECRET_PREFIX = "whsec_";

    private final Database database;
    private final Replicas replicas;
    private final String key;

    private LatchkeyDispatcher(Database database, Replicas replicas, String key) {
        this.database = database;
        this.replicas = replicas;
        this.key = key;
    }

    static LatchkeyDispatcher start(Postgres postgres) throws SQLException, IOException, InterruptedException {
        Database database = postgres.migrated("deliveries");
        Replicas replicas = Replicas.start(1, database, new Keys(database).pepper(),
                launch -> launch.with("LATCHKEY_EGRESS_ALLOW", "127.0.0.0/8"));
        JsonObject made = call(replicas.get(0).baseUrl(), "POST", "/keys", new JsonObject().put("name", "Platform")
                .putNull("rateLimit").put("scopes", new JsonArray().add("events:publish"))
                .put("access", new JsonObject().put("type", "all")));
        return new LatchkeyDispatcher(database, replicas, made.getString("key"));
    }

    /** One of the receivers gets those. */
    void endpoint(Endpoints receivers, int number, List<String> types) throws IOException, InterruptedException {
        String secret = made(receivers.urls().get(number), types).getString("secret");
        receivers.secret(number, Base64.getDecoder().decode(secret.substring(SECRET_PREFIX.length())));
    }

    /** @return the new webhook's id */
    String endpoint(String url, List<String> types) throws IOException, InterruptedException {
        return made(url, types).getString("id");
    }

    private JsonObject made(String url, List<String> types) throws IOException, InterruptedException {
        return call(url(), "POST", "/webhooks", new JsonObject().put("url", url).put("events", new JsonArray(types)));
    }

    void remove(String webhook) throws IOException, InterruptedException {
        call(url(), "DELETE", "/webhooks/" + webhook, new JsonObject());
    }

    String url() {
        return replicas.get(0).baseUrl();
    }

    /** What publishes. */
    String key() {
        return key;
    }

    @Override
    public void publish(JsonArray events) throws IOException, InterruptedException {
        HttpResponse<String> answer = Replicas.HTTP.send(
                HttpRequest.newBuilder(URI.create(url() + "/api/v1/events")).header("X-API-Key", key)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(new JsonObject().put("events", events).encode())).build(),
                BodyHandlers.ofString());
        if (answer.statusCode() != 202) {
            throw new IllegalStateException("publishing answered " + answer.statusCode() + ": " + answer.body());
        }
    }

    @Override
    public long queued() throws SQLException {
        return Postgres.number(database, "select (select count(*) from webhook_queue) + (select count(*) from event_outbox)");
    }

    @Override
    public long attempts() throws SQLException {
        return Postgres.number(database, "select count(*) from attempt");
    }

    @Override
    public List<Long> pids() {
        return replicas.pids();
    }

    @Override
    public Database database() {
        return database;
    }

    @Override
    public void close() {
        replicas.close();
    }

    private static JsonObject call(String url, String method, String path, JsonObject body)
            throws IOException, InterruptedException {
        HttpResponse<String> answer = Replicas.HTTP.send(
                HttpRequest.newBuilder(URI.create(url + "/api/v1" + path)).header("Authorization", "Bearer " + PEOPLE)
                        .header("Content-Type", "application/json").method(method, BodyPublishers.ofString(body.encode()))
                        .build(),
                BodyHandlers.ofString());
        if (answer.statusCode() / 100 != 2) {
            throw new IllegalStateException(path + " answered " + answer.statusCode() + ": " + answer.body());
        }
        return answer.body().isEmpty() ? new JsonObject() : new JsonObject(answer.body());
    }
}
