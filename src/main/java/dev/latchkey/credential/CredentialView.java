package dev.latchkey.credential;

import java.time.Instant;
import java.util.Map;
import java.util.UUID;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A credential as the API shows it: of its secrets, that they are set, and since when.
 *
 * @param provider key of a known service; null for any other
 * @param store the one that it is for; null: all
 * @param data its fields
 * @param detail what its reason means
 * @param nextStep what to do about it
 * @param httpStatus what the provider answered to the last test
 * @param checkedAt when it was tested last; null: never
 * @param expiresAt when what it presents ends, as far as that is known
 * @param version for the ETag
 */
@Schema(name = "Credential", examples = CredentialView.EXAMPLE)
record CredentialView(UUID id, String name, @Nullable String provider, Map<String, String> variables,
        @Nullable String baseUrl, @Nullable StoreReference store, CredentialType type,
        @Schema(type = SchemaType.OBJECT, implementation = Object.class, description = "The fields of its type; of each secret whether it is set, and since when") ObjectNode data,
        CredentialForm.@Nullable Test test, CredentialStatus status, ProbeReason reason,
        @Schema(description = "What the reason means") String detail, @Nullable Integer httpStatus,
        @Schema(description = "What to do about it") String nextStep,
        @Schema(description = "When it was tested last; null: never") @Nullable Instant checkedAt,
        @Schema(description = "When what it presents ends, as far as that is known") @Nullable Instant expiresAt,
        @Nullable Instant lastRenewedAt,
        @Schema(description = "How its renewal stands; null: nothing renews it") @Nullable Renewal renewal,
        @Schema(description = "Last use by an integration, at most 10 seconds behind") @Nullable Instant lastUsedAt,
        CreatedBy createdBy, Instant createdAt, Instant updatedAt, @JsonIgnore long version) {

    static final String EXAMPLE = """
            {"id": "01890a5d-ac96-79aa-8f3c-6e1d0b7a9c42", "name": "ERP stock", "provider": null, "variables": {},
            "baseUrl": "https://erp.example/api", "store": {"id": "01890a5d-ac96-7c3e-a1f0-2b6d9e8c7a54", "key": "madrid"},
            "type": "basic", "data": {"username": "sync", "password": {"set": true, "updatedAt": "2026-11-22T09:30:00Z"}},
            "test": {"method": "GET", "url": "/stock?limit=1", "expectStatus": 200, "bodyContains": null},
            "status": "green", "reason": "valid", "detail": "The provider accepts it.", "httpStatus": 200,
            "nextStep": "Nothing to do.", "checkedAt": "2026-11-22T09:30:00Z", "expiresAt": null, "lastRenewedAt": null, "renewal": null,
            "lastUsedAt": "2026-11-22T10:15:00Z", "createdBy": {"type": "person", "id": "f2c1a8d0", "name": "ana@example.com"},
            "createdAt": "2026-11-22T09:30:00Z", "updatedAt": "2026-11-22T09:30:00Z"}""";

    /**
     * How the renewal of a credential stands.
     *
     * @param nextAttemptAt null: not by itself
     * @param failingSince null: the last try has given a token
     * @param attempts tries in a row that gave none
     * @param error why, in a word
     */
    @Schema(name = "CredentialRenewal")
    record Renewal(@Nullable Instant nextAttemptAt, @Nullable Instant failingSince, int attempts,
            @Schema(description = "Why the last try gave no token: invalid_grant, invalid_client, lost-response, timeout, …") @Nullable String error) {
    }

    /** A store, both ways to name it. */
    @Schema(name = "CredentialStore")
    record StoreReference(UUID id, @Schema(examples = "madrid") String key) {
    }

    /**
     * @param type person or key
     * @param id the token's subject, or the key's id
     * @param name as it was then
     */
    @Schema(name = "CredentialCreatedBy")
    record CreatedBy(@Schema(examples = "person") String type, String id, String name) {
    }
}
