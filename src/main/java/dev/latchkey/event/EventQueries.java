package dev.latchkey.event;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import jakarta.inject.Singleton;

import dev.latchkey.identity.Caller;
import dev.latchkey.web.Conditions;
import dev.latchkey.web.Id;
import dev.latchkey.web.ProblemException;
import dev.latchkey.web.Span;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * The reads of events. A key that is limited to stores sees the events of these stores and no others, also none of the
 * organization: an order is told to nobody who could not read it.
 */
@Singleton
class EventQueries {

    // The store's key as receivers are told it; of an event that was published before that was kept, as it is now, by primary
    // key. The data as text, since it goes out as it came in.
    private static final String SELECT = """
            select e.id, e.public_id, e.type, e.at, e.store_id, coalesce(e.store_key, s.key) as store_key, e.data::text as data
              from event e
              left join store s on e.store_key is null and s.id = e.store_id and s.organization_id = e.organization_id
            """;

    // By the primary key of api_key_store.
    private static final String OF_ITS_STORES = "e.store_id in (select ks.store_id from api_key_store ks where ks.key_id = ?)";

    private final Pool database;

    EventQueries(Pool database) {
        this.database = database;
    }

    /** An event as it lies in its partition; the data is JSON as text. */
    record Stored(UUID id, String publicId, String type, Instant at, @Nullable UUID storeId, @Nullable String storeKey,
            String data) {

        static Stored of(Row row) {
            return new Stored(row.getUUID("id"), row.getString("public_id"), row.getString("type"),
                    row.getOffsetDateTime("at").toInstant(), row.getUUID("store_id"), row.getString("store_key"),
                    row.getString("data"));
        }
    }

    /** Up to {@code limit} events after one, newest first. */
    // Only the conditions that are asked for stand in the statement, so that the plan merges one index over the days:
    // event_by_type, event_by_store or event_by_organization, each of which ends in the id. A span also leaves days out.
    Uni<List<Stored>> list(Caller caller, @Nullable String type, @Nullable UUID store, Span span, @Nullable UUID after,
            int limit) {
        Tuple values = Tuple.of(caller.tenant().id());
        Conditions narrowed = new Conditions(values).and(OF_ITS_STORES, limitedKey(caller)).and("e.id < ?", after)
                .and("e.type = ?", type).and("e.store_id = ?", store).and("e.id >= ?", span.first()).and("e.id < ?", span.end())
                .and("e.at >= ?", span.from()).and("e.at < ?", span.to());
        String sql = SELECT + " where e.organization_id = $1" + narrowed + " order by e.id desc limit " + narrowed.place(limit);
        return database.preparedQuery(sql).execute(values).map(rows -> rows.stream().map(Stored::of).toList());
    }

    /** By the id that receivers know. */
    // By the primary key of event_identity, which names the day, and then by that of the day's partition.
    Uni<Optional<Stored>> find(Caller caller, String publicId) {
        return database.preparedQuery("""
                select event_id, at from event_identity where organization_id = $1 and public_id = $2
                """).execute(Tuple.of(caller.tenant().id(), publicId)).flatMap(rows -> {
            for (Row row : rows) {
                return find(caller, row.getUUID("event_id"), row.getOffsetDateTime("at"));
            }
            return Uni.createFrom().item(Optional.empty());
        });
    }

    private Uni<Optional<Stored>> find(Caller caller, UUID id, OffsetDateTime at) {
        Tuple values = Tuple.of(caller.tenant().id(), id, at);
        Conditions narrowed = new Conditions(values).and(OF_ITS_STORES, limitedKey(caller));
        return database.preparedQuery(SELECT + " where e.organization_id = $1 and e.id = $2 and e.at = $3" + narrowed)
                .execute(values).map(rows -> rows.stream().map(Stored::of).findFirst());
    }

    /**
     * The store that a filter names; empty for no filter. An id is taken as it is, since the events of a store outlive it.
     *
     * @throws ProblemException 422 for a key that no store within the caller's reach has
     */
    // By the unique index on (organization_id, key), and the primary key of api_key_store.
    Uni<Optional<UUID>> store(Caller caller, @Nullable String idOrKey) {
        UUID id = idOrKey == null ? null : Id.parse(idOrKey);
        if (idOrKey == null || id != null) {
            return Uni.createFrom().item(Optional.ofNullable(id));
        }
        return database.preparedQuery("""
                select s.id from store s
                 where s.organization_id = $1 and s.key = $2
                   and (cast($3 as uuid) is null
                        or exists (select from api_key_store ks where ks.key_id = $3 and ks.store_id = s.id))
                """).execute(Tuple.of(caller.tenant().id(), idOrKey, limitedKey(caller))).map(rows -> {
            for (Row row : rows) {
                return Optional.of(row.getUUID("id"));
            }
            throw ProblemException.invalid("store", "is not a store of this organization");
        });
    }

    private static @Nullable UUID limitedKey(Caller caller) {
        return caller.reachesAllStores() ? null : UUID.fromString(caller.id());
    }
}
