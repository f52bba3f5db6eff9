package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

import dev.latchkey.webhook.ReplayTable.Running;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** More replays than are looked at once, most of which cannot go on: they keep no other from its turn. */
@NullUnmarked
class ReplayTurnsTest extends QueueCase {

    private static final int MANY = 501;

    private ReplayTable table;

    @BeforeEach
    void aTable() {
        table = new ReplayTable(scene.pool(), new ReplayConfig() {
            @Override
            public int batch() {
                return 500;
            }

            @Override
            public int queue() {
                return 5000;
            }
        });
    }

    @Test
    void thoseOfWebhooksThatAreSwitchedOffAreLeftOutAndThoseOfDeletedOnesEnd() {
        waiting(MANY);
        scene.execute("update webhook set active = false");
        UUID open = replayOf(scene.webhook(organization));
        UUID deleted = scene.webhook(organization);
        UUID ended = replayOf(deleted);
        scene.execute("update webhook set active = false, secret = null, deleted_at = now() where id = ?", deleted);

        List<Running> running = running(1);

        assertThat(running).extracting(Running::id).containsExactlyInAnyOrder(open, ended);
        assertThat(running).allMatch(replay -> QueueScene.await(table.goOn(replay)));
        assertThat(scene.query("select status from webhook_replay where id = ?", open)).containsExactly("done");
        assertThat(scene.query("select status from webhook_replay where id = ?", ended)).containsExactly("cancelled");
    }

    @Test
    void eachGetsItsTurnHoweverManyWaitForALongQueue() {
        waiting(MANY);
        UUID last = replayOf(webhook);

        Set<UUID> seen = new HashSet<>();
        for (long seed = 0; seed < 20; seed++) {
            seen.addAll(running(seed).stream().map(Running::id).collect(Collectors.toSet()));
        }

        assertThat(seen).hasSize(MANY + 1).contains(last);
    }

    private List<Running> running(long seed) {
        return QueueScene.await(table.running(seed));
    }

    /** So many, each of a webhook of its own, longer ago than any other. */
    private void waiting(int number) {
        scene.idle(organization, number);
        scene.execute("""
                insert into webhook_replay (id, organization_id, webhook_id, from_at, to_at, state, created_at)
                select gen_random_uuid(), organization_id, id, now(), now(), 'all', now() - interval '1 day' from webhook
                 where id <> ?
                """, webhook);
    }

    private UUID replayOf(UUID of) {
        UUID id = UUID.randomUUID();
        scene.execute("""
                insert into webhook_replay (id, organization_id, webhook_id, from_at, to_at, state, created_at)
                values (?, ?, ?, now() - interval '1 hour', now(), 'all', now())
                """, id, organization, of);
        return id;
    }
}
