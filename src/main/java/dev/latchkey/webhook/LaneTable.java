package dev.latchkey.webhook;

import java.time.Duration;

import jakarta.inject.Singleton;

import io.quarkus.reactive.datasource.ReactiveDataSource;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;

/**
 * Lanes, by which claims find the few webhooks of many for which something may be due, and where in the queue to look.
 *
 * <p>
 * <b>Invariant:</b> a row of the queue that is due lies not before {@code next_due} of its lane, and claims look at the lane.
 * Keeping {@code next_due} exact would cost an update of one row for each delivery, on which all fan-outs for a webhook would
 * wait for each other. So a lane is <em>warm</em> for ten seconds after something was queued, and as long as it is warm,
 * {@code next_due} lies at least five seconds back: whoever inserts a row, or lets one be due sooner, makes sure in his
 * transaction that the lane is warm for two seconds more ({@link #COLD}, {@link #WARM}), which mostly it is, and then he writes
 * nothing. Only {@link #tidy} moves {@code next_due} on: of a warm lane up to five seconds ago or to the first row that waits,
 * whichever is less; of one that has been cold for five seconds to its first row.
 *
 * <p>
 * Who breaks it: a transaction that takes longer than that, whose row may come to lie before {@code next_due}, or in a lane
 * that was cold when it committed. {@link #sweep} finds it: it looks for the first row of each lane by the queue itself.
 */
@Singleton
class LaneTable {

    // Which lanes are not warm for long enough, of the webhooks that a query gives; locked in the order of their ids.
    static final String COLD = """
            select l.webhook_id from webhook_lane l
                 where l.webhook_id = any (array(%s)) and l.warm_until < now() + interval '2 seconds'
                 order by l.webhook_id for update""";

    static final String WARM = """
            update webhook_lane l
                   set warm_until = now() + interval '10 seconds', next_due = least(l.next_due, now() - interval '5 seconds')
                 where l.webhook_id = any (array(select c.webhook_id from cold c))""";

    // Of those that lag behind, by webhook_lane_due, some: of lanes with an old backlog nothing changes, and they must not keep
    // others from their turn (the hash of their ids with a seed). The first row by webhook_queue_due. Only those that move are
    // locked, if they still are as they were seen: whoever relies on a lane has warmed it then, or has it locked, and it is
    // looked at the next time.
    private static final String TIDY = """
            with late as (
                select l.webhook_id, l.next_due, l.warm_until
                  from webhook_lane l
                 where not l.paused and l.next_due < now() - interval '10 seconds'
                 order by uuid_hash_extended(l.webhook_id, cast($1 as bigint)) limit 5000
            ), seen as materialized (
                select l.*, coalesce((select min(q.due) from webhook_queue q
                                       where q.webhook_id = l.webhook_id and q.due >= l.next_due), 'infinity') as first_due
                  from late l
            ), wanted as materialized (
                select w.* from (
                    select s.*, case when s.warm_until < now() - interval '5 seconds' then s.first_due
                                     else least(s.first_due, now() - interval '5 seconds') end as next
                      from seen s) w
                 where w.next <> w.next_due
            ), moved as (
                select w.webhook_id, w.next from wanted w cross join lateral (
                    select l.webhook_id from webhook_lane l
                     where l.webhook_id = w.webhook_id and l.next_due = w.next_due and l.warm_until = w.warm_until
                       and not l.paused for update skip locked) l
            )
            update webhook_lane l set next_due = m.next from moved m where l.webhook_id = any (array[m.webhook_id])
            """;

    // The first row of each lane, by webhook_queue_due, from where one may be that is missed: what was delivered long ago is not
    // walked over, however long somebody's old snapshot keeps vacuum from removing it. A lane that is switched on again is told
    // its first row then (WebhookLanes). How long the one that waits longest has waited is told beside: held lanes and paused
    // ones wait for good reason.
    private static final String SWEEP_FROM = """
            with first as (
                select l.webhook_id, l.next_due, f.due, l.held_until <= now() and f.due <= now() as waits
                  from webhook_lane l
                 cross join lateral (select q.due from webhook_queue q
                                      where q.webhook_id = l.webhook_id and q.due >= least(l.next_due, %s)
                                      order by q.due limit 1) f
                 where not l.paused
            ), missed as (
                select l.webhook_id, f.due from first f cross join lateral (
                    select l.webhook_id from webhook_lane l
                     where l.webhook_id = f.webhook_id and f.due < l.next_due for update) l
            ), found as (
                update webhook_lane l set next_due = least(l.next_due, m.due)
                  from missed m where l.webhook_id = any (array[m.webhook_id])
                returning l.webhook_id
            )
            select (select count(*) from found) as missed,
                   cast(coalesce(extract(epoch from now() - min(f.due) filter (where f.waits)), 0) as float8) as waited
              from first f
            """;

    static final String SWEEP = SWEEP_FROM.formatted("now() - interval '2 minutes'");
    static final String SWEEP_ALL = SWEEP_FROM.formatted("cast('-infinity' as timestamptz)");

    // By webhook_deleted.
    private static final String DELETED_LATELY = """
            with gone as (
                select w.id as webhook_id from webhook w where w.deleted_at > now() - interval '1 hour'
            )""";

    // From one webhook that has rows in the queue to the next one, by webhook_queue_due, however many rows each has: of those
    // that are deleted, and of those of which nothing is left.
    private static final String GONE = """
            with recursive waiting as (
                (select q.webhook_id from webhook_queue q order by q.webhook_id limit 1)
                union all
                select (select q.webhook_id from webhook_queue q where q.webhook_id > p.webhook_id
                         order by q.webhook_id limit 1)
                  from waiting p where p.webhook_id is not null
            ), gone as (
                select p.webhook_id from waiting p
                 where p.webhook_id is not null
                   and coalesce((select w.deleted_at is not null from webhook w where w.id = p.webhook_id), true)
            )""";

    // A batch of what they have left, by webhook_queue_due; what somebody is sending has its fate from him. The delivery by
    // primary key; the webhook stands in the condition so that its other index will do as well.
    private static final String LEFT_OVER = """
            , rows as (
                select r.delivery_id from gone g cross join lateral (
                    select q.delivery_id from webhook_queue q
                     where q.webhook_id = g.webhook_id and (q.claim is null or q.due <= now())
                     order by q.due limit 1000 for update skip locked) r
                 limit 5000
            ), left_over as (
                delete from webhook_queue q where q.delivery_id = any (array(select r.delivery_id from rows r))
                returning q.delivery_id, q.at, q.webhook_id
            ), cancelled as (
                update delivery d
                   set state = 'cancelled', reason = 'webhook-deleted', finished_at = now(), failed_at = now()
                  from left_over o
                 where d.id = any (array[o.delivery_id]) and d.at = any (array[o.at])
                   and d.webhook_id = any (array[o.webhook_id]) and d.state = 'pending'
            )
            select count(*) as rows from left_over
            """;

    static final String CANCEL = DELETED_LATELY + LEFT_OVER;
    static final String CANCEL_ALL = GONE + LEFT_OVER;

    private final Pool database;

    LaneTable(@ReactiveDataSource(DispatchConnections.NAME) Pool database) {
        this.database = database;
    }

    /**
     * What a sweep has found.
     *
     * @param missed lanes whose first row would not have been claimed
     * @param waited how long what is due has waited at most
     */
    record Swept(int missed, Duration waited) {
    }

    /**
     * Moves lanes on to where something may be due.
     *
     * @param seed another one each time
     */
    Uni<Void> tidy(long seed) {
        return database.preparedQuery(TIDY).execute(Tuple.of(seed)).replaceWithVoid();
    }

    /** Finds what lanes do not know of, of the last two minutes: no transaction of ours takes as long. */
    Uni<Swept> sweep() {
        return sweep(SWEEP);
    }

    /** Finds whatever lanes do not know of: walks over all that vacuum has not removed yet, so seldom. */
    Uni<Swept> sweepAll() {
        return sweep(SWEEP_ALL);
    }

    private Uni<Swept> sweep(String sql) {
        return database.preparedQuery(sql).execute().map(rows -> {
            Row row = rows.iterator().next();
            return new Swept(row.getLong("missed").intValue(),
                    Duration.ofMillis(Math.max(0, Math.round(row.getDouble("waited") * 1000))));
        });
    }

    /** Cancels a batch of what webhooks have left that were deleted within the last hour; how much it was. */
    Uni<Integer> cancel() {
        return cancel(CANCEL);
    }

    /** Cancels a batch of what is left of any webhook that is gone; walks over all that vacuum has not removed yet. */
    Uni<Integer> cancelAll() {
        return cancel(CANCEL_ALL);
    }

    private Uni<Integer> cancel(String sql) {
        return database.preparedQuery(sql).execute().map(rows -> rows.iterator().next().getLong("rows").intValue());
    }
}
