package dev.latchkey.webhook;

import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import jakarta.inject.Singleton;

import dev.latchkey.webhook.Claimed.Happened;
import dev.latchkey.webhook.Slots.Room;
import io.quarkus.reactive.datasource.ReactiveDataSource;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;

/**
 * Claims what is due, keeps it, and gives it back. A claim is an id that was drawn for it: whoever writes under one that is not
 * the row's any more has lost it. Each statement is one transaction.
 */
@Singleton
class ClaimTable {

    /** Lanes that a claim looks at; beyond that other ones each time. */
    private static final int LANES = 5_000;

    // Of a webhook, what the values say, or what one has that nothing is under way to; little while it fails.
    /** Webhook, its failures in a row, JSON of rooms by webhook, and the room of all others. */
    static final String ROOM_OF_WEBHOOK = """
            case when %2$s >= 3 then least(2, coalesce(cast(cast(%3$s as jsonb) -> cast(%1$s as text) as int), %4$s))
                 else coalesce(cast(cast(%3$s as jsonb) -> cast(%1$s as text) as int), %4$s) end""";

    // Lanes on which something may be due, by webhook_lane_due: paused ones are not in it. Those without room here are passed
    // over before anything is limited, so that they keep nobody waiting; where there are more than are looked at, it is other
    // ones each time (the hash of their ids with a seed). Of each lane what is due longest, by webhook_queue_due, from where
    // rows may be (next_due) to now: what was delivered long ago is not walked over again, and claimed rows lie behind now.
    // Then lanes of an organization take turns, organizations do, and slots and memory bound the whole. What somebody else has
    // locked he is claiming.
    private static final String CLAIM = """
            with lane as (
                select l.webhook_id, l.organization_id, l.next_due, l.failures, r.room, count(*) over () as lanes
                  from webhook_lane l
                 cross join lateral (select %s as room) r
                 where not l.paused and l.next_due <= now() and l.held_until <= now() and r.room > 0
                   and coalesce(cast(cast($9 as jsonb) -> cast(l.organization_id as text) as int), $7) > 0
                 order by uuid_hash_extended(l.webhook_id, cast($1 as bigint)) limit %d
            ), due as (
                select l.webhook_id, l.organization_id, l.failures, d.*,
                       row_number() over (partition by l.webhook_id order by d.due) as place
                  from lane l cross join lateral (
                    select q.delivery_id, q.event_id, q.at, q.attempt, q.due, q.bytes
                      from webhook_queue q
                     where q.webhook_id = l.webhook_id and q.due >= l.next_due and q.due <= now()
                     order by q.due limit least(l.room, greatest(1, 2 * cast($4 as int) / l.lanes)) for update skip locked) d
            ), shared as (
                select d.*, row_number() over (partition by d.organization_id order by d.place, d.due, d.delivery_id) as turn
                  from due d
            ), ranked as (
                select s.*, row_number() over by_turn <= $4 and sum(s.bytes) over by_turn <= $5 as chosen
                  from shared s
                 where s.turn <= coalesce(cast(cast($9 as jsonb) -> cast(s.organization_id as text) as int), $7)
                window by_turn as (order by s.turn, s.due, s.delivery_id rows unbounded preceding)
            ), claimed as (
                update webhook_queue q set claim = $2, due = now() + $3 * interval '1 millisecond'
                  from ranked r where q.delivery_id = any (array[r.delivery_id]) and r.chosen
                returning q.delivery_id, q.webhook_id, q.organization_id, q.event_id, q.at, q.attempt, q.bytes, r.failures
            )
            select c.*, w.version, e.public_id, e.type, e.store_id, s.key as store_key, e.trace, e.data::text as data
              from claimed c
             cross join lateral (select w.version from webhook w where w.id = c.webhook_id offset 0) w
             cross join lateral (
                select e.public_id, e.type, e.store_id, e.trace, e.data from event e
                 where e.organization_id = c.organization_id and e.id = c.event_id and e.at = c.at offset 0) e
              left join lateral (select s.key from store s where s.id = e.store_id offset 0) s on true
            """.formatted(ROOM_OF_WEBHOOK.formatted("l.webhook_id", "l.failures", "$8", "$6"), LANES);

    // By primary key, under the claim; in the order of the ids, as everywhere.
    private static final String HELD = """
            with held as (
                select q.delivery_id, q.webhook_id
                  from unnest($1::uuid[], $2::uuid[]) h (delivery_id, claim) cross join lateral (
                    select q.delivery_id, q.webhook_id from webhook_queue q
                     where q.delivery_id = h.delivery_id and q.claim = h.claim for update) q
            )""";

    private static final String RENEW = HELD + """

            update webhook_queue q set due = now() + $3 * interval '1 millisecond'
             where q.delivery_id = any (array(select h.delivery_id from held h))
            returning q.delivery_id
            """;

    // The lane is kept warm, so that claims look at it from now on (LaneTable).
    private static final String GIVE_BACK = HELD + """
            , cold as (
                %s
            ), warmed as (
                %s
            )
            update webhook_queue q set due = now() + $3 * interval '1 millisecond', claim = null
             where q.delivery_id = any (array(select h.delivery_id from held h))
            """.formatted(LaneTable.COLD.formatted("select h.webhook_id from held h"), LaneTable.WARM);

    private final Pool database;

    ClaimTable(@ReactiveDataSource(DispatchConnections.NAME) Pool database) {
        this.database = database;
    }

    /**
     * Under what is claimed.
     *
     * @param claim its id
     * @param lease for how long
     * @param room how much
     */
    record Terms(UUID claim, Duration lease, Room room) {

        /** As both statements that claim take them, in this order. */
        Tuple addTo(Tuple values) {
            return values.addValue(claim).addValue((double) lease.toMillis()).addValue(room.total()).addValue(room.bytes())
                    .addValue(room.endpoint()).addValue(room.organization()).addValue(json(room.endpoints()))
                    .addValue(json(room.organizations()));
        }

        private static JsonObject json(Map<UUID, Integer> rooms) {
            JsonObject json = new JsonObject();
            rooms.forEach((id, room) -> json.put(id.toString(), room));
            return json;
        }
    }

    /**
     * Claims what is due.
     *
     * @param seed another one each time
     */
    Uni<List<Claimed>> claim(Terms terms, long seed) {
        return database.preparedQuery(CLAIM).execute(terms.addTo(Tuple.of(seed)))
                .map(rows -> rows.stream().map(row -> claimed(row, terms.claim())).toList());
    }

    /** @return those that are still held; the others have been taken over, or are gone */
    Uni<Set<UUID>> renew(Collection<Claimed> held, Duration lease) {
        return database.preparedQuery(RENEW).execute(ids(held).addValue((double) lease.toMillis())).map(rows -> {
            Set<UUID> kept = new HashSet<>();
            rows.forEach(row -> kept.add(row.getUUID("delivery_id")));
            return kept;
        });
    }

    /**
     * Gives back what has come to nothing: it counts as no attempt.
     *
     * @param pause before it is claimed again
     */
    Uni<Void> giveBack(Collection<Claimed> held, Duration pause) {
        return database.preparedQuery(GIVE_BACK).execute(ids(held).addValue((double) pause.toMillis())).replaceWithVoid();
    }

    private static Tuple ids(Collection<Claimed> held) {
        List<Claimed> inOrder = held.stream().sorted(Comparator.comparing(Claimed::id)).toList();
        return Tuple.tuple().addValue(inOrder.stream().map(Claimed::id).toArray(UUID[]::new))
                .addValue(inOrder.stream().map(Claimed::claim).toArray(UUID[]::new));
    }

    static Claimed claimed(Row row, UUID claim) {
        Happened event = new Happened(row.getString("public_id"), row.getString("type"),
                row.getOffsetDateTime("at").toInstant(), row.getUUID("store_id"), row.getString("store_key"),
                row.getString("data"), row.getString("trace"));
        return new Claimed(row.getUUID("delivery_id"), row.getUUID("webhook_id"), row.getLong("version"),
                row.getUUID("organization_id"), event, row.getInteger("attempt"), row.getInteger("bytes"),
                row.getInteger("failures"), claim);
    }
}
