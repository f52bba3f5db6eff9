package dev.latchkey.webhook;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import io.quarkus.runtime.annotations.RegisterForReflection;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A webhook as the API shows it: of its secret and its headers, that they are set; the secret itself in the answer that made
 * it and nowhere else.
 *
 * @param stores whose events it gets
 * @param headers by name
 * @param disabledAt when it was switched off without anybody's doing; null: it was not
 * @param failingSince the first failure after the last success; null while it works
 * @param version for the ETag
 */
@RegisterForReflection
@Schema(name = "Webhook", examples = WebhookView.EXAMPLE)
record WebhookView(UUID id, String url, List<String> events,
        @Schema(implementation = Object.class, oneOf = {
                AllStores.class,
                StoreReference[].class }, description = "Whose events it gets; \"all\" includes what is of no store") Stores stores,
        @Nullable String description,
        @Schema(description = "What every message carries, by name; values are never told") Map<String, SetMark> headers,
        boolean active,
        @Schema(description = "When it was switched off since its receiver is gone or failed for too long; what is published meanwhile waits for it") @Nullable Instant disabledAt,
        @Nullable DisabledReason disabledReason,
        @Schema(description = "The first failure after the last success; null while it works") @Nullable Instant failingSince,
        @Schema(implementation = Object.class, oneOf = { SecretState.class,
                String.class }, description = "Whether it is set, and since when; in the answer that made it the secret itself, this once") ShownSecret secret,
        Instant createdAt, Instant updatedAt, @JsonIgnore long version) {

    private static final String FACTS = """
            {"id": "01890a5d-ac96-7e77-b0a4-3c5d2e1f0a98", "url": "https://erp.example/hooks/orders",
            "events": ["order.create", "order.update"],
            "stores": [{"id": "01890a5d-ac96-7c3e-a1f0-2b6d9e8c7a54", "key": "madrid"}],
            "description": "Orders into the ERP", "headers": {"X-Tenant": {"set": true}}, "active": true,
            "disabledAt": null, "disabledReason": null, "failingSince": null, "createdAt": "2026-11-22T09:30:00Z",
            "updatedAt": "2026-11-22T09:30:00Z",""";

    static final String EXAMPLE = FACTS
            + "\"secret\": {\"set\": true, \"updatedAt\": \"2026-11-22T09:30:00Z\", \"previousUntil\": null}}";

    /** With what it is signed with. */
    static final String EXAMPLE_OF_NEW = FACTS + "\"secret\": \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwq0m1J8c2Q9E=\"}";

    /** The same with its secret, this once. */
    WebhookView with(WebhookSecret made) {
        return new WebhookView(id, url, events, stores, description, headers, active, disabledAt, disabledReason, failingSince,
                new IssuedSecret(made.reveal()), createdAt, updatedAt, version);
    }

    /** Whether it is an answer that hands one out. */
    boolean showsSecret() {
        return secret instanceof IssuedSecret;
    }

    /** Whose events a webhook gets. */
    sealed interface Stores {

        /** @param some null: all */
        static Stores of(@Nullable List<StoreReference> some) {
            return some == null ? new AllOfThem(AllStores.ALL) : new Some(some);
        }
    }

    /** Of all stores, and of none. */
    @RegisterForReflection
    record AllOfThem(AllStores all) implements Stores {

        @Override
        @JsonValue
        public AllStores all() {
            return all;
        }
    }

    /** Of these alone. */
    @RegisterForReflection
    record Some(List<StoreReference> stores) implements Stores {

        @Override
        @JsonValue
        public List<StoreReference> stores() {
            return stores;
        }
    }

    /** The word for all of them. */
    @Schema(name = "WebhookAllStores")
    enum AllStores {
        @JsonProperty("all")
        ALL
    }

    /** A store, both ways to name it. */
    @RegisterForReflection
    @Schema(name = "WebhookStore")
    record StoreReference(UUID id, @Schema(examples = "madrid") String key) {
    }

    /** Of something that is never told: that it is there. */
    @RegisterForReflection
    @Schema(name = "WebhookHeaderState")
    record SetMark(boolean set) {
    }

    /** What an answer shows of the secret. */
    sealed interface ShownSecret {
    }

    /**
     * That it is set.
     *
     * @param updatedAt since when
     * @param previousUntil how long the one before signs as well; null: it does not
     */
    @RegisterForReflection
    @Schema(name = "WebhookSecretState")
    record SecretState(boolean set, Instant updatedAt,
            @Schema(description = "Until then messages are signed with the one before, too; null: they are not") @Nullable Instant previousUntil)
            implements
                ShownSecret {
    }

    /** The secret itself. */
    @RegisterForReflection
    record IssuedSecret(String text) implements ShownSecret {

        @Override
        @JsonValue
        public String text() {
            return text;
        }

        /** The generated one would print it. */
        @Override
        public String toString() {
            return "***";
        }
    }
}
