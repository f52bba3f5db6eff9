package dev.latchkey.testing;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * Deliveries as the dispatcher would have left them, written by SQL, to webhooks whose lanes are held for an hour: the
 * dispatcher
 * lets them be.
 */
public final class DeliveryRows {

    /** What an event of these tells, as it is written. */
    public static final String DATA = "{\"z\": 1.50, \"a\":1e2}";

    // As UUIDv7, in the order of n.
    private static final String ID = """
            cast(encode(substring(int8send(cast(floor(extract(epoch from cast(? as timestamptz)) * 1000) as bigint)) from 3)
                        || int2send(cast(28672 + n % 4096 as smallint)) || substring(uuid_send(gen_random_uuid()) from 9), 'hex')
                 as uuid)
            """;

    private final Behind database;
    private final UUID organization;

    public DeliveryRows(Behind database, UUID organization) {
        this.database = database;
        this.organization = organization;
    }

    /** The time of an event, as precise as it is kept. */
    public static Instant ago(long amount, ChronoUnit unit) {
        return Instant.now().truncatedTo(ChronoUnit.MICROS).minus(amount, unit);
    }

    /** Keeps the dispatcher from what waits for a webhook. */
    public void hold(String webhook) {
        database.execute("update webhook_lane set held_until = now() + interval '1 hour' where webhook_id = ?",
                UUID.fromString(webhook));
    }

    /** The same, also where somebody wants it sent now. */
    public void pause(String webhook) {
        database.execute("update webhook_lane set paused = true where webhook_id = ?", UUID.fromString(webhook));
    }

    /** An event that goes to so many webhooks; null: nobody has looked at it yet. */
    public UUID event(String publicId, Instant at, @Nullable Integer deliveries) {
        UUID id = UUID.randomUUID();
        database.execute("""
                insert into event (id, at, organization_id, public_id, type, data)
                values (?, cast(? as timestamptz), ?, ?, 'order.create', cast(? as json))
                """, id, at.toString(), organization, publicId, DATA);
        database.execute("""
                insert into event_identity (organization_id, public_id, event_id, at, deliveries)
                values (?, ?, ?, cast(? as timestamptz), cast(? as integer))
                """, organization, publicId, id, at.toString(), deliveries);
        return id;
    }

    /** @return the delivery's id */
    public UUID delivery(String webhook, String publicId, String state, Instant at) {
        many(webhook, publicId + "-", state, at, 1);
        return of(publicId + "-1");
    }

    /** Of events {@code prefix1}, {@code prefix2} and so on. */
    public void many(String webhook, String prefix, String state, Instant at, int count) {
        database.execute("""
                with made as materialized (
                    select n, %1$s as event_id, %1$s as id, cast(? as timestamptz) as at, cast(? as uuid) as organization_id,
                           cast(? as uuid) as webhook_id, cast(? as text) || n as public_id, cast(? as text) as state
                      from generate_series(1, ?) n
                ), events as (
                    insert into event (id, at, organization_id, public_id, type, data)
                    select event_id, at, organization_id, public_id, 'order.create', cast(? as json) from made
                ), identities as (
                    insert into event_identity (organization_id, public_id, event_id, at, deliveries)
                    select organization_id, public_id, event_id, at, 1 from made
                ), queued as (
                    insert into webhook_queue (delivery_id, webhook_id, organization_id, event_id, at, due, attempt, bytes)
                    select id, webhook_id, organization_id, event_id, at, now() + interval '2 hours', 3, 10
                      from made where state = 'pending'
                )
                insert into delivery (id, at, organization_id, webhook_id, event_id, state, reason, attempts, status, error,
                                      attempted_at, finished_at, failed_at)
                select id, at, organization_id, webhook_id, event_id, state,
                       case state when 'exhausted' then 'schedule' when 'cancelled' then 'webhook-deleted' end, 3,
                       case state when 'delivered' then 200 else 503 end,
                       case when state <> 'delivered' then 'http-status' end, now(),
                       case when state <> 'pending' then now() end,
                       case when state in ('exhausted', 'cancelled') then now() end
                  from made
                """.formatted(ID), at.toString(), at.toString(), at.toString(), organization, UUID.fromString(webhook), prefix,
                state, count, DATA);
    }

    /** Has events whose ids begin so happen in a store. */
    public void inStore(String prefix, String store) {
        database.execute(
                """
                        update event set store_id = (select s.id from store s where s.organization_id = event.organization_id and s.key = ?)
                         where organization_id = ? and starts_with(public_id, ?)
                        """,
                store, organization, prefix);
    }

    /** The delivery of an event to its only webhook. */
    public UUID of(String publicId) {
        return (UUID) database.query("""
                select d.id from delivery d join event_identity i on i.event_id = d.event_id
                 where i.organization_id = ? and i.public_id = ?
                """, organization, publicId).get(0);
    }

    /** A column of a delivery, or of its row in the queue; empty where it has none there. */
    public List<Object> column(String table, String column, UUID delivery) {
        return database.query("select " + column + " from " + table + " where "
                + (table.equals("delivery") ? "id" : "delivery_id") + " = ?", delivery);
    }

    /** What the operator's proof finds in this organization. */
    public List<Object> withoutFate() {
        return database.query("select problem from events_without_fate() where organization_id = ? order by problem",
                organization);
    }
}
