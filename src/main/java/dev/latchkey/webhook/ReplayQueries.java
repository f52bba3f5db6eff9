package dev.latchkey.webhook;

import java.util.List;
import java.util.UUID;

import jakarta.inject.Singleton;

import dev.latchkey.identity.Caller;
import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/** The reads of replays: they are told to those who see the webhook. */
@Singleton
class ReplayQueries {

    private final Pool database;

    ReplayQueries(Pool database) {
        this.database = database;
    }

    // By primary keys.
    /** @throws ProblemException 404 unless there is such a replay of a webhook within the caller's reach */
    Uni<ReplayView> existing(Caller caller, UUID id) {
        return database.preparedQuery("""
                select r.* from webhook_replay r join webhook w on w.id = r.webhook_id
                 where r.organization_id = $1 and r.id = $3 and
                """ + WebhookReach.within(2)).execute(Tuple.of(caller.tenant().id(), WebhookReach.limitedKey(caller), id))
                .map(rows -> rows.stream().map(ReplayView::of).findFirst().orElseThrow(ProblemException::notFound));
    }

    // By webhook_replay_by_webhook.
    /** Up to {@code limit} replays of a webhook that the caller sees after one, newest first. */
    Uni<List<ReplayView>> list(UUID webhook, @Nullable UUID after, int limit) {
        return database.preparedQuery("""
                select r.* from webhook_replay r where r.webhook_id = $1 and ($2::uuid is null or r.id < $2)
                 order by r.id desc limit $3
                """).execute(Tuple.of(webhook, after, limit)).map(rows -> rows.stream().map(ReplayView::of).toList());
    }
}
