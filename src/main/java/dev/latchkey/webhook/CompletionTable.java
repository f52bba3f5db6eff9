package dev.latchkey.webhook;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.IntFunction;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.latchkey.net.Phases;
import io.quarkus.reactive.datasource.ReactiveDataSource;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/** Writes what became of deliveries, many in one statement, which is one transaction. */
@Singleton
class CompletionTable {

    // By the primary keys of webhook_queue, delivery and webhook_lane. Rows of the queue are locked first, all of them and in the
    // order of their ids, as whoever renews or gives back does: two who want the same ones wait, and do not block each other
    // (the count makes sure that all are locked before one is written). What was delivered leaves the queue whoever holds it by
    // now, and is told as delivered; a failure counts only under the claim: who has lost it leaves the rest to whoever took
    // over. What failed goes back, due after its pause, or leaves the queue where no attempt is left. The attempt goes to the
    // day of its event, from the row of the delivery: where that is gone nothing is left behind. No range of days stands in the
    // condition, though it would leave the other days out when the statement begins: it would be a way to find rows, all of a
    // day. The webhook does so that either index of a day will do.
    // Of a lane only what has changed is written, which mostly is nothing: a success ends a series of failures where there is
    // one, and never a hold that the receiver has asked for. Who puts rows back keeps the lane warm (LaneTable), also where
    // something else of the batch has succeeded since.
    private static final String COMPLETE = """
            with outcome as materialized (
                select * from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::uuid[], $5::boolean[], $6::float8[],
                                     $7::uuid[], $8::timestamptz[], $9::int[], $10::smallint[], $11::text[], $12::text[],
                                     $13::real[], $14::real[], $15::real[], $16::real[], $17::text[], $18::text[],
                                     $19::boolean[])
                    as o (id, webhook_id, at, claim, is_delivered, pause, attempt_id, started_at, took_ms, status, error,
                          detail, dns_ms, connect_ms, tls_ms, first_byte_ms, headers, body, truncated)
            ), held as materialized (
                select o.* from outcome o cross join lateral (
                    select q.claim from webhook_queue q
                     where q.delivery_id = o.id and (o.is_delivered or q.claim = o.claim) for update) q
            ), ended as (
                delete from webhook_queue q using held o
                 where q.delivery_id = any (array[o.id]) and (o.is_delivered or o.pause is null)
                   and (select count(*) from held) > 0
                returning o.*
            ), again as (
                update webhook_queue q
                   set due = now() + o.pause * interval '1 millisecond', claim = null, attempt = q.attempt + 1
                  from held o
                 where q.delivery_id = any (array[o.id]) and not o.is_delivered and o.pause is not null
                   and (select count(*) from held) > 0
                returning o.*
            ), counted as (
                select * from again
                union all
                select * from ended where not is_delivered
                union all
                select * from outcome where is_delivered
            ), told as (
                update delivery d
                   set attempts = d.attempts + 1, attempted_at = c.started_at, status = c.status, error = c.error,
                       state = case when c.is_delivered then 'delivered' when c.pause is null then 'exhausted' else d.state end,
                       reason = case when c.is_delivered then null when c.pause is null then 'schedule' else d.reason end,
                       finished_at = case when c.is_delivered and d.state = 'delivered' then d.finished_at
                                          when c.is_delivered or c.pause is null then now() else d.finished_at end,
                       failed_at = case when c.is_delivered then null when c.pause is null then now() else d.failed_at end
                  from counted c
                 where d.id = any (array[c.id]) and d.at = any (array[c.at]) and d.webhook_id = any (array[c.webhook_id])
                returning c.*
            ), logged as (
                insert into attempt (delivery_id, at, id, started_at, took_ms, status, error, detail, dns_ms, connect_ms,
                                     tls_ms, first_byte_ms, headers, body, truncated)
                select id, at, attempt_id, started_at, took_ms, status, error, detail, dns_ms, connect_ms, tls_ms,
                       first_byte_ms, cast(headers as json), body, truncated
                  from told
            ), lane as (
                select l.webhook_id, x.has_succeeded, x.failures, x.failing_ms, x.held_ms
                  from unnest($20::uuid[], $21::boolean[], $22::int[], $23::float8[], $24::float8[],
                              $26::boolean[]) as x (webhook_id, has_succeeded, failures, failing_ms, held_ms, has_put_back)
                 cross join lateral (
                    select l.webhook_id from webhook_lane l
                     where l.webhook_id = x.webhook_id
                       and (x.failures > 0 or x.held_ms > 0 or x.has_succeeded and l.failing_since is not null
                            or x.has_put_back and l.warm_until < now() + interval '2 seconds') for update) l
            ), kept as (
                update webhook_lane l
                   set failures = case when x.has_succeeded then 0 else l.failures end + x.failures,
                       failing_since = case when x.failures = 0 and x.has_succeeded then null
                                            when x.failures = 0 then l.failing_since
                                            else coalesce(case when not x.has_succeeded then l.failing_since end,
                                                          now() - x.failing_ms * interval '1 millisecond') end,
                       held_until = greatest(l.held_until, now() + x.held_ms * interval '1 millisecond'),
                       warm_until = greatest(l.warm_until, now() + interval '10 seconds'),
                       next_due = least(l.next_due, now() - interval '5 seconds')
                  from lane x where l.webhook_id = any (array[x.webhook_id])
                returning l.webhook_id, l.failing_since
            )
            select (select count(*) from told) as told,
                   (select array_agg(k.webhook_id) from kept k
                     where k.failing_since < now() - $25 * interval '1 millisecond') as dead
            """;

    private final Pool database;
    private final Duration disableAfter;

    @Inject
    CompletionTable(@ReactiveDataSource(DispatchConnections.NAME) Pool database, WebhookConfig config) {
        this(database, config.disableAfter());
    }

    CompletionTable(Pool database, Duration disableAfter) {
        this.database = database;
        this.disableAfter = disableAfter;
    }

    /**
     * What writing has come to.
     *
     * @param lost failures under claims that others hold by now
     * @param dead webhooks that have failed for too long
     */
    record Written(int lost, Set<UUID> dead) {
    }

    /** @param ended each delivery once */
    Uni<Written> write(List<Ended> ended) {
        List<Ended> inOrder = ended.stream().sorted((a, b) -> a.delivery().id().compareTo(b.delivery().id())).toList();
        Tuple values = Tuple.tuple();
        addOutcomes(values, inOrder);
        addAttempts(values, inOrder);
        List<LaneNews> lanes = LaneNews.of(inOrder);
        addLanes(values, lanes);
        values.addValue((double) disableAfter.toMillis()).addValue(array(lanes, LaneNews::hasPutBack, Boolean[]::new));
        return database.preparedQuery(COMPLETE).execute(values).map(rows -> {
            Row row = rows.iterator().next();
            UUID[] dead = row.getArrayOfUUIDs("dead");
            return new Written(ended.size() - row.getLong("told").intValue(), dead == null ? Set.of() : Set.of(dead));
        });
    }

    private static void addOutcomes(Tuple values, List<Ended> ended) {
        values.addValue(array(ended, each -> each.delivery().id(), UUID[]::new))
                .addValue(array(ended, each -> each.delivery().webhook(), UUID[]::new))
                .addValue(array(ended, each -> utc(each.delivery().event().at()), OffsetDateTime[]::new))
                .addValue(array(ended, each -> each.delivery().claim(), UUID[]::new))
                .addValue(array(ended, Ended::isDelivered, Boolean[]::new))
                .addValue(array(ended, each -> each.pause() == null ? null : (double) each.pause().toMillis(), Double[]::new));
    }

    private static void addAttempts(Tuple values, List<Ended> ended) {
        values.addValue(array(ended, each -> UuidCreator.getTimeOrderedEpoch(), UUID[]::new))
                .addValue(array(ended, each -> utc(each.sent().startedAt()), OffsetDateTime[]::new))
                .addValue(array(ended, each -> (int) each.sent().took().toMillis(), Integer[]::new))
                .addValue(array(ended, each -> status(each.outcome()), Short[]::new))
                .addValue(array(ended, each -> error(each.outcome()), String[]::new))
                .addValue(array(ended, each -> each.outcome().detail(), String[]::new));
        addPhase(values, ended, Phases::dnsMs);
        addPhase(values, ended, Phases::connectMs);
        addPhase(values, ended, Phases::tlsMs);
        addPhase(values, ended, Phases::firstByteMs);
        values.addValue(
                array(ended, each -> each.answer() == null ? null : each.answer().headersAsJson().encode(), String[]::new))
                .addValue(array(ended, each -> each.answer() == null ? null : each.answer().body(), String[]::new))
                .addValue(array(ended, each -> each.answer() != null && each.answer().truncated(), Boolean[]::new));
    }

    private static void addPhase(Tuple values, List<Ended> ended, Function<Phases, @Nullable Double> phase) {
        values.addValue(array(ended, each -> {
            Double millis = phase.apply(each.sent().outcome().phases());
            return millis == null ? null : millis.floatValue();
        }, Float[]::new));
    }

    private static void addLanes(Tuple values, List<LaneNews> lanes) {
        values.addValue(array(lanes, LaneNews::webhook, UUID[]::new))
                .addValue(array(lanes, LaneNews::hasSucceeded, Boolean[]::new))
                .addValue(array(lanes, LaneNews::failures, Integer[]::new))
                .addValue(array(lanes, each -> (double) each.failing().toMillis(), Double[]::new))
                .addValue(array(lanes, each -> (double) each.hold().toMillis(), Double[]::new));
    }

    private static <T, V> V[] array(Collection<T> of, Function<T, @Nullable V> value, IntFunction<V[]> made) {
        return of.stream().map(value).toArray(made);
    }

    private static @Nullable Short status(DeliveryOutcome outcome) {
        return outcome.status() == null ? null : outcome.status().shortValue();
    }

    private static @Nullable String error(DeliveryOutcome outcome) {
        return outcome.error() == null ? null : outcome.error().code();
    }

    private static OffsetDateTime utc(Instant at) {
        return at.atOffset(ZoneOffset.UTC);
    }
}
