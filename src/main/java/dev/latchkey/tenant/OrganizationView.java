package dev.latchkey.tenant;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.latchkey.notification.NoticeKind;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * An organization as the API shows it.
 *
 * @param key the claim of its people's tokens
 * @param active as the platform switches it
 * @param state what becomes of its keys: judged, all INACTIVE, all unknown
 * @param notifyByEmail kinds that are mailed, also where that is the default
 * @param credentialTestInterval how often its credentials are tested; null: as the operator says
 * @param deletion how far it has come; null unless it is being deleted
 */
@Schema(name = "Organization", examples = """
        {"id": "01890a5d-ac96-70d1-8b2e-5f4a3c2d1e0f", "key": "acme", "name": "Acme Trading", "active": true,
        "state": "active", "locale": "en", "keyPrefix": "lk",
        "defaults": {"rateLimit": {"limit": 100, "window": "PT15M"}}, "recoverableKeys": true, "requireStore": false,
        "unknownOperations": "forbid", "keyMaxAge": "P90D", "notificationEmails": ["it@acme.example"],
        "notifyByEmail": ["organization.suspended"], "credentialTestInterval": null, "createdAt": "2026-11-22T09:30:00Z",
        "updatedAt": "2026-11-22T09:30:00Z", "deletion": null}""")
record OrganizationView(UUID id, @Schema(examples = "acme") String key, @Schema(examples = "Acme Trading") String name,
        boolean active, State state, Language locale, @Schema(examples = "lk") String keyPrefix,
        OrganizationForm.Defaults defaults, boolean recoverableKeys, boolean requireStore,
        OrganizationForm.UnknownOperations unknownOperations, @Schema(examples = "P90D") String keyMaxAge,
        List<String> notificationEmails, List<String> notifyByEmail,
        @Schema(type = SchemaType.STRING, format = "duration", examples = "PT6H") @Nullable Duration credentialTestInterval,
        Instant createdAt, Instant updatedAt,
        @Nullable Deletion deletion) {

    static OrganizationView of(Organization organization) {
        OrganizationForm form = OrganizationForm.of(organization);
        return new OrganizationView(organization.id, form.key(), form.name(), form.active(), State.of(organization),
                form.locale(), form.keyPrefix(), form.defaults(), form.recoverableKeys(), form.requireStore(),
                form.unknownOperations(), form.keyMaxAge(), form.notificationEmails(),
                form.notifyByEmail() == null ? NoticeKind.mailedByDefault() : form.notifyByEmail(),
                form.credentialTestInterval(),
                organization.createdAt,
                organization.updatedAt, organization.deletionRequestedAt == null ? null
                        : new Deletion(organization.deletionRequestedAt, organization.deletedRows));
    }

    /** In which part of its life an organization is. */
    @Schema(name = "OrganizationState")
    enum State {
        @JsonProperty("active")
        ACTIVE,
        @JsonProperty("suspended")
        SUSPENDED,
        @JsonProperty("deleting")
        DELETING;

        static State of(Organization organization) {
            if (organization.deletionRequestedAt != null) {
                return DELETING;
            }
            return organization.active ? ACTIVE : SUSPENDED;
        }
    }

    /**
     * @param requestedAt when it was asked for
     * @param rowsDeleted so far; keys, stores, entries, events and the like, without the rows that go along with them
     */
    @Schema(name = "OrganizationDeletion")
    record Deletion(Instant requestedAt, long rowsDeleted) {
    }
}
