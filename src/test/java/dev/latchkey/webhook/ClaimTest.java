package dev.latchkey.webhook;

import static dev.latchkey.webhook.QueueScene.share;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.latchkey.net.OutboundAnswer;
import dev.latchkey.net.OutboundOutcome;
import dev.latchkey.net.Phases;
import dev.latchkey.testing.Beside;
import dev.latchkey.testing.Together;
import dev.latchkey.webhook.ClaimTable.Terms;
import dev.latchkey.webhook.CompletionTable.Written;
import dev.latchkey.webhook.FanOut.Taken;
import dev.latchkey.webhook.Slots.Room;
import dev.latchkey.webhook.Slots.Share;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.SqlConnection;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the statements of the dispatcher guarantee, whoever runs them at the same time. */
@Beside
@NullUnmarked
class ClaimTest {

    private QueueScene scene;
    private UUID organization;
    private UUID webhook;

    @BeforeEach
    void aWebhook() throws SQLException {
        scene = new QueueScene();
        organization = scene.organization();
        webhook = scene.webhook(organization);
    }

    @AfterEach
    void close() throws SQLException {
        scene.close();
    }

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

        assertThat(QueueScene.await(scene.claims.renew(List.of(first.get(0)), QueueScene.LEASE)))
                .containsExactly(first.get(0).id());

        assertThat(scene.claim(QueueScene.plenty())).extracting(Claimed::id).containsExactly(first.get(1).id());
        assertThat(QueueScene.await(scene.claims.renew(first, QueueScene.LEASE))).containsExactly(first.get(0).id());
    }

    @Test
    void whatIsClaimedOnceMoreGoesOnUnderTheFirstClaim() {
        scene.queue(organization, 2);
        List<Claimed> first = scene.claim(QueueScene.plenty());
        scene.execute("update webhook_queue set due = now()");
        List<Claimed> again = scene.claim(QueueScene.plenty());
        Claimed mine = first.get(0);
        Claimed anew = again.stream().filter(one -> one.id().equals(mine.id())).findFirst().orElseThrow();

        QueueScene.await(scene.claims.adopt(Map.of(mine, anew), QueueScene.LEASE));

        assertThat(QueueScene.await(scene.claims.renew(first, QueueScene.LEASE))).containsExactly(mine.id());
        assertThat(write(failed(mine)).lost()).isZero();
    }

    @Test
    void aFailureUnderALostClaimDoesNotCountAndASuccessDoes() {
        scene.queue(organization, 2);
        List<Claimed> first = scene.claim(QueueScene.plenty());
        scene.execute("update webhook_queue set due = now()");
        List<Claimed> second = scene.claim(QueueScene.plenty());
        assertThat(second).hasSize(2);

        Written written = write(failed(first.get(0)), delivered(first.get(1)));

        assertThat(written.lost()).isEqualTo(1);
        assertThat(scene.query("select claim from webhook_queue")).containsExactly(second.get(0).claim());
        assertThat(state(first.get(0))).isEqualTo("pending 0");
        assertThat(state(first.get(1))).isEqualTo("delivered 1");
        // Whoever took it over comes later with a failure: delivered it stays.
        Claimed late = second.stream().filter(one -> one.id().equals(first.get(1).id())).findFirst().orElseThrow();
        assertThat(write(failed(late)).lost()).isEqualTo(1);
        assertThat(state(late)).isEqualTo("delivered 1");
        assertThat(write(delivered(late)).lost()).isZero();
        assertThat(state(late)).isEqualTo("delivered 2");
    }

    @Test
    void whatFailedGoesBackAndWhatHasNoAttemptLeftIsGivenUp() {
        scene.queue(organization, 2);
        List<Claimed> claimed = scene.claim(QueueScene.plenty());

        write(failed(claimed.get(0)), exhausted(claimed.get(1)));

        assertThat(scene.query("select attempt from webhook_queue where claim is null and due > now()")).containsExactly(1);
        assertThat(state(claimed.get(0))).isEqualTo("pending 1");
        assertThat(state(claimed.get(1))).isEqualTo("exhausted 1");
        assertThat(scene.query("select failures from webhook_lane where failing_since is not null")).containsExactly(2);
        assertThat(scene.count("select count(*) from attempt where status = 503 and error = 'http-status'")).isEqualTo(2);
        scene.execute("update webhook_queue set due = now()");
        List<Claimed> again = scene.claim(QueueScene.plenty());
        assertThat(again).extracting(Claimed::attempt, Claimed::failures).containsExactly(
                org.assertj.core.groups.Tuple.tuple(1, 2));
        write(delivered(again.get(0)));
        assertThat(scene.query("select failures from webhook_lane where failing_since is null")).containsExactly(0);
    }

    @Test
    void aHoldStaysAlthoughSomethingElseSucceeds() {
        scene.queue(organization, 2);
        List<Claimed> claimed = scene.claim(QueueScene.plenty());
        write(ended(claimed.get(0), 503, Duration.ofHours(2), Duration.ofHours(3)));
        write(delivered(claimed.get(1)));
        assertThat(scene.count("""
                select count(*) from webhook_lane where failures = 0
                   and held_until between now() + interval '59 minutes' and now() + interval '61 minutes'
                """)).as("an hour at most").isEqualTo(1);
        scene.execute("update webhook_queue set due = now()");
        assertThat(scene.claim(QueueScene.plenty())).isEmpty();
    }

    @Test
    void whoHasFailedForTooLongIsNamedByAFailureAlone() {
        scene.queue(organization, 3);
        List<Claimed> claimed = scene.claim(QueueScene.plenty());
        scene.execute("update webhook_lane set failing_since = now() - interval '6 days', failures = 9");
        assertThat(write(failed(claimed.get(0))).dead()).containsExactly(webhook);
        assertThat(write(delivered(claimed.get(1))).dead()).isEmpty();
        assertThat(write(failed(claimed.get(2))).dead()).isEmpty();
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
    void nothingIsLeftBehindOfADeliveryThatIsGone() {
        scene.queue(organization, 1);
        List<Claimed> claimed = scene.claim(QueueScene.plenty());
        scene.execute("delete from webhook_queue");
        scene.execute("delete from delivery");
        write(delivered(claimed.get(0)));
        assertThat(scene.count("select count(*) from attempt")).isZero();
    }

    @Test
    void whatIsGivenBackIsClaimedAgainAtOnce() {
        scene.queue(organization, 3);
        List<Claimed> claimed = scene.claim(QueueScene.plenty());
        scene.execute("update webhook_lane set next_due = 'infinity', warm_until = '-infinity'");
        QueueScene.await(scene.claims.giveBack(claimed, GivingBack.Terms.AT_ONCE));
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
                List<Ended> all = QueueScene.await(scene.claims.claim(terms, 1)).claimed().stream().map(ClaimTest::delivered)
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
                .chain(before -> new ClaimTable(scene.on(connection))
                        .claim(QueueScene.terms(QueueScene.plenty()), 1).invoke(due -> assertThat(due.claimed()).hasSize(1))
                        .chain(() -> entriesRead(connection)).map(after -> after - before))));
    }

    /** By this connection, of late. */
    private static Uni<Long> entriesRead(SqlConnection connection) {
        return connection.query("select pg_stat_get_xact_tuples_returned('webhook_queue_due'::regclass) as read").execute()
                .map(rows -> rows.iterator().next().getLong("read"));
    }

    /** Those that succeed lie before those that fail, in the order in which rows are locked. */
    @Test
    void whoWritesAndWhoRenewsDoNotBlockEachOther() {
        for (int round = 0; round < 15; round++) {
            scene.queue(organization, 200);
            List<Claimed> claimed = scene.claim(QueueScene.plenty()).stream()
                    .sorted(java.util.Comparator.comparing(Claimed::id)).toList();
            assertThat(claimed).hasSize(200);
            List<Ended> ended = new ArrayList<>();
            for (int i = 0; i < claimed.size(); i++) {
                ended.add(i < claimed.size() / 2 ? delivered(claimed.get(i)) : failed(claimed.get(i)));
            }
            List<Uni<?>> together = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                together.add(scene.claims.renew(claimed, QueueScene.LEASE));
                if (i == 1) {
                    together.add(scene.completions.write(ended));
                }
            }
            QueueScene.await(Uni.combine().all().unis(together).discardItems());
            assertThat(scene.count("select count(*) from webhook_queue where attempt = 1")).isEqualTo(100);
            scene.execute("delete from webhook_queue");
            scene.execute("update webhook_lane set failures = 0");
        }
    }

    @Test
    void whatIsPutBackIsClaimedWhenItIsDueThoughSomethingElseSucceededSince() {
        scene.queue(organization, 2);
        List<Claimed> claimed = scene.claim(QueueScene.plenty());
        Ended failed = failed(claimed.get(0));
        Ended earlier = aSecondEarlier(failed);
        scene.execute(
                "update webhook_lane set warm_until = now() - interval '10 seconds', next_due = now() + interval '1 hour'");

        write(earlier, delivered(claimed.get(1)));

        scene.execute("update webhook_queue set due = now()");
        assertThat(scene.claim(QueueScene.plenty())).extracting(Claimed::id).containsExactly(failed.delivery().id());
        assertThat(scene.query("select failures from webhook_lane where failing_since is null")).containsExactly(0);
    }

    @Test
    void aHoldStaysAlthoughSomethingElseOfTheBatchSucceededSince() {
        scene.queue(organization, 2);
        List<Claimed> claimed = scene.claim(QueueScene.plenty());
        Ended asked = ended(claimed.get(0), 503, Duration.ofMinutes(30), Duration.ofHours(1));
        Ended earlier = aSecondEarlier(asked);

        write(earlier, delivered(claimed.get(1)));

        assertThat(scene.count("select count(*) from webhook_lane where held_until > now() + interval '29 minutes'"))
                .isEqualTo(1);
    }

    private static Room room(int total, Map<UUID, Share> endpoints, Map<UUID, Share> organizations) {
        return new Room(share(total), share(total), share(64), share(64), endpoints, organizations, Set.of());
    }

    private Written write(Ended... ended) {
        return QueueScene.await(scene.completions.write(List.of(ended)));
    }

    private Object state(Claimed delivery) {
        return scene.query("select state || ' ' || attempts from delivery where id = ?", delivery.id()).get(0);
    }

    static Ended delivered(Claimed delivery) {
        return ended(delivery, 200, null, null);
    }

    static Ended failed(Claimed delivery) {
        return ended(delivery, 503, null, Duration.ofSeconds(5));
    }

    static Ended exhausted(Claimed delivery) {
        return ended(delivery, 503, null, null);
    }

    /** That asks not to be called. */
    static Ended held(Claimed delivery) {
        return ended(delivery, 503, Duration.ofMinutes(30), Duration.ofMinutes(30));
    }

    private static Ended ended(Claimed delivery, int status, @Nullable Duration asked, @Nullable Duration pause) {
        OutboundAnswer answer = new OutboundAnswer(status, List.of(), Buffer.buffer("said"), false);
        OutboundOutcome outcome = new OutboundOutcome(OutboundOutcome.Code.ANSWERED, answer, true,
                new Phases(null, 1.5, null, 2.0), Duration.ofMillis(7), null);
        DeliveryOutcome told = status == 200
                ? new DeliveryOutcome(DeliveryOutcome.Code.DELIVERED, status, null, null, null)
                : new DeliveryOutcome(DeliveryOutcome.Code.RETRY, status, DeliveryError.HTTP_STATUS, null, asked);
        return new Ended(delivery, UuidCreator.getTimeOrderedEpoch(), 1,
                new Sent(Instant.now(), Duration.ofMillis(7), List.of(), outcome), told,
                AnswerExcerpt.of(answer, 100, List.of()),
                pause, false);
    }

    private static Ended aSecondEarlier(Ended ended) {
        Sent sent = ended.sent();
        return new Ended(ended.delivery(), ended.attempt(), 1,
                new Sent(sent.startedAt().minusSeconds(1), sent.took(), List.of(), sent.outcome()), ended.outcome(),
                ended.answer(), ended.pause(), false);
    }
}
