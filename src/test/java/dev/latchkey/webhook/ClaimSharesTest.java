package dev.latchkey.webhook;

import static dev.latchkey.webhook.QueueScene.share;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import dev.latchkey.testing.Beside;
import dev.latchkey.webhook.ClaimTable.Due;
import dev.latchkey.webhook.Slots.Room;
import dev.latchkey.webhook.Slots.Share;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** Who is given how much by the statements that claim, where there is not enough for all. */
@Beside
@NullUnmarked
class ClaimSharesTest extends QueueCase {

    /** As QueueScene publishes. */
    private static final int BYTES = 8;

    @Test
    void lanesForWhichNothingWaitsTakeNoShare() {
        scene.idle(scene.organization(), 2_000);
        scene.queue(organization, 100);

        Due due = QueueScene.await(scene.claims.claim(QueueScene.terms(QueueScene.room(512, 64)), 1));

        assertThat(due.claimed()).hasSize(64);
        assertThat(due.left()).containsExactly(Map.entry(webhook, organization));
    }

    @Test
    void whoIsNamedIsClaimedForHoweverManyOthersThereAre() {
        scene.idle(scene.organization(), 6_000);
        UUID unnamed = scene.webhook(scene.organization());
        scene.queue(organization, 100);
        List<UUID> claimed = new ArrayList<>();
        Due due;
        do {
            due = QueueScene.await(scene.claims.claimOf(List.of(webhook), QueueScene.terms(QueueScene.room(512, 64))));
            due.claimed().forEach(one -> claimed.add(one.id()));
        } while (!due.left().isEmpty());
        assertThat(claimed).hasSize(100).doesNotHaveDuplicates();
        assertThat(unnamed).isNotNull();
    }

    @Test
    void onlyThoseWhoAreNamedAreClaimedFor() {
        UUID other = scene.webhook(organization);
        scene.queue(organization, 3);
        Due due = QueueScene.await(scene.claims.claimOf(List.of(other), QueueScene.terms(QueueScene.plenty())));
        assertThat(due.claimed()).hasSize(3).extracting(Claimed::webhook).containsOnly(other);
    }

    @Test
    void anOrganizationThatHasNoRoomIsToldOfAsLeft() {
        UUID other = scene.webhook(organization);
        scene.queue(organization, 3);
        Room room = room(share(100), Map.of(), Map.of(organization, share(1)));
        Due due = QueueScene.await(scene.claims.claim(QueueScene.terms(room), 1));
        assertThat(due.claimed()).hasSize(1);
        assertThat(due.left()).containsOnlyKeys(webhook, other);
    }

    /** The last one may exceed it: a large event finds its way, too. */
    @Test
    void memoryOfAnOrganizationAndOfAnEndpointIsBounded() {
        UUID second = scene.webhook(organization);
        UUID other = scene.organization();
        scene.webhook(other);
        Room ofOne = room(share(100), Map.of(), Map.of(organization, new Share(100, 3 * BYTES - 1)));
        Room ofEndpoint = room(share(100), Map.of(second, new Share(100, 1)), Map.of());
        Room none = room(share(100), Map.of(), Map.of(organization, new Share(100, 0)));
        scene.publish(organization, 5);
        scene.publish(other, 5);

        List<Claimed> fannedOut = scene.fanOut(100, ofOne).claimed();
        assertThat(fannedOut).extracting(Claimed::organization).filteredOn(organization::equals).hasSize(3);
        assertThat(fannedOut).hasSize(3 + 5);
        assertThat(scene.claim(none)).isEmpty();
        assertThat(scene.claim(ofOne)).hasSize(3);
        scene.publish(organization, 5);
        assertThat(scene.fanOut(100, ofEndpoint).claimed()).extracting(Claimed::webhook).filteredOn(second::equals).hasSize(1);
        scene.execute("update webhook_queue set claim = null, due = now()");
        assertThat(scene.claim(ofEndpoint)).extracting(Claimed::webhook).filteredOn(second::equals).hasSize(1);
    }

    @Test
    void allThatFailHaveLittleTogetherAndComeAfterTheOthers() {
        failing(20);
        scene.execute("update webhook_lane set failures = 3 where webhook_id <> ?", webhook);
        scene.queue(organization, 10);
        // They wait longer.
        scene.execute("update webhook_queue set due = due - interval '4 seconds' where webhook_id <> ?", webhook);

        Due due = QueueScene.await(scene.claims.claim(QueueScene.terms(room(8, 3)), 1));
        assertThat(due.claimed()).hasSize(8).extracting(Claimed::webhook).as("before all of them").containsOnly(webhook);
        assertThat(due.left()).as("without them").containsOnlyKeys(webhook);
        List<Claimed> claimed = scene.claim(room(8, 3));
        assertThat(claimed).extracting(Claimed::webhook).filteredOn(webhook::equals).hasSize(2);
        assertThat(claimed).hasSize(2 + 3);
    }

    @Test
    void whatIsFannedOutFavoursThoseThatDoNotFail() {
        UUID suspect = scene.webhook(organization);
        UUID other = scene.organization();
        UUID failing = scene.webhook(other);
        scene.execute("update webhook_lane set failures = 5 where webhook_id = ?", failing);
        scene.publish(other, 10);
        scene.publish(organization, 10);

        Room room = new Room(share(8), share(1), share(64), share(64), Map.of(suspect, share(9)), Map.of(), Set.of(suspect));
        FanOut.Taken taken = scene.fanOut(100, room);
        assertThat(taken.claimed()).hasSize(8).extracting(Claimed::webhook).containsOnly(webhook);
        assertThat(taken.left()).containsOnlyKeys(webhook);
        Room more = new Room(share(100), share(3), share(64), share(64), Map.of(suspect, share(9)), Map.of(), Set.of(suspect));
        List<Claimed> claimed = scene.claim(more);
        assertThat(claimed).extracting(Claimed::webhook).filteredOn(webhook::equals).hasSize(2);
        assertThat(claimed).extracting(Claimed::webhook).contains(suspect, failing);
        assertThat(claimed).hasSize(2 + 3);
    }

    private void failing(int organizations) {
        for (int i = 0; i < organizations; i++) {
            UUID other = scene.organization();
            scene.webhook(other);
            scene.queue(other, 1);
        }
    }

    private static Room room(int total, int suspects) {
        return new Room(share(total), share(suspects), share(64), share(64), Map.of(), Map.of(), Set.of());
    }

    private static Room room(Share total, Map<UUID, Share> endpoints, Map<UUID, Share> organizations) {
        return new Room(total, total, share(64), share(64), endpoints, organizations, Set.of());
    }
}
