package dev.latchkey.webhook;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Singleton;

import dev.latchkey.webhook.ClaimTable.Terms;
import io.quarkus.reactive.datasource.ReactiveDataSource;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * Turns events of the outbox into deliveries, one for each webhook that asked: one statement takes them, writes what is to be
 * delivered, and hands back, claimed already, what there is room for here. That is the common way of a delivery, on which its
 * row of the queue is written once and deleted once.
 */
@Singleton
class FanOut {

    /** By which an event's time may differ from its id's. */
    private static final Duration SKEW = Duration.ofMinutes(1);
    /** How far ahead days are looked at. */
    private static final Duration REACH = Duration.ofDays(1);
    /** That take turns at once; others do the next time. */
    private static final int ORGANIZATIONS = 200;
    private static final UUID FIRST = new UUID(0, 0);
    private static final OffsetDateTime EVER = LocalDate.EPOCH.atStartOfDay().atOffset(ZoneOffset.UTC);
    private static final OffsetDateTime FOREVER = EVER.plusYears(1000);

    // The newest, by the primary key, which is in the order of time: what was taken before lies below the first id, and is not
    // walked over again, also while somebody's old snapshot keeps vacuum from removing it.
    private static final String NEWEST = """
            with sharers as (
                select cast(null as uuid) as organization_id where false
            ), taken as (
                select o.event_id from event_outbox o
                 where o.event_id >= cast($1 as uuid) and o.at >= $2 and o.at < $3
                 order by o.event_id limit cast($4 as int) for update skip locked
            """;

    // All there is, organizations in turn, from one on: each the same share of the limit. The organizations are found by going
    // from one to the next in event_outbox_by_organization, however many events each has, and by it their events, too: hence the
    // conditions and the order, which the primary key would not do for.
    private static final String IN_TURN = """
            with recursive organizations as (
                (select o.organization_id from event_outbox o where o.organization_id > $1 order by o.organization_id limit 1)
                union all
                select (select o.organization_id from event_outbox o where o.organization_id > p.organization_id
                         order by o.organization_id limit 1)
                  from organizations p where p.organization_id is not null
            ), sharers as (
                select organization_id from organizations where organization_id is not null limit %d
            ), taken as (
                select t.event_id from sharers p cross join lateral (
                    select o.event_id from event_outbox o
                     where (o.organization_id, o.event_id) > (p.organization_id, cast('%s' as uuid))
                       and o.organization_id <= p.organization_id and o.at >= $2 and o.at < $3
                     order by o.organization_id, o.event_id limit greatest(1, cast($4 as int) / (select count(*) from sharers)) for update skip locked) t
            """
            .formatted(ORGANIZATIONS, FIRST);

    // Everything is looked up by an index, one row after the other (DispatchConnections says why, and what "offset 0" and arrays
    // are for): events by the primary key of their day, webhooks by webhook_by_organization, the rest by primary key. A webhook
    // that was switched off by the dispatcher gets it, too, and keeps it until it is mended; one that a person switched off does
    // not, nor does one whose organization is being deleted. Of an endpoint no more is claimed than it has room, of an
    // organization no more than it has, of all suspects no more than they have together, and of all the rest no more than slots
    // and memory allow, organizations in turn, suspects after all others; what is not claimed is due at once, for whoever has
    // room. Partitions of other days than $2 to $3 are left out when the statement begins. The organization stands in the
    // condition so that either index of a day will do; ids are UUIDv7 with the place in this statement behind the time, made
    // here since nobody knows before how many there will be. Lanes are locked in the order of their ids, as everywhere.
    private static final String REST = """
            ), gone as (
                delete from event_outbox o where o.event_id = any (array(select t.event_id from taken t))
                returning o.event_id, o.at, o.organization_id, o.bytes
            ), wanted as (
                select g.event_id, g.at, g.organization_id, g.bytes, e.*, w.*, l.*
                  from gone g
                 cross join lateral (
                    select e.public_id, e.type, e.store_id, e.store_key as told_key, e.trace, e.data from event e
                     where e.organization_id = g.organization_id and e.id = g.event_id and e.at = g.at
                       and e.at >= $2 and e.at < $3 offset 0) e
                  left join lateral (
                    select w.id as webhook_id, w.version from webhook w
                     where w.organization_id = g.organization_id and w.deleted_at is null
                       and (w.active or w.disabled_at is not null) and e.type = any (w.events)
                       and (w.all_stores or (
                            select true from webhook_store s where s.webhook_id = w.id and s.store_id = e.store_id))
                       and (select o.deletion_requested_at is null from organization o where o.id = w.organization_id)
                    offset 0) w on true
                  left join lateral (
                    select l.failures, l.warm_until, not l.paused and l.held_until <= now() as is_open
                      from webhook_lane l where l.webhook_id = w.webhook_id offset 0) l on true
            ), placed as (
                select w.*, r.is_suspect, w.is_open and row_number() over in_lane <= r.room
                                          and sum(w.bytes) over in_lane - w.bytes < r.memory as fits
                  from wanted w cross join lateral (
                    %1$s) r
                 where w.webhook_id is not null
                window in_lane as (partition by w.webhook_id order by w.event_id rows unbounded preceding)
            ), shared as (
                select p.*, row_number() over in_turn as turn, sum(p.bytes) over in_turn - p.bytes as before_turn from placed p
                window in_turn as (partition by p.organization_id, p.fits
                                   order by p.is_suspect, p.event_id rows unbounded preceding)
            ), ranked as (
                select s.*, s.fits and s.turn <= %4$s and s.before_turn < %5$s
                            and row_number() over by_turn <= $7 and sum(s.bytes) over by_turn <= $8
                            and (not s.is_suspect or row_number() over together <= $15
                                                     and sum(s.bytes) over together - s.bytes < $16) as chosen,
                       cast(encode(substring(int8send(cast(extract(epoch from clock_timestamp()) * 1000 as bigint)) from 3)
                                   || int2send(cast(28672 + row_number() over () %% 4096 as smallint))
                                   || substring(uuid_send(gen_random_uuid()) from 9), 'hex') as uuid) as delivery_id
                  from shared s
                window by_turn as (partition by s.fits order by s.is_suspect, s.turn, s.event_id rows unbounded preceding),
                       together as (partition by s.fits, s.is_suspect order by s.turn, s.event_id rows unbounded preceding)
            ), deliveries as (
                insert into delivery (id, at, organization_id, webhook_id, event_id)
                select delivery_id, at, organization_id, webhook_id, event_id from ranked
            ), queued as (
                insert into webhook_queue (delivery_id, webhook_id, organization_id, event_id, at, due, claim, bytes)
                select delivery_id, webhook_id, organization_id, event_id, at,
                       case when chosen then now() + $6 * interval '1 millisecond' else now() end,
                       case when chosen then cast($5 as uuid) end, bytes
                  from ranked
            ), counted as (
                update event_identity i set deliveries = c.number
                  from (select organization_id, public_id, count(webhook_id) as number
                          from wanted group by organization_id, public_id) c
                 where i.organization_id = any (array[c.organization_id]) and i.public_id = any (array[c.public_id])
            ), cold as (
                %2$s
            ), warmed as (
                %3$s
            )
            select (select count(*) from gone) as events, (select count(*) from ranked) as deliveries,
                   (select max(cast(organization_id as text)) from sharers) as last_organization,
                   (select count(*) from sharers) as organizations,
                   (select max(o.events) from (select count(*) as events from gone group by organization_id) o) as of_one,
                   c.delivery_id, c.chosen, c.webhook_id, c.organization_id, c.version, c.failures, c.bytes, c.at, c.public_id,
                   c.type, c.store_id, coalesce(c.told_key, s.key) as store_key, c.trace,
                   case when c.chosen then c.data::text end as data, cast(0 as smallint) as attempt
              from (values (1)) one
              left join (select * from ranked where chosen
                         union all
                         select distinct on (webhook_id) * from ranked where is_open and not chosen and not is_suspect) c on true
              left join lateral (select s.key from store s where s.id = c.store_id and c.told_key is null offset 0) s on true
            """
            .formatted(ClaimTable.ROOM_OF_WEBHOOK.formatted("w.webhook_id", "w.failures", "$11", "$9", "$13"),
                    LaneTable.COLD
                            .formatted("select w.webhook_id from wanted w where w.warm_until < now() + interval '2 seconds'"),
                    LaneTable.WARM, ClaimTable.SLOTS_OF_ORGANIZATION.formatted("s.organization_id", "$12", "$10"),
                    ClaimTable.BYTES_OF_ORGANIZATION.formatted("s.organization_id", "$12", "$14"));

    private static final String NEWEST_ALL = NEWEST + REST;
    private static final String IN_TURN_ALL = IN_TURN + REST;

    private final Pool database;

    FanOut(@ReactiveDataSource(DispatchConnections.NAME) Pool database) {
        this.database = database;
    }

    /**
     * What a turn has come to.
     *
     * @param events that were taken
     * @param deliveries that have come of them
     * @param isFull whether there may be more
     * @param claimed what was claimed with it, to be sent
     * @param left webhooks for which something was left for want of room, each with its organization; not suspects
     * @param nextAfter the organization behind which the next turn begins; null for the first
     */
    record Taken(int events, long deliveries, boolean isFull, List<Claimed> claimed, Map<UUID, UUID> left,
            @Nullable UUID nextAfter) {
    }

    /**
     * Fans out what was published lately: nothing else is looked at.
     *
     * @param since what was published before it is left to {@link #inTurn}
     */
    Uni<Taken> newest(int most, Instant since, Terms terms) {
        Tuple values = Tuple.of(lowestId(since), since.minus(SKEW).atOffset(ZoneOffset.UTC),
                since.plus(REACH).atOffset(ZoneOffset.UTC), most);
        return execute(NEWEST_ALL, values, terms);
    }

    /**
     * Fans out of each organization as much as of every other.
     *
     * @param after the organization behind which to begin; null for the first
     * @param since what was published before it is left; null for nothing: that looks at all days, which takes longer
     */
    Uni<Taken> inTurn(int most, @Nullable UUID after, @Nullable Instant since, Terms terms) {
        Tuple values = Tuple.of(after == null ? FIRST : after, since == null ? EVER : since.atOffset(ZoneOffset.UTC),
                since == null ? FOREVER : since.plus(REACH).atOffset(ZoneOffset.UTC), most);
        return execute(IN_TURN_ALL, values, terms);
    }

    private Uni<Taken> execute(String sql, Tuple values, Terms terms) {
        return database.preparedQuery(sql).execute(terms.addTo(values))
                .map(rows -> taken(rows, values.getInteger(3), terms.claim()));
    }

    private static Taken taken(RowSet<Row> rows, int most, UUID claim) {
        List<Claimed> claimed = new ArrayList<>(rows.size());
        Map<UUID, UUID> left = new HashMap<>();
        Row last = null;
        for (Row row : rows) {
            last = row;
            if (row.getUUID("delivery_id") != null) {
                if (row.getBoolean("chosen")) {
                    claimed.add(ClaimTable.claimed(row, claim));
                } else {
                    left.put(row.getUUID("webhook_id"), row.getUUID("organization_id"));
                }
            }
        }
        if (last == null) {
            throw new IllegalStateException("there is a row, whatever was taken");
        }
        int events = last.getLong("events").intValue();
        long organizations = last.getLong("organizations");
        // The newest are one share, whosever they are; where organizations take turns, each has its own.
        boolean isFull = organizations == 0 ? events >= most
                : events > 0 && last.getLong("of_one") >= Math.max(1, most / organizations);
        return new Taken(events, last.getLong("deliveries"), isFull, claimed, left,
                organizations < ORGANIZATIONS ? null : UUID.fromString(last.getString("last_organization")));
    }

    /** No UUIDv7 of that millisecond or later lies below it. */
    private static UUID lowestId(Instant at) {
        return new UUID(at.toEpochMilli() << 16, 0);
    }
}
