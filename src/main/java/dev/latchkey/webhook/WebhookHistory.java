package dev.latchkey.webhook;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

import jakarta.inject.Singleton;

import dev.latchkey.activity.Activities;
import dev.latchkey.activity.Actor;
import dev.latchkey.activity.Changes;
import dev.latchkey.activity.Target;
import dev.latchkey.event.Event;
import dev.latchkey.event.Events;
import dev.latchkey.notification.Notice;
import dev.latchkey.notification.NoticeKind;
import dev.latchkey.notification.Notifications;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * What is written down of a webhook, published, and told to people; in the transaction of the change, so that all of it
 * stands. A URL stands in it without its query, in which people put tokens; headers by their names.
 */
@Singleton
class WebhookHistory {

    private static final String JOB = "webhooks";

    private final Activities activities;
    private final Events events;
    private final Notifications notifications;

    WebhookHistory(Activities activities, Events events, Notifications notifications) {
        this.activities = activities;
        this.events = events;
        this.notifications = notifications;
    }

    /**
     * What may be shown of a webhook, to compare it with what becomes of it.
     *
     * @param stores null: all
     * @param disabledReason null where it was not switched off without anybody's doing
     */
    record Look(String url, List<String> events, @Nullable List<UUID> stores, @Nullable String description,
            List<String> headers, boolean active, @Nullable String disabledReason) {

        static Look of(Webhook webhook) {
            return new Look(webhook.url, List.of(webhook.events),
                    webhook.allStores ? null : webhook.storeIds.stream().sorted().toList(), webhook.description,
                    Arrays.asList(webhook.headerNames), webhook.active, webhook.disabledReason);
        }
    }

    Uni<Void> created(Actor actor, Webhook webhook) {
        Look made = Look.of(webhook);
        return write("webhook.created", actor, webhook, Changes.none().note("url", shown(made.url))
                .note("events", made.events).note("stores", stores(made)).note("description", made.description)
                .note("headers", made.headers.isEmpty() ? null : made.headers).note("active", made.active));
    }

    /** @param headersSet whether a value was set, replaced or removed, which the names may not show */
    Uni<Void> updated(Actor actor, Webhook webhook, Look before, boolean headersSet) {
        Look after = Look.of(webhook);
        Changes changes = Changes.none();
        if (!before.url.equals(after.url)) {
            changes = shown(before.url).equals(shown(after.url)) ? changes.note("url", shown(after.url))
                    : changes.field("url", shown(before.url), shown(after.url));
        }
        changes.field("events", before.events, after.events).field("stores", stores(before), stores(after))
                .field("description", before.description, after.description).field("active", before.active, after.active);
        if (!after.active) {
            // Of one that a person switches off which was off already, nothing else tells.
            changes.field("reason", before.disabledReason, after.disabledReason);
        }
        if (headersSet) {
            changes = before.headers.equals(after.headers) ? changes.note("headers", after.headers)
                    : changes.field("headers", before.headers, after.headers);
        }
        return write("webhook.updated", actor, webhook, changes);
    }

    Uni<Void> secretRotated(Actor actor, Webhook webhook, Duration overlap) {
        return write("webhook.secret_rotated", actor, webhook,
                Changes.none().note("overlap", overlap).note("previousUntil", webhook.previousUntil));
    }

    Uni<Void> deleted(Actor actor, Webhook webhook) {
        return write("webhook.deleted", actor, webhook, Changes.none()).chain(() -> decided(webhook));
    }

    /** That the dispatcher has switched it off. */
    Uni<Void> disabled(Webhook webhook, DisabledReason reason) {
        return write("webhook.disabled", Actor.system(JOB), webhook,
                Changes.none().field("active", true, false).note("reason", reason.text()))
                .chain(() -> events.publish(webhook.organizationId, Event.of("webhook.disabled",
                        new JsonObject().put("id", webhook.id.toString()).put("url", shown(webhook.url))
                                .put("reason", reason.text()))))
                .chain(() -> notifications.tell(webhook.organizationId,
                        Notice.ofEpisode(NoticeKind.WEBHOOK_DISABLED, webhook.id.toString(), target(webhook),
                                Map.of("url", shown(webhook.url), "reason", reason.text()))));
    }

    /** That a person has switched it on or off, or deleted it: what people were told is over. */
    Uni<Void> decided(Webhook webhook) {
        return notifications.resolve(webhook.organizationId, NoticeKind.WEBHOOK_DISABLED, webhook.id.toString());
    }

    private static Object stores(Look look) {
        return look.stores == null ? "all" : Objects.requireNonNull(look.stores);
    }

    private Uni<Void> write(String what, Actor actor, Webhook webhook, Changes changes) {
        return activities.record(webhook.organizationId, actor, what, target(webhook), changes);
    }

    private static Target target(Webhook webhook) {
        return new Target("webhook", webhook.id, shown(webhook.url));
    }

    /** A URL without its query. */
    static String shown(String url) {
        int query = url.indexOf('?');
        return query < 0 ? url : url.substring(0, query) + "?***";
    }
}
