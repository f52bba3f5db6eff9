package dev.latchkey.webhook;

import java.time.Instant;
import java.util.Locale;
import java.util.UUID;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.vertx.mutiny.sqlclient.Row;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A replay as the API shows it.
 *
 * @param from inclusive, of the time at which events were published
 * @param to exclusive
 * @param state of the deliveries that are sent again
 * @param replayed how many were put back into the queue so far
 * @param finishedAt null while it runs
 */
@RegisterForReflection
@Schema(name = "Replay", examples = """
        {"id": "01890a5d-ac96-7a3c-9e51-7b2d4f6c8e10", "webhookId": "01890a5d-ac96-7e8b-b1c2-9f4d6a8e0c37",
        "from": "2026-11-20T00:00:00Z", "to": "2026-11-22T09:30:00Z", "state": "exhausted", "status": "running",
        "replayed": 1500, "createdAt": "2026-11-22T09:30:00Z", "finishedAt": null}""")
record ReplayView(UUID id, UUID webhookId, Instant from, Instant to, State state, Status status,
        @Schema(description = "How many were put back into the queue so far") long replayed, Instant createdAt,
        @Schema(description = "Null while it runs") @Nullable Instant finishedAt) {

    static ReplayView of(Row row) {
        return new ReplayView(row.getUUID("id"), row.getUUID("webhook_id"), instant(row, "from_at"), instant(row, "to_at"),
                State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
                Status.valueOf(row.getString("status").toUpperCase(Locale.ROOT)), row.getLong("replayed"),
                instant(row, "created_at"), row.getOffsetDateTime("finished_at") == null ? null : instant(row, "finished_at"));
    }

    private static Instant instant(Row row, String column) {
        return row.getOffsetDateTime(column).toInstant();
    }

    /** Which deliveries are sent again. */
    @Schema(name = "ReplayState")
    enum State {
        /** Those that were given up. */
        @JsonProperty("exhausted")
        EXHAUSTED("d.failed_at is not null and d.state = 'exhausted'"),
        /** Those that arrived. */
        @JsonProperty("delivered")
        DELIVERED("d.state = 'delivered'"),
        /** All whose fate is known. */
        @JsonProperty("all")
        ALL("d.state <> 'pending'");

        private final String condition;

        State(String condition) {
            this.condition = condition;
        }

        /** Of {@code delivery d}. */
        String condition() {
            return condition;
        }

        /** As the row has it. */
        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** How far it has come. */
    @Schema(name = "ReplayStatus")
    enum Status {
        @JsonProperty("running")
        RUNNING,
        @JsonProperty("done")
        DONE,
        @JsonProperty("cancelled")
        CANCELLED
    }

    /**
     * What is to be sent again.
     *
     * @param from of the time at which events were published, inclusive; null is refused once it is known for which webhook
     * @param to exclusive; null, or in the future: until now
     * @param state default exhausted
     */
    @Schema(name = "ReplayForm")
    record Form(
            @Schema(examples = "2026-11-20T00:00:00Z", required = true, description = "Of the time at which events were published, inclusive") @Nullable Instant from,
            @Schema(examples = "2026-11-22T00:00:00Z", description = "Exclusive; left out: until now") @Nullable Instant to,
            @Schema(defaultValue = "exhausted", nullable = true) State state) {

        /** What a body leaves out arrives as null and gets its default here. */
        Form {
            state = state == null ? State.EXHAUSTED : state;
        }
    }
}
