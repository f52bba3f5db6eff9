package dev.latchkey.key;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import jakarta.inject.Singleton;

import dev.latchkey.activity.Activities;
import dev.latchkey.activity.Actor;
import dev.latchkey.activity.Changes;
import dev.latchkey.activity.Target;
import dev.latchkey.event.Event;
import dev.latchkey.event.Events;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** What is written down of a change to a key, and told of it; in the transaction of the change, so that all of it stands. */
@Singleton
class KeyHistory {

    private final Activities activities;
    private final Events events;

    KeyHistory(Activities activities, Events events) {
        this.activities = activities;
        this.events = events;
    }

    /** @param start the first characters of the token */
    Uni<Void> created(Keys.Actor actor, Key key, KeyForm wanted, String start) {
        KeyForm form = KeyForm.of(key);
        Changes changes = Changes.none().note("start", start).note("scopes", form.scopes()).note("access", access(form))
                .note("methods", form.methods())
                .note("expiresAt", form.expiresAt()).note("environment", key.environment).note("active", form.active())
                .note("rateLimit", limit(form)).note("ipAllowList", form.ipAllowList().isEmpty() ? null : form.ipAllowList())
                .note("metadata", form.metadata().isEmpty() ? null : new JsonObject(form.metadata()))
                .note("withSecret", wanted.withSecret() ? true : null).note("recoverable", wanted.recoverable() ? true : null);
        return tell("key.created", actor, key, changes,
                data -> data.put("start", start).put("scopes", new JsonArray(form.scopes())).put("expiresAt",
                        text(key.expiresAt)));
    }

    /** Of a change that changes nothing, nothing is written. */
    Uni<Void> edited(Keys.Actor actor, KeyForm before, Key key) {
        KeyForm after = KeyForm.of(key);
        Changes changes = Changes.none().field("name", before.name(), after.name())
                .field("description", before.description(), after.description())
                .field("active", before.active(), after.active()).field("scopes", before.scopes(), after.scopes())
                .field("access", access(before), access(after)).field("methods", before.methods(), after.methods())
                .field("expiresAt", before.expiresAt(), after.expiresAt())
                .field("rateLimit", limit(before), limit(after))
                .field("ipAllowList", before.ipAllowList(), after.ipAllowList())
                .field("metadata", new JsonObject(before.metadata()), new JsonObject(after.metadata()));
        if (changes.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return tell("key.updated", actor, key, changes, data -> data.put("changed", new JsonArray(changes.names())));
    }

    /**
     * What new material has replaced.
     *
     * @param expiresAt when the key expired before
     * @param diesAt until when the old token goes on working; null when it died at once
     */
    record Replaced(@Nullable Instant expiresAt, @Nullable Instant diesAt) {
    }

    Uni<Void> regenerated(Keys.Actor actor, Key key, Keys.Issued issued, Replaced old) {
        String start = issued.start();
        List<String> parts = Stream.of(KeyPart.values())
                .filter(part -> (part == KeyPart.KEY ? issued.token() : issued.secret()) != null).map(KeyPart::text).toList();
        return tell("key.regenerated", actor, key,
                Changes.none().note("start", start).note("parts", parts).note("previousDiesAt", old.diesAt()).field("expiresAt",
                        old.expiresAt(),
                        key.expiresAt),
                data -> data.put("start", start).put("parts", new JsonArray(parts)).put("previousDiesAt", text(old.diesAt()))
                        .put("expiresAt",
                                text(key.expiresAt)));
    }

    Uni<Void> revealed(Keys.Actor actor, Key key) {
        return tell("key.revealed", actor, key, Changes.none(), data -> data);
    }

    Uni<Void> graceEnded(Keys.Actor actor, Key key) {
        return write("key.grace_ended", actor, key, Changes.none());
    }

    Uni<Void> revoked(Keys.Actor actor, Key key) {
        return tell("key.revoked", actor, key, Changes.none().note("reason", key.revokedReason),
                data -> data.put("reason", key.revokedReason));
    }

    Uni<Void> deleted(Keys.Actor actor, Key key) {
        return tell("key.deleted", actor, key, Changes.none(), data -> data);
    }

    private Uni<Void> tell(String what, Keys.Actor actor, Key key, Changes changes,
            UnaryOperator<JsonObject> more) {
        JsonObject data = new JsonObject().put("id", key.id.toString()).put("name", key.name)
                .put("environment", key.environment)
                .put("actor", new JsonObject().put("type", actor.caller().kind().name().toLowerCase(Locale.ROOT))
                        .put("id", actor.caller().id()).put("name", actor.caller().name()));
        return write(what, actor, key, changes)
                .call(() -> events.publish(key.organizationId, Event.of(what, more.apply(data))));
    }

    private Uni<Void> write(String what, Keys.Actor actor, Key key, Changes changes) {
        return activities.record(key.organizationId, Actor.of(actor.caller()), what, target(key), changes);
    }

    private static Target target(Key key) {
        return new Target("key", key.id, key.name);
    }

    private static Object access(KeyForm form) {
        return form.access().type() == KeyForm.Access.Type.ALL ? "all" : form.access().storesOrNone();
    }

    private static String limit(KeyForm form) {
        RateLimit own = form.rateLimit().own();
        return own == null ? form.rateLimit().source().column() : own.limit() + " in " + own.window();
    }

    private static @Nullable String text(@Nullable Instant instant) {
        return instant == null ? null : instant.toString();
    }
}
