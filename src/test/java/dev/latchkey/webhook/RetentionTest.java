package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import dev.latchkey.testing.Beside;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.Together;
import io.quarkus.runtime.configuration.ConfigurationException;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** What is too old goes, whole days at a time, and nothing that leads to it is left. */
@Beside
@NullUnmarked
class RetentionTest extends QueueCase {

    private static final Duration MONTH = Duration.ofDays(30);
    private static final List<String> TABLES = List.of("event", "delivery", "attempt");

    @Test
    void aDayIsDroppedWithAllThatBelongsToIt() {
        makeDay(40);
        makeDay(3);
        List<UUID> old = deliver("now() - interval '40 days'");
        List<UUID> young = deliver("now() - interval '3 days'");

        run();

        assertThat(days()).hasSize(3);
        assertThat(scene.query("select id from event")).containsExactlyInAnyOrderElementsOf(List.copyOf(young));
        assertThat(scene.query("select event_id from event_identity")).doesNotContainAnyElementsOf(old)
                .containsExactlyInAnyOrderElementsOf(List.copyOf(young));
        assertThat(scene.count("select count(*) from delivery")).isEqualTo(2);
        assertThat(scene.count("select count(*) from attempt")).isEqualTo(2);
    }

    @Test
    void whatIsNotDeliveredByThenIsGivenUp() {
        scene.publish(organization, 1, "now() - interval '31 days'");
        scene.publish(organization, 1);
        scene.fanOut(10, QueueScene.room(0, 0));
        assertThat(scene.count("select count(*) from webhook_queue")).isEqualTo(2);

        QueueScene.await(new Retention(scene.pool(), MONTH).giveUp());

        assertThat(scene.count("select count(*) from webhook_queue where at > now() - interval '1 day'")).isEqualTo(1);
        assertThat(scene.query("select state || ' ' || coalesce(reason, '-') from delivery order by at"))
                .containsExactly("exhausted retention", "pending -");
        run();
        assertThat(scene.query("select state from delivery")).containsExactly("pending");
        assertThat(scene.count("select count(*) from event_identity")).isEqualTo(1);
    }

    @Test
    void whatNobodyFannedOutIsForgotten() {
        scene.publish(organization, 2, "now() - interval '31 days'");
        scene.publish(organization, 1);
        run();
        assertThat(scene.count("select count(*) from event_outbox")).isEqualTo(1);
        assertThat(scene.count("select count(*) from event")).isEqualTo(1);
        assertThat(scene.count("select count(*) from event_identity")).isEqualTo(1);
    }

    @Test
    void aDeletedWebhookGoesADayAfterItsLastDelivery() {
        UUID gone = scene.webhook(organization);
        UUID young = scene.webhook(organization);
        for (UUID deleted : List.of(gone, young)) {
            scene.execute(
                    "update webhook set deleted_at = now() - interval '30 days', secret = null, active = false where id = ?",
                    deleted);
        }
        scene.execute("update webhook set deleted_at = now() - interval '32 days' where id = ?", gone);
        run();
        assertThat(scene.query("select id from webhook where deleted_at is not null")).containsExactly(young);
        assertThat(scene.count("select count(*) from webhook_lane where webhook_id = ?", gone)).isZero();
    }

    @Test
    void severalReplicasMayRunItAtOnce() {
        makeDay(40);
        deliver("now() - interval '40 days'");
        try (var together = new Together(3)) {
            together.run(this::run);
        }
        run();
        assertThat(days()).isEmpty();
        assertThat(scene.count("select count(*) from event_identity")).isZero();
    }

    @Test
    void whileAnotherReplicaIsAtItNothingIsTouched() throws SQLException {
        makeDay(40);
        deliver("now() - interval '40 days'");
        try (Connection other = scene.connect(); Statement statement = other.createStatement()) {
            statement.execute("select pg_advisory_lock(hashtextextended('latchkey.retention', 0))");
            run();
            assertThat(days()).hasSize(3);
            assertThat(scene.count("select count(*) from event_identity")).isEqualTo(2);
        }
        Eventually.holds(() -> {
            run();
            assertThat(days()).isEmpty();
        });
    }

    @Test
    void whatHasNoDeliveryAnyMoreLeavesTheQueueHoweverMuchItIs() {
        scene.execute(
                """
                        insert into webhook_queue (delivery_id, webhook_id, organization_id, event_id, at, due, bytes)
                        select gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), now() - interval '40 days', now(), 1
                          from generate_series(1, 5001)
                        """);
        run();
        assertThat(scene.count("select count(*) from webhook_queue")).isZero();
    }

    @Test
    void aDayStaysAsLongAsSomethingOfItWaits() throws SQLException {
        makeDay(40);
        scene.publish(organization, 1, "now() - interval '40 days'");
        scene.fanOut(10, QueueScene.room(0, 0));
        try (Connection sender = scene.connect(); Statement statement = sender.createStatement()) {
            sender.setAutoCommit(false);
            statement.execute("select * from webhook_queue for update");
            run();
            assertThat(days()).hasSize(3);
            assertThat(scene.count("select count(*) from event_identity")).isEqualTo(1);
            sender.rollback();
        }
        run();
        assertThat(days()).isEmpty();
        assertThat(scene.count("select count(*) from webhook_queue")).isZero();
    }

    /** Who holds the tables open is a dump, or the proof that no event is lost. */
    @Test
    void nobodyWaitsLongForADayThatCannotBeDroppedYet() throws Exception {
        makeDay(40);
        deliver("now() - interval '40 days'");
        CompletableFuture<Void> dropped;
        try (Connection dump = scene.connect(); Statement statement = dump.createStatement()) {
            dump.setAutoCommit(false);
            statement.execute("select count(*) from attempt, delivery, event");
            dropped = CompletableFuture.runAsync(this::run);
            long until = System.nanoTime() + Duration.ofSeconds(4).toNanos();
            for (long start = System.nanoTime(); start < until; start = System.nanoTime()) {
                deliver("now()");
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
            }
        }
        assertThat(dropped).succeedsWithin(20, TimeUnit.SECONDS);
        assertThat(days()).isEmpty();
    }

    @Test
    void daysAreDroppedWhileOthersAreDelivered() {
        for (int day = 40; day < 60; day++) {
            makeDay(day);
            deliver("now() - interval '%d days'".formatted(day));
        }
        CompletableFuture<Void> dropped = CompletableFuture.runAsync(this::run);
        int delivered = 0;
        for (; !dropped.isDone(); delivered += 2) {
            deliver("now()");
        }
        assertThat(dropped).isCompleted();
        assertThat(days()).isEmpty();
        assertThat(delivered).as("at the same time").isPositive();
        assertThat(scene.count("select count(*) from delivery where state = 'delivered'")).isEqualTo(delivered);
    }

    @Test
    void lessThanADayIsRefused() {
        assertThatThrownBy(() -> new Retention(scene.pool(), Duration.ofHours(23))).isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("LATCHKEY_RETENTION");
    }

    /** Two events, delivered. */
    private List<UUID> deliver(String at) {
        List<UUID> events = scene.publish(organization, 2, at);
        List<Ended> ended = scene.fanOut(10, QueueScene.plenty()).claimed().stream().map(Endings::delivered).toList();
        QueueScene.await(scene.completions.write(ended));
        return events;
    }

    private void makeDay(int daysAgo) {
        String day = (String) scene
                .query("select to_char(now() at time zone 'UTC' - ? * interval '1 day', 'YYYY-MM-DD')", daysAgo)
                .get(0);
        TABLES.forEach(table -> scene
                .execute("create table %1$s_%2$s partition of %1$s for values from ('%3$s 00:00+00') to ('%4$s 00:00+00')"
                        .formatted(table, day.replace("-", ""), day, LocalDate.parse(day).plusDays(1))));
    }

    private List<Object> days() {
        return scene
                .query("""
                        select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
                         where i.inhparent in ('event'::regclass, 'delivery'::regclass, 'attempt'::regclass) and c.relname ~ '_[0-9]{8}$'
                        """);
    }

    private void run() {
        QueueScene.await(new Retention(scene.pool(), MONTH).run());
    }
}
