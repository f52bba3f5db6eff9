package dev.latchkey.webhook;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import jakarta.inject.Singleton;

import dev.latchkey.identity.Caller;
import dev.latchkey.web.Conditions;
import dev.latchkey.web.ProblemException;
import dev.latchkey.web.Span;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import io.vertx.pgclient.PgException;
import org.jspecify.annotations.Nullable;

/**
 * The reads of deliveries. What became of those to a webhook is told to those who see the webhook; to a key that is limited to
 * stores of these stores' events alone, since the webhook may have had others before.
 */
@Singleton
class DeliveryQueries {

    /** Of a queue up to this length all rows are looked at; of a longer one the newest deliveries, most of which wait. */
    private static final int SHORT_QUEUE = 10_000;

    // Of a row that is claimed, due is the end of the claim; of a lane that is paused, nothing is due.
    private static final String NEXT_AT = """
            case when q.due is not null and q.claim is null and not l.paused then greatest(q.due, l.held_until) end as next_at
            """;

    // Of a page alone: events by the primary key of their days, the rest by primary keys.
    private static final String PAGE = """
            select d.*, e.public_id, e.type, %s
              from (select d.id, d.at, d.organization_id, d.webhook_id, d.event_id, d.state, d.reason, d.attempts, d.status,
                           d.error, d.attempted_at, d.finished_at
                      from %s d where d.webhook_id = $1 %s order by d.id desc limit $2) d
              join event e on e.organization_id = d.organization_id and e.id = d.event_id and e.at = d.at
              left join webhook_queue q on q.delivery_id = d.id
              left join webhook_lane l on l.webhook_id = d.webhook_id
             order by d.id desc
            """;

    // Those of a short queue, by webhook_queue_due, and each by the primary key of its day; "offset 0" keeps the planner from
    // walking over the deliveries instead.
    private static final String WAITING = """
            (select x.*
               from (select q.delivery_id, q.at from webhook_queue q where q.webhook_id = $1 offset 0) w
              cross join lateral (select * from delivery x where x.id = w.delivery_id and x.at = w.at offset 0) x)""";

    // By the primary key of each day, the event's by that of its own.
    private static final String ONE = """
            select d.*, w.url, w.version, w.active, w.disabled_at is not null as is_disabled, w.deleted_at is not null as is_deleted,
                   e.public_id, e.type, e.at as event_at, e.store_id, coalesce(e.store_key, s.key) as store_key,
                   e.data::text as data, e.trace, %s
              from delivery d
              join webhook w on w.id = d.webhook_id
              join event e on e.organization_id = d.organization_id and e.id = d.event_id and e.at = d.at
              left join store s on e.store_key is null and s.id = e.store_id and s.organization_id = e.organization_id
              left join webhook_queue q on q.delivery_id = d.id
              left join webhook_lane l on l.webhook_id = d.webhook_id
             where d.organization_id = $1 and d.id = $3 and %s and %s
            """
            .formatted(NEXT_AT, WebhookReach.within(2), WebhookReach.tellsOf("e.store_id", 2));

    // By the primary key of the event's day.
    private static final String OF_EVENT = """
            exists (select from event x where x.organization_id = d.organization_id and x.id = d.event_id and x.at = d.at and %s)
            """;

    private static final int MOST_MILLIS = 5_000;
    /** SQLSTATE of a statement that took too long. */
    private static final String CANCELLED = "57014";

    private final Pool database;
    private final AttemptQueries attempts;

    DeliveryQueries(Pool database, AttemptQueries attempts) {
        this.database = database;
        this.attempts = attempts;
    }

    /**
     * What a list is narrowed to; null: not.
     *
     * @param event as receivers know it
     * @param type of events
     * @param span of the time at which events were published
     */
    record Filter(@Nullable DeliveryState state, @Nullable String event, @Nullable String type, Span span) {
    }

    /**
     * What sending it again is decided by.
     *
     * @param at names its day
     * @param event as receivers know it
     */
    record Standing(UUID id, Instant at, UUID webhook, String url, String event, boolean isActive, boolean isDisabled,
            boolean isDeleted) {
    }

    // By delivery_by_webhook, delivery_failed or delivery_by_event: only the conditions that are asked for stand in the
    // statement. A page of what was delivered, or of one type, may walk over many that were not; a span leaves days out.
    /** Up to {@code limit} deliveries to a webhook that the caller sees after one, newest first. */
    Uni<List<DeliveryView>> list(Caller caller, UUID webhook, Filter filter, @Nullable UUID after, int limit) {
        Tuple values = Tuple.of(webhook, limit);
        Conditions narrowed = new Conditions(values);
        if (filter.state() != null) {
            narrowed.and(filter.state().condition());
        }
        if (filter.event() != null) {
            // Found first, so that one day is looked at.
            narrowed.and("""
                    (d.event_id, d.at) = (select i.event_id, i.at from event_identity i
                                           where i.organization_id = %s and i.public_id = %s)"""
                    .formatted(narrowed.place(caller.tenant().id()), narrowed.place(filter.event())));
        }
        // A delivery is made after its event, by any time: only the begin of a span says something of its id.
        narrowed.and("d.id < ?", after).and("d.id >= ?", filter.span().first()).and("d.at >= ?", filter.span().from())
                .and("d.at < ?", filter.span().to()).and(OF_EVENT.formatted("x.type = ?"), filter.type());
        UUID key = WebhookReach.limitedKey(caller);
        if (key != null) {
            narrowed.and(OF_EVENT.formatted(WebhookReach.tellsOf("x.store_id", values.addValue(key).size())));
        }
        return source(webhook, filter)
                .flatMap(source -> page(PAGE.formatted(NEXT_AT, source, narrowed), values))
                .map(rows -> rows.stream().map(DeliveryQueries::view).toList());
    }

    /** For a while: where nothing matches among millions, the walk would hold a connection for longer than anybody waits. */
    private Uni<RowSet<Row>> page(String sql, Tuple values) {
        return database.withTransaction(connection -> connection.query("set local statement_timeout = " + MOST_MILLIS)
                .execute().flatMap(set -> connection.preparedQuery(sql).execute(values)))
                .onFailure(DeliveryQueries::isCancelled).transform(late -> ProblemException.invalid("from",
                        "is too long ago, or missing, for so many deliveries: narrow them by from and to"));
    }

    private static boolean isCancelled(Throwable fault) {
        return fault instanceof PgException answer && CANCELLED.equals(answer.getSqlState());
    }

    // By webhook_queue_due, no further than it matters.
    private Uni<String> source(UUID webhook, Filter filter) {
        if (filter.state() != DeliveryState.PENDING || filter.event() != null) {
            return Uni.createFrom().item("delivery");
        }
        return database.preparedQuery(
                "select count(*) as waiting from (select from webhook_queue where webhook_id = $1 limit $2) q")
                .execute(Tuple.of(webhook, SHORT_QUEUE + 1))
                .map(rows -> rows.iterator().next().getLong("waiting") > SHORT_QUEUE ? "delivery" : WAITING);
    }

    /** @throws ProblemException 404 unless there is such a delivery to a webhook within the caller's reach */
    Uni<DeliveryView.Detail> existing(Caller caller, UUID id) {
        return row(caller, id).flatMap(row -> attempts.of(id, row.getOffsetDateTime("at"), row.getString("url"))
                .map(tried -> detail(row, tried)));
    }

    /** @throws ProblemException 404 as above */
    Uni<Standing> standing(Caller caller, UUID id) {
        return row(caller, id)
                .map(row -> new Standing(id, present(row, "at"), row.getUUID("webhook_id"), row.getString("url"),
                        row.getString("public_id"), row.getBoolean("active"), row.getBoolean("is_disabled"),
                        row.getBoolean("is_deleted")));
    }

    private Uni<Row> row(Caller caller, UUID id) {
        return database.preparedQuery(ONE).execute(Tuple.of(caller.tenant().id(), WebhookReach.limitedKey(caller), id))
                .map(DeliveryQueries::first).map(found -> found.orElseThrow(ProblemException::notFound));
    }

    private static Optional<Row> first(RowSet<Row> rows) {
        return rows.stream().findFirst();
    }

    private static DeliveryView view(Row row) {
        UUID id = row.getUUID("id");
        return new DeliveryView(id, row.getString("public_id"), row.getString("type"),
                DeliveryState.stored(row.getString("state")), row.getString("reason"), row.getInteger("attempts"),
                row.getInteger("status"), row.getString("error"), createdAt(id), instant(row, "attempted_at"),
                instant(row, "next_at"), instant(row, "finished_at"));
    }

    private static DeliveryView.Detail detail(Row row, List<DeliveryView.Attempt> tried) {
        UUID id = row.getUUID("id");
        return new DeliveryView.Detail(id, row.getUUID("webhook_id"), row.getString("public_id"), row.getString("type"),
                DeliveryState.stored(row.getString("state")), row.getString("reason"), createdAt(id),
                instant(row, "attempted_at"), instant(row, "next_at"), instant(row, "finished_at"),
                new DeliveryView.Request(row.getString("url"), Message.of(row).body().toString()), tried);
    }

    /** A UUIDv7 begins with the milliseconds of its making. */
    private static Instant createdAt(UUID id) {
        return Instant.ofEpochMilli(id.getMostSignificantBits() >>> 16);
    }

    private static Instant present(Row row, String column) {
        return requireNonNull(instant(row, column), column);
    }

    private static @Nullable Instant instant(Row row, String column) {
        return row.getOffsetDateTime(column) == null ? null : row.getOffsetDateTime(column).toInstant();
    }
}
