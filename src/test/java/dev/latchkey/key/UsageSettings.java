package dev.latchkey.key;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

import dev.latchkey.catalog.ApiPath;
import dev.latchkey.net.IpAddress;
import org.jspecify.annotations.NullUnmarked;

/** Settings and questions of tests that count uses without a running application's. */
@NullUnmarked
record UsageSettings(int maxKeys, int batch) implements UsageConfig {

    static final UsageSettings DEFAULTS = new UsageSettings(1_000, 1_000);

    @Override
    public String flushEvery() {
        return "off";
    }

    @Override
    public String tellEvery() {
        return "off";
    }

    @Override
    public Duration maxWait() {
        return Duration.ofSeconds(30);
    }

    @Override
    public Duration settle() {
        return Duration.ofMinutes(2);
    }

    @Override
    public Duration keepHours() {
        return Duration.ofDays(45);
    }

    @Override
    public Duration keepDays() {
        return Duration.ofDays(400);
    }

    @Override
    public String tidyEvery() {
        return "off";
    }

    @Override
    public int tidyBatch() {
        return 3;
    }

    /** A key of which only the id and scopes matter. */
    static KeySnapshot key(UUID id, String... scopes) {
        return Snapshots.of(id, UUID.randomUUID()).scopes(List.of(scopes)).build();
    }

    static Question question(String path, String store, String ip) {
        return new Question(null, null, path == null ? null : new Question.Operation("GET", ApiPath.parse(path)),
                List.of("orders:read"), store, ip == null ? null : IpAddress.parse(ip), 1);
    }

    /** A use from somewhere. */
    static void count(Usage usage, UUID key, Verdict.Code code, String ip, Instant at) {
        usage.count(key(key, "orders:read"), code, question("/api/v1/orders", "madrid", ip), null, at);
    }
}
