package dev.latchkey.bench;

import static dev.latchkey.bench.Measured.millis;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.latchkey.bench.Wrk.Request;
import dev.latchkey.testing.Databases.Database;
import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.Tokens;

/**
 * How long a revocation takes until it is answered, which is when all of three replicas have forgotten the key; each is
 * believed only where every replica refuses the key right afterwards.
 */
final class ChangeBenchmark {

    private static final int REPLICAS = 3;
    private static final int BACKGROUND_PER_SECOND = 500;
    private static final Pattern ID = Pattern.compile("^\\{\"id\":\"([^\"]+)\"");
    private static final Pattern KEY = Pattern.compile("\"key\":\"(lk_live_[^\"]+)\"");

    private final int changes;
    private final String owner = Tokens.of("bench-0", "ana@bench.example", "owner");

    ChangeBenchmark(Options options) {
        changes = options.number("changes", 300);
    }

    void run() throws Exception {
        try (Postgres postgres = Postgres.start()) {
            Database database = postgres.migrated("change");
            Keys keys = new Keys(database);
            String caller = keys.insertCaller();
            Path others = Wrk.file("others", keys.insert(1_000, Keys.Limit.of(1_000_000_000, 900)));
            try (Replicas replicas = Replicas.start(REPLICAS, database, keys.pepper(), launch -> launch)) {
                // For the compilers of the JVMs.
                revoke(replicas, caller, changes);
                Table table = new Table("revocations, 3 replicas|%s", "changes|%d", "median ms|%.1f", "p99 ms|%.1f",
                        "max ms|%.1f", "answered 202|%d");
                row(table, "nothing else", revoke(replicas, caller, changes));
                List<Process> background = new ArrayList<>();
                for (LatchkeyProcess replica : replicas.all()) {
                    background.add(Wrk.each(replica.baseUrl(),
                            Request.postJson("/api/v1/keys/verify", caller, Replicas.QUESTION), others)
                            .by(16).at(BACKGROUND_PER_SECOND).start(Duration.ofMinutes(10)));
                }
                try {
                    row(table, "beside %d verifications/s on each".formatted(BACKGROUND_PER_SECOND),
                            revoke(replicas, caller, changes));
                } finally {
                    background.forEach(Process::destroy);
                }
            }
        }
    }

    /** @param late answered 202 */
    private record Times(List<Duration> sorted, int late) {
    }

    private static void row(Table table, String name, Times times) {
        List<Duration> sorted = times.sorted;
        table.row(name, sorted.size(), millis(sorted.get(sorted.size() / 2)), millis(sorted.get(sorted.size() * 99 / 100)),
                millis(sorted.get(sorted.size() - 1)), times.late);
    }

    private Times revoke(Replicas replicas, String caller, int count) throws Exception {
        List<Duration> durations = new ArrayList<>();
        int late = 0;
        for (int i = 0; i < count; i++) {
            LatchkeyProcess replica = replicas.get(i % REPLICAS);
            String created = post(replica, "/api/v1/keys", "Authorization", "Bearer " + owner,
                    "{\"name\": \"to be revoked\", \"scopes\": [\"orders:read\"], \"access\": {\"type\": \"all\"}}").body();
            String token = group(KEY, created);
            requireEverywhere("VALID", replicas, caller, token);
            long begin = System.nanoTime();
            int status = post(replica, "/api/v1/keys/" + group(ID, created) + "/revoke", "Authorization", "Bearer " + owner,
                    "{}").statusCode();
            durations.add(Duration.ofNanos(System.nanoTime() - begin));
            if (status == 200) {
                requireEverywhere("REVOKED", replicas, caller, token);
            } else {
                late++;
            }
        }
        return new Times(durations.stream().sorted().toList(), late);
    }

    private static void requireEverywhere(String code, Replicas replicas, String caller, String token) throws Exception {
        for (LatchkeyProcess replica : replicas.all()) {
            String verdict = post(replica, "/api/v1/keys/verify", "X-API-Key", caller, Replicas.LOOK.replace("{token}", token))
                    .body();
            if (!verdict.contains("\"code\":\"" + code + "\"")) {
                throw new IllegalStateException("expected " + code + ", not " + verdict);
            }
        }
    }

    private static HttpResponse<String> post(LatchkeyProcess replica, String path, String header, String value, String body)
            throws IOException, InterruptedException {
        HttpResponse<String> response = Replicas.HTTP.send(HttpRequest.newBuilder(URI.create(replica.baseUrl() + path))
                .header(header, value).header("Content-Type", "application/json").POST(BodyPublishers.ofString(body)).build(),
                HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() >= 300) {
            throw new IllegalStateException(path + ": " + response.statusCode() + " " + response.body());
        }
        return response;
    }

    private static String group(Pattern pattern, String text) {
        Matcher found = pattern.matcher(text);
        if (!found.find()) {
            throw new IllegalStateException("no " + pattern + " in " + text);
        }
        return found.group(1);
    }
}
