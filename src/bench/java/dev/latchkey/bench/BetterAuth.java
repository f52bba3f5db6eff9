package dev.latchkey.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;

import dev.latchkey.bench.Wrk.Request;
import dev.latchkey.testing.Databases.Database;
import dev.latchkey.testing.TestDatabase;

/** better-auth with its plugin for API keys, which it keeps and counts in PostgreSQL. Needs Node 20 and npm. */
final class BetterAuth implements PeersBenchmark.Peer {

    private static final Path SOURCES = Path.of("src", "bench", "peers", "better-auth");
    private static final Path DIRECTORY = Path.of("target", "bench", "better-auth");

    private final PeerProcess process;
    private final Path tokens;

    private BetterAuth(PeerProcess process, Path tokens) {
        this.process = process;
        this.tokens = tokens;
    }

    static BetterAuth start(Database database, int keys) throws IOException, InterruptedException {
        Files.createDirectories(DIRECTORY);
        for (String file : List.of("package.json", "package-lock.json", "server.mjs")) {
            Files.copy(SOURCES.resolve(file), DIRECTORY.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
        PeerProcess.run(DIRECTORY, Map.of(), "npm", "ci", "--no-audit", "--no-fund");
        Path tokens = Wrk.file("better-auth", List.of()).toAbsolutePath();
        URI url = URI.create(database.reactiveUrl());
        int port = PeerProcess.freePort();
        PeerProcess process = PeerProcess.start(DIRECTORY, port, Map.of("NODE_ENV", "production",
                "DATABASE", "postgresql://%s:%s@%s%s".formatted(database.username(), database.password(), url.getAuthority(),
                        url.getPath()),
                "PORT", Integer.toString(port), "KEYS", Integer.toString(keys), "TOKENS", tokens.toString(),
                "SECRET", TestDatabase.randomKey("s", new SecureRandom())), "node", "server.mjs");
        BetterAuth started = new BetterAuth(process, tokens);
        while (Files.readAllLines(tokens).size() < keys) {
            process.requireAlive();
        }
        return started;
    }

    @Override
    public Wrk load() {
        return Wrk.each(process.url(), new Request(
                List.of("POST /verify HTTP/1.1", "Content-Type: application/json", "Accept: application/json"),
                "{\"key\": \"{token}\"}"), tokens);
    }

    @Override
    public long pid() {
        return process.pid();
    }

    @Override
    public void check() throws IOException, InterruptedException {
        String answer = process.post("/verify", "{\"key\": \"" + Files.readAllLines(tokens).get(0) + "\"}", "Content-Type",
                "application/json");
        if (!answer.contains("\"valid\":true")) {
            throw new IllegalStateException(answer);
        }
    }

    @Override
    public void close() {
        process.close();
    }
}
