package dev.latchkey.event;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import jakarta.inject.Singleton;

import dev.latchkey.identity.Caller;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** What became of an event: whether it has left the outbox, and how it fared with each webhook that asked for it. */
@Singleton
class EventFates {

    // One snapshot, so that an event that is fanned out between two looks is not told to have gone to nobody. The identity by
    // its primary key; deliveries by the index on event_id, in the event's day alone; the rest by primary keys. Of a row that is
    // claimed, due is the end of the claim; of a lane that is paused, nothing is due. To a key that is limited to stores a
    // webhook that gets more than these does not exist, as dev.latchkey.webhook.WebhookReach has it.
    private static final String FATES = """
            select i.deliveries is not null as fanned_out, d.id, d.webhook_id, w.url, d.state, d.reason, d.attempts, d.status,
                   d.error, d.finished_at,
                   case when q.due is not null and q.claim is null and not l.paused then greatest(q.due, l.held_until) end as next_at
              from event_identity i
              left join (delivery d join webhook w on w.id = d.webhook_id)
                     on d.event_id = i.event_id and d.at = $3
                    and ($4::uuid is null or not w.all_stores
                         and exists (select from webhook_store ws where ws.webhook_id = w.id) and not exists (
                            select from webhook_store ws
                             where ws.webhook_id = w.id and not exists (
                                select from api_key_store ks where ks.key_id = $4 and ks.store_id = ws.store_id)))
              left join webhook_queue q on q.delivery_id = d.id
              left join webhook_lane l on l.webhook_id = d.webhook_id
             where i.organization_id = $1 and i.public_id = $2
             order by d.id
            """;

    private final Pool database;

    EventFates(Pool database) {
        this.database = database;
    }

    /**
     * What became of an event.
     *
     * @param fannedOut whether it was handed to the webhooks that ask for it
     */
    record Fates(boolean fannedOut, List<Fate> deliveries) {
    }

    /**
     * How it fared with one webhook.
     *
     * @param id of the delivery
     * @param lastStatus of the last attempt's answer; null where there was none
     * @param lastError of the last attempt, as a code; null where there was none
     * @param nextAttemptAt null while it is being sent, while the webhook is switched off, and once its fate is known
     */
    @Schema(name = "EventDelivery")
    record Fate(UUID id, UUID webhookId, @Schema(examples = "https://erp.example/hooks/orders") String url,
            @Schema(enumeration = {
                    "pending", "delivered", "exhausted", "cancelled" }) String state,
            @Schema(description = "Why it was given up or cancelled: schedule (no attempts left), retention (too old), webhook-deleted", examples = "schedule") @Nullable String reason,
            @Schema(examples = "1") int attempts,
            @Schema(description = "HTTP status of the last attempt", examples = "200") @Nullable Integer lastStatus,
            @Schema(description = "What went wrong with the last attempt", examples = "timeout-response") @Nullable String lastError,
            @Schema(description = "Null while it is being sent, while the webhook is switched off, and once its fate is known") @Nullable Instant nextAttemptAt,
            @Nullable Instant finishedAt) {

        static Fate of(Row row) {
            return new Fate(row.getUUID("id"), row.getUUID("webhook_id"), row.getString("url"), row.getString("state"),
                    row.getString("reason"), row.getInteger("attempts"), row.getInteger("status"), row.getString("error"),
                    instant(row, "next_at"), instant(row, "finished_at"));
        }

        private static @Nullable Instant instant(Row row, String column) {
            return row.getOffsetDateTime(column) == null ? null : row.getOffsetDateTime(column).toInstant();
        }
    }

    /** Of an event that the caller sees; the deliveries to webhooks that he sees, too. */
    Uni<Fates> of(Caller caller, EventQueries.Stored event) {
        return database.preparedQuery(FATES)
                .execute(Tuple.of(caller.tenant().id(), event.publicId(), event.at().atOffset(ZoneOffset.UTC),
                        caller.reachesAllStores() ? null : UUID.fromString(caller.id())))
                .map(rows -> {
                    Optional<Row> first = rows.stream().findFirst();
                    return new Fates(first.isPresent() && first.get().getBoolean("fanned_out"),
                            rows.stream().filter(row -> row.getUUID("id") != null).map(Fate::of).toList());
                });
    }
}
