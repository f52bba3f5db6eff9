package dev.latchkey.key;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.enterprise.context.ApplicationScoped;

import dev.latchkey.activity.Activities;
import dev.latchkey.activity.Actor;
import dev.latchkey.activity.Changes;
import dev.latchkey.activity.Target;
import dev.latchkey.crypto.Peppers;
import dev.latchkey.event.Event;
import dev.latchkey.event.Events;
import dev.latchkey.identity.Origin;
import dev.latchkey.notification.Notice;
import dev.latchkey.notification.NoticeKind;
import dev.latchkey.notification.Notifications;
import dev.latchkey.replica.Scope;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.hibernate.reactive.panache.common.WithTransaction;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;

/**
 * The writes of leak reports: a key whose token was found where it should not be is revoked, one transaction for each token,
 * whosever it is. Its organization is told once for each token, however often and by however many it is reported: the primary
 * key of {@code key_leak} lets one insert.
 *
 * <p>
 * A token that works no more, because its key is revoked or it was replaced, revokes nothing: a live key must not die of its
 * predecessor's leak. One in its grace period still works, and so its key goes. Which it is, is asked under the key's lock, of
 * the token and not of the row where it was found: that of a pair whose secret is replaced moves on to the new row
 * ({@link Materials#replace}).
 */
@ApplicationScoped
class Leaks {

    static final String REASON = "Reported as leaked";

    private final Pool database;
    private final Peppers peppers;
    private final Activities activities;
    private final Events events;
    private final Notifications notifications;
    private final VerdictTime time;

    Leaks(Pool database, Peppers peppers, Activities activities, Events events, Notifications notifications,
            VerdictTime time) {
        this.database = database;
        this.peppers = peppers;
        this.activities = activities;
        this.events = events;
        this.notifications = notifications;
        this.time = time;
    }

    /**
     * A token that is known.
     *
     * @param digest by which it was found
     * @param start its first characters
     */
    record Found(byte[] digest, UUID key, UUID organization, String start) {

        /** No digest in a log. */
        @Override
        public String toString() {
            return "Found[key=" + key + "]";
        }
    }

    // Of any organization that is not being deleted. By the unique index on key_material.digest, the rest by primary keys.
    /** Those that are known, by token. */
    Uni<Map<String, Found>> find(Collection<String> tokens) {
        Map<Buffer, String> byDigest = new HashMap<>();
        for (String token : tokens) {
            peppers.digests(Peppers.fingerprint(token)).forEach(digest -> byDigest.put(Buffer.buffer(digest.bytes()), token));
        }
        return database.preparedQuery("""
                select m.digest, m.key_id, m.start, k.organization_id
                  from key_material m
                  join api_key k on k.id = m.key_id
                  join organization o on o.id = k.organization_id
                 where m.digest = any ($1) and o.deletion_requested_at is null
                """).execute(Tuple.of(byDigest.keySet().toArray(Buffer[]::new))).map(rows -> {
            Map<String, Found> found = new HashMap<>();
            for (Row row : rows) {
                Buffer digest = row.get(Buffer.class, "digest");
                found.put(byDigest.get(digest), new Found(digest.getBytes(), row.getUUID("key_id"),
                        row.getUUID("organization_id"), row.getString("start")));
            }
            return found;
        });
    }

    /**
     * Revokes the key of a token that still works.
     *
     * @param reporter of whom another organization is told no more than who it is
     * @return whether it was revoked now
     */
    @WithTransaction
    public Uni<Boolean> report(Actor reporter, Found leaked, LeakPlace place) {
        Actor shown = new Actor(reporter.type(), reporter.id(), reporter.name(),
                new Origin(null, reporter.origin().requestId()));
        Instant now = time.toWrite();
        return Key.findToChange(leaked.organization(), leaked.key()).flatMap(key -> {
            if (key == null) {
                return Uni.createFrom().item(false); // Deleted meanwhile.
            }
            return KeyMaterial.ofToken(key.id, leaked.digest()).flatMap(material -> {
                if (material == null) {
                    return Uni.createFrom().item(false);
                }
                boolean works = key.revokedAt == null && !material.state.equals(KeyMaterial.REPLACED)
                        && (material.diesAt == null || material.diesAt.isAfter(now));
                return note(material.id, leaked, place, now)
                        .call(isFirst -> works ? revoke(shown, key, now) : Uni.createFrom().voidItem())
                        .call(isFirst -> isFirst ? tell(shown, key, leaked, place, works) : Uni.createFrom().voidItem())
                        .replaceWith(works);
            });
        });
    }

    private Uni<Void> revoke(Actor reporter, Key key, Instant now) {
        key.revokedAt = now;
        key.revokedReason = REASON;
        key.updatedAt = now;
        return KeyMaterial.endPrevious(key.id, now).call(done -> key.flush())
                .call(done -> activities.record(key.organizationId, reporter, "key.revoked", target(key),
                        Changes.none().note("reason", REASON)))
                .call(done -> events.publish(key.organizationId,
                        Event.of("key.revoked", data(key).put("reason", REASON))))
                .replaceWithVoid();
    }

    /** The log is told of each token, people and receivers of those that worked until now. */
    private Uni<Void> tell(Actor reporter, Key key, Found leaked, LeakPlace place, boolean worked) {
        Uni<Void> logged = activities.record(key.organizationId, reporter, "key.leaked", target(key),
                Changes.none().note("start", leaked.start()).note("revoked", worked).note("source", place.source())
                        .note("url", place.url()));
        if (!worked) {
            return logged;
        }
        String source = place.source();
        return logged
                .call(() -> events.publish(key.organizationId,
                        Event.of("key.leaked", data(key).put("source", source).put("url", place.url()))))
                .call(() -> notifications.tell(key.organizationId, Notice.once(NoticeKind.KEY_LEAKED, target(key),
                        Map.of("start", leaked.start(), "source", source == null ? "–" : source))));
    }

    // By the primary key.
    /** Whether it is the first report of this token. */
    private static Uni<Boolean> note(UUID material, Found leaked, LeakPlace place, Instant now) {
        return Panache.getSession().flatMap(session -> session.createNativeQuery("""
                insert into key_leak (material_id, organization_id, reported_at, source, url)
                values (:material, :organization, :now, cast(:source as text), cast(:url as text))
                on conflict (material_id) do nothing
                """).setParameter("material", material).setParameter("organization", leaked.organization())
                .setParameter("now", now).setParameter("source", place.source()).setParameter("url", place.url())
                .executeUpdate()).map(rows -> rows == 1);
    }

    /** As any event of a key; who reports leaks is a matter of the platform. */
    private static JsonObject data(Key key) {
        return new JsonObject().put("id", key.id.toString()).put("name", key.name).put("environment", key.environment)
                .put("actor", new JsonObject().put("type", "system").put("id", "leaks").put("name", "Latchkey"));
    }

    private static Target target(Key key) {
        return new Target("key", key.id, key.name);
    }

    /** What a replica has to forget of these. */
    static List<Scope> scopes(Collection<Found> found) {
        Map<UUID, List<UUID>> keys = new HashMap<>();
        found.forEach(leaked -> keys.computeIfAbsent(leaked.organization(), first -> new ArrayList<>())
                .add(leaked.key()));
        return keys.entrySet().stream()
                .map(each -> Scope.keys(each.getKey(), each.getValue().stream().distinct().toList()))
                .toList();
    }
}
