package dev.latchkey.webhook;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.UUID;

import jakarta.enterprise.context.ApplicationScoped;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.latchkey.activity.Activities;
import dev.latchkey.activity.Actor;
import dev.latchkey.activity.Changes;
import dev.latchkey.activity.Target;
import dev.latchkey.identity.Caller;
import dev.latchkey.web.ProblemException;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.hibernate.reactive.panache.common.WithTransaction;
import io.smallrye.mutiny.Uni;

/** The writes of replays by people; {@link ReplayRun} carries them out. */
@ApplicationScoped
class Replays {

    // One that runs for each webhook, by webhook_replay_one. Database time, which ends it where nothing else does: what is
    // published from now on is delivered anyhow.
    private static final String START = """
            insert into webhook_replay (id, organization_id, webhook_id, from_at, to_at, state, created_at)
            values (:id, :organization, :webhook, :from, least(cast(cast(:to as text) as timestamptz), now()), :state, now())
            on conflict (webhook_id) where status = 'running' do nothing
            """;

    // By primary keys. Waits for the batch that is under way.
    private static final String CANCEL = """
            update webhook_replay r set status = 'cancelled', finished_at = now() from webhook w
             where r.id = :id and r.status = 'running' and w.id = r.webhook_id
            returning w.url
            """;

    private final Activities activities;
    private final InstantSource clock;

    Replays(Activities activities, InstantSource clock) {
        this.activities = activities;
        this.clock = clock;
    }

    /**
     * Begins to send again what a span of time holds.
     *
     * @return the replay's id
     * @throws ProblemException 409 where the webhook is switched off, or one is running; 422 for a span that is none
     */
    @WithTransaction
    public Uni<UUID> start(Caller caller, WebhookView webhook, ReplayView.Form wanted) {
        Instant from = requireFrom(wanted);
        Deliveries.requireOpen(webhook.id(), false, webhook.active(), webhook.disabledAt() != null);
        UUID id = UuidCreator.getTimeOrderedEpoch();
        return Panache.getSession().flatMap(session -> session.createNativeQuery(START).setParameter("id", id)
                .setParameter("organization", caller.tenant().id()).setParameter("webhook", webhook.id())
                .setParameter("from", from).setParameter("to", Objects.toString(wanted.to(), null))
                .setParameter("state", wanted.state().text()).executeUpdate()).invoke(started -> {
                    if (started == 0) {
                        throw ProblemException.conflict("A replay of this webhook is running, see GET /api/v1/webhooks/"
                                + webhook.id() + "/replays. Wait until it is done, or cancel it.");
                    }
                }).chain(() -> record(caller, "webhook.replayed", webhook.id(), webhook.url(),
                        Changes.none().note("replayId", id).note("from", from).note("to", wanted.to()).note("state",
                                wanted.state().text())))
                .replaceWith(id);
    }

    /**
     * Ends it; what was put back into the queue is sent all the same.
     *
     * @throws ProblemException 409 where it is done
     */
    @WithTransaction
    public Uni<Void> cancel(Caller caller, ReplayView replay) {
        return Panache.getSession()
                .flatMap(session -> session.createNativeQuery(CANCEL, String.class).setParameter("id", replay.id())
                        .getSingleResultOrNull())
                .flatMap(url -> url == null ? requireCancelled(replay.id())
                        : record(caller, "webhook.replay_cancelled", replay.webhookId(), url,
                                Changes.none().note("replayId", replay.id())));
    }

    // By primary key, once whoever carries it out has ended it.
    private static Uni<Void> requireCancelled(UUID replay) {
        return Panache.getSession()
                .flatMap(session -> session
                        .createNativeQuery("select status = 'done' from webhook_replay where id = :id", Boolean.class)
                        .setParameter("id", replay).getSingleResultOrNull())
                .invoke(isDone -> {
                    if (Boolean.TRUE.equals(isDone)) {
                        throw ProblemException.conflict("The replay is done: there is nothing left to cancel.");
                    }
                }).replaceWithVoid();
    }

    private Instant requireFrom(ReplayView.Form wanted) {
        Instant from = wanted.from();
        if (from == null) {
            throw ProblemException.invalid("from", "is required");
        }
        if (!from.isBefore(clock.instant())) {
            throw ProblemException.invalid("from", "must be in the past");
        }
        if (wanted.to() != null && !wanted.to().isAfter(from)) {
            throw ProblemException.invalid("to", "must be after from");
        }
        return from;
    }

    private Uni<Void> record(Caller caller, String what, UUID webhook, String url, Changes changes) {
        return activities.record(caller.tenant().id(), Actor.of(caller), what,
                new Target("webhook", webhook, WebhookHistory.shown(url)), changes);
    }
}
