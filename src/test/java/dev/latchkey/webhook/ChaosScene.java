package dev.latchkey.webhook;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behaviour;
import dev.latchkey.testing.Databases.Database;
import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.OwnPostgres;
import dev.latchkey.testing.OwnPostgres.Outage;
import dev.latchkey.testing.Receiver;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import org.jspecify.annotations.Nullable;

/**
 * Two replicas on a PostgreSQL of their own, and twenty endpoints of four organizations, each of which gets all events of its
 * organization. A transaction that does nothing keeps every row that anything has ever deleted.
 */
final class ChaosScene implements AutoCloseable {

    /** What all endpoints get. */
    static final String TYPE = "order.create";
    /** Few, so that what faults may explain is far below what twice as many would be. */
    static final int SLOTS = 64;
    static final Duration LEASE = Duration.ofSeconds(6);

    private static final int SLOTS_PER_ENDPOINT = 8;
    private static final String RETRIES = "PT1S,PT2S,PT4S,PT4S,PT4S";
    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final List<List<Mood>> MOODS = List.of(
            List.of(Mood.HEALTHY, Mood.BUSY, Mood.SLOW, Mood.HANGING, Mood.FAILING),
            List.of(Mood.HEALTHY, Mood.BUSY, Mood.SLOW, Mood.DRIPPING, Mood.REDIRECTING),
            List.of(Mood.HEALTHY, Mood.BUSY, Mood.FLAPPING, Mood.HANGING, Mood.FAILING),
            List.of(Mood.HEALTHY, Mood.BUSY, Mood.FLAPPING, Mood.DRIPPING, Mood.REDIRECTING));

    /** What an endpoint is like. */
    enum Mood {
        HEALTHY(Behaviour.healthy(), true, true),
        /** Healthy, with a queue: what is under way when a replica is killed. */
        BUSY(Behaviour.slow(Duration.ofMillis(25)), true, true),
        SLOW(Behaviour.slow(Duration.ofMillis(500)), false, true),
        FLAPPING(Behaviour.flapping(Duration.ofSeconds(3), Duration.ofSeconds(3)), false, true),
        HANGING(Behaviour.hanging(), false, false),
        DRIPPING(Behaviour.dripping(Duration.ofMillis(100)), false, false),
        FAILING(Behaviour.failing(500), false, false),
        REDIRECTING(Behaviour.redirecting("https://latchkey.example/"), false, false);

        private final Behaviour behaviour;
        private final boolean healthy;
        private final boolean takes;

        Mood(Behaviour behaviour, boolean healthy, boolean takes) {
            this.behaviour = behaviour;
            this.healthy = healthy;
            this.takes = takes;
        }

        /** Whether it gets everything at once. */
        boolean isHealthy() {
            return healthy;
        }

        /** Whether it ever says that it got something. */
        boolean takes() {
            return takes;
        }
    }

    /** Where events go. */
    record Endpoint(Mood mood, Receiver receiver, String webhook) {
    }

    /**
     * An organization.
     *
     * @param key publishes
     * @param accepted the ids of what was published and answered with 202
     */
    record Merchant(Api api, String key, List<Endpoint> endpoints, Queue<String> accepted) {

        Stream<Endpoint> healthy() {
            return endpoints.stream().filter(each -> each.mood.isHealthy());
        }
    }

    private final OwnPostgres postgres = OwnPostgres.start("chaos-latchkey");
    private final List<LatchkeyProcess> replicas = new CopyOnWriteArrayList<>();
    private final List<Merchant> merchants = new ArrayList<>();
    private @Nullable Connection idle;
    private long idlePid;

    ChaosScene() throws SQLException {
        replicas.add(launch());
        replicas.get(0).awaitReady();
        replicas.add(launch());
        RestAssured.baseURI = replicas.get(0).baseUrl();
        MOODS.forEach(moods -> merchants.add(merchant(moods)));
        holdSnapshot();
        replicas.get(1).awaitReady();
    }

    private LatchkeyProcess launch() {
        return LatchkeyProcess.on(postgres.database()).with("LATCHKEY_EGRESS_ALLOW", "127.0.0.0/8")
                .with("LATCHKEY_WEBHOOK_SLOTS", Integer.toString(SLOTS))
                .with("LATCHKEY_WEBHOOK_SLOTS_PER_ENDPOINT", Integer.toString(SLOTS_PER_ENDPOINT))
                .with("LATCHKEY_WEBHOOK_LEASE", LEASE.toString()).with("LATCHKEY_WEBHOOK_RETRIES", RETRIES)
                .with("LATCHKEY_WEBHOOK_TIMEOUT", TIMEOUT.toString()).start();
    }

    private static Merchant merchant(List<Mood> moods) {
        Api api = Api.ofNewOrganization();
        String key = api.aKey().scopes("events:publish").unlimited().create().key();
        return new Merchant(api, key, moods.stream().map(mood -> endpoint(api, mood)).toList(), new ConcurrentLinkedQueue<>());
    }

    private static Endpoint endpoint(Api api, Mood mood) {
        Receiver receiver = Receiver.start().behaving(mood.behaviour).keeping(0);
        Response made = api.asOwner().body(Map.of("url", receiver.url(), "events", List.of(TYPE))).post("/api/v1/webhooks");
        made.then().statusCode(201);
        receiver.verifying(made.<String> path("secret"));
        return new Endpoint(mood, receiver, made.path("id"));
    }

    List<Merchant> merchants() {
        return merchants;
    }

    OwnPostgres postgres() {
        return postgres;
    }

    int replicas() {
        return replicas.size();
    }

    /** Of those that run. */
    List<String> urls() {
        return replicas.stream().map(LatchkeyProcess::baseUrl).toList();
    }

    /** SIGKILL. */
    void kill(int which) {
        LatchkeyProcess victim = replicas.remove(which);
        victim.kill9();
        victim.close();
        RestAssured.baseURI = replicas.get(0).baseUrl();
    }

    /** Another one in its place. */
    void another() {
        LatchkeyProcess started = launch();
        started.awaitReady();
        replicas.add(started);
    }

    /** Stops PostgreSQL under everybody, the idle transaction as well, which begins anew. */
    Outage restartPostgres(OwnPostgres.Stop how) throws SQLException {
        Outage outage = postgres.restart(how);
        holdSnapshot();
        return outage;
    }

    /** Ends about that share of all connections but the idle one. */
    void terminateConnections(double share) {
        postgres.number("""
                select count(pg_terminate_backend(pid)) from pg_stat_activity
                 where datname = current_database() and backend_type = 'client backend'
                       and pid not in (pg_backend_pid(), %d) and random() < %s
                """, idlePid, share);
    }

    /** Nothing that is deleted from now on can be vacuumed away. */
    private void holdSnapshot() throws SQLException {
        Database database = postgres.database();
        Connection connection = database.connect();
        connection.setAutoCommit(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement
                        .executeQuery("select pg_backend_pid() from webhook_queue right join generate_series(1, 1)"
                                + " on true limit 1")) {
            rows.next();
            idlePid = rows.getInt(1);
        }
        idle = connection;
    }

    /** What all healthy endpoints have come to, of what was accepted. */
    Reckoning reckoning() {
        Reckoning all = Reckoning.NOTHING;
        for (Merchant merchant : merchants) {
            Collection<String> promised = List.copyOf(merchant.accepted);
            for (Endpoint endpoint : merchant.healthy().toList()) {
                all = all.plus(Reckoning.of(promised, endpoint.receiver));
            }
        }
        return all;
    }

    @Override
    public void close() {
        RestAssured.reset();
        replicas.forEach(LatchkeyProcess::close);
        merchants.forEach(merchant -> merchant.endpoints.forEach(endpoint -> endpoint.receiver.close()));
        try {
            if (idle != null) {
                idle.close();
            }
        } catch (SQLException ended) {
            // With its database.
        }
        postgres.close();
    }
}
