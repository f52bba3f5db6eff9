package dev.latchkey.webhook;

import static dev.latchkey.webhook.Endings.failed;
import static dev.latchkey.webhook.QueueScene.share;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.latchkey.testing.Beside;
import dev.latchkey.testing.Together;
import dev.latchkey.webhook.ClaimTable.Terms;
import dev.latchkey.webhook.Slots.Room;
import dev.latchkey.webhook.Slots.Share;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** What the statements that claim guarantee, whoever runs them at the same time. */
@Beside
@NullUnmarked
class ClaimTest extends QueueCase {

    @Test
    void thoseWhoClaimAtOnceShare() {
        scene.queue(organization, 100);
        List<UUID> claimed = new ArrayList<>();
        try (var together = new Together(4)) {
            for (int round = 0; round < 10; round++) {
                together.call(() -> scene.claim(QueueScene.room(10, 10)))
                        .forEach(some -> some.forEach(one -> claimed.add(one.id())));
            }
        }
        while (claimed.size() < 100
                && claimed.addAll(scene.claim(QueueScene.room(10, 10)).stream().map(Claimed::id).toList())) {
            assertThat(claimed).doesNotHaveDuplicates();
        }
        assertThat(claimed).hasSize(100).doesNotHaveDuplicates();
    }

    @Test
    void aClaimThatRanOutIsTakenOverAndOneThatIsRenewedIsNot() {
        scene.queue(organization, 2);
        List<Claimed> first = scene.claim(QueueScene.plenty());
        assertThat(first).hasSize(2);
        assertThat(scene.claim(QueueScene.plenty())).isEmpty();
        scene.execute("update webhook_queue set due = now() - interval '1 millisecond'");

        assertThat(QueueScene.await(scene.held.renew(List.of(first.get(0)), QueueScene.LEASE)))
                .containsExactly(first.get(0).id());

        assertThat(scene.claim(QueueScene.plenty())).extracting(Claimed::id).containsExactly(first.get(1).id());
        assertThat(QueueScene.await(scene.held.renew(first, QueueScene.LEASE))).containsExactly(first.get(0).id());
    }

    @Test
    void whatIsClaimedOnceMoreGoesOnUnderTheFirstClaim() {
        scene.queue(organization, 2);
        List<Claimed> first = scene.claim(QueueScene.plenty());
        scene.execute("update webhook_queue set due = now()");
        List<Claimed> again = scene.claim(QueueScene.plenty());
        Claimed mine = first.get(0);
        Claimed anew = again.stream().filter(one -> one.id().equals(mine.id())).findFirst().orElseThrow();

        QueueScene.await(scene.held.adopt(Map.of(mine, anew), QueueScene.LEASE));

        assertThat(QueueScene.await(scene.held.renew(first, QueueScene.LEASE))).containsExactly(mine.id());
        assertThat(write(failed(mine)).lost()).isZero();
    }

    @Test
    void whatHasLostItsEventEndsAndKeepsNobodyWaiting() {
        scene.queue(organization, 3);
        scene.execute("delete from event where id = (select event_id from webhook_queue order by due, delivery_id limit 1)");

        assertThat(scene.claim(QueueScene.plenty())).hasSize(2);

        assertThat(scene.count("select count(*) from webhook_queue")).isEqualTo(2);
        assertThat(scene.query("select state || ' ' || coalesce(reason, '-') from delivery")).containsExactlyInAnyOrder(
                "exhausted retention", "pending -", "pending -");
    }

    @Test
    void whatIsGivenBackIsClaimedAgainAtOnce() {
        scene.queue(organization, 3);
        List<Claimed> claimed = scene.claim(QueueScene.plenty());
        scene.execute("update webhook_lane set next_due = 'infinity', warm_until = '-infinity'");
        QueueScene.await(scene.held.giveBack(claimed, GivingBack.Terms.AT_ONCE));
        assertThat(scene.claim(QueueScene.plenty())).hasSize(3).extracting(Claimed::attempt).containsOnly(0);
    }

    @Test
    void endpointsAndOrganizationsWithoutRoomArePassedOverBeforeAnythingIsLimited() {
        UUID healthy = scene.webhook(organization);
        UUID other = scene.organization();
        UUID others = scene.webhook(other);
        scene.queue(organization, 20);
        scene.queue(other, 20);
        Room room = room(4, Map.of(webhook, share(0)), Map.of());
        assertThat(scene.claim(room)).hasSize(4).extracting(Claimed::webhook).contains(healthy, others)
                .doesNotContain(webhook);
        Room without = room(4, Map.of(), Map.of(other, share(0)));
        assertThat(scene.claim(without)).hasSize(4).extracting(Claimed::organization).containsOnly(organization);
        Room few = room(10, Map.of(), Map.of(organization, share(1)));
        assertThat(scene.claim(few)).extracting(Claimed::organization).filteredOn(organization::equals).hasSize(1);
    }

    @Test
    void whatIsClaimedFitsIntoMemory() {
        scene.queue(organization, 10);
        Room room = new Room(new Share(100, 20), share(100), share(100), share(100), Map.of(), Map.of(), Set.of());
        assertThat(scene.claim(room)).hasSize(2);
        scene.publish(organization, 10);
        assertThat(scene.fanOut(100, room).claimed()).hasSize(2);
    }

    @Test
    void whoFailsIsGivenLittle() {
        scene.execute("update webhook_lane set failures = 3");
        scene.queue(organization, 10);
        assertThat(scene.claim(QueueScene.plenty())).hasSize(Slots.FAILING);
        scene.publish(organization, 10);
        assertThat(scene.fanOut(100, QueueScene.plenty()).claimed()).hasSize(Slots.FAILING);
    }

    /** What vacuum may not remove lies behind next_due, or before it: claims walk over none of it. */
    @Test
    void anOldSnapshotDoesNotSlowClaims() throws SQLException {
        try (Connection holder = scene.connect(); Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            holder.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            statement.execute("select count(*) from webhook_queue");
            for (int round = 0; round < 5; round++) {
                scene.queue(organization, 200);
                Terms terms = new Terms(UuidCreator.getTimeOrderedEpoch(), Duration.ofHours(1), QueueScene.plenty());
                List<Ended> all = QueueScene.await(scene.claims.claim(terms, 1)).claimed().stream().map(Endings::delivered)
                        .toList();
                assertThat(all).hasSize(200);
                QueueScene.await(scene.completions.write(all));
            }
            // As it is when all of that is older than five seconds.
            scene.execute("update webhook_lane set next_due = now(), warm_until = now() + interval '1 hour'");
            scene.queue(organization, 1);
            assertThat(entriesThatAClaimLooksAt()).isLessThan(20);
            scene.execute("update webhook_lane set next_due = '-infinity'");
            scene.queue(organization, 1);
            assertThat(entriesThatAClaimLooksAt()).as("what would be walked over").isGreaterThan(900);
        }
    }

    /** Of webhook_queue_due, dead ones included, by a claim of what is one delivery. */
    private long entriesThatAClaimLooksAt() {
        return QueueScene.await(scene.pool().withTransaction(connection -> entriesRead(connection)
                .chain(before -> new ClaimTable(scene.on(connection), new HeldTable(scene.on(connection)))
                        .claim(QueueScene.terms(QueueScene.plenty()), 1).invoke(due -> assertThat(due.claimed()).hasSize(1))
                        .chain(() -> entriesRead(connection)).map(after -> after - before))));
    }

    /** By this connection, of late. */
    private static Uni<Long> entriesRead(SqlConnection connection) {
        return connection.query("select pg_stat_get_xact_tuples_returned('webhook_queue_due'::regclass) as read").execute()
                .map(rows -> rows.iterator().next().getLong("read"));
    }

    private static Room room(int total, Map<UUID, Share> endpoints, Map<UUID, Share> organizations) {
        return new Room(share(total), share(total), share(64), share(64), endpoints, organizations, Set.of());
    }
}
