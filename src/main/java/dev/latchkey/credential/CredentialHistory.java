package dev.latchkey.credential;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;

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
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * What is written down of a credential, published, and told to people; in the transaction of the change, so that all of it
 * stands.
 *
 * <p>
 * A change of colour is an event each time, and for people an episode: that it is red, or yellow, is told once and not again
 * until it is green, which is told then. What comes between, that nobody knows or that it is the other of the two, ends
 * neither.
 */
@Singleton
class CredentialHistory {

    private static final List<NoticeKind> EPISODES = List.of(NoticeKind.CREDENTIAL_FAILING, NoticeKind.CREDENTIAL_LIMITED,
            NoticeKind.CREDENTIAL_RENEWAL_FAILED, NoticeKind.CREDENTIAL_REAUTHORIZATION_REQUIRED);

    private final Activities activities;
    private final Events events;
    private final Notifications notifications;

    CredentialHistory(Activities activities, Events events, Notifications notifications) {
        this.activities = activities;
        this.events = events;
        this.notifications = notifications;
    }

    /** What may be shown of a credential, to compare it with what becomes of it. */
    record Look(String name, @Nullable UUID store, JsonObject variables, @Nullable String baseUrl, JsonObject data,
            @Nullable JsonObject test) {

        static Look of(Credential credential) {
            return new Look(credential.name, credential.storeId, credential.variables, credential.baseUrl, credential.data,
                    credential.test);
        }

        /** Whether what may be shown of what a test sends is the same. */
        boolean hasMaterialOf(Credential credential) {
            return of(credential).equals(new Look(credential.name, credential.storeId, variables, baseUrl, data, test));
        }
    }

    Uni<Void> created(Actor actor, Credential credential, CredentialState state) {
        Changes changes = Changes.none().note("type", credential.type).note("provider", credential.provider)
                .note("store", credential.storeId).note("baseUrl", credential.baseUrl)
                .note("variables", credential.variables.isEmpty() ? null : credential.variables)
                .note("status", state.status).note("reason", state.reason);
        return write("credential.created", actor, credential, changes)
                .call(() -> publish("credential.created", credential, data -> data.put("status", state.status)
                        .put("reason", state.reason).put("actor", actor(actor))));
    }

    /** @param replaced names of secrets that were set, replaced or removed */
    Uni<Void> edited(Actor actor, Credential credential, Look before, Set<String> replaced) {
        Changes changes = Changes.none().field("name", before.name, credential.name)
                .field("store", before.store, credential.storeId)
                .field("variables", before.variables, credential.variables)
                .field("baseUrl", before.baseUrl, credential.baseUrl).field("data", before.data, credential.data)
                // A URL may hold what its owner calls no secret: that it is another one is enough.
                .note("test", Objects.equals(before.test, credential.test) ? null : credential.test == null ? "removed" : "set")
                .note("secrets", replaced.isEmpty() ? null : replaced);
        return write("credential.updated", actor, credential, changes).call(() -> publish("credential.updated", credential,
                data -> data.put("changed", new JsonArray(changes.names())).put("actor", actor(actor))));
    }

    Uni<Void> tested(Actor actor, Credential credential, Outcome outcome) {
        return write("credential.tested", actor, credential,
                Changes.none().note("status", outcome.status().text()).note("reason", outcome.reason().text()));
    }

    Uni<Void> deleted(Actor actor, Credential credential) {
        String episode = credential.id.toString();
        return write("credential.deleted", actor, credential, Changes.none())
                .call(() -> publish("credential.deleted", credential, data -> data.put("actor", actor(actor))))
                .call(() -> notifications.resolve(credential.organizationId, NoticeKind.CREDENTIAL_FAILING, episode))
                .call(() -> notifications.resolve(credential.organizationId, NoticeKind.CREDENTIAL_LIMITED, episode))
                .call(() -> notifications.resolve(credential.organizationId, NoticeKind.CREDENTIAL_RENEWAL_FAILED, episode))
                .call(() -> notifications.resolve(credential.organizationId,
                        NoticeKind.CREDENTIAL_REAUTHORIZATION_REQUIRED, episode));
    }

    Uni<Void> revoked(Actor actor, Credentials.Deleted deleted, Revocation revocation) {
        return activities.record(deleted.organization(), actor, "credential.revoked_at_provider",
                new Target("credential", deleted.id(), deleted.name()), Changes.none().note("revoked", revocation.revoked())
                        .note("httpStatus", revocation.httpStatus()).note("detail", revocation.detail()));
    }

    Uni<Void> statusChanged(Actor actor, Credential credential, CredentialStatus before, CredentialState state) {
        return colourChanged(actor, credential, before, state).call(() -> tell(credential, state));
    }

    /** That somebody had its tokens renewed. */
    Uni<Void> refreshed(Actor actor, Credential credential, boolean isRenewed) {
        return write("credential.refreshed", actor, credential, Changes.none().note("renewed", isRenewed));
    }

    /** @param lost the scopes that its provider grants no more */
    Uni<Void> narrowed(Actor actor, Credential credential, List<String> lost) {
        return write("credential.scopes_narrowed", actor, credential, Changes.none().note("lost", lost));
    }

    /** The same for whoever tells people himself. */
    Uni<Void> colourChanged(Actor actor, Credential credential, CredentialStatus before, CredentialState state) {
        return write("credential.status_changed", actor, credential,
                Changes.none().field("status", before.text(), state.status).note("reason", state.reason))
                .call(() -> publish("credential.status_changed", credential,
                        data -> data.put("from", before.text()).put("status", state.status).put("reason", state.reason)
                                .put("httpStatus", state.httpStatus)));
    }

    private Uni<Void> tell(Credential credential, CredentialState state) {
        String episode = credential.id.toString();
        UUID organization = credential.organizationId;
        Map<String, String> parameters = Map.of("reason", state.reason, "status", state.status);
        return switch (state.status()) {
            case RED -> notifications.tell(organization,
                    Notice.ofEpisode(NoticeKind.CREDENTIAL_FAILING, episode, target(credential), parameters));
            case YELLOW -> notifications.tell(organization,
                    Notice.ofEpisode(NoticeKind.CREDENTIAL_LIMITED, episode, target(credential), parameters));
            case GREEN -> notifications.resolve(organization, EPISODES, episode,
                    Notice.once(NoticeKind.CREDENTIAL_RECOVERED, target(credential), parameters));
            case UNKNOWN -> Uni.createFrom().voidItem();
        };
    }

    Uni<UUID> publish(String what, Credential credential, UnaryOperator<JsonObject> more) {
        JsonObject data = new JsonObject().put("id", credential.id.toString()).put("name", credential.name)
                .put("provider", credential.provider).put("type", credential.type);
        return events.publish(credential.organizationId, new Event(what, credential.storeId, more.apply(data)));
    }

    private Uni<Void> write(String what, Actor actor, Credential credential, Changes changes) {
        return activities.record(credential.organizationId, actor, what, target(credential), changes);
    }

    static Target target(Credential credential) {
        return new Target("credential", credential.id, credential.name);
    }

    private static JsonObject actor(Actor actor) {
        return new JsonObject().put("type", actor.type().name().toLowerCase(Locale.ROOT)).put("id", actor.id())
                .put("name", actor.name());
    }
}
