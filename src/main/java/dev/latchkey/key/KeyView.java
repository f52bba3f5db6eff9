package dev.latchkey.key;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.latchkey.web.Choice;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A key as the API shows it: everything but its token and its secret, which are shown once, in {@code key} and {@code secret},
 * when they are made.
 *
 * @param start the first characters, for recognition
 * @param hasSecret whether it is valid with its secret only
 * @param recoverable whether people may be shown it again
 * @param methods the operations that it is limited to; null: all that its scopes cover
 * @param status what a verification would say of it now
 * @param lastUsedAt last accepted use, at most 10 s behind
 * @param rateLimit what holds now; null: unlimited
 * @param rateLimitSource who says so: the organization's default, or the key itself
 * @param previous the predecessor in its grace period
 * @param version for the ETag
 * @param key the token, in the answer that made it and nowhere else
 * @param secret the same of the secret
 * @param warnings what was accepted and is likely not meant; only in answers to a creation and an edit
 */
@Schema(name = "Key", examples = KeyView.EXAMPLE)
record KeyView(UUID id, String name, @Nullable String description,
        @Schema(examples = "lk_live_4fTz", description = "The first characters, for recognition") String start,
        boolean hasSecret, boolean recoverable, List<String> scopes, Access access,
        @Schema(description = "The operations that it is limited to; null: all that its scopes cover") @Nullable List<String> methods,
        Status status, boolean active, String environment, Instant createdAt,
        CreatedBy createdBy, Instant updatedAt, @Nullable Instant expiresAt, @Nullable Instant revokedAt,
        @Nullable String revokedReason,
        @Schema(description = "Last accepted use, at most 10 seconds behind") @Nullable Instant lastUsedAt,
        @Nullable String lastUsedIp, @Nullable RateLimit rateLimit,
        @Schema(description = "Where rateLimit comes from: the organization's default as it stands, the key's own, or unlimited, which is the key's own too") LimitSource rateLimitSource,
        List<String> ipAllowList, Map<String, Object> metadata,
        @Nullable Previous previous, @JsonIgnore long version,
        @Schema(description = "The key itself, in the answer that made it and never again", examples = "lk_live_4fTzW7Qm2VbXc9LkR1sNj8PdYh6GaTe05uZqFo") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String key,
        @Schema(description = "Its secret, in the answer that made it and never again", examples = "lk_secret_9vNq3XzRk7Wm2TcYb8LdHs5PfJ0GaUe41kZpQu") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String secret,
        @Schema(description = "In answers to a creation and an edit: what was accepted and is likely not meant; left out when there is nothing") @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Warning> warnings) {

    private static final String SHOWN = """
            {"id": "01890a5d-ac96-774b-bcce-b302099a8057", "name": "ERP order sync",
            "description": "Nightly export of order statuses", "start": "lk_live_4fTz", "hasSecret": false,
            "recoverable": false, "scopes": ["orders:read"],
            "access": {"type": "stores", "stores": [{"id": "01890a5d-ac96-7c3e-a1f0-2b6d9e8c7a54", "key": "madrid"}]},
            "methods": ["GET /api/v*/orders/statuses"], "status": "active", "active": true, "environment": "live", "createdAt": "2026-11-22T09:30:00Z",
            "createdBy": {"type": "person", "id": "f2c1a8d0", "name": "ana@example.com"},
            "updatedAt": "2026-11-22T09:30:00Z", "expiresAt": "2027-12-31T23:59:59Z", "revokedAt": null,
            "revokedReason": null, "rateLimit": {"limit": 100, "window": "PT15M"}, "rateLimitSource": "organization", "ipAllowList": ["203.0.113.0/24"],
            "metadata": {"team": "logistics"}, "previous": null,""";

    /** A key in use. */
    static final String EXAMPLE = SHOWN + "\"lastUsedAt\": \"2026-11-22T10:15:00Z\", \"lastUsedIp\": \"203.0.113.7\"}";

    /** A key with its token. */
    static final String EXAMPLE_OF_NEW = SHOWN
            + "\"lastUsedAt\": null, \"lastUsedIp\": null, \"key\": \"lk_live_4fTzW7Qm2VbXc9LkR1sNj8PdYh6GaTe05uZqFo\"}";

    KeyView with(Keys.Issued issued) {
        KeyToken token = issued.token();
        KeySecret made = issued.secret();
        return with(issued.start(), token == null ? null : token.text(), made == null ? null : made.text(), warnings);
    }

    KeyView with(List<Warning> told) {
        return with(start, key, secret, told);
    }

    private KeyView with(String shownStart, @Nullable String shownKey, @Nullable String shownSecret, List<Warning> told) {
        return new KeyView(id, name, description, shownStart, hasSecret, recoverable, scopes, access, methods, status, active,
                environment, createdAt, createdBy, updatedAt, expiresAt, revokedAt, revokedReason, lastUsedAt, lastUsedIp,
                rateLimit, rateLimitSource, ipAllowList, metadata, previous, version, shownKey, shownSecret, told);
    }

    /** The generated one would print the token. */
    @Override
    public String toString() {
        return "KeyView[id=" + id + ", start=" + start + "]";
    }

    /** What a verification would say of a key, apart from the request's circumstances. */
    @Schema(name = "KeyStatus")
    enum Status {
        @JsonProperty("active")
        ACTIVE,
        @JsonProperty("inactive")
        INACTIVE,
        @JsonProperty("expired")
        EXPIRED,
        @JsonProperty("revoked")
        REVOKED;

        /** Called by Jakarta REST. */
        public static Status fromString(String text) {
            return Choice.of(Status.class, "status", text);
        }

        static Status of(boolean active, @Nullable Instant revokedAt, @Nullable Instant expiresAt, Instant now) {
            if (revokedAt != null) {
                return REVOKED;
            }
            if (!active) {
                return INACTIVE;
            }
            return expiresAt != null && !now.isBefore(expiresAt) ? EXPIRED : ACTIVE;
        }
    }

    /**
     * @param type all stores or the listed ones
     * @param stores with type {@code stores} only
     */
    @Schema(name = "KeyAccessView")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Access(KeyForm.Access.Type type, @Nullable List<KeySnapshot.StoreReference> stores) {
    }

    /**
     * Something that was accepted and is likely not meant.
     *
     * @param field as in the request
     * @param message for people
     */
    @Schema(name = "KeyWarning")
    record Warning(@Schema(examples = "methods[0]") String field,
            @Schema(examples = "matches no operation of the catalogue") String message) {
    }

    /**
     * @param type person or key
     * @param id the token's subject, or the key's id
     * @param name as it was then
     */
    @Schema(name = "KeyCreatedBy")
    record CreatedBy(@Schema(examples = "person") String type, String id, String name) {
    }

    /**
     * @param start its first characters
     * @param diesAt when its grace period ends
     * @param lastUsedAt last accepted use, at most 10 s behind; null: not since it was made
     * @param parts what of it has been replaced; the rest goes on
     */
    @Schema(name = "KeyPrevious")
    record Previous(String start, Instant diesAt, @Nullable Instant lastUsedAt, List<KeyPart> parts) {
    }
}
