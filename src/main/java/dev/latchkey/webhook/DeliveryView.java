package dev.latchkey.webhook;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import io.quarkus.runtime.annotations.RegisterForReflection;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A delivery as a list shows it.
 *
 * @param eventId as receivers know it
 * @param reason why it was given up or cancelled; null otherwise
 * @param attempts how many there were
 * @param lastStatus of the last attempt's answer; null where there was none
 * @param lastError of the last attempt, as a code; null where nothing went wrong
 * @param createdAt when the event was fanned out
 * @param nextAttemptAt null while it is being sent, while the webhook is switched off, and once its fate is known
 */
@Schema(name = "Delivery", examples = """
        {"id": "01890a5d-ac96-7d2f-8a41-3c5e7b9d1f60", "eventId": "order-10245-created", "eventType": "order.create",
        "state": "pending", "reason": null, "attempts": 1, "lastStatus": 503, "lastError": "http-status",
        "createdAt": "2026-11-22T09:30:00.012Z", "lastAttemptAt": "2026-11-22T09:30:00.015Z",
        "nextAttemptAt": "2026-11-22T09:30:05.140Z", "finishedAt": null}""")
record DeliveryView(UUID id, @Schema(description = "The event's id as receivers know it, in webhook-id") String eventId,
        String eventType, DeliveryState state,
        @Schema(description = DeliveryView.REASON, examples = "schedule") @Nullable String reason,
        @Schema(examples = "1") int attempts,
        @Schema(description = "HTTP status of the last attempt", examples = "503") @Nullable Integer lastStatus,
        @Schema(description = "What went wrong with the last attempt", examples = "http-status") @Nullable String lastError,
        Instant createdAt, @Nullable Instant lastAttemptAt,
        @Schema(description = DeliveryView.NEXT) @Nullable Instant nextAttemptAt, @Nullable Instant finishedAt) {

    static final String REASON = "Why it was given up or cancelled: schedule (no attempts left), retention (too old), webhook-deleted";
    static final String NEXT = "Null while it is being sent, while the webhook is switched off, and once its fate is known";

    /**
     * A delivery with all that is known of it.
     *
     * @param webhookId where it goes
     * @param request as it is sent
     * @param attempts the earliest first; the last 200
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.ALWAYS)
    @Schema(name = "DeliveryDetail", examples = Detail.EXAMPLE)
    record Detail(UUID id, UUID webhookId,
            @Schema(description = "The event's id as receivers know it, in webhook-id") String eventId, String eventType,
            DeliveryState state, @Schema(description = REASON, examples = "schedule") @Nullable String reason,
            Instant createdAt,
            @Nullable Instant lastAttemptAt, @Schema(description = NEXT) @Nullable Instant nextAttemptAt,
            @Nullable Instant finishedAt, Request request,
            @Schema(description = "The earliest first; the last 200") List<Attempt> attempts) {

        static final String EXAMPLE = """
                {"id": "01890a5d-ac96-7d2f-8a41-3c5e7b9d1f60", "webhookId": "01890a5d-ac96-7e8b-b1c2-9f4d6a8e0c37",
                "eventId": "order-10245-created", "eventType": "order.create", "state": "pending", "reason": null,
                "createdAt": "2026-11-22T09:30:00.012Z", "lastAttemptAt": "2026-11-22T09:30:00.015Z",
                "nextAttemptAt": "2026-11-22T09:30:05.140Z", "finishedAt": null,
                "request": {"url": "https://erp.example/hooks/orders", "body": {"id": "order-10245-created",
                "type": "order.create", "timestamp": "2026-11-22T09:30:00.010Z",
                "store": {"id": "01890a5d-ac96-7b14-9d4e-5f0b8c6a2e31", "key": "madrid"}, "data": {"id": "10245"}}},
                "attempts": [{"startedAt": "2026-11-22T09:30:00.015Z", "durationMs": 87, "statusCode": 503,
                "headers": {"Content-Type": "text/plain"}, "body": "Down for maintenance", "truncated": false,
                "error": {"code": "http-status", "message": "erp.example answered 503: it failed at it. Look for this webhook-id in its log, and answer 2xx as soon as the event is stored."},
                "phases": {"dnsMs": 4.1, "connectMs": 18.2, "tlsMs": 31.7, "firstByteMs": 32.4}}]}""";
    }

    /**
     * What is sent.
     *
     * @param url of the webhook, as it is now
     * @param body the very bytes, each time
     */
    @Schema(name = "DeliveryRequest")
    record Request(@Schema(description = "Of the webhook, as it is now") String url,
            @Schema(implementation = Object.class, description = "As it is sent, each time the same bytes") @JsonRawValue String body) {
    }

    /**
     * One time that it was tried.
     *
     * @param durationMs from the look-up of the name to the last byte of the answer; 0 where the name leads to no public
     *        address
     * @param statusCode of the answer; null where there was none, as headers and body are
     * @param headers by name; several of one name in one value, parted by commas
     * @param body the first 4 KiB of it, as text
     * @param truncated whether there was more
     * @param error null where it was delivered
     */
    @Schema(name = "DeliveryAttempt")
    record Attempt(Instant startedAt,
            @Schema(description = "From the look-up of the name to the last byte of the answer; 0 where the name leads to no public address") long durationMs,
            @Nullable Integer statusCode,
            @Schema(description = "Several of one name stand in one value, parted by commas; cookies and tokens are not told") @Nullable Map<String, String> headers,
            @Schema(description = "The first 4 KiB, as text") @Nullable String body, boolean truncated,
            DummyView.@Nullable Error error, DummyView.Steps phases) {
    }
}
