package dev.latchkey.bench;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

import dev.latchkey.testing.Databases.Database;
import dev.latchkey.testing.Pause;
import io.vertx.core.Vertx;

/**
 * How long an event takes to its receiver; what a delivery costs, beside a dispatcher over graphile-worker on the same
 * PostgreSQL; what a hanging endpoint costs the healthy ones, and a snapshot that is held for long costs all. Receivers and
 * publisher are in the process that measures, of which nothing is counted.
 */
final class DeliveriesBenchmark {

    private static final List<String> TYPES = List.of("order.create", "order.update", "product.update", "stock.update");
    private static final Duration WARM_UP = Duration.ofSeconds(20);
    private static final int POLL_MILLIS = 200;

    private final Duration duration;
    private final int rate;
    private final int events;
    private final int rounds;
    private final int warmUps;
    private final int top;
    private final List<Integer> endpoints;
    private final List<String> only;
    private final List<String> against;

    DeliveriesBenchmark(Options options) {
        duration = options.seconds(60);
        rate = options.number("rate", 200);
        events = options.number("events", 20_000);
        rounds = options.number("rounds", 2);
        warmUps = options.number("warm", 3);
        top = options.number("top", 0);
        endpoints = options.numbers("endpoints", 1, 4);
        only = options.words("only", "latency", "bulk", "hanging", "snapshot");
        against = options.words("against", "latchkey", "graphile-worker", "graphile-worker-log");
    }

    void run() throws Exception {
        Vertx vertx = Vertx.vertx();
        try (Postgres postgres = Postgres.start()) {
            for (String part : only) {
                switch (part) {
                    case "latency" -> latency(postgres, vertx);
                    case "bulk" -> bulk(postgres, vertx);
                    case "hanging" -> hanging(postgres, vertx);
                    case "snapshot" -> snapshot(postgres, vertx);
                    default -> throw new IllegalArgumentException("only=latency,bulk,hanging,snapshot, not " + part);
                }
                System.out.println();
            }
        } finally {
            vertx.close();
        }
    }

    /** A warm replica with an endpoint for each type. */
    private record Scene(LatchkeyDispatcher latchkey, Endpoints receivers, SteadyLoad load) implements AutoCloseable {

        @Override
        public void close() {
            latchkey.close();
            receivers.close();
        }
    }

    private Scene scene(Postgres postgres, Vertx vertx) throws Exception {
        Endpoints receivers = Endpoints.start(vertx, TYPES.size());
        LatchkeyDispatcher latchkey = LatchkeyDispatcher.start(postgres);
        for (int i = 0; i < TYPES.size(); i++) {
            latchkey.endpoint(receivers, i, List.of(TYPES.get(i)));
        }
        SteadyLoad load = new SteadyLoad(vertx, latchkey, receivers, TYPES, rate);
        load.run(WARM_UP);
        return new Scene(latchkey, receivers, load);
    }

    private void latency(Postgres postgres, Vertx vertx) throws Exception {
        try (Scene scene = scene(postgres, vertx)) {
            Table table = new Table(rate + "/s one by one|%s", "events|%,d", "p50 ms|%.1f", "p95 ms|%.1f", "p99 ms|%.1f",
                    "most ms|%.1f");
            SteadyLoad.Seen seen = scene.load.run(duration);
            row(table, "publish → 202", seen.accepted());
            row(table, "publish → delivered", seen.delivered());
        }
    }

    private static void row(Table table, String name, long[] nanos) {
        table.row(name, nanos.length, SteadyLoad.Seen.millis(nanos, 50), SteadyLoad.Seen.millis(nanos, 95),
                SteadyLoad.Seen.millis(nanos, 99), nanos[nanos.length - 1] / 1e6);
    }

    private void bulk(Postgres postgres, Vertx vertx) throws Exception {
        Table table = new Table(String.format("%,d events|%%s", events), "to endpoints|%d", "deliveries/s|%,.0f",
                "CPU dispatcher µs|%.0f", "CPU PostgreSQL µs|%.0f", "CPU together µs|%.0f", "SQL per 1,000|%,.1f",
                "duplicates|%d");
        List<String> ratios = new ArrayList<>();
        for (int each : endpoints) {
            List<List<BulkLoad.Seen>> seen = against.stream().<List<BulkLoad.Seen>> map(name -> new ArrayList<>()).toList();
            for (int round = 0; round < rounds; round++) {
                for (int i = 0; i < against.size(); i++) {
                    BulkLoad.Seen one = bulk(against.get(i), postgres, vertx, each);
                    table.row(against.get(i), each, one.perSecond(), one.micros(one.dispatcher()),
                            one.micros(one.postgres()), one.together(), one.statements() * 1000.0 / one.deliveries(),
                            one.duplicates());
                    seen.get(i).add(one);
                }
            }
            for (int i = 1; i < against.size(); i++) {
                ratios.add("%s ÷ %s, to %d endpoints, medians: CPU %.2f, deliveries/s %.2f".formatted(against.get(0),
                        against.get(i), each,
                        median(seen.get(0), BulkLoad.Seen::together) / median(seen.get(i), BulkLoad.Seen::together),
                        median(seen.get(0), BulkLoad.Seen::perSecond) / median(seen.get(i), BulkLoad.Seen::perSecond)));
            }
        }
        ratios.forEach(line -> System.out.println("\n" + line));
    }

    /** One of them alone: the other one's polls would be counted with PostgreSQL. */
    private BulkLoad.Seen bulk(String name, Postgres postgres, Vertx vertx, int each) throws Exception {
        try (Endpoints receivers = Endpoints.start(vertx, each);
                Dispatcher dispatcher = dispatcher(name, postgres, receivers)) {
            // A JVM is slow at first.
            for (int i = 0; i < warmUps; i++) {
                BulkLoad.run(dispatcher, postgres, receivers, Math.max(1, events / each), each);
            }
            Postgres.execute(dispatcher.database(), "vacuum analyze", "checkpoint");
            if (top > 0) {
                Postgres.forgetStatements(dispatcher.database());
            }
            BulkLoad.Seen seen = BulkLoad.run(dispatcher, postgres, receivers, events, each);
            if (top > 0) {
                Postgres.longestExecuted(dispatcher.database(), top).forEach(System.out::println);
            }
            return seen;
        }
    }

    private static Dispatcher dispatcher(String name, Postgres postgres, Endpoints receivers) throws Exception {
        return switch (name) {
            case "latchkey" -> {
                LatchkeyDispatcher latchkey = LatchkeyDispatcher.start(postgres);
                for (int i = 0; i < receivers.urls().size(); i++) {
                    latchkey.endpoint(receivers, i, List.of(BulkLoad.TYPE));
                }
                yield latchkey;
            }
            case "graphile-worker" -> GraphileWorker.start(postgres, receivers, false);
            case "graphile-worker-log" -> GraphileWorker.start(postgres, receivers, true);
            default -> throw new IllegalArgumentException("against=latchkey,graphile-worker,graphile-worker-log, not " + name);
        };
    }

    /** Everything that the healthy ones get goes to the hanging one as well. */
    private void hanging(Postgres postgres, Vertx vertx) throws Exception {
        try (Scene scene = scene(postgres, vertx)) {
            Table table = new Table(rate + "/s to four endpoints|%s", "p50 ms|%.1f", "p95 ms|%.1f", "p99 ms|%.1f");
            List<SteadyLoad.Seen> without = new ArrayList<>();
            List<SteadyLoad.Seen> with = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                without.add(steady(table, scene, "healthy ones alone"));
                String hanging = scene.latchkey.endpoint(scene.receivers.hangingUrl(), TYPES);
                with.add(steady(table, scene, "beside a hanging one"));
                scene.latchkey.remove(hanging);
                awaitEmpty(scene.latchkey);
            }
            System.out.printf("%np95 beside a hanging one ÷ alone, medians: %.2f%n",
                    median(with, SteadyLoad.Seen::p95) / median(without, SteadyLoad.Seen::p95));
        }
    }

    private void snapshot(Postgres postgres, Vertx vertx) throws Exception {
        try (Scene scene = scene(postgres, vertx)) {
            Table table = new Table("|%s", "p50 ms|%.1f", "p95 ms|%.1f", "p99 ms|%.1f", "bulk deliveries/s|%,.0f");
            List<SteadyLoad.Seen> steady = new ArrayList<>();
            List<BulkLoad.Seen> bulk = new ArrayList<>();
            for (int round = 0; round < 2 * rounds; round++) {
                boolean held = round % 2 == 1;
                Postgres.execute(scene.latchkey.database(), "vacuum analyze");
                try (Held snapshot = held ? Held.on(scene.latchkey.database()) : Held.nothing()) {
                    SteadyLoad.Seen one = scene.load.run(duration);
                    BulkLoad.Seen many = BulkLoad.run(scene.latchkey, postgres, scene.receivers, events, 1);
                    table.row(held ? "an idle transaction holds its snapshot" : "nothing is held", SteadyLoad.Seen.millis(
                            one.delivered(), 50), one.p95(), SteadyLoad.Seen.millis(one.delivered(), 99), many.perSecond());
                    steady.add(one);
                    bulk.add(many);
                }
            }
            System.out.printf("%nwith a held snapshot ÷ without, medians: p95 %.2f, deliveries/s %.2f%n",
                    median(odd(steady), SteadyLoad.Seen::p95) / median(even(steady), SteadyLoad.Seen::p95),
                    median(odd(bulk), BulkLoad.Seen::perSecond) / median(even(bulk), BulkLoad.Seen::perSecond));
        }
    }

    /** A transaction that does nothing but see, so that no vacuum takes away what it might still look at. */
    private record Held(List<Connection> connections) implements AutoCloseable {

        static Held nothing() {
            return new Held(List.of());
        }

        static Held on(Database database) throws SQLException {
            Connection connection = database.connect();
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            try (Statement statement = connection.createStatement()) {
                statement.execute("select count(*) from webhook_queue");
            }
            return new Held(List.of(connection));
        }

        @Override
        public void close() throws SQLException {
            for (Connection connection : connections) {
                connection.close();
            }
        }
    }

    private SteadyLoad.Seen steady(Table table, Scene scene, String name) {
        SteadyLoad.Seen seen = scene.load.run(duration);
        table.row(name, SteadyLoad.Seen.millis(seen.delivered(), 50), seen.p95(), SteadyLoad.Seen.millis(seen.delivered(), 99));
        return seen;
    }

    /** What a deleted webhook had queued is cancelled by and by. */
    private static void awaitEmpty(LatchkeyDispatcher latchkey) throws SQLException {
        while (latchkey.queued() > 0) {
            Pause.ofMillis(POLL_MILLIS);
        }
    }

    /** What is measured of a run. */
    private interface Value<T> {
        double of(T seen);
    }

    private static <T> double median(List<T> all, Value<T> value) {
        double[] sorted = all.stream().mapToDouble(value::of).sorted().toArray();
        return Arrays.stream(sorted, (sorted.length - 1) / 2, sorted.length / 2 + 1).average().orElseThrow();
    }

    private static <T> List<T> even(List<T> all) {
        return IntStream.range(0, all.size()).filter(i -> i % 2 == 0).mapToObj(all::get).toList();
    }

    private static <T> List<T> odd(List<T> all) {
        return IntStream.range(0, all.size()).filter(i -> i % 2 == 1).mapToObj(all::get).toList();
    }
}
