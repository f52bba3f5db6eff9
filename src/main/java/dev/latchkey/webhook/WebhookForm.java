package dev.latchkey.webhook;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;

import dev.latchkey.crypto.Secret;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What people decide about a webhook; the body of a creation, and what a merge patch is applied to.
 *
 * @param url where events go
 * @param events types of the catalogue
 * @param stores ids or keys; absent: all, and what is of no store
 * @param description the purpose
 * @param headers that every message carries, beside those of Standard Webhooks; in a patch those that are set or replaced
 * @param active default true
 */
@Schema(name = "WebhookForm")
record WebhookForm(
        @Schema(examples = "https://erp.example/hooks/orders", description = "https, without user name, password and fragment; plain http only to what the operator of this service allows") @NotBlank(message = "is required") @Size(max = 2048) String url,
        @Schema(examples = "[\"order.create\", \"order.update\"]", description = "Types of GET /api/v1/event-types") @NotNull(message = "is required") @Size(min = 1, max = 200, message = "must have 1 to 200 entries") List<@NotBlank @Size(max = 100) String> events,
        @Schema(nullable = true, examples = "[\"madrid\"]", description = "Ids or keys: the events of these stores alone. Null or left out: those of all stores, and those of none") @Size(min = 1, max = 500, message = "must have 1 to 500 entries; leave it out for all stores") @Nullable List<@NotBlank @Size(max = 63) String> stores,
        @Schema(examples = "Orders into the ERP") @Size(max = 1000) @Nullable String description,
        @Schema(examples = "{\"X-Tenant\": \"acme\"}", description = "Sent with each message. Values are never told again; in a patch null removes one, and those that are left out stay", maxProperties = HeaderRules.MOST) @Size(max = HeaderRules.MOST) Map<@NotBlank @Size(max = 100) String, @NotNull(message = "must not be null") Secret> headers,
        @Schema(defaultValue = "true", description = "While it is false nothing is sent, and what is published meanwhile is not queued for it") Boolean active) {

    /** What a body leaves out arrives as null and gets its default here. */
    WebhookForm {
        headers = headers == null ? Map.of() : headers;
        active = active == null ? Boolean.TRUE : active;
    }

    /** All that a patch may change, but for the headers, whose values are apart ({@link HeaderEdit}). */
    static WebhookForm of(Webhook webhook) {
        return new WebhookForm(webhook.url, Arrays.asList(webhook.events),
                webhook.allStores ? null : webhook.storeIds.stream().map(UUID::toString).sorted().toList(),
                webhook.description, Map.of(), webhook.active);
    }
}
