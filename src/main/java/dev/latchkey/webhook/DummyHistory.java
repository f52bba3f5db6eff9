package dev.latchkey.webhook;

import java.util.UUID;

import jakarta.enterprise.context.ApplicationScoped;

import dev.latchkey.activity.Activities;
import dev.latchkey.activity.Actor;
import dev.latchkey.activity.Changes;
import dev.latchkey.activity.Target;
import dev.latchkey.identity.Caller;
import io.quarkus.hibernate.reactive.panache.common.WithTransaction;
import io.smallrye.mutiny.Uni;

/** Writes down that a webhook was tested, and what that came to. */
@ApplicationScoped
class DummyHistory {

    private final Activities activities;

    DummyHistory(Activities activities) {
        this.activities = activities;
    }

    @WithTransaction
    public Uni<Void> tested(Caller caller, UUID webhook, String url, String event, DeliveryOutcome outcome) {
        return activities.record(caller.tenant().id(), Actor.of(caller), "webhook.tested",
                new Target("webhook", webhook, WebhookHistory.shown(url)),
                Changes.none().note("event", event).note("status", outcome.status())
                        .note("error", outcome.error() == null ? null : outcome.error().code()));
    }
}
