package dev.latchkey.event;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

import jakarta.inject.Singleton;

import dev.latchkey.web.Id;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import org.hibernate.FlushMode;
import org.jspecify.annotations.Nullable;

/**
 * The one statement by which the platform's events are written, however many they are: the rows that {@link Events} tells of.
 * Two publishers of the same id meet in the primary key of {@code event_identity}: the second waits until the first has
 * committed, and is told that it is no news, or has rolled back, and takes its place.
 */
@Singleton
class PublishTable {

    // One round trip, and without a transaction around it one commit. The stores that are named are looked up first, by the
    // primary key and by the unique index on (organization_id, key); where one is not there, or not the key's, nothing is
    // written. Its key is kept as it is now, so that what receivers are told never changes. Then the identity decides what is
    // new. In the order of the ids, so that two publishers of the same ids wait for each other in one order and never in a
    // circle; whoever waits finds them taken, or free.
    // "is true" keeps the condition from becoming a join: the number of rows of an array is not known when the statement is
    // planned, and a loop over 500 times 500 rows would cost more than all the rest.
    private static final String PUBLISH = """
            with named as (
                select n.place, s.id, s.key as store_key,
                       s.id is not null and (cast($4 as uuid) is null or exists (
                           select from api_key_store k where k.key_id = cast($4 as uuid) and k.store_id = s.id)) as is_reached
                  from unnest(cast($5 as uuid[]), cast($6 as text[])) with ordinality n(id, key, place)
                  left join lateral (
                      select x.id, x.key from store x where x.organization_id = cast($1 as uuid) and x.id = n.id
                      union all
                      select x.id, x.key from store x where x.organization_id = cast($1 as uuid) and x.key = n.key) s on true
            ), given as (
                select e.id, e.public_id, e.type, e.data, n.id as store_id, n.store_key
                  from unnest(cast($7 as uuid[]), cast($8 as text[]), cast($9 as text[]), cast($10 as bigint[]),
                              cast($11 as text[])) e(id, public_id, type, store, data)
                  left join named n on n.place = e.store
                 where not exists (select from named where not is_reached)
            ), identity as (
                insert into event_identity (organization_id, public_id, event_id, at)
                select cast($1 as uuid), public_id, id, cast($2 as timestamptz) from given order by public_id
                on conflict (organization_id, public_id) do nothing
                returning event_id
            ), payload as (
                insert into event (id, at, organization_id, public_id, type, store_id, store_key, data, trace)
                select id, cast($2 as timestamptz), cast($1 as uuid), public_id, type, store_id, store_key, cast(data as json),
                       cast($3 as text)
                  from given where (id in (select event_id from identity)) is true
                returning id, octet_length(cast(data as text)) as bytes
            ), outbox as (
                insert into event_outbox (event_id, at, organization_id, bytes)
                select id, cast($2 as timestamptz), cast($1 as uuid), bytes from payload
            )
            select array_to_string(array(select event_id from identity), ' ') as published,
                   array_to_string(array(select place from named where not is_reached), ' ') as missing
            """;

    /** Of Hibernate, which knows parameters by name and no arrays. */
    private static final String PUBLISH_IN_SESSION = PUBLISH.replaceAll("\\$(\\d+)", "cast(:p$1 as text)");

    private final Pool database;

    PublishTable(Pool database) {
        this.database = database;
    }

    /**
     * An event to be written.
     *
     * @param publicId unique among those that are written at once
     * @param store id or key; null: of the organization
     * @param data JSON
     */
    record Draft(UUID id, String publicId, String type, @Nullable String store, String data) {
    }

    /**
     * What is written at once.
     *
     * @param limitedKey the publisher, where it is a key that is limited to stores; null: it reaches all
     * @param trace W3C traceparent
     */
    record Drafts(UUID organization, Instant at, @Nullable String trace, @Nullable UUID limitedKey, List<Draft> events) {
    }

    /**
     * What became of it.
     *
     * @param published ids of the events that were new
     * @param missing stores that there are not, or not for this key; where there is one, nothing was written
     */
    record Written(Set<UUID> published, Set<String> missing) {
    }

    /** Committed when it is answered. */
    Uni<Written> write(Drafts drafts) {
        Named stores = Named.of(drafts);
        return database.preparedQuery(PUBLISH).execute(tuple(drafts, stores)).map(rows -> {
            Row row = rows.iterator().next();
            return written(stores, row.getString("published"), row.getString("missing"));
        });
    }

    /** In the transaction that is open. */
    Uni<Written> writeInSession(Drafts drafts) {
        Named stores = Named.of(drafts);
        Tuple values = tuple(drafts, stores);
        return Panache.getSession().flatMap(session -> {
            var query = session.createNativeQuery(PUBLISH_IN_SESSION, Object[].class).setFlushMode(FlushMode.MANUAL);
            for (int i = 0; i < values.size(); i++) {
                query.setParameter("p" + (i + 1), text(values.getValue(i)));
            }
            return query.getSingleResult();
        }).map(row -> written(stores, (String) row[0], (String) row[1]));
    }

    private static Tuple tuple(Drafts drafts, Named stores) {
        List<Draft> events = drafts.events();
        return Tuple.tuple().addValue(drafts.organization()).addValue(drafts.at().atOffset(ZoneOffset.UTC))
                .addValue(drafts.trace()).addValue(drafts.limitedKey())
                .addValue(stores.names().stream().map(Id::parse).toArray(UUID[]::new))
                .addValue(stores.names().stream().map(name -> Id.parse(name) == null ? name : null).toArray(String[]::new))
                .addValue(events.stream().map(Draft::id).toArray(UUID[]::new))
                .addValue(events.stream().map(Draft::publicId).toArray(String[]::new))
                .addValue(events.stream().map(Draft::type).toArray(String[]::new))
                .addValue(events.stream().map(stores::placeOf).toArray(Long[]::new))
                .addValue(events.stream().map(Draft::data).toArray(String[]::new));
    }

    private static Written written(Named stores, String published, String missing) {
        return new Written(parts(published, UUID::fromString),
                parts(missing, place -> stores.names().get(Integer.parseInt(place) - 1)));
    }

    private static <T> Set<T> parts(String text, Function<String, T> part) {
        return text.isEmpty() ? Set.of() : Arrays.stream(text.split(" ")).map(part).collect(Collectors.toSet());
    }

    /** As PostgreSQL reads it. */
    private static @Nullable String text(@Nullable Object value) {
        return value instanceof Object[] several
                ? Arrays.stream(several).map(PublishTable::element).collect(Collectors.joining(",", "{", "}"))
                : Objects.toString(value, null);
    }

    /** Of an array, PostgreSQL's documentation section 8.15.6. */
    private static String element(@Nullable Object value) {
        return value == null ? "NULL" : '"' + value.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /**
     * The stores that events name, each once.
     *
     * @param names ids and keys
     */
    private record Named(List<String> names, Map<String, Long> places) {

        static Named of(Drafts drafts) {
            Map<String, Long> places = new LinkedHashMap<>();
            drafts.events().forEach(event -> {
                if (event.store() != null) {
                    places.putIfAbsent(event.store(), places.size() + 1L);
                }
            });
            return new Named(List.copyOf(places.keySet()), places);
        }

        /** From 1; null for an event of no store. */
        @Nullable
        Long placeOf(Draft event) {
            return event.store() == null ? null : places.get(event.store());
        }
    }
}
