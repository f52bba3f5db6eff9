package dev.latchkey.webhook;

import java.util.UUID;

import jakarta.inject.Singleton;

import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * What a change of a webhook does to its lane and to what waits there, in the transaction of the change.
 *
 * <p>
 * Locks are taken in one order, webhook, replay, lane, and rows of the queue only as far as nobody holds them: who writes down
 * what became of deliveries holds those while it waits for a lane.
 */
@Singleton
class WebhookLanes {

    /** Enough for nearly all; the dispatcher goes on with the rest, batch by batch. */
    private static final int CANCELLED_AT_ONCE = 1000;

    /** Of a new webhook, which nothing waits for. */
    Uni<Void> make(Webhook webhook) {
        return Panache.getSession().flatMap(session -> session.createNativeQuery("""
                insert into webhook_lane (webhook_id, organization_id, paused) values (:webhook, :organization, :paused)
                """).setParameter("webhook", webhook.id).setParameter("organization", webhook.organizationId)
                .setParameter("paused", !webhook.active).executeUpdate()).replaceWithVoid();
    }

    // By primary key.
    /** Nothing more is sent, and what waits, waits. */
    Uni<Void> pause(UUID webhook) {
        return update("update webhook_lane set paused = true where webhook_id = :webhook", webhook).replaceWithVoid();
    }

    // By primary keys, and the first row of webhook_queue_due. Never a later time than stands there, and five seconds back at
    // least: a transaction that is under way may insert rows that are due by now.
    /**
     * Forgets what its receiver did so far, since it is mended or another one, and has what waits looked at.
     *
     * @param paused whether it goes on only when it is switched on
     */
    Uni<Void> startOver(UUID webhook, boolean paused) {
        return update("""
                update webhook_lane l
                   set paused = %s, failing_since = null, failures = 0, held_until = '-infinity',
                       next_due = least(l.next_due, now() - interval '5 seconds',
                                        (select min(q.due) from webhook_queue q where q.webhook_id = l.webhook_id))
                 where l.webhook_id = :webhook
                """.formatted(paused), webhook).replaceWithVoid();
    }

    /** Of a webhook that is deleted: nothing is sent or replayed any more, and what waits is cancelled. */
    Uni<Void> close(UUID webhook) {
        return stopReplays(webhook).chain(() -> pause(webhook)).chain(() -> cancel(webhook)).replaceWithVoid();
    }

    // By webhook_replay_by_webhook.
    private static Uni<Integer> stopReplays(UUID webhook) {
        return update("""
                update webhook_replay set status = 'cancelled', finished_at = now()
                 where webhook_id = :webhook and status = 'running'
                """, webhook);
    }

    // By webhook_queue_due, and the primary key of delivery with its day. What somebody is sending has its fate from him, and
    // what somebody holds is left to the dispatcher, so that this waits for nobody.
    private static Uni<Integer> cancel(UUID webhook) {
        return Panache.getSession().flatMap((Mutiny.Session session) -> session.createNativeQuery("""
                with waiting as (
                    select q.delivery_id, q.at
                      from webhook_queue q join delivery d on d.id = q.delivery_id and d.at = q.at
                     where q.webhook_id = :webhook and q.claim is null and d.state = 'pending'
                     order by q.due limit :most
                       for update of q, d skip locked
                ), gone as (
                    delete from webhook_queue q using waiting w where q.delivery_id = w.delivery_id
                )
                update delivery d
                   set state = 'cancelled', reason = 'webhook-deleted', finished_at = now(), failed_at = now()
                  from waiting w where d.id = w.delivery_id and d.at = w.at
                """).setParameter("webhook", webhook).setParameter("most", CANCELLED_AT_ONCE).executeUpdate());
    }

    private static Uni<Integer> update(String sql, UUID webhook) {
        return Panache.getSession()
                .flatMap(session -> session.createNativeQuery(sql).setParameter("webhook", webhook).executeUpdate());
    }
}
