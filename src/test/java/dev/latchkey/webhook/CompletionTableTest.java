package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import dev.latchkey.testing.Eventually;
import dev.latchkey.webhook.CompletionTable.Written;
import io.smallrye.mutiny.Uni;
import io.vertx.pgclient.PgException;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** An attempt is written once and counts once, whoever tries it how often. */
@NullUnmarked
class CompletionTableTest extends QueueCase {

    /** What to do where it is in the queue. */
    private static final String PUT_BACK = """
            insert into webhook_queue (delivery_id, webhook_id, organization_id, event_id, at, due, bytes)
            select id, webhook_id, organization_id, event_id, at, now(), 1 from delivery on conflict (delivery_id) do %s
            """;

    @Test
    void aBatchOfWhichTheAnswerWasLostCountsOnce() {
        List<Claimed> claimed = claimed(4);
        List<Ended> batch = List.of(Endings.delivered(claimed.get(0)), Endings.failed(claimed.get(1)),
                Endings.exhausted(claimed.get(2)));
        write(batch);
        Object lane = lane();

        // Something else has become part of the batch meanwhile.
        Written written = write(List.of(batch.get(0).again(), batch.get(1).again(), batch.get(2).again(),
                Endings.delivered(claimed.get(3))));

        assertThat(written.lost()).isZero();
        assertThat(scene.count("select count(*) from attempt")).isEqualTo(4);
        assertThat(scene.query("select state || ' ' || attempts from delivery order by id")).containsExactlyInAnyOrder(
                "delivered 1", "pending 1", "exhausted 1", "delivered 1");
        assertThat(scene.query("select attempt from webhook_queue")).containsExactly(1);
        assertThat(lane).isEqualTo("2 true");
        assertThat(lane()).as("the success alone is news").isEqualTo("0 false");
    }

    /** As after an outage: what is put back by the statement whose answer was lost is due again before that is known. */
    @Test
    void whatHasComeDueAgainAndIsHeldUnderTheSameClaimLosesNoAttempt() {
        Claimed mine = claimed(1).get(0);
        Ended failed = Endings.failed(mine);
        write(List.of(failed));
        scene.execute("update webhook_queue set due = now()");
        Claimed anew = scene.claim(QueueScene.plenty()).get(0);
        QueueScene.await(scene.held.adopt(Map.of(mine, anew), QueueScene.LEASE));

        write(List.of(failed.again()));

        assertThat(scene.query("select attempt from webhook_queue where claim = ?", mine.claim())).containsExactly(1);
        assertThat(scene.query("select attempts from delivery")).containsExactly(1);
    }

    @Test
    void whatAPersonHasPutBackSinceIsStillSent() {
        Claimed claimed = claimed(1).get(0);
        Ended delivered = Endings.delivered(claimed);
        write(List.of(delivered));
        scene.execute("update delivery set state = 'pending', finished_at = null");
        scene.execute(PUT_BACK.formatted("nothing"));

        write(List.of(delivered.again()));

        assertThat(scene.claim(QueueScene.plenty())).extracting(Claimed::id).containsExactly(claimed.id());
        assertThat(scene.query("select state from delivery")).containsExactly("pending");
    }

    /** The connection broke, and what was asked of it is still being done. */
    @Test
    void whoTriesAgainWaitsForWhoeverIsStillAtIt() throws Exception {
        List<Claimed> claimed = claimed(2);
        List<Ended> batch = List.of(Endings.delivered(claimed.get(0)), Endings.failed(claimed.get(1)));
        List<Ended> again = batch.stream().map(Ended::again).toList();
        CompletableFuture<CompletableFuture<Written>> second = new CompletableFuture<>();
        QueueScene.await(scene.pool()
                .withTransaction(connection -> new CompletionTable(scene.on(connection), Duration.ofDays(5))
                        .write(batch)
                        .invoke(() -> second.complete(scene.completions.write(again).subscribeAsCompletionStage()))
                        .call(() -> Uni.createFrom().voidItem().onItem().delayIt().by(Duration.ofMillis(400)))
                        .invoke(() -> assertThat(second.join()).isNotDone())));

        second.join().get(10, TimeUnit.SECONDS);

        assertThat(scene.count("select count(*) from attempt")).isEqualTo(2);
        assertThat(scene.query("select attempts from delivery")).containsExactly(1, 1);
        assertThat(scene.query("select attempt from webhook_queue")).containsExactly(1);
        assertThat(scene.query("select failures from webhook_lane")).containsExactly(1);
    }

    /** Who has what was put back meanwhile holds its row of the queue, and wants the delivery's. */
    @Test
    void whoTriesAgainAndWhoHasWhatWasPutBackMeanwhileDoNotBlockEachOther() throws Exception {
        Claimed claimed = claimed(1).get(0);
        write(List.of(Endings.delivered(claimed)));
        List<Ended> late = List.of(Endings.delivered(claimed).again());
        try (Connection person = scene.connect();
                Connection another = scene.connect();
                Statement puttingBack = person.createStatement();
                Statement having = another.createStatement()) {
            person.setAutoCommit(false);
            another.setAutoCommit(false);
            puttingBack.execute("update delivery set state = 'pending', finished_at = null");
            puttingBack.execute(PUT_BACK.formatted("nothing"));
            CompletableFuture<Written> writing = scene.completions.write(late).subscribeAsCompletionStage();
            CompletableFuture<Integer> taken = CompletableFuture
                    .supplyAsync(() -> update(having, PUT_BACK.formatted("update set claim = gen_random_uuid()")));
            Eventually.holds(() -> assertThat(scene.count("""
                    select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
                    """)).isEqualTo(2));

            person.commit();

            assertThat(taken.get(10, TimeUnit.SECONDS)).isEqualTo(1);
            assertThat(update(having, "update delivery set error = 'busy'")).isEqualTo(1);
            another.commit();
            assertThat(writing.handle((written, fault) -> fault == null ? "55P03" : ((PgException) fault).getSqlState())
                    .get(10, TimeUnit.SECONDS)).as("tried again, or done before").isEqualTo("55P03");
        }
        write(late);
        assertThat(scene.query("select state from delivery")).containsExactly("delivered");
        assertThat(scene.count("select count(*) from attempt")).isEqualTo(2);
    }

    private static int update(Statement statement, String sql) {
        try {
            return statement.executeUpdate(sql);
        } catch (SQLException fault) {
            throw new IllegalStateException(fault);
        }
    }

    @Test
    void aFailureUnderALostClaimSaysNothingOfTheWebhook() {
        List<Claimed> first = claimed(3);
        scene.execute("update webhook_queue set due = now() where delivery_id <> ?", first.get(2).id());
        assertThat(scene.claim(QueueScene.plenty())).hasSize(2);
        scene.execute("update webhook_lane set failing_since = now() - interval '6 days', failures = 7");

        Written written = write(List.of(Endings.failed(first.get(0)), Endings.held(first.get(1))));

        assertThat(written.lost()).isEqualTo(2);
        assertThat(written.dead()).isEmpty();
        assertThat(scene.query("select failures from webhook_lane where held_until < now()")).containsExactly(7);
        // Beside one that counts.
        written = write(List.of(Endings.failed(first.get(0)), Endings.failed(first.get(2))));
        assertThat(written.lost()).isEqualTo(1);
        assertThat(written.dead()).containsExactly(webhook);
        assertThat(scene.query("select failures from webhook_lane")).containsExactly(8);
    }

    @Test
    void soManyAttemptsThatTheyCannotBeCountedAreWrittenAllTheSame() {
        List<Claimed> claimed = claimed(2);
        scene.execute("update webhook_queue set attempt = 32767");
        scene.execute("update delivery set attempts = 32767");

        write(List.of(Endings.delivered(claimed.get(0)), Endings.failed(claimed.get(1))));

        assertThat(scene.query("select attempts from delivery")).containsExactly(32767, 32767);
        assertThat(scene.query("select attempt from webhook_queue")).containsExactly(32767);
        assertThat(scene.count("select count(*) from attempt")).isEqualTo(2);
    }

    private List<Claimed> claimed(int number) {
        scene.queue(organization, number);
        List<Claimed> claimed = scene.claim(QueueScene.plenty());
        assertThat(claimed).hasSize(number);
        return claimed;
    }

    private Object lane() {
        return scene.query("select failures || ' ' || (failing_since is not null) from webhook_lane").get(0);
    }
}
