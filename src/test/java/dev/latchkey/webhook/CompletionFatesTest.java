package dev.latchkey.webhook;

import static dev.latchkey.webhook.Endings.aSecondEarlier;
import static dev.latchkey.webhook.Endings.delivered;
import static dev.latchkey.webhook.Endings.ended;
import static dev.latchkey.webhook.Endings.exhausted;
import static dev.latchkey.webhook.Endings.failed;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import dev.latchkey.testing.Beside;
import dev.latchkey.webhook.CompletionTable.Written;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** What becomes of queue, delivery and lane when it is written how deliveries ended. */
@Beside
@NullUnmarked
class CompletionFatesTest extends QueueCase {

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
    void aHoldStaysAlthoughSomethingElseOfTheBatchSucceededSince() {
        scene.queue(organization, 2);
        List<Claimed> claimed = scene.claim(QueueScene.plenty());
        Ended asked = ended(claimed.get(0), 503, Duration.ofMinutes(30), Duration.ofHours(1));
        Ended earlier = aSecondEarlier(asked);

        write(earlier, delivered(claimed.get(1)));

        assertThat(scene.count("select count(*) from webhook_lane where held_until > now() + interval '29 minutes'"))
                .isEqualTo(1);
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
    void nothingIsLeftBehindOfADeliveryThatIsGone() {
        scene.queue(organization, 1);
        List<Claimed> claimed = scene.claim(QueueScene.plenty());
        scene.execute("delete from webhook_queue");
        scene.execute("delete from delivery");
        write(delivered(claimed.get(0)));
        assertThat(scene.count("select count(*) from attempt")).isZero();
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
                together.add(scene.held.renew(claimed, QueueScene.LEASE));
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

    private Object state(Claimed delivery) {
        return scene.query("select state || ' ' || attempts from delivery where id = ?", delivery.id()).get(0);
    }
}
