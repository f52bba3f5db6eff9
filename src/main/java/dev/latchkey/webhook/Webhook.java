package dev.latchkey.webhook;

import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;

import jakarta.persistence.CollectionTable;
import jakarta.persistence.Column;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.LockModeType;
import jakarta.persistence.Table;
import jakarta.persistence.Version;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/** An endpoint of somebody else's, and the events that it asked for. Its secrets are sealed ({@link WebhookSeals}). */
@Entity
@Table(name = "webhook")
class Webhook extends PanacheEntityBase {

    @Id
    public UUID id;
    @Column(name = "organization_id")
    public UUID organizationId;
    public String url;
    public @Nullable String description;
    public String[] events;
    @Column(name = "all_stores")
    public boolean allStores;
    @ElementCollection(fetch = FetchType.EAGER)
    @CollectionTable(name = "webhook_store", joinColumns = @JoinColumn(name = "webhook_id"))
    @Column(name = "store_id")
    public Set<UUID> storeIds = new HashSet<>();
    @Column(name = "header_names")
    public String[] headerNames;
    public byte @Nullable [] headers;
    @Column(name = "headers_version")
    public long headersVersion;
    /** Null once it is deleted. */
    public byte @Nullable [] secret;
    @Column(name = "secret_version")
    public long secretVersion;
    @Column(name = "secret_set_at")
    public Instant secretSetAt;
    @Column(name = "previous_secret")
    public byte @Nullable [] previousSecret;
    @Column(name = "previous_version")
    public @Nullable Long previousVersion;
    @Column(name = "previous_until")
    public @Nullable Instant previousUntil;
    public boolean active;
    @Column(name = "disabled_at")
    public @Nullable Instant disabledAt;
    @Column(name = "disabled_reason")
    public @Nullable String disabledReason;
    @Column(name = "deleted_at")
    public @Nullable Instant deletedAt;
    @Version
    public long version;
    @Column(name = "created_at")
    public Instant createdAt;
    @Column(name = "updated_at")
    public Instant updatedAt;

    /** Locked, so that two changes of one webhook happen one after the other. Of a deleted one there is nothing to find. */
    static Uni<@Nullable Webhook> findToChange(UUID organization, UUID id) {
        return find("organizationId = ?1 and id = ?2 and deletedAt is null", organization, id)
                .withLock(LockModeType.PESSIMISTIC_WRITE).firstResult();
    }

    /** The same, of whichever organization. */
    static Uni<@Nullable Webhook> findToDisable(UUID id) {
        return find("id = ?1 and deletedAt is null", id).withLock(LockModeType.PESSIMISTIC_WRITE).firstResult();
    }
}
