package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import jakarta.enterprise.inject.Vetoed;
import jakarta.inject.Inject;

import dev.latchkey.key.Verdict.Code;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.Together;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Transaction;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What was counted comes to be in the database: all of it, once, whatever happens on the way. Replicas of the test's own. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class UsageFlushTest {

    private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.HOURS).plusSeconds(60);

    @Inject
    Pool database;

    private Api api;
    private Instant now = NOW;

    @BeforeEach
    void aNewOrganization() {
        api = Api.ofNewOrganization();
    }

    @Test
    void whatIsCountedIsWrittenAndAddedToWhatStands() {
        UUID key = aKey();
        Replica replica = new Replica();
        replica.count(key, Code.VALID, 3);
        replica.count(key, Code.EXPIRED, 2);
        replica.flush();
        replica.count(key, Code.VALID, 1);
        replica.flush();

        assertThat(count(key, "VALID")).isEqualTo(4);
        assertThat(count(key, "EXPIRED")).isEqualTo(2);
        assertThat(count(key, "orders:read")).isEqualTo(4);
        assertThat(count(key, "GET /api/v1/orders")).isEqualTo(4);
        assertThat(count(key, "madrid")).isEqualTo(4);
        assertThat(replica.dropped()).isZero();
    }

    @Test
    void replicasThatWriteTheSameKeysAtOnceNeitherBlockEachOtherNorLoseAnything() throws Exception {
        List<UUID> keys = new ArrayList<>(someKeys(60));
        List<Replica> replicas = List.of(new Replica(), new Replica(), new Replica());
        int rounds = 6;
        CyclicBarrier together = new CyclicBarrier(replicas.size());
        Deque<Replica> left = new ArrayDeque<>(replicas);

        try (Together threads = new Together(replicas.size())) {
            threads.run(() -> {
                Replica replica;
                synchronized (left) {
                    replica = left.remove();
                }
                List<UUID> order = new ArrayList<>(keys);
                for (int round = 0; round < rounds; round++) {
                    Collections.shuffle(order);
                    String network = "10." + round + ".0.1";
                    order.forEach(key -> UsageSettings.count(replica.usage, key, Code.VALID, network, now));
                    order.forEach(key -> UsageSettings.count(replica.usage, key, Code.EXPIRED, network, now));
                    meet(together);
                    replica.flush();
                }
            });
        }

        assertThat(replicas).allSatisfy(replica -> {
            assertThat(replica.dropped()).isZero();
            assertThat(replica.table.failures).as("none was the victim of a deadlock").hasValue(0);
        });
        assertThat(keys).allSatisfy(key -> {
            assertThat(count(key, "VALID")).isEqualTo((long) rounds * replicas.size());
            assertThat(count(key, "EXPIRED")).isEqualTo((long) rounds * replicas.size());
            assertThat(findings(key, "first-used")).hasSize(1);
            assertThat(findings(key, "refused")).hasSize(1);
        });
    }

    @Test
    void aKeyThatIsGoneTakesNoOtherWithIt() {
        UUID gone = aKey();
        UUID there = aKey();
        Replica replica = new Replica();
        replica.count(gone, Code.VALID, 2);
        replica.count(there, Code.VALID, 1);
        api.asOwner().delete("/api/v1/keys/" + gone).then().statusCode(204);
        replica.flush();

        assertThat(count(there, "VALID")).isEqualTo(1);
        assertThat(count(gone, "VALID")).isZero();
        assertThat(replica.dropped("key-deleted")).isEqualTo(2);
        assertThat(replica.table.failures).hasValue(0);
    }

    @Test
    void aKeyThatIsBeingDeletedIsNotWaitedFor() {
        UUID going = aKey();
        UUID there = aKey();
        Replica replica = new Replica();
        replica.count(going, Code.VALID, 1);
        replica.count(there, Code.VALID, 1);
        SqlConnection deleter = database.getConnectionAndAwait();
        Transaction transaction = deleter.beginAndAwait();
        try {
            deleter.preparedQuery("delete from api_key where id = $1").executeAndAwait(Tuple.of(going));
            replica.flush();

            assertThat(count(there, "VALID")).as("while the other deletion is under way").isEqualTo(1);
        } finally {
            transaction.commitAndAwait();
            deleter.closeAndAwait();
        }
        assertThat(replica.dropped("key-deleted")).isEqualTo(1);
    }

    @Test
    void aKeyThatIsBeingEditedIsWrittenAllTheSame() {
        UUID key = aKey();
        Replica replica = new Replica();
        replica.count(key, Code.VALID, 1);
        SqlConnection editor = database.getConnectionAndAwait();
        Transaction transaction = editor.beginAndAwait();
        try {
            editor.preparedQuery("select from api_key where id = $1 for no key update").executeAndAwait(Tuple.of(key));
            editor.preparedQuery("update api_key set name = 'x' where id = $1").executeAndAwait(Tuple.of(key));
            replica.flush();
        } finally {
            transaction.commitAndAwait();
            editor.closeAndAwait();
        }
        assertThat(count(key, "VALID")).isEqualTo(1);
        assertThat(replica.dropped()).isZero();
    }

    @Test
    void whileTheDatabaseIsAwayCountsAddUpAndComeLater() {
        UUID key = aKey();
        Replica replica = new Replica();
        replica.table.away = 4;
        for (int i = 0; i < 4; i++) {
            replica.count(key, Code.VALID, 5);
            replica.flush();
        }
        assertThat(count(key, "VALID")).isZero();

        replica.count(key, Code.VALID, 1);
        replica.flush();

        assertThat(count(key, "VALID")).isEqualTo(21);
        assertThat(replica.dropped()).isZero();
    }

    @Test
    void aBatchWhoseCommitNobodyAnsweredForIsCountedOnce() {
        UUID key = aKey();
        Replica replica = new Replica();
        replica.table.unanswered = 1;
        replica.count(key, Code.VALID, 5);
        replica.flush();
        assertThat(count(key, "VALID")).as("it was committed").isEqualTo(5);

        replica.count(key, Code.VALID, 2);
        replica.flush();

        assertThat(count(key, "VALID")).isEqualTo(7);
        assertThat(replica.table.repeated).as("asked once more, and told that it stands").hasValue(1);
    }

    @Test
    void whatIsHeldIsBoundedAndWhatIsDroppedIsCounted() {
        List<UUID> keys = someKeys(8);
        Replica replica = new Replica(new UsageSettings(5, 100));
        replica.table.away = 3;
        keys.subList(0, 4).forEach(key -> replica.count(key, Code.VALID, 1));
        replica.flush();
        // A batch that is in doubt is apart; what comes behind it is bounded.
        keys.subList(0, 4).forEach(key -> replica.count(key, Code.VALID, 2));
        replica.flush();
        keys.subList(4, 8).forEach(key -> replica.count(key, Code.VALID, 2));
        replica.flush();
        replica.flush();

        long written = keys.stream().mapToLong(key -> count(key, "VALID")).sum();
        assertThat(replica.dropped("full")).isEqualTo(6);
        assertThat(written + replica.dropped("full")).isEqualTo(4 + 16);
    }

    @Test
    void whatTheDatabaseRefusesForItsContentDoesNotBlockTheRestForEver() {
        UUID key = aKey();
        Replica replica = new Replica();
        replica.count(key, Code.VALID, 1);
        replica.table.refusals = 3;
        for (int i = 0; i < 3; i++) {
            replica.flush();
        }
        replica.count(key, Code.VALID, 2);
        replica.flush();

        assertThat(count(key, "VALID")).isEqualTo(2);
        assertThat(replica.dropped("refused")).isEqualTo(1);
    }

    @Test
    void whereVeryManyKeysAreUsedTheOthersWaitForTheirTurnButNotForLong() {
        List<UUID> keys = someKeys(5);
        Replica replica = new Replica(new UsageSettings(100, 2));
        keys.forEach(key -> replica.count(key, Code.VALID, 1));
        replica.flush();
        assertThat(keys.stream().filter(key -> count(key, "VALID") == 1)).hasSize(2);

        now = now.plus(UsageSettings.DEFAULTS.maxWait());
        replica.flush();

        assertThat(keys.stream().filter(key -> count(key, "VALID") == 1)).hasSize(5);
    }

    @Test
    void anOrderlyStopWritesEverything() {
        List<UUID> keys = someKeys(5);
        Replica replica = new Replica(new UsageSettings(100, 2));
        keys.forEach(key -> replica.count(key, Code.VALID, 1));

        replica.flush.flushAtTheEnd(null);

        assertThat(keys).allSatisfy(key -> assertThat(count(key, "VALID")).isEqualTo(1));
    }

    @Test
    void namesStayBoundedOverFlushesAndReplicas() {
        UUID key = aKey();
        List<Replica> replicas = List.of(new Replica(), new Replica());
        for (int i = 0; i < 2 * UsedNames.MOST; i++) {
            Replica replica = replicas.get(i % 2);
            replica.usage.count(UsageSettings.key(key), Code.VALID, UsageSettings.question(null, "store-" + i, null), null,
                    now);
            if (i % 20 > 17) {
                replica.flush();
            }
        }
        replicas.forEach(Replica::flush);

        List<Row> stores = rows("select name, count from key_usage where key_id = $1 and kind = 'store' order by name", key);
        assertThat(stores).hasSize(UsedNames.MOST + 1);
        assertThat(stores.get(0).getString("name")).isEqualTo(UsedNames.OTHER);
        assertThat(stores.stream().mapToLong(row -> row.getLong("count")).sum()).isEqualTo(2 * UsedNames.MOST);
    }

    @Test
    void theLastFiftyOfEachAreKept() {
        UUID key = aKey();
        Replica replica = new Replica();
        for (int i = 0; i < 30; i++) {
            now = NOW.plusSeconds(i);
            replica.count(key, Code.VALID, 3);
            replica.count(key, Code.EXPIRED, 2);
            replica.flush();
        }

        List<Row> kept = rows("select accepted, at from key_sample where key_id = $1 order by at", key);
        assertThat(kept.stream().filter(row -> row.getBoolean("accepted"))).hasSize(50);
        assertThat(kept.stream().filter(row -> !row.getBoolean("accepted"))).hasSize(50);
        assertThat(kept.get(kept.size() - 1).getOffsetDateTime("at").toInstant()).isEqualTo(now);
    }

    @Test
    void aNetworkIsNewOnceAndNotBesideTheFirst() {
        UUID key = aKey();
        Replica replica = new Replica();
        UsageSettings.count(replica.usage, key, Code.VALID, null, now);
        replica.flush();
        UsageSettings.count(replica.usage, key, Code.VALID, "10.0.0.1", now);
        replica.flush();
        assertThat(findings(key, "new-network")).as("there was none before").isEmpty();

        for (int i = 0; i < 3; i++) {
            UsageSettings.count(replica.usage, key, Code.VALID, "10.0.0." + i, now);
            UsageSettings.count(replica.usage, key, Code.VALID, "2001:db8:0:" + i + "::1", now);
            replica.flush();
        }
        assertThat(findings(key, "new-network")).containsExactly("2001:db8::/48");
    }

    @Test
    void aKeyThatRoamsFloodsNothing() {
        UUID key = aKey();
        Replica replica = new Replica();
        IntStream.range(0, 12).forEach(i -> {
            IntStream.range(0, 10).forEach(
                    j -> UsageSettings.count(replica.usage, key, Code.VALID, "10." + i + "." + j + ".1", now));
            replica.flush();
        });

        assertThat(findings(key, "new-network")).hasSize(3);
        assertThat(rows("select network from key_network where key_id = $1", key)).hasSize(50);

        now = now.plus(Duration.ofHours(2));
        UsageSettings.count(replica.usage, key, Code.VALID, "172.16.0.1", now);
        replica.flush();
        assertThat(findings(key, "new-network")).hasSize(4).contains("172.16.0.0/24");
    }

    @Test
    void oldHoursAreAddedUpByTheDayAndThenForgotten() {
        UUID key = aKey();
        Instant old = NOW.minus(Duration.ofDays(50)).truncatedTo(ChronoUnit.DAYS);
        Replica replica = new Replica();
        for (int hour = 0; hour < 30; hour++) {
            UsageSettings.count(replica.usage, key, Code.VALID, null, old.plus(Duration.ofHours(hour)));
        }
        replica.count(key, Code.VALID, 1);
        UsageSettings.count(replica.usage, key, Code.VALID, null, NOW.minus(Duration.ofDays(401)));
        replica.flush();
        String path = "/api/v1/keys/" + key + "/usage?bucket=day&from=" + old;
        List<Object> before = api.asOwner().get(path).path("series.counts");

        new UsageTidying(database, UsageSettings.DEFAULTS).run().await().atMost(Duration.ofSeconds(30));

        assertThat(rows("select from key_usage where key_id = $1 and kind = 'verdict'", key)).hasSize(1);
        List<Row> days = rows("select day, count from key_usage_day where key_id = $1 and kind = 'verdict' order by day", key);
        assertThat(days).extracting(row -> row.getLong("count")).containsExactly(24L, 6L);
        assertThat(api.asOwner().get(path).<List<Object>> path("series.counts")).isEqualTo(before);
        assertThat(api.asOwner().get(path).<Integer> path("methodsUsed[0].count")).isEqualTo(31);
    }

    private UUID aKey() {
        return UUID.fromString(api.aKey().unlimited().create().id());
    }

    private List<UUID> someKeys(int count) {
        List<UUID> keys = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            keys.add(aKey());
        }
        return keys;
    }

    private List<Row> rows(String sql, UUID key) {
        List<Row> rows = new ArrayList<>();
        database.preparedQuery(sql).executeAndAwait(Tuple.of(key)).forEach(rows::add);
        return rows;
    }

    private long count(UUID key, String name) {
        return database
                .preparedQuery("select coalesce(sum(count), 0)::bigint as sum from key_usage where key_id = $1 and name = $2")
                .executeAndAwait(Tuple.of(key, name)).iterator().next().getLong("sum");
    }

    private List<String> findings(UUID key, String kind) {
        return rows("select kind, subject from key_finding where key_id = $1 order by subject", key).stream()
                .filter(row -> row.getString("kind").equals(kind)).map(row -> row.getString("subject")).toList();
    }

    private static void meet(CyclicBarrier barrier) {
        try {
            barrier.await(60, TimeUnit.SECONDS);
        } catch (Exception broken) {
            throw new IllegalStateException(broken);
        }
    }

    /** What counts and writes in one process. */
    private final class Replica {

        private final UsageSettings settings;
        private final Usage usage;
        private final Faulty table = new Faulty(database);
        private final MeterRegistry metrics = new SimpleMeterRegistry();
        private final UsageFlush flush;

        Replica() {
            this(UsageSettings.DEFAULTS);
        }

        Replica(UsageSettings settings) {
            this.settings = settings;
            this.usage = new Usage(settings);
            InstantSource clock = () -> now;
            this.flush = new UsageFlush(usage, table, this.settings, clock, metrics);
        }

        void count(UUID key, Code code, int times) {
            for (int i = 0; i < times; i++) {
                UsageSettings.count(usage, key, code, "203.0.113.7", now);
            }
        }

        void flush() {
            flush.flush().await().atMost(Duration.ofSeconds(30));
        }

        double dropped() {
            return dropped("full") + dropped("key-deleted") + dropped("refused");
        }

        double dropped(String reason) {
            return metrics.counter("latchkey.usage.dropped", "reason", reason).count();
        }
    }

    /** A way to the database that fails as the test says. */
    @Vetoed
    private static final class Faulty extends UsageTable {

        private final AtomicInteger failures = new AtomicInteger();
        private final AtomicInteger repeated = new AtomicInteger();
        private volatile int away;
        private volatile int unanswered;
        private volatile int refusals;

        Faulty(Pool database) {
            super(database);
        }

        @Override
        Uni<Integer> writeLastUses(Collection<Tally.LastUse> uses) {
            return super.writeLastUses(uses).onFailure().invoke(failures::incrementAndGet);
        }

        @Override
        Uni<Written> write(UUID replica, UsageBatch batch) {
            if (away > 0) {
                away--;
                return Uni.createFrom().failure(new java.net.ConnectException("away"));
            }
            if (refusals > 0) {
                refusals--;
                return Uni.createFrom().failure(new io.vertx.pgclient.PgException("bad", "ERROR", "22021", "bad"));
            }
            Uni<Written> written = super.write(replica, batch).invoke(done -> {
                if (!done.written()) {
                    repeated.incrementAndGet();
                }
            }).onFailure().invoke(failures::incrementAndGet);
            if (unanswered > 0) {
                unanswered--;
                return written.onItem().failWith(done -> new java.io.IOException("connection lost after the commit"));
            }
            return written;
        }
    }
}
