package dev.latchkey.key;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

import dev.latchkey.web.Id;
import dev.latchkey.web.Problem.FieldError;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** The statements by which a batch of an import is written, all in its transaction. */
final class ImportTable {

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

    private ImportTable() {
    }

    /** For the marks of many keys at once, in this transaction: {@link SearchList}. */
    static Uni<Void> roomForNewKeys() {
        return Panache.getSession().flatMap(session -> session
                .createNativeQuery("select set_config('gin_pending_list_limit', :room, true)", String.class)
                .setParameter("room", Integer.toString(SearchList.ROOM)).getResultList()).replaceWithVoid();
    }

    // Locked against deletion, as the foreign key would. By the index on the organization.
    /** Ids of the stores that are named, by id and by key. */
    static Uni<Map<String, String>> stores(Imports.Batch batch) {
        List<String> names = batch.drafts().values().stream().flatMap(draft -> draft.stores().stream()).map(ImportTable::name)
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
                """, Object[].class).setParameter("organization", batch.actor().organization())
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
    static String name(String idOrKey) {
        UUID id = Id.parse(idOrKey);
        return id == null ? idOrKey : id.toString();
    }

    /** What has come to those whose tokens are in use, under whichever pepper. */
    static Uni<Map<Long, Imports.Outcome>> known(Imports.Batch batch, Map<Long, ImportRow.Draft> wanted) {
        if (wanted.isEmpty()) {
            return Uni.createFrom().item(Map.of());
        }
        JsonArray lines = new JsonArray();
        wanted.forEach((line, draft) -> lines
                .add(new JsonObject().put("line", line).put("digests", new JsonArray(draft.digests()))));
        return Panache.getSession().flatMap(session -> session.createNativeQuery(KNOWN, Object[].class)
                .setParameter("lines", lines.encode()).setParameter("organization", batch.actor().organization())
                .getResultList()).map(rows -> {
                    Map<Long, Imports.Outcome> known = new HashMap<>();
                    rows.forEach(row -> known.put(((Number) row[0]).longValue(),
                            (Boolean) row[2]
                                    ? new Imports.Outcome(Imports.Status.DUPLICATE, UUID.fromString((String) row[1]), List.of())
                                    : Imports.Outcome.invalid(List.of(new FieldError("hash", "cannot be imported")))));
                    return known;
                });
    }

    /** @param stores ids, by id and by key */
    static Uni<Void> insert(Imports.Batch batch, Map<Long, ImportRow.Draft> fresh, Map<String, String> stores,
            VerdictTime time) {
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
                .setParameter("organization", batch.actor().organization())
                .setParameter("actorType", batch.actor().caller().kind().name().toLowerCase(Locale.ROOT))
                .setParameter("actorId", batch.actor().caller().id()).setParameter("actorName", batch.actor().caller().name())
                .setParameter("now", now).executeUpdate()).replaceWithVoid();
    }
}
