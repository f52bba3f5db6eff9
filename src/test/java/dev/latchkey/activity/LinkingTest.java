package dev.latchkey.activity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.LogLines;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.Together;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.mutiny.sqlclient.Pool;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class LinkingTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @Inject
    DataSource database;
    @Inject
    Activities activities;
    @Inject
    ChainQueries queries;
    @Inject
    Chain chain;
    @Inject
    Heads heads;
    @Inject
    Alarm alarm;
    @Inject
    ActivityConfig config;
    @Inject
    MeterRegistry metrics;
    @Inject
    Pool pool;

    private Log log;

    @BeforeEach
    void aLog() {
        log = new Log(database, activities);
    }

    @Test
    void anEmptyLogHolds() {
        log.verify().statusCode(200).body("valid", equalTo(true)).body("checked", equalTo(0)).body("head", nullValue());
    }

    @Test
    void entriesAreLinkedWithoutAnyoneAsking() throws Exception {
        log.write(3);
        until(() -> unlinked() == 0);
        assertThat(positions()).containsExactly(1L, 2L, 3L);
    }

    @Test
    void aVerificationLinksWhatIsCommittedFirst() throws Exception {
        CompletableFuture<Integer> checked;
        try (Connection holder = database.getConnection()) {
            lock(holder, "pg_advisory_lock");
            log.write(3);
            assertThat(unlinked()).isEqualTo(3);
            checked = CompletableFuture.supplyAsync(() -> log.verify().statusCode(200).extract().path("checked"));
            until(() -> log.behind.count("select count(*) from pg_locks where locktype = 'advisory' and not granted") > 0);
            assertThat(unlinked()).isEqualTo(3);
            lock(holder, "pg_advisory_unlock");
        }
        assertThat(checked.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(3);
    }

    @Test
    void anOrganizationsLogIsVerifiedOnceAtATime() throws Exception {
        CompletableFuture<Integer> first;
        try (Connection holder = database.getConnection()) {
            lock(holder, "pg_advisory_lock");
            log.write(1);
            first = CompletableFuture.supplyAsync(() -> log.verify().extract().statusCode());
            until(() -> log.behind.count("select count(*) from pg_locks where locktype = 'advisory' and not granted") > 0);
            log.verify().statusCode(429).header("Retry-After", equalTo("5"))
                    .header("RateLimit", equalTo("\"verification\";r=0;t=5"))
                    .header("RateLimit-Policy", equalTo("\"verification\";q=1;qu=\"concurrent-requests\""))
                    .body("code", equalTo("rate-limited"));
            lock(holder, "pg_advisory_unlock");
        }
        assertThat(first.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(200);
        log.verify().statusCode(200);
    }

    @Test
    void whatCommitsLateFollowsWhatWasLinkedBeforeIt() throws Exception {
        CompletableFuture<Void> early;
        try (Connection holder = database.getConnection(); var statement = holder.createStatement()) {
            statement.execute("select pg_advisory_lock(4711)");
            early = CompletableFuture.runAsync(() -> Behind.inTransaction(() -> activities
                    .record(log.organization, Log.ANA, "key.created", new Target("key", UUID.randomUUID(), "early"),
                            Changes.none())
                    .call(() -> Panache.getSession().call(session -> session.flush()).call(session -> session
                            .createNativeQuery("select cast(pg_advisory_xact_lock(4711) as text)", String.class)
                            .getResultList()))
                    .replaceWith(true)));
            until(() -> log.behind
                    .count("select count(*) from pg_locks where locktype = 'advisory' and objid = 4711 and not granted") > 0);
            log.write("key.created", "late");
            log.verify().body("checked", equalTo(1));
            statement.execute("select pg_advisory_unlock(4711)");
        }
        early.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        log.verify().body("valid", equalTo(true)).body("checked", equalTo(2));
        assertThat(log.behind.query("select target_name from activity where organization_id = ? order by position",
                log.organization)).containsExactly("late", "early");
        assertThat(log.behind.query("select target_name from activity where organization_id = ? order by id",
                log.organization)).containsExactly("early", "late");
    }

    @Test
    void manyWritersAndSeveralLinkersMakeOneChain() throws Exception {
        Linker otherReplica = otherReplica();
        AtomicBoolean writing = new AtomicBoolean(true);
        CompletableFuture<Void> linking = CompletableFuture.runAsync(() -> {
            while (writing.get()) {
                Behind.await(() -> otherReplica.linkNow(log.organization).replaceWith(true));
                Behind.await(() -> otherReplica.run().replaceWith(true));
            }
        });
        try (var writers = new Together(6)) {
            writers.run(() -> log.write(20));
        } finally {
            writing.set(false);
        }
        linking.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

        log.verify().body("valid", equalTo(true)).body("checked", equalTo(120));
        assertThat(positions()).containsExactlyElementsOf(LongStream.rangeClosed(1, 120).boxed().toList());
    }

    @Test
    void whoDeletesAnOrganizationAndWhoLinksItsLogDoNotBlockEachOther() throws Exception {
        CompletableFuture<Void> linking;
        try (Connection deletion = database.getConnection(); var statement = deletion.createStatement()) {
            try (Connection holder = database.getConnection()) {
                lock(holder, "pg_advisory_lock");
                log.write(1);
                deletion.setAutoCommit(false);
                statement.execute("select 1 from organization where id = '" + log.organization + "' for update");
                linking = CompletableFuture
                        .runAsync(() -> Behind.await(() -> otherReplica().linkNow(log.organization).replaceWith(true)));
                lock(holder, "pg_advisory_unlock");
            }
            until(() -> log.behind.count("""
                    select count(*) from pg_stat_activity
                     where datname = current_database() and wait_event_type = 'Lock'
                       and (query like '%for key share%' or query like 'insert into activity_head%')
                    """) > 0);
            statement.execute("delete from activity where organization_id = '" + log.organization + "'");
            deletion.commit();
            deletion.setAutoCommit(true);
        }
        assertThat(linking).succeedsWithin(PATIENCE);
        assertThat(unlinked()).isZero();
    }

    @Test
    void anEntryIsNotLinkedTwice() {
        log.with(2);
        List<ActivityEntry> linked = Behind.await(() -> queries.linked(log.organization, 0, 2, 10));

        assertThatThrownBy(() -> Behind.await(() -> pool.withTransaction(
                connection -> queries.place(connection, linked).replaceWith(true))))
                .hasStackTraceContaining("still waited for their place");

        Behind.await(() -> otherReplica().linkNow(log.organization).replaceWith(true));
        log.verify().body("valid", equalTo(true)).body("checked", equalTo(2));
    }

    @Test
    void anEntryThatIsRolledBackLeavesNoGap() {
        log.with(1);
        assertThatThrownBy(() -> Behind.inTransaction(() -> activities
                .record(log.organization, Log.ANA, "key.created", new Target("key", UUID.randomUUID(), "x"), Changes.none())
                .call(() -> Panache.getSession().call(session -> session.flush()))
                .map(done -> {
                    throw new IllegalStateException("changed my mind");
                }))).hasStackTraceContaining("changed my mind");
        log.write(1);
        log.verify().body("valid", equalTo(true)).body("checked", equalTo(2));
    }

    @Test
    void theLagIsMeasured() {
        log.with(1);
        assertThat(metrics.get("latchkey.activity.linked").counter().count()).isPositive();
        assertThat(metrics.get("latchkey.activity.verifications").tag("result", "valid").counter().count()).isPositive();
        assertThat(metrics.get("latchkey.activity.unlinked").gauge().value()).isNotNegative();
        assertThat(metrics.get("latchkey.activity.lag.seconds").gauge().value()).isNotNegative();
    }

    @Test
    void aLogOfManyBatchesHolds() throws SQLException {
        fill(3 * config.batch() + 1);
        log.verify().statusCode(200).body("valid", equalTo(true)).body("checked", equalTo(3 * config.batch() + 1));
        log.sql("update activity set target_name = 'x' where organization_id = ? and position = ?", 2L * config.batch() + 1);
        log.verify().body("checked", equalTo(2 * config.batch()));
    }

    @Test
    @Tag("scale")
    void aHundredThousandEntriesAreVerifiedInOneRequest() throws SQLException {
        fill(100_000);
        long began = System.nanoTime();
        log.verify().statusCode(200).body("valid", equalTo(true)).body("checked", equalTo(100_000));
        long linked = System.nanoTime();
        log.verify().statusCode(200).body("valid", equalTo(true)).body("checked", equalTo(100_000));
        System.out.printf("100,000 entries: linked and verified in %d ms, verified again in %d ms%n",
                (linked - began) / 1_000_000, (System.nanoTime() - linked) / 1_000_000);
    }

    @Test
    void anAnchorIsLoggedWhenALogHasGrownEnoughOrForLongEnough() {
        Instant[] now = { Instant.parse("2026-11-22T09:00:00Z") };
        InstantSource clock = () -> now[0];
        Heads heads = new Heads(config, clock);
        UUID organization = UUID.randomUUID();
        byte[] link = new byte[Head.LINK_BYTES];
        try (var lines = new LogLines(Heads.class)) {
            heads.saw(organization, new Head(1, link));
            heads.anchorWhatIsDue();
            assertThat(lines.with(organization)).as("the first after a start").singleElement()
                    .isEqualTo("activity anchor: org=" + organization + " position=1 link=" + "0".repeat(64));
            heads.saw(organization, new Head(2, link));
            heads.anchorWhatIsDue();
            assertThat(lines.with(organization)).as("not each time").hasSize(1);
            now[0] = now[0].plus(config.anchorInterval());
            heads.anchorWhatIsDue();
            assertThat(lines.with(organization)).as("when it is old enough").hasSize(2);
            now[0] = now[0].plus(config.anchorInterval());
            heads.anchorWhatIsDue();
            assertThat(lines.with(organization)).as("not when nothing has happened").hasSize(2);
            heads.saw(organization, new Head(2 + config.anchorEntries(), link));
            assertThat(lines.with(organization)).as("at once when much has happened").hasSize(3);
            heads.saw(organization, new Head(1, link));
            assertThat(heads.farthest(organization)).isNotNull().extracting(Head::position)
                    .isEqualTo(2 + config.anchorEntries());
        }
    }

    /** Sealed as the application does, and written as fast as a test may. */
    private void fill(int entries) throws SQLException {
        try (Connection connection = database.getConnection(); PreparedStatement insert = connection.prepareStatement("""
                insert into activity (id, organization_id, at, actor_type, actor_id, actor_name, action, target_type, target_id,
                                      target_name, changes, seal_key_id, seal) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)) {
            connection.setAutoCommit(false);
            for (int i = 1; i <= entries; i++) {
                ActivityEntry entry = new ActivityEntry();
                entry.id = UuidCreator.getTimeOrderedEpoch();
                entry.organizationId = log.organization;
                entry.at = Instant.parse("2026-11-22T09:00:00Z");
                entry.actorType = "person";
                entry.actorId = "sub";
                entry.actorName = "ana";
                entry.action = "key.updated";
                entry.targetType = "key";
                entry.targetId = entry.id;
                entry.targetName = "n" + i;
                entry.changes = "{\"name\":{\"before\":\"a\",\"after\":\"b\"}}";
                chain.seal(entry);
                Object[] values = { entry.id, entry.organizationId, Timestamp.from(entry.at), entry.actorType, entry.actorId,
                        entry.actorName, entry.action, entry.targetType, entry.targetId, entry.targetName, entry.changes,
                        entry.sealKeyId, entry.seal };
                for (int column = 0; column < values.length; column++) {
                    insert.setObject(column + 1, values[column]);
                }
                insert.addBatch();
                if (i % 1_000 == 0) {
                    insert.executeBatch();
                }
            }
            insert.executeBatch();
            connection.commit();
            connection.setAutoCommit(true);
        }
    }

    private Linker otherReplica() {
        return new Linker(pool, queries, chain, new Heads(config, InstantSource.system()), alarm, config, metrics);
    }

    private void lock(Connection connection, String function) throws SQLException {
        try (var statement = connection
                .prepareStatement("select " + function + "(hashtextextended('latchkey.activity/' || ?, 0))")) {
            statement.setString(1, log.organization.toString());
            statement.execute();
        }
    }

    private long unlinked() {
        return log.behind.count("select count(*) from activity where organization_id = ? and position is null",
                log.organization);
    }

    private List<Object> positions() {
        return log.behind.query("select position from activity where organization_id = ? order by position", log.organization);
    }

    private static void until(BooleanSupplier condition) {
        Eventually.within(PATIENCE, () -> assertThat(condition.getAsBoolean()).isTrue());
    }
}
