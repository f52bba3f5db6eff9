package dev.latchkey.webhook;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Singleton;

import dev.latchkey.webhook.ReplayView.State;
import io.quarkus.reactive.datasource.ReactiveDataSource;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlClient;
import io.vertx.mutiny.sqlclient.Tuple;

/** The rows of replays, and what they put back into the queue, over the dispatcher's connections. */
@Singleton
class ReplayTable {

    // By webhook_replay_running, each webhook by primary key. Of webhooks that are switched off nothing goes on, and where there
    // are more than are looked at, it is other ones each time (the hash of their ids with a seed): those that wait for a long
    // queue must not keep others from their turn.
    private static final String RUNNING = """
            select r.id, r.webhook_id, r.organization_id
              from webhook_replay r join webhook w on w.id = r.webhook_id
             where r.status = 'running' and (w.active or w.deleted_at is not null)
             order by uuid_hash_extended(r.id, cast($1 as bigint)) limit 500
            """;

    // By primary keys; whoever has it locked is carrying it out. The queue by webhook_queue_due, no further than it matters, and
    // not over what was delivered long ago (LaneTable).
    private static final String TAKE = """
            select r.organization_id, r.state, w.active, w.deleted_at is not null as is_deleted,
                   (select count(*) from (select from webhook_queue q
                                            where q.webhook_id = r.webhook_id
                                              and q.due >= (select l.next_due from webhook_lane l where l.webhook_id = r.webhook_id)
                                            limit $2) x) as waiting
              from webhook_replay r join webhook w on w.id = r.webhook_id
             where r.id = $1 and r.status = 'running' for update of r skip locked
            """;

    // The days of the span alone, by delivery_by_webhook or delivery_failed, from the last one on. What somebody else has
    // locked at this moment is being put back or told as delivered, and left to him: so this waits for nobody. Events by the
    // primary key of their days; without one, there is nothing to send, and of a store that the webhook has had before and has no
    // more, nothing is sent: whoever may replay it now may not reach that one. The row of the replay goes on in the same statement.
    private static final String BATCH = """
            with replay as materialized (
                select * from webhook_replay where id = $1
            ), chosen as materialized (
                select d.id, d.at, d.organization_id, d.webhook_id, d.event_id
                  from delivery d
                 where d.webhook_id = (select webhook_id from replay) and d.at >= (select from_at from replay)
                   and d.at < (select to_at from replay) and d.id > (select coalesce(position, $3) from replay) and %s
                 order by d.id limit $2 for update skip locked
            ), payload as materialized (
                select c.*, (select octet_length(cast(e.data as text)) from event e
                              where e.organization_id = c.organization_id and e.id = c.event_id and e.at = c.at
                                and (w.all_stores or exists (select from webhook_store s
                                                              where s.webhook_id = w.id and s.store_id = e.store_id))) as bytes
                  from chosen c join webhook w on w.id = c.webhook_id
            ), again as (
                update delivery d set state = 'pending', reason = null, finished_at = null, failed_at = null
                  from payload p where d.id = p.id and d.at = p.at and d.webhook_id = p.webhook_id and p.bytes is not null
                returning p.*
            ), queued as (
                insert into webhook_queue (delivery_id, webhook_id, organization_id, event_id, at, due, bytes)
                select id, webhook_id, organization_id, event_id, at, now(), bytes from again
                on conflict (delivery_id) do nothing
            )
            update webhook_replay r
               set position = coalesce((select c.id from chosen c order by c.id desc limit 1), r.position),
                   replayed = r.replayed + (select count(*) from again),
                   status = case when n.chosen < $2 then 'done' else 'running' end,
                   finished_at = case when n.chosen < $2 then now() end
              from (select count(*) as chosen from chosen) n
             where r.id = $1
            """;

    private static final UUID FIRST = new UUID(0, 0);

    private final Pool database;
    private final ReplayConfig config;
    private final Map<State, String> batches = new EnumMap<>(State.class);

    ReplayTable(@ReactiveDataSource(DispatchConnections.NAME) Pool database, ReplayConfig config) {
        this.database = database;
        this.config = config;
        for (State state : State.values()) {
            batches.put(state, BATCH.formatted(state.condition()));
        }
    }

    /** One that runs. */
    record Running(UUID id, UUID webhook, UUID organization) {
    }

    /**
     * Those that may go on, up to 500 of them.
     *
     * @param seed another one each time
     */
    Uni<List<Running>> running(long seed) {
        return database.preparedQuery(RUNNING).execute(Tuple.of(seed)).map(rows -> rows.stream()
                .map(row -> new Running(row.getUUID("id"), row.getUUID("webhook_id"), row.getUUID("organization_id")))
                .toList());
    }

    /** Puts a batch of it back into the queue; whether it has come further. */
    Uni<Boolean> goOn(Running replay) {
        return database.withTransaction(connection -> connection.preparedQuery(TAKE)
                .execute(Tuple.of(replay.id(), config.queue() + 1)).flatMap(rows -> {
                    for (Row row : rows) {
                        return goOn(connection, replay, row);
                    }
                    return Uni.createFrom().item(false);
                }));
    }

    private Uni<Boolean> goOn(SqlClient connection, Running replay, Row taken) {
        if (taken.getBoolean("is_deleted")) {
            return connection
                    .preparedQuery("update webhook_replay set status = 'cancelled', finished_at = now() where id = $1")
                    .execute(Tuple.of(replay.id())).replaceWith(true);
        }
        if (!taken.getBoolean("active") || taken.getLong("waiting") > config.queue()) {
            return Uni.createFrom().item(false);
        }
        String batch = batches.getOrDefault(State.valueOf(taken.getString("state").toUpperCase(Locale.ROOT)), "");
        return connection.preparedQuery(batch).execute(Tuple.of(replay.id(), config.batch(), FIRST)).replaceWith(true);
    }
}
