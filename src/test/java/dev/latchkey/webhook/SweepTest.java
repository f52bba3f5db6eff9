package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;

import dev.latchkey.testing.Beside;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** Lanes warm up and cool down; what is found and cancelled behind their back, and what that costs. */
@Beside
@NullUnmarked
class SweepTest extends QueueCase {

    @Test
    void lanesWarmUpAndCoolDown() {
        assertThat(scene.query("select next_due = 'infinity' from webhook_lane")).containsExactly(true);
        scene.queue(organization, 1);
        assertThat(scene.query(
                "select next_due <= now() - interval '5 seconds' and warm_until > now() + interval '5 seconds' from webhook_lane"))
                .containsExactly(true);
        // Warm: what waits stays in reach however late the lane is looked at, and what does not wait is left behind.
        scene.execute("update webhook_lane set next_due = now() - interval '1 hour'");
        QueueScene.await(scene.lanes.tidy(1));
        assertThat(scene.query(
                "select next_due between now() - interval '6 seconds' and now() - interval '5 seconds' from webhook_lane"))
                .containsExactly(true);
        // Cold: to the first row, or out of sight.
        scene.execute(
                "update webhook_lane set next_due = now() - interval '1 hour', warm_until = now() - interval '6 seconds'");
        scene.execute("update webhook_queue set due = now() + interval '1 hour'");
        QueueScene.await(scene.lanes.tidy(1));
        assertThat(scene.query("select next_due = (select due from webhook_queue) from webhook_lane")).containsExactly(true);
        scene.execute("update webhook_lane set next_due = now() - interval '1 hour'");
        scene.execute("delete from webhook_queue");
        QueueScene.await(scene.lanes.tidy(1));
        assertThat(scene.query("select next_due = 'infinity' from webhook_lane")).containsExactly(true);
    }

    @Test
    void theSweepFindsWhatNoLaneKnowsOf() {
        scene.queue(organization, 1);
        scene.execute("update webhook_lane set next_due = 'infinity', warm_until = '-infinity'");
        scene.execute("update webhook_queue set due = now() - interval '1 minute'");
        assertThat(scene.claim(QueueScene.plenty())).isEmpty();

        LaneTable.Swept swept = QueueScene.await(scene.lanes.sweep());

        assertThat(swept.missed()).isEqualTo(1);
        assertThat(swept.waited()).isBetween(Duration.ofSeconds(60), Duration.ofSeconds(90));
        assertThat(scene.claim(QueueScene.plenty())).hasSize(1);
        assertThat(QueueScene.await(scene.lanes.sweep()).waited()).isZero();
    }

    @Test
    void whatDeletedWebhooksAndThoseOfNoOrganizationLeftIsCancelled() {
        scene.queue(organization, 2);
        scene.execute("update webhook set deleted_at = now(), secret = null, active = false");
        assertThat(QueueScene.await(scene.lanes.cancel())).isEqualTo(2);
        assertThat(QueueScene.await(scene.lanes.cancel())).isZero();
        assertThat(scene.count("select count(*) from webhook_queue")).isZero();
        assertThat(scene.count("""
                select count(*) from delivery where state = 'cancelled' and reason = 'webhook-deleted' and failed_at is not null
                """)).isEqualTo(2);
    }

    /** A queue that has been worked off, of which vacuum may remove nothing. */
    @Test
    void anOldSnapshotDoesNotSlowTheSweep() throws SQLException {
        scene.execute("""
                insert into webhook_queue (delivery_id, webhook_id, organization_id, event_id, at, due, bytes)
                select gen_random_uuid(), ?, ?, gen_random_uuid(), now(), now() - interval '10 minutes', 1
                  from generate_series(1, 20000)
                """, webhook, organization);
        try (Connection holder = scene.connect(); Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            holder.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            statement.execute("select count(*) from webhook_queue");
            scene.execute("delete from webhook_queue");
            scene.queue(organization, 1);

            assertThat(pagesTouched(LaneTable.SWEEP)).isLessThan(100);
            assertThat(pagesTouched(LaneTable.CANCEL)).isLessThan(100);
            assertThat(pagesTouched(LaneTable.SWEEP_ALL)).as("what would be walked over").isGreaterThan(300);
        }
    }

    @Test
    void theSweepOfEverythingFindsWhatIsOlderThanTheOther() {
        scene.queue(organization, 1);
        scene.execute("update webhook_lane set next_due = 'infinity', warm_until = '-infinity'");
        scene.execute("update webhook_queue set due = now() - interval '1 hour'");
        assertThat(QueueScene.await(scene.lanes.sweep()).missed()).isZero();
        assertThat(QueueScene.await(scene.lanes.sweepAll()).missed()).isEqualTo(1);
        assertThat(scene.claim(QueueScene.plenty())).hasSize(1);
    }

    @Test
    void whatIsLeftOfAWebhookThatIsGoneLongSinceIsCancelledToo() {
        scene.queue(organization, 2);
        scene.execute("update webhook set deleted_at = now() - interval '1 day', secret = null, active = false");
        assertThat(QueueScene.await(scene.lanes.cancel())).isZero();
        assertThat(QueueScene.await(scene.lanes.cancelAll())).isEqualTo(2);
        scene.execute("""
                insert into webhook_queue (delivery_id, webhook_id, organization_id, event_id, at, due, bytes)
                values (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), now(), now(), 1)
                """);
        assertThat(QueueScene.await(scene.lanes.cancelAll())).isEqualTo(1);
    }

    /** A lane of which what waits is old does not move, so nobody has to wait for it. */
    @Test
    void lanesThatDoNotMoveAreNotLocked() throws SQLException {
        UUID other = scene.webhook(organization);
        scene.queue(organization, 1);
        scene.execute("update webhook_queue set due = now() - interval '1 hour' where webhook_id = ?", webhook);
        scene.execute("update webhook_lane set next_due = now() - interval '1 hour'");
        scene.execute(
                "update webhook_lane set next_due = (select due from webhook_queue where webhook_id = ?) where webhook_id = ?",
                webhook, webhook);

        List<UUID> locked = QueueScene.await(scene.pool().withTransaction(connection -> new LaneTable(scene.on(connection))
                .tidy(1).map(done -> {
                    List<Object> free = scene.query("select webhook_id from webhook_lane for update skip locked");
                    return List.of(webhook, other).stream().filter(one -> !free.contains(one)).toList();
                })));

        assertThat(locked).containsExactly(other);
    }

    @Test
    void manyOldBacklogsKeepNoLaneFromMoving() {
        UUID other = scene.organization();
        scene.idle(other, 6_000);
        scene.execute("update webhook_lane set next_due = now() - interval '1 hour' where organization_id = ?", other);
        scene.execute("""
                insert into webhook_queue (delivery_id, webhook_id, organization_id, event_id, at, due, bytes)
                select gen_random_uuid(), webhook_id, organization_id, gen_random_uuid(), now(), next_due, 1
                  from webhook_lane where organization_id = ?
                """, other);
        scene.execute("update webhook_lane set next_due = now() - interval '1 minute' where webhook_id = ?", webhook);

        for (int seed = 0; seed < 20; seed++) {
            QueueScene.await(scene.lanes.tidy(seed));
        }

        assertThat(scene.query("select next_due from webhook_lane where webhook_id = ? and next_due = 'infinity'", webhook))
                .hasSize(1);
    }

    private long pagesTouched(String sql) throws SQLException {
        try (Connection connection = scene.connect(); Statement statement = connection.createStatement()) {
            for (String way : List.of("seqscan", "bitmapscan", "hashjoin", "mergejoin")) {
                statement.execute("set enable_" + way + " = off");
            }
            try (ResultSet plan = statement
                    .executeQuery("explain (analyze, buffers, costs off, timing off, summary off) " + sql)) {
                StringBuilder lines = new StringBuilder();
                while (plan.next()) {
                    lines.append(plan.getString(1)).append('\n');
                }
                var hits = Pattern.compile("shared hit=(\\d+)").matcher(lines);
                assertThat(hits.find()).as(lines.toString()).isTrue();
                return Long.parseLong(hits.group(1));
            }
        }
    }
}
