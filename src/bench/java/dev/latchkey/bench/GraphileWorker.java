package dev.latchkey.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;

import dev.latchkey.testing.Databases.Database;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/**
 * A dispatcher over graphile-worker, which keeps its jobs in PostgreSQL. Needs Node 20 and npm.
 *
 * <p>
 * Of two kinds: with the job alone, events are enqueued by one statement for each batch, with no service in between, and
 * attempts are all that is logged; with the log, its process takes them by HTTP, as Latchkey does, and keeps a row for each
 * delivery's fate.
 */
final class GraphileWorker implements Dispatcher {

    private static final Path SOURCES = Path.of("src", "bench", "peers", "graphile-worker");
    private static final Path DIRECTORY = Path.of("target", "bench", "graphile-worker");

    private static final SecureRandom RANDOM = new SecureRandom();

    private final Database database;
    private final PeerProcess process;
    private final boolean log;
    private final String enqueue;
    /** Connections that nobody publishes on just now; they end with the database. */
    private final Queue<Connection> publishers = new ConcurrentLinkedQueue<>();

    private GraphileWorker(Database database, PeerProcess process, boolean log, String enqueue) {
        this.database = database;
        this.process = process;
        this.log = log;
        this.enqueue = enqueue;
    }

    static GraphileWorker start(Postgres postgres, Endpoints receivers, boolean log)
            throws SQLException, IOException, InterruptedException {
        install();
        Database database = postgres.empty("graphile");
        URI url = URI.create(database.reactiveUrl());
        int port = PeerProcess.freePort();
        PeerProcess process = PeerProcess.start(DIRECTORY, port, Map.of("NODE_ENV", "production", "PORT",
                Integer.toString(port), "JOB", log ? "log" : "attempts", "DATABASE", "postgresql://%s:%s@%s%s".formatted(
                        database.username(), database.password(), url.getAuthority(), url.getPath())),
                "node", "dispatcher.mjs");
        process.await("/");
        for (int i = 0; i < receivers.urls().size(); i++) {
            byte[] secret = new byte[32];
            RANDOM.nextBytes(secret);
            receivers.secret(i, secret);
            Postgres.execute(database, "insert into webhook values ('%s', '%s', '\\x%s')".formatted(UUID.randomUUID(),
                    receivers.urls().get(i), HexFormat.of().formatHex(secret)));
        }
        return new GraphileWorker(database, process, log, Files.readString(SOURCES.resolve("enqueue.sql")));
    }

    private static void install() throws IOException, InterruptedException {
        Files.createDirectories(DIRECTORY);
        for (String file : List.of("package.json", "package-lock.json", "dispatcher.mjs", "enqueue-log.sql")) {
            Files.copy(SOURCES.resolve(file), DIRECTORY.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
        if (!Files.isDirectory(DIRECTORY.resolve("node_modules"))) {
            PeerProcess.run(DIRECTORY, Map.of(), "npm", "ci", "--no-audit", "--no-fund");
        }
    }

    @Override
    public void publish(JsonArray events) throws SQLException, IOException, InterruptedException {
        if (log) {
            process.post("/events", new JsonObject().put("events", events).encode(), "Content-Type", "application/json");
        } else {
            enqueue(events.encode());
        }
    }

    private void enqueue(String events) throws SQLException {
        Connection free = publishers.poll();
        Connection connection = free == null ? database.connect() : free;
        try (PreparedStatement statement = connection.prepareStatement(enqueue)) {
            statement.setString(1, events);
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
            }
        }
        publishers.add(connection);
    }

    @Override
    public long queued() throws SQLException {
        return Postgres.number(database, "select count(*) from graphile_worker._private_jobs");
    }

    @Override
    public long attempts() throws SQLException {
        return Postgres.number(database, "select count(*) from attempt");
    }

    @Override
    public List<Long> pids() {
        return List.of(process.pid());
    }

    @Override
    public Database database() {
        return database;
    }

    @Override
    public void close() {
        process.close();
    }
}
