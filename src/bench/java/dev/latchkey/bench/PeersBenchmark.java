package dev.latchkey.bench;

import static dev.latchkey.bench.Measured.millis;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

import dev.latchkey.bench.Wrk.Request;
import dev.latchkey.testing.Databases.Database;

/**
 * What a verification costs, service and database together, beside others' products that answer the same question: one after
 * the other on the same PostgreSQL, a thousand keys, 64 connections, each as its documentation says that it should run.
 */
final class PeersBenchmark {

    private static final int KEYS = 1_000;
    /** The JVMs are at their speed after that. */
    private static final Duration WARM_UP = Duration.ofSeconds(25);

    private final Duration duration;
    private final List<String> against;

    PeersBenchmark(Options options) {
        duration = options.seconds(15);
        against = options.words("against", "keycloak", "better-auth");
    }

    /** Another product, started and filled. */
    interface Peer extends AutoCloseable {

        Wrk load();

        long pid();

        /** Fails where it finds a good key bad: then something else would be measured. */
        void check() throws IOException, InterruptedException;

        @Override
        void close();
    }

    void run() throws Exception {
        try (Postgres postgres = Postgres.start()) {
            Table table = new Table("64 connections|%s", "requests/s|%,.0f", "CPU service µs|%.0f", "CPU PostgreSQL µs|%.0f",
                    "CPU together µs|%.0f", "÷ Latchkey|%.1f", "SQL per verification|%.3f", "p50 ms|%.1f", "p99 ms|%.1f",
                    "not 2xx|%d");
            Measured latchkey = latchkey(postgres);
            row(table, "Latchkey, `POST /keys/verify`", latchkey, latchkey);
            for (String name : against) {
                Database database = postgres.empty("peer");
                try (Peer peer = start(name, database)) {
                    peer.check();
                    peer.load().run(WARM_UP);
                    Measured measured = Measured.of(peer.load(), duration, List.of(peer.pid()), postgres, database);
                    peer.check();
                    row(table, name, measured, latchkey);
                }
            }
        }
    }

    private static Peer start(String name, Database database) throws Exception {
        return switch (name) {
            case "keycloak" -> Keycloak.start(database, KEYS);
            case "better-auth" -> BetterAuth.start(database, KEYS);
            default -> throw new IllegalArgumentException("against=keycloak,better-auth, not " + name);
        };
    }

    private static void row(Table table, String name, Measured measured, Measured latchkey) {
        table.row(name, measured.load().perSecond(), measured.serviceMicros(), measured.postgresMicros(), together(measured),
                together(measured) / together(latchkey), measured.statementsPerThousand() / 1000,
                millis(measured.load().p50()), millis(measured.load().p99()),
                measured.load().refused() + measured.load().broken());
    }

    private static double together(Measured measured) {
        return measured.serviceMicros() + measured.postgresMicros();
    }

    private Measured latchkey(Postgres postgres) throws IOException, SQLException {
        Database database = postgres.migrated("peer");
        Keys keys = new Keys(database);
        String caller = keys.insertCaller();
        Path tokens = Wrk.file("peer", keys.insert(KEYS, Keys.Limit.of(1_000_000_000, 900)));
        try (Replicas replicas = Replicas.start(1, database, keys.pepper(), launch -> launch)) {
            Wrk wrk = Wrk.each(replicas.get(0).baseUrl(),
                    Request.postJson("/api/v1/keys/verify", caller, Replicas.QUESTION), tokens);
            wrk.run(WARM_UP);
            return Measured.of(wrk, duration, replicas.pids(), postgres, database);
        }
    }
}
