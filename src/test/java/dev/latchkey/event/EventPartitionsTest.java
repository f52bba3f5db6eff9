package dev.latchkey.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import jakarta.inject.Inject;

import dev.latchkey.testing.Behind;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.LogLines;
import dev.latchkey.testing.Together;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import org.junit.jupiter.api.Test;

@QuarkusTest
class EventPartitionsTest extends EventCase {

    @Inject
    Pool pool;
    @Inject
    Vertx vertx;
    @Inject
    EventTypes types;
    @Inject
    Outbox outbox;
    @Inject
    EventConfig config;
    @Inject
    InstantSource clock;

    @Test
    void thereIsAWeekOfDaysFromTheStartOn() {
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        for (int day = 0; day <= 7; day++) {
            String name = "event_" + today.plusDays(day).format(DateTimeFormatter.BASIC_ISO_DATE);
            Eventually.within(Duration.ofSeconds(20), () -> assertThat(isPartition(name)).as(name).isTrue());
        }
        publishAt(clock.instant());
        assertThat(partitionsOfEvents()).doesNotContain("event_default");
    }

    @Test
    void anEventIsNeverRefusedForWantOfADayAndMovesIntoItWhenItIsMade() {
        Instant noon = Instant.parse("2031-05-06T12:00:00Z");
        UUID id = publishAt(noon);
        publishAt(Instant.parse("2031-05-07T00:00:00Z"));
        assertThat(partitionsOfEvents()).containsExactly("event_default", "event_default");

        assertThat(Behind.await(() -> partitions(noon).make(LocalDate.of(2031, 5, 6)))).isTrue();

        assertThat(partitionsOfEvents()).containsExactly("event_20310506", "event_default");
        publishAt(Instant.parse("2031-05-06T23:59:59.999999Z"));
        assertThat(partitionsOfEvents()).containsExactly("event_20310506", "event_default", "event_20310506");
        api.as("viewer").get("/api/v1/events/" + id).then().statusCode(200);
        api.as("viewer").get("/api/v1/events?to=2031-05-06T13:00:00Z").then().statusCode(200);
    }

    /** Attaching waits for whoever writes organizations, which holds the moment open in which a publisher comes. */
    @Test
    void anEventIsNotRefusedWhileItsDayIsBeingMade() throws Exception {
        Instant noon = Instant.parse("2034-08-09T12:00:00Z");
        try (Connection writer = database.getConnection()) {
            writer.setAutoCommit(false);
            try (Statement statement = writer.createStatement()) {
                statement.execute("lock table organization in row exclusive mode");
            }
            CompletableFuture<Boolean> made = CompletableFuture
                    .supplyAsync(() -> Behind.await(() -> partitions(noon).make(LocalDate.of(2034, 8, 9))));
            awaitWaiting("alter table event attach partition event_20340809");
            CompletableFuture<UUID> published = CompletableFuture.supplyAsync(() -> publishAt(noon));
            awaitWaiting("with identity as");
            writer.rollback();

            assertThat(made).succeedsWithin(10, TimeUnit.SECONDS).isEqualTo(true);
            assertThat(published).succeedsWithin(10, TimeUnit.SECONDS);
        }
        assertThat(partitionsOfEvents()).containsExactly("event_20340809");
    }

    /** Whoever holds the default partition open is a dump; a reader has it open, too, if only for a moment. */
    @Test
    void nobodyWaitsLongForADayThatCannotBeMadeYet() throws Exception {
        Instant today = Instant.parse("2035-08-08T12:00:00Z");
        CompletableFuture<Boolean> made;
        try (Connection dump = database.getConnection(); Statement statement = dump.createStatement()) {
            dump.setAutoCommit(false);
            statement.execute("lock table event_default in access share mode");
            made = CompletableFuture.supplyAsync(() -> Behind.await(() -> partitions(today).make(LocalDate.of(2035, 8, 9))));
            long until = System.nanoTime() + Duration.ofSeconds(3).toNanos();
            for (long start = System.nanoTime(); start < until; start = System.nanoTime()) {
                behind.count("select count(*) from event where at > timestamptz '2035-08-08'");
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
            }
            assertThat(made).isNotDone();
            dump.rollback();
        }
        assertThat(made).succeedsWithin(20, TimeUnit.SECONDS).isEqualTo(true);
    }

    @Test
    void whatAStopInterruptsIsNoWarning() {
        Pool closed = Pool.newInstance(PgBuilder.pool()
                .connectingTo(new PgConnectOptions().setHost("127.0.0.1").setPort(1).setUser("nobody").setDatabase("none"))
                .using(vertx).build());
        EventPartitions partitions = new EventPartitions(closed, clock, config);
        try (LogLines log = new LogLines(EventPartitions.class)) {
            Behind.await(() -> partitions.makeThoseAhead().replaceWith(true));
            assertThat(log.with("could not be made")).hasSize(1);

            partitions.stop(new ShutdownEvent());
            Behind.await(() -> partitions.makeThoseAhead().replaceWith(true));
            assertThat(log.with("could not be made")).hasSize(1);
        } finally {
            Behind.await(() -> closed.close().replaceWith(true));
        }
    }

    @Test
    void severalReplicasMakeADayOnce() {
        Instant then = Instant.parse("2032-01-01T00:00:00Z");
        try (var together = new Together(4)) {
            together.run(() -> Behind.await(() -> partitions(then).makeThoseAhead().replaceWith(true)));
        }
        Behind.await(() -> partitions(then).makeThoseAhead().replaceWith(true));
        assertThat(List.of("event_20320101", "event_20320108")).allMatch(this::isPartition);
        assertThat(isPartition("event_20320109")).isFalse();
    }

    @Test
    void whatANewDayIsMadeOfGoesWithItsOrganization() {
        Instant then = Instant.parse("2033-03-03T03:00:00Z");
        Behind.await(() -> partitions(then).make(LocalDate.of(2033, 3, 3)));
        publishAt(then);
        behind.execute("delete from organization where id = ?", organization);
        assertThat(partitionsOfEvents()).isEmpty();
        for (String table : List.of("event_identity", "event_outbox")) {
            assertThat(behind.count("select count(*) from " + table + " where organization_id = ?", organization)).as(table)
                    .isZero();
        }
    }

    private void awaitWaiting(String statement) {
        Eventually.holds(() -> assertThat(behind.count(
                "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and position(? in query) > 0", statement))
                .as(statement).isPositive());
    }

    private EventPartitions partitions(Instant now) {
        return new EventPartitions(pool, () -> now, config);
    }

    private UUID publishAt(Instant at) {
        Events events = new Events(types, outbox, () -> at);
        return Behind.inTransaction(
                () -> events.publish(organization, Event.of("key.created", new JsonObject().put("name", "ERP"))));
    }

    private List<Object> partitionsOfEvents() {
        return behind.query("select tableoid::regclass::text from event where organization_id = ? order by id", organization);
    }

    private boolean isPartition(String name) {
        return behind.count(
                "select count(*) from pg_inherits where inhparent = 'event'::regclass and inhrelid::regclass::text = ?",
                name) == 1;
    }
}
