package dev.latchkey.webhook;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.IntFunction;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;

import dev.latchkey.net.Phases;
import io.quarkus.reactive.datasource.ReactiveDataSource;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlClient;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * Writes what became of deliveries, many in one statement, which is one transaction.
 *
 * <p>
 * <b>Invariant:</b> an attempt is written once and counts once. Where the answer to a commit was lost nobody knows whether
 * it is written; so its id is drawn when it ends, and whoever writes it again looks for that id first, after everybody who
 * was at its rows is through. That alone would not do: what has failed may have been claimed once more meanwhile, and by
 * this replica under the same claim ({@link HeldTable#adopt}); what was delivered, put back by a person.
 */
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
    // one, and never a hold that the receiver has asked for. Its news are what counts of the batch, in the order in which it
    // ended. Who puts rows back keeps the lane warm (LaneTable), also where something else of the batch has succeeded since.
    private static final String COMPLETE = """
            with outcome as materialized (
                select * from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::uuid[], $5::boolean[], $6::float8[],
                                     $7::uuid[], $8::timestamptz[], $9::int[], $10::smallint[], $11::text[], $12::text[],
                                     $13::real[], $14::real[], $15::real[], $16::real[], $17::text[], $18::text[],
                                     $19::boolean[], $20::float8[])
                    as o (id, webhook_id, at, claim, is_delivered, pause, attempt_id, started_at, took_ms, status, error,
                          detail, dns_ms, connect_ms, tls_ms, first_byte_ms, headers, body, truncated, held_ms)
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
                   set due = now() + o.pause * interval '1 millisecond', claim = null, attempt = least(q.attempt + 1, 32767)
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
                   set attempts = least(d.attempts + 1, 32767), attempted_at = c.started_at, status = c.status, error = c.error,
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
            ), news as (
                select c.webhook_id, bool_or(c.is_delivered) as has_succeeded, bool_or(c.pause is not null) as has_put_back,
                       cast(count(*) filter (where c.is_failure) as int) as failures,
                       max(c.ended_at) - min(c.ended_at) filter (where c.is_failure) as failing, max(c.held_ms) as held_ms
                  from (select x.*, not x.is_delivered and coalesce(x.ended_at > x.succeeded_at, true) as is_failure
                          from (select o.*, max(o.ended_at) filter (where o.is_delivered) over (partition by o.webhook_id)
                                       as succeeded_at
                                  from (select x.*, x.started_at + x.took_ms * interval '1 millisecond' as ended_at
                                          from counted x) o) x) c
                 group by c.webhook_id order by c.webhook_id
            ), lane as (
                select l.webhook_id, x.has_succeeded, x.failures, x.failing, x.held_ms
                  from news x cross join lateral (
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
                                                          now() - x.failing) end,
                       held_until = greatest(l.held_until, now() + x.held_ms * interval '1 millisecond'),
                       warm_until = greatest(l.warm_until, now() + interval '10 seconds'),
                       next_due = least(l.next_due, now() - interval '5 seconds')
                  from lane x where l.webhook_id = any (array[x.webhook_id])
                returning l.webhook_id, l.failing_since
            )
            select (select count(*) from outcome o where not o.is_delivered)
                   - (select count(*) from counted c where not c.is_delivered) as lost,
                   (select array_agg(k.webhook_id) from kept k
                     where k.failing_since < now() - $21 * interval '1 millisecond') as dead
            """;

    // Of what may have been written before: waits until whoever is at it is through, in the order of COMPLETE, so that the next
    // statement sees what has become of it. By the same keys.
    private static final String WAIT = """
            with tried as materialized (
                select * from unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) as t (id, webhook_id, at)
            ), queued as materialized (
                select q.delivery_id from tried t cross join lateral (
                    select q.delivery_id from webhook_queue q where q.delivery_id = t.id for update) q
            )
            select d.id from tried t cross join lateral (
                select d.id from delivery d
                 where d.id = t.id and d.at = t.at and d.webhook_id = t.webhook_id and (select count(*) from queued) >= 0
                   for update) d
            """;

    // What has come into the queue while that waited for its delivery, since somebody has put it back. The delivery is locked by
    // now, so this is not waited for: who has it may be waiting for the delivery, in the order of COMPLETE. It fails instead, and
    // is tried again. By primary key.
    private static final String PUT_BACK = """
            select q.delivery_id from unnest($1::uuid[]) as t (id) cross join lateral (
                select q.delivery_id from webhook_queue q where q.delivery_id = t.id for update nowait) q
            """;

    // By primary key.
    private static final String KNOWN = """
            select a.id from unnest($1::uuid[], $2::timestamptz[], $3::uuid[]) as t (delivery_id, at, id) cross join lateral (
                select a.id from attempt a where a.delivery_id = t.delivery_id and a.id = t.id and a.at = t.at offset 0) a
            """;

    /** A receiver that asks for more is asked again all the same. */
    private static final Duration LONGEST_HOLD = Duration.ofHours(1);

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

    /**
     * Writes a batch, all of it or nothing.
     *
     * @param ended each delivery once. Of what may have been written before ({@link Ended#isAgain}) that is looked up, and then
     *        it is left as it is
     */
    Uni<Written> write(List<Ended> ended) {
        List<Ended> inOrder = ended.stream().sorted((a, b) -> a.delivery().id().compareTo(b.delivery().id())).toList();
        return ended.stream().noneMatch(Ended::isAgain) ? complete(database, inOrder)
                : database.withTransaction(connection -> withoutKnown(connection, inOrder).flatMap(
                        anew -> anew.isEmpty() ? Uni.createFrom().item(new Written(0, Set.of())) : complete(connection, anew)));
    }

    private static Uni<List<Ended>> withoutKnown(SqlClient connection, List<Ended> ended) {
        UUID[] ids = array(ended, each -> each.delivery().id(), UUID[]::new);
        OffsetDateTime[] days = array(ended, each -> utc(each.delivery().event().at()), OffsetDateTime[]::new);
        Tuple which = Tuple.tuple().addValue(ids).addValue(array(ended, each -> each.delivery().webhook(), UUID[]::new))
                .addValue(days);
        Tuple attempts = Tuple.tuple().addValue(ids).addValue(days).addValue(array(ended, Ended::attempt, UUID[]::new));
        return connection.preparedQuery(WAIT).execute(which)
                .chain(() -> connection.preparedQuery(PUT_BACK).execute(Tuple.tuple().addValue(ids)))
                .chain(() -> connection.preparedQuery(KNOWN).execute(attempts)).map(rows -> {
                    Set<UUID> known = new HashSet<>();
                    rows.forEach(row -> known.add(row.getUUID("id")));
                    return ended.stream().filter(each -> !known.contains(each.attempt())).toList();
                });
    }

    private Uni<Written> complete(SqlClient connection, List<Ended> ended) {
        Tuple values = Tuple.tuple();
        addOutcomes(values, ended);
        addAttempts(values, ended);
        values.addValue(array(ended, each -> (double) hold(each).toMillis(), Double[]::new))
                .addValue((double) disableAfter.toMillis());
        return connection.preparedQuery(COMPLETE).execute(values).map(rows -> {
            Row row = rows.iterator().next();
            UUID[] dead = row.getArrayOfUUIDs("dead");
            return new Written(row.getLong("lost").intValue(), dead == null ? Set.of() : Set.of(dead));
        });
    }

    /** For how long the receiver has asked not to be called; zero where it has not. */
    private static Duration hold(Ended ended) {
        Duration asked = ended.outcome().retryAfter();
        return asked == null || ended.isDelivered() ? Duration.ZERO : asked.compareTo(LONGEST_HOLD) > 0 ? LONGEST_HOLD : asked;
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
        values.addValue(array(ended, Ended::attempt, UUID[]::new))
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
