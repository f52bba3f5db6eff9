package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import dev.latchkey.testing.Beside;
import dev.latchkey.testing.Together;
import dev.latchkey.webhook.FanOut.Taken;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/**
 * Each event becomes its deliveries once, and what is left is told, so that nothing waits for the clock that could go out at
 * once.
 */
@Beside
@NullUnmarked
class FanOutTest extends QueueCase {

    @Test
    void whatHasRoomIsClaimedAsItIsFannedOutAndTheRestIsFree() {
        UUID other = scene.webhook(organization);
        scene.publish(organization, 10);

        Taken taken = scene.fanOutNewest(100, QueueScene.room(100, 4));

        assertThat(taken.events()).isEqualTo(10);
        assertThat(taken.claimed()).hasSize(8).extracting(Claimed::webhook).containsOnly(webhook, other);
        assertThat(taken.left()).containsOnlyKeys(webhook, other).containsValue(organization);
        assertThat(scene.count("select count(*) from webhook_queue where claim is null and due <= now()")).isEqualTo(12);
        assertThat(scene.count("select count(*) from webhook_queue where claim is not null and due > now()")).isEqualTo(8);
        assertThat(scene.count("select count(*) from delivery where state = 'pending'")).isEqualTo(20);
        assertThat(scene.count("select count(*) from event_outbox")).isZero();
        assertThat(scene.query("select distinct deliveries from event_identity")).containsExactly(2);
        assertThat(taken.claimed().get(0).event().data()).isEqualTo("{\"n\": 1}");
    }

    @Test
    void whatNobodyAskedForHasItsFateToo() {
        scene.execute("update webhook set events = '{order.update}'");
        scene.publish(organization, 2);
        Taken taken = scene.fanOutNewest(100, QueueScene.plenty());
        assertThat(taken.events()).isEqualTo(2);
        assertThat(taken.claimed()).isEmpty();
        assertThat(scene.query("select distinct deliveries from event_identity")).containsExactly(0);
    }

    @Test
    void whoWasSwitchedOffByAPersonGetsNothingWhoByUsKeepsIt() {
        UUID ours = scene.webhook(organization);
        UUID deleted = scene.webhook(organization);
        scene.execute("update webhook set active = false where id = ?", webhook);
        scene.execute("update webhook set active = false, disabled_at = now(), disabled_reason = 'gone' where id = ?", ours);
        scene.execute("update webhook set deleted_at = now(), secret = null, active = false where id = ?", deleted);
        scene.execute("update webhook_lane set paused = true");
        scene.publish(organization, 1);

        assertThat(scene.fanOutNewest(100, QueueScene.plenty()).claimed()).isEmpty();

        assertThat(scene.query("select webhook_id from webhook_queue")).containsExactly(ours);
        assertThat(scene.claim(QueueScene.plenty())).isEmpty();
        scene.execute("update webhook_lane set paused = false where webhook_id = ?", ours);
        assertThat(scene.claim(QueueScene.plenty())).hasSize(1);
    }

    @Test
    void organizationsTakeTurnsHoweverMuchOneHasPublished() {
        List<UUID> many = scene.publish(organization, 50);
        UUID other = scene.organization();
        scene.webhook(other);
        scene.publish(other, 3);

        Taken taken = scene.fanOut(20, QueueScene.plenty());

        assertThat(taken.isFull()).isTrue();
        assertThat(taken.claimed()).extracting(Claimed::organization).filteredOn(other::equals).hasSize(3);
        assertThat(taken.claimed()).extracting(claimed -> claimed.event().id())
                .contains(many.get(0).toString()).doesNotContain(many.get(49).toString());
        // And of what is claimed, where room is scarce.
        Taken scarce = scene.fanOut(20, QueueScene.room(2, 2));
        assertThat(scarce.claimed()).hasSize(2);
    }

    @Test
    void anOldEventIsFoundThoughTheNewestAreLookedAtFirst() {
        scene.publish(organization, 1, "now() - interval '2 days'");
        assertThat(scene.fanOutNewest(100, QueueScene.plenty()).events()).isZero();
        assertThat(scene.fanOut(100, QueueScene.plenty()).claimed()).hasSize(1);
    }

    @Test
    void thoseWhoFanOutAtOnceTakeEachEventOnce() {
        scene.publish(organization, 200);
        List<UUID> delivered = new ArrayList<>();
        try (var together = new Together(4)) {
            for (int round = 0; round < 5; round++) {
                together.call(() -> scene.fanOut(20, QueueScene.plenty())).forEach(
                        taken -> taken.claimed().forEach(claimed -> delivered.add(claimed.id())));
            }
        }
        scene.fanOut(500, QueueScene.plenty()).claimed().forEach(claimed -> delivered.add(claimed.id()));
        assertThat(delivered).hasSize(200).doesNotHaveDuplicates();
        assertThat(scene.count("select count(*) from delivery")).isEqualTo(200);
    }

    @Test
    void thereMayBeMoreOfTheNewestAlsoWhereEachIsAnothers() {
        for (int i = 0; i < 40; i++) {
            scene.publish(scene.organization(), 1);
        }
        assertThat(scene.fanOutNewest(16, QueueScene.plenty()).isFull()).isTrue();
        assertThat(scene.fanOutNewest(16, QueueScene.plenty()).isFull()).isTrue();
        Taken last = scene.fanOutNewest(16, QueueScene.plenty());
        assertThat(last.events()).isEqualTo(8);
        assertThat(last.isFull()).isFalse();
        assertThat(scene.fanOutNewest(16, QueueScene.plenty()).isFull()).isFalse();
    }

    @Test
    void aRoundGoesOnBehindTheLastOrganizationThoughOthersHoldAllItsEvents() throws SQLException {
        for (int i = 0; i < 201; i++) {
            scene.publish(scene.organization(), 1);
        }
        UUID last = (UUID) scene.query("select organization_id from event_outbox order by organization_id offset 199 limit 1")
                .get(0);
        try (Connection other = scene.connect(); Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("select from event_outbox for update");

            Taken taken = scene.fanOut(500, QueueScene.plenty());

            assertThat(taken.events()).isZero();
            assertThat(taken.isFull()).isFalse();
            assertThat(taken.nextAfter()).isEqualTo(last);
        }
    }

    @Test
    void itTellsHowManyDeliveriesThereWere() {
        UUID organization = scene.organization();
        for (int i = 0; i < 5; i++) {
            scene.webhook(organization);
        }
        scene.publish(organization, 4);
        Taken taken = scene.fanOut(100, QueueScene.room(3, 3));
        assertThat(taken.events()).isEqualTo(4);
        assertThat(taken.deliveries()).isEqualTo(20);
    }
}
