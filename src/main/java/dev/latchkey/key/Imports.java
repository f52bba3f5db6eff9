package dev.latchkey.key;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;

import jakarta.enterprise.context.ApplicationScoped;

import dev.latchkey.activity.Activities;
import dev.latchkey.activity.Actor;
import dev.latchkey.activity.Changes;
import dev.latchkey.activity.Target;
import dev.latchkey.event.Event;
import dev.latchkey.event.Events;
import dev.latchkey.web.Faults;
import dev.latchkey.web.Id;
import dev.latchkey.web.Problem.FieldError;
import dev.latchkey.web.ProblemException;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.hibernate.reactive.panache.common.WithTransaction;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * The writes of imports: one batch, one transaction, with one activity entry and one event. Not one for each key: a million
 * entries would bury what people look for in the log, and hold up its chain for minutes; who imported a key, and when, stands
 * in the key. And not one for the whole file, which would be lost with the process, though its keys stand.
 *
 * <p>
 * A token is imported once in the installation: its digest is unique. That another organization has it is not told, only that
 * it cannot be imported. Of two who import the same token at once the second fails in the unique index, and is to be tried
 * again:
 * then it finds what is there.
 */
@ApplicationScoped
class Imports {

    // By the unique index on key_material.digest, the rest by the primary key.
    private static final String KNOWN = """
            select distinct on (l.line) l.line, cast(k.id as text), k.organization_id = :organization
              from json_to_recordset(cast(cast(:lines as text) as json)) as l (line bigint, digests bytea[])
             cross join lateral unnest(l.digests) as d (digest)
              join key_material m on m.digest = d.digest
              join api_key k on k.id = m.key_id
            """;

    // The keys of a batch, their stores and their material. As JSON, since lists of different lengths do not unnest as arrays;
    // named columns with casts, since Hibernate takes :: for a parameter. Material in the order of its digests, so that two
    // batches with the same tokens meet at the first of them instead of in a deadlock.
    private static final String INSERT = """
            with fresh as (
                select * from json_to_recordset(cast(cast(:lines as text) as json)) as l (id uuid, name text,
                       description text, active boolean, environment text, scopes text[], methods text[], all_stores boolean,
                       expires_at timestamptz, limit_source text, rate_limit integer, rate_window_seconds integer,
                       ip_allow_list text[], metadata jsonb, material uuid, digests bytea[], pepper_id text, start text)
            ), keys as (
                insert into api_key (id, organization_id, name, description, active, environment, scopes, methods, start,
                       all_stores, expires_at, limit_source, rate_limit, rate_window_seconds, ip_allow_list, metadata,
                       created_by_type, created_by_id, created_by_name, created_at, updated_at)
                select id, :organization, name, description, active, environment, scopes, methods, start, all_stores, expires_at,
                       limit_source, rate_limit, rate_window_seconds, ip_allow_list, metadata, :actorType, :actorId, :actorName,
                       :now, :now
                  from fresh
            ), material as (
                insert into key_material (id, key_id, digest, pepper_id, start, state, created_at)
                select material, id, digests[1], pepper_id, start, 'current', :now from fresh order by digests[1]
            )
            insert into api_key_store (key_id, store_id)
            select s.key, s.store from json_to_recordset(cast(cast(:stores as text) as json)) as s (key uuid, store uuid)
            """;

    private final Activities activities;
    private final Events events;
    private final VerdictTime time;

    Imports(Activities activities, Events events, VerdictTime time) {
        this.activities = activities;
        this.events = events;
        this.time = time;
    }

    /** What a row has come to, in the order of the summary. */
    enum Status {
        IMPORTED,
        DUPLICATE,
        INVALID
    }

    /**
     * @param id of the key that has this token; null for an invalid row
     * @param errors why a row is invalid
     */
    record Outcome(Status status, @Nullable UUID id, List<FieldError> errors) {

        static Outcome invalid(List<FieldError> errors) {
            return new Outcome(Status.INVALID, null, errors);
        }
    }

    /**
     * Some rows of a file.
     *
     * @param id the import's, by which its entries are found
     * @param drafts by line, in their order
     */
    record Batch(Keys.Actor actor, UUID id, Map<Long, ImportRow.Draft> drafts) {
    }

    /** Whether a batch that failed so may succeed when it is tried again: it met another one, or what it refers to went. */
    static boolean isRace(Throwable fault) {
        String state = Faults.sqlState(fault);
        return state != null && (state.startsWith("40") || state.equals("23505") || state.equals("23503"));
    }

    /** Whether PostgreSQL refused a value: whichever row has it fails each time, and its neighbours with it. */
    static boolean isUnstorable(Throwable fault) {
        String state = Faults.sqlState(fault);
        return state != null && (state.startsWith("22") || state.equals("23514"));
    }

    /** @return what each line has come to */
    @WithTransaction
    public Uni<Map<Long, Outcome>> write(Batch batch) {
        return roomForNewKeys().chain(() -> stores(batch)).flatMap(stores -> {
            Map<Long, Outcome> outcomes = new HashMap<>();
            Map<Long, ImportRow.Draft> wanted = new LinkedHashMap<>();
            Map<String, Long> first = new HashMap<>();
            batch.drafts.forEach((line, draft) -> {
                List<FieldError> unknown = unknown(draft, stores);
                if (!unknown.isEmpty()) {
                    outcomes.put(line, Outcome.invalid(unknown));
                } else if (first.putIfAbsent(draft.digest(), line) == null) {
                    wanted.put(line, draft);
                }
            });
            return known(batch, wanted).invoke(known -> {
                outcomes.putAll(known);
                wanted.keySet().removeAll(known.keySet());
            }).chain(() -> refused(batch, wanted)).invoke(refused -> {
                outcomes.putAll(refused);
                wanted.keySet().removeAll(refused.keySet());
            }).chain(() -> insert(batch, wanted, stores)).map(done -> {
                wanted.forEach((line, draft) -> outcomes.put(line, new Outcome(Status.IMPORTED, draft.id(), List.of())));
                batch.drafts.forEach((line, draft) -> outcomes.computeIfAbsent(line,
                        again -> repeated(outcomes.get(first.get(draft.digest())))));
                return outcomes;
            });
        }).call(outcomes -> tell(batch, outcomes));
    }

    /**
     * Drops a prefix that no token begins with.
     *
     * @throws ProblemException 422 without one
     */
    @WithTransaction
    public Uni<ForeignPrefixTable.Dropped> drop(Keys.Actor actor, @Nullable String prefix) {
        UUID organization = actor.organization();
        if (prefix == null) {
            throw ProblemException.invalid("prefix", "is required");
        }
        return ForeignPrefixTable.drop(organization, prefix)
                .call(dropped -> dropped != ForeignPrefixTable.Dropped.DROPPED ? Uni.createFrom().voidItem()
                        : activities.record(organization, Actor.of(actor.caller()), "key.import-prefix.dropped",
                                new Target("organization", organization, prefix), Changes.none()));
    }

    /** In this transaction. */
    private static Uni<Void> roomForNewKeys() {
        return Panache.getSession().flatMap(session -> session
                .createNativeQuery("select set_config('gin_pending_list_limit', :room, true)", String.class)
                .setParameter("room", Integer.toString(SearchList.ROOM)).getResultList()).replaceWithVoid();
    }

    /** What has come to those whose tokens are in use, under whichever pepper. */
    private static Uni<Map<Long, Outcome>> known(Batch batch, Map<Long, ImportRow.Draft> wanted) {
        if (wanted.isEmpty()) {
            return Uni.createFrom().item(Map.of());
        }
        JsonArray lines = new JsonArray();
        wanted.forEach((line, draft) -> lines
                .add(new JsonObject().put("line", line).put("digests", new JsonArray(draft.digests()))));
        return Panache.getSession().flatMap(session -> session.createNativeQuery(KNOWN, Object[].class)
                .setParameter("lines", lines.encode()).setParameter("organization", batch.actor.organization())
                .getResultList()).map(rows -> {
                    Map<Long, Outcome> known = new HashMap<>();
                    rows.forEach(row -> known.put(((Number) row[0]).longValue(),
                            (Boolean) row[2] ? new Outcome(Status.DUPLICATE, UUID.fromString((String) row[1]), List.of())
                                    : Outcome.invalid(List.of(new FieldError("hash", "cannot be imported")))));
                    return known;
                });
    }

    /** Declares the prefixes of new keys; what has come to those for which there is no room. */
    private Uni<Map<Long, Outcome>> refused(Batch batch, Map<Long, ImportRow.Draft> fresh) {
        List<String> prefixes = fresh.values().stream().map(ImportRow.Draft::prefix).filter(Objects::nonNull).distinct()
                .toList();
        return (prefixes.isEmpty() ? Uni.createFrom().item(List.<String> of())
                : ForeignPrefixTable.declare(batch.actor.organization(), prefixes)).map(declared -> {
                    Map<Long, Outcome> refused = new HashMap<>();
                    fresh.forEach((line, draft) -> {
                        if (draft.prefix() != null && !declared.contains(draft.prefix())) {
                            refused.put(line,
                                    Outcome.invalid(List.of(new FieldError("prefix", "is one too many: an organization"
                                            + " declares at most " + ForeignPrefixTable.MOST + "; see GET "
                                            + ForeignPrefixResource.PATH
                                            + ", and drop one that no key has"))));
                        }
                    });
                    return refused;
                });
    }

    private Uni<Void> insert(Batch batch, Map<Long, ImportRow.Draft> fresh, Map<String, String> stores) {
        if (fresh.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        String lines = fresh.values().stream().map(ImportRow.Draft::json).collect(Collectors.joining(",", "[", "]"));
        JsonArray given = new JsonArray();
        fresh.values().forEach(draft -> draft.stores().stream().map(name -> stores.get(name(name))).distinct()
                .forEach(store -> given.add(new JsonObject().put("key", draft.id().toString()).put("store", store))));
        Instant now = time.toWrite();
        return Panache.getSession().flatMap(session -> session.createNativeQuery(INSERT)
                .setParameter("lines", lines).setParameter("stores", given.encode())
                .setParameter("organization", batch.actor.organization())
                .setParameter("actorType", batch.actor.caller().kind().name().toLowerCase(Locale.ROOT))
                .setParameter("actorId", batch.actor.caller().id()).setParameter("actorName", batch.actor.caller().name())
                .setParameter("now", now).executeUpdate()).replaceWithVoid();
    }

    /** The same token once more in one batch. */
    private static Outcome repeated(@Nullable Outcome first) {
        if (first == null) {
            throw new IllegalStateException("whatever was not written has a predecessor that was");
        }
        return first.status == Status.IMPORTED ? new Outcome(Status.DUPLICATE, first.id, List.of()) : first;
    }

    // Locked against deletion, as the foreign key would. By the index on the organization.
    /** Ids of the stores that are named, by id and by key. */
    private static Uni<Map<String, String>> stores(Batch batch) {
        List<String> names = batch.drafts.values().stream().flatMap(draft -> draft.stores().stream()).map(Imports::name)
                .distinct().toList();
        if (names.isEmpty()) {
            return Uni.createFrom().item(Map.of());
        }
        return Panache.getSession().flatMap(session -> session.createNativeQuery("""
                select cast(s.id as text), s.key from store s
                 where s.organization_id = :organization
                   and (s.key in (select json_array_elements_text(cast(cast(:names as text) as json)))
                        or cast(s.id as text) in (select json_array_elements_text(cast(cast(:names as text) as json))))
                   for key share of s
                """, Object[].class).setParameter("organization", batch.actor.organization())
                .setParameter("names", new JsonArray(names).encode()).getResultList()).map(rows -> {
                    Map<String, String> stores = new HashMap<>();
                    for (Object[] row : rows) {
                        stores.put((String) row[0], (String) row[0]);
                        stores.put((String) row[1], (String) row[0]);
                    }
                    return stores;
                });
    }

    /** As a store's id is written. */
    private static String name(String idOrKey) {
        UUID id = Id.parse(idOrKey);
        return id == null ? idOrKey : id.toString();
    }

    private static List<FieldError> unknown(ImportRow.Draft draft, Map<String, String> stores) {
        List<FieldError> errors = new ArrayList<>();
        for (int i = 0; i < draft.stores().size(); i++) {
            if (!stores.containsKey(name(draft.stores().get(i)))) {
                errors.add(new FieldError("access.stores[" + i + "]", "is not a store of this organization"));
            }
        }
        return errors;
    }

    /** Replicas, the log and the outbox; of a batch that changed nothing, nobody. */
    private Uni<Void> tell(Batch batch, Map<Long, Outcome> outcomes) {
        List<Long> imported = batch.drafts.keySet().stream()
                .filter(line -> outcomes.getOrDefault(line, Outcome.invalid(List.of())).status == Status.IMPORTED).toList();
        if (imported.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        long first = imported.get(0);
        long last = imported.get(imported.size() - 1);
        UUID organization = batch.actor.organization();
        Actor actor = Actor.of(batch.actor.caller());
        JsonObject data = new JsonObject().put("import", batch.id.toString()).put("imported", imported.size())
                .put("firstLine", first).put("lastLine", last)
                .put("actor", new JsonObject().put("type", actor.type().name().toLowerCase(Locale.ROOT)).put("id", actor.id())
                        .put("name", actor.name()));
        return Panache.getSession()
                .flatMap(session -> session.createNativeQuery("select cast(tell_of_unknown() as text)", String.class)
                        .getResultList())
                .flatMap(told -> activities.record(organization, actor, "key.imported",
                        new Target("import", batch.id, "lines " + first + " to " + last),
                        Changes.none().note("imported", imported.size())))
                .call(() -> events.publish(organization, Event.of("key.imported", data))).replaceWithVoid();
    }
}
