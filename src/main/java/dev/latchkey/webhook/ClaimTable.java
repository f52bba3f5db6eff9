package dev.latchkey.webhook;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import jakarta.inject.Singleton;

import dev.latchkey.webhook.Claimed.Happened;
import dev.latchkey.webhook.Slots.Room;
import dev.latchkey.webhook.Slots.Share;
import io.quarkus.reactive.datasource.ReactiveDataSource;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jboss.logging.Logger;

/**
 * Claims what is due. A claim is an id that was drawn for it: whoever writes under one that is not the row's any more has lost
 * it ({@link HeldTable}, {@link CompletionTable}). Each statement is one transaction.
 */
@Singleton
class ClaimTable {

    private static final Logger LOG = Logger.getLogger(ClaimTable.class);

    /** Lanes that a claim looks at; beyond that other ones each time. */
    private static final int LANES = 5_000;

    /** Lanes left for want of room that a claim tells of. */
    private static final int LEFT = 1_000;

    // What there is room for on a lane: what the values say, or as much as of one that nothing is under way to; little while it
    // fails. Webhook, its failures in a row, JSON of shares by webhook, and slots and bytes of all others.
    static final String ROOM_OF_WEBHOOK = """
            select case when %2$s >= 3 then least(2, k.slots) else k.slots end as room, k.bytes as memory,
                           %2$s >= 3 or k.is_slow as is_suspect
                      from (select coalesce(cast(k.known -> 0 as int), %4$s) as slots,
                                   coalesce(cast(k.known -> 1 as bigint), %5$s) as bytes,
                                   coalesce(cast(k.known -> 2 as boolean), false) as is_slow
                              from (select cast(%3$s as jsonb) -> cast(%1$s as text) as known offset 0) k) k""";
    /** Of an organization: JSON, slots and bytes of all others. */
    static final String SLOTS_OF_ORGANIZATION = "coalesce(cast(cast(%2$s as jsonb) -> cast(%1$s as text) -> 0 as int), %3$s)";
    static final String BYTES_OF_ORGANIZATION = "coalesce(cast(cast(%2$s as jsonb) -> cast(%1$s as text) -> 1 as bigint), %3$s)";

    // Lanes on which something may be due. Those without room here are passed over before anything is limited, so that they keep
    // nobody waiting.
    private static final String LANES_WITH_ROOM = """
            with lane as (
                select l.webhook_id, l.organization_id, l.next_due, l.failures, r.room, r.memory, r.is_suspect
                  from %%s l
                 cross join lateral (%s) r
                 where not l.paused and l.next_due <= now() and l.held_until <= now() and r.room > 0 and r.memory > 0
                   and %s > 0 and %s > 0 and (not r.is_suspect or cast($12 as int) > 0 and cast($13 as bigint) > 0)
                 %%s
            """.formatted(ROOM_OF_WEBHOOK.formatted("l.webhook_id", "l.failures", "$8", "$6", "$10"),
            SLOTS_OF_ORGANIZATION.formatted("l.organization_id", "$9", "$7"),
            BYTES_OF_ORGANIZATION.formatted("l.organization_id", "$9", "$11"));

    // All, by webhook_lane_due: paused ones are not in it. Where there are more than are looked at, it is other ones each time
    // (the hash of their ids with a seed), suspects last.
    private static final String ANY = LANES_WITH_ROOM.formatted("webhook_lane",
            "order by r.is_suspect, uuid_hash_extended(l.webhook_id, cast($1 as bigint)) limit " + LANES);

    /** By primary key. */
    private static final String NAMED = LANES_WITH_ROOM.formatted("""
            unnest(cast($1 as uuid[])) n (named) cross join lateral (
                    select * from webhook_lane l where l.webhook_id = n.named offset 0)""", "");

    // Of the lanes, those share the slots on which something is due, which a look at the first row tells: most lanes that
    // are warm wait for nothing. Suspects share theirs. Of each what is due longest, by webhook_queue_due, from where rows
    // may be (next_due) to now: what was delivered long ago is not walked over again, and claimed rows lie behind now. Then
    // lanes of an organization take turns, organizations do, those before all suspects, and slots and memory bound the
    // whole. What somebody else has locked he is claiming. Lanes on which something waits are told beside, but for suspects,
    // which the clock finds. Of an event that somebody has deleted nothing is found; that is ended by another statement.
    private static final String DUE = """
            ), waiting as (
                select l.*, 2 * case when l.is_suspect then cast($12 as int) else cast($4 as int) end
                                / count(*) over (partition by l.is_suspect) as share
                  from lane l cross join lateral (
                    select q.due from webhook_queue q
                     where q.webhook_id = l.webhook_id and q.due >= l.next_due and q.due <= now() order by q.due limit 1) d
            ), due as (
                select l.webhook_id, l.organization_id, l.failures, l.memory, l.is_suspect, d.*,
                       row_number() over of_lane as place, sum(d.bytes) over of_lane - d.bytes as before
                  from waiting l cross join lateral (
                    select q.delivery_id, q.event_id, q.at, q.attempt, q.due, q.bytes
                      from webhook_queue q
                     where q.webhook_id = l.webhook_id and q.due >= l.next_due and q.due <= now()
                     order by q.due limit least(l.room, greatest(1, l.share)) for update skip locked) d
                window of_lane as (partition by l.webhook_id order by d.due, d.delivery_id rows unbounded preceding)
            ), shared as (
                select d.*, row_number() over in_turn as turn, sum(d.bytes) over in_turn - d.bytes as before_turn
                  from due d where d.before < d.memory
                window in_turn as (partition by d.organization_id
                                   order by d.is_suspect, d.place, d.due, d.delivery_id rows unbounded preceding)
            ), ranked as (
                select s.*, row_number() over by_turn <= $4 and sum(s.bytes) over by_turn <= $5
                            and (not s.is_suspect or row_number() over together <= $12
                                                     and sum(s.bytes) over together - s.bytes < $13) as chosen
                  from shared s
                 where s.turn <= %s and s.before_turn < %s
                window by_turn as (order by s.is_suspect, s.turn, s.due, s.delivery_id rows unbounded preceding),
                       together as (partition by s.is_suspect order by s.turn, s.due, s.delivery_id rows unbounded preceding)
            ), claimed as (
                update webhook_queue q set claim = $2, due = now() + $3 * interval '1 millisecond'
                  from ranked r where q.delivery_id = any (array[r.delivery_id]) and r.chosen
                returning q.delivery_id, q.webhook_id, q.organization_id, q.event_id, q.at, q.attempt, q.bytes, r.failures
            )
            select c.*, w.version, e.public_id, e.type, e.store_id,
                   coalesce(e.store_key, s.key) as store_key, e.trace, e.data::text as data
              from claimed c
             cross join lateral (select w.version from webhook w where w.id = c.webhook_id offset 0) w
              left join lateral (
                select e.public_id, e.type, e.store_id, e.store_key, e.trace, e.data from event e
                 where e.organization_id = c.organization_id and e.id = c.event_id and e.at = c.at offset 0) e on true
              left join lateral (
                select s.key from store s where s.id = e.store_id and e.store_key is null offset 0) s on true
            union all
            (select null, l.webhook_id, l.organization_id, null, null, null, null, null, null, null, null, null, null, null, null
               from waiting l where not l.is_suspect limit %d)
            """
            .formatted(SLOTS_OF_ORGANIZATION.formatted("s.organization_id", "$9", "$7"),
                    BYTES_OF_ORGANIZATION.formatted("s.organization_id", "$9", "$11"), LEFT);

    private static final String CLAIM_ANY = ANY + DUE;
    private static final String CLAIM_NAMED = NAMED + DUE;

    private final Pool database;
    private final HeldTable held;

    ClaimTable(@ReactiveDataSource(DispatchConnections.NAME) Pool database, HeldTable held) {
        this.database = database;
        this.held = held;
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
            return values.addValue(claim).addValue((double) lease.toMillis())
                    .addValue(room.total().slots()).addValue(room.total().bytes())
                    .addValue(room.endpoint().slots()).addValue(room.organization().slots())
                    .addValue(json(room.endpoints(), room.suspected())).addValue(json(room.organizations(), Set.of()))
                    .addValue(room.endpoint().bytes()).addValue(room.organization().bytes())
                    .addValue(room.suspects().slots()).addValue(room.suspects().bytes());
        }

        private static JsonObject json(Map<UUID, Share> shares, Set<UUID> suspected) {
            JsonObject json = new JsonObject();
            shares.forEach((id, share) -> json.put(id.toString(),
                    JsonArray.of(share.slots(), share.bytes(), suspected.contains(id))));
            return json;
        }
    }

    /**
     * What a claim has come to.
     *
     * @param claimed to be sent
     * @param left webhooks for which there was something due, and may be more, each with its organization
     */
    record Due(List<Claimed> claimed, Map<UUID, UUID> left) {
    }

    /**
     * Claims what is due.
     *
     * @param seed another one each time
     */
    Uni<Due> claim(Terms terms, long seed) {
        return database.preparedQuery(CLAIM_ANY).execute(terms.addTo(Tuple.of(seed))).flatMap(rows -> due(rows, terms.claim()));
    }

    /** Claims what is due of some webhooks: all of them are looked at, and no other. */
    Uni<Due> claimOf(Collection<UUID> webhooks, Terms terms) {
        return database.preparedQuery(CLAIM_NAMED).execute(terms.addTo(Tuple.tuple().addValue(webhooks.toArray(UUID[]::new))))
                .flatMap(rows -> due(rows, terms.claim()));
    }

    private Uni<Due> due(RowSet<Row> rows, UUID claim) {
        List<Claimed> claimed = new ArrayList<>(rows.size());
        List<UUID> bare = new ArrayList<>();
        Map<UUID, UUID> left = new HashMap<>();
        for (Row row : rows) {
            if (row.getUUID("delivery_id") == null) {
                left.put(row.getUUID("webhook_id"), row.getUUID("organization_id"));
            } else if (row.getString("public_id") == null) {
                bare.add(row.getUUID("delivery_id"));
            } else {
                claimed.add(claimed(row, claim));
            }
        }
        claimed.forEach(delivery -> left.put(delivery.webhook(), delivery.organization()));
        Due due = new Due(claimed, left);
        return bare.isEmpty() ? Uni.createFrom().item(due) : end(bare, claim).replaceWith(due);
    }

    /** What is claimed beside is sent all the same; should this fail, they are found again when the claim ends. */
    private Uni<Void> end(List<UUID> bare, UUID claim) {
        LOG.warnf("deliveries are given up whose events are not there any more: deliveries=%d", bare.size());
        return held.end(bare, claim).onFailure().recoverWithNull();
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
