package dev.latchkey.webhook;

import java.util.UUID;

import jakarta.enterprise.context.ApplicationScoped;

import dev.latchkey.activity.Activities;
import dev.latchkey.activity.Actor;
import dev.latchkey.activity.Changes;
import dev.latchkey.activity.Target;
import dev.latchkey.identity.Caller;
import dev.latchkey.web.ProblemException;
import dev.latchkey.webhook.DeliveryQueries.Standing;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.hibernate.reactive.panache.common.WithTransaction;
import io.smallrye.mutiny.Uni;

/**
 * The writes of deliveries by people. The lane is opened before, in a statement of its own ({@link LaneNudge}): this waits for
 * no lane while it holds a delivery, since the dispatcher does it the other way round.
 */
@ApplicationScoped
class Deliveries {

    // By primary key. Who sends it just now has claimed it, and goes on.
    private static final String HURRY = """
            update webhook_queue set due = now(), attempt = 0 where delivery_id = :id and claim is null
            """;

    // By the primary keys of the day; who has its payload dropped meanwhile has it dropped. Of two who do this at once the
    // second waits, and finds it pending.
    private static final String AGAIN = """
            with again as (
                update delivery d set state = 'pending', reason = null, finished_at = null, failed_at = null
                 where d.id = :id and d.at = :at and d.state <> 'pending'
                   and exists (select from event e where e.id = d.event_id and e.at = d.at)
                returning d.id, d.at, d.webhook_id, d.organization_id, d.event_id
            )
            insert into webhook_queue (delivery_id, webhook_id, organization_id, event_id, at, due, bytes)
            select a.id, a.webhook_id, a.organization_id, a.event_id, a.at, now(),
                   (select octet_length(cast(e.data as text)) from event e where e.id = a.event_id and e.at = a.at)
              from again a
            on conflict (delivery_id) do nothing
            """;

    private final Activities activities;

    Deliveries(Activities activities) {
        this.activities = activities;
    }

    /**
     * Puts a delivery back into the queue, to be sent at once and by a schedule that begins anew. One that waits is sent at
     * once; one that is being sent, is.
     *
     * @throws ProblemException 409 where its webhook is deleted or switched off
     */
    @WithTransaction
    public Uni<Void> retry(Caller caller, Standing delivery) {
        requireOpen(delivery);
        return Panache.getSession().flatMap(session -> session.createNativeQuery(HURRY)
                .setParameter("id", delivery.id()).executeUpdate()
                .flatMap(hurried -> hurried > 0 ? Uni.createFrom().item(hurried)
                        : session.createNativeQuery(AGAIN).setParameter("id", delivery.id()).setParameter("at", delivery.at())
                                .executeUpdate()))
                .chain(() -> activities.record(caller.tenant().id(), Actor.of(caller), "delivery.retried",
                        new Target("delivery", delivery.id(), delivery.event()),
                        Changes.none().note("webhookId", delivery.webhook()).note("url",
                                WebhookHistory.shown(delivery.url()))));
    }

    /** @throws ProblemException 409 as above */
    static void requireOpen(Standing delivery) {
        requireOpen(delivery.webhook(), delivery.isDeleted(), delivery.isActive(), delivery.isDisabled());
    }

    /** @throws ProblemException 409 with what to do */
    static void requireOpen(UUID webhook, boolean isDeleted, boolean isActive, boolean isDisabled) {
        if (isDeleted) {
            throw ProblemException.conflict("The webhook is deleted: nothing is sent there any more.");
        }
        if (!isActive) {
            throw ProblemException.conflict((isDisabled ? "The webhook was switched off since its deliveries failed."
                    : "The webhook is switched off.") + " Switch it on first: PATCH /api/v1/webhooks/" + webhook
                    + " {\"active\": true}.");
        }
    }
}
