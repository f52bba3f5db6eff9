package dev.latchkey.key;

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
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** An API key as its owner sees it. What the holder presents is its {@link KeyMaterial}. */
@Entity
@Table(name = "api_key")
class Key extends PanacheEntityBase {

    @Id
    public UUID id;
    @Column(name = "organization_id")
    public UUID organizationId;
    public String name;
    public @Nullable String description;
    public boolean active;
    public String environment;
    public String[] scopes;
    public String @Nullable [] methods;
    /** Of its current material; kept here as well for the index of searches. */
    public String start;
    @Column(name = "all_stores")
    public boolean allStores;
    @ElementCollection(fetch = FetchType.EAGER)
    @CollectionTable(name = "api_key_store", joinColumns = @JoinColumn(name = "key_id"))
    @Column(name = "store_id")
    public Set<UUID> storeIds = new HashSet<>();
    @Column(name = "expires_at")
    public @Nullable Instant expiresAt;
    @Column(name = "limit_source")
    public String limitSource;
    @Column(name = "rate_limit")
    public @Nullable Integer rateLimit;
    @Column(name = "rate_window_seconds")
    public @Nullable Integer rateWindowSeconds;
    @Column(name = "ip_allow_list")
    public String[] ipAllowList;
    @Column(columnDefinition = "jsonb")
    public JsonObject metadata;
    @Column(name = "revoked_at")
    public @Nullable Instant revokedAt;
    @Column(name = "revoked_reason")
    public @Nullable String revokedReason;
    @Column(name = "created_by_type")
    public String createdByType;
    @Column(name = "created_by_id")
    public String createdById;
    @Column(name = "created_by_name")
    public String createdByName;
    @Version
    public long version;
    @Column(name = "created_at")
    public Instant createdAt;
    @Column(name = "updated_at")
    public Instant updatedAt;

    /** Locked, so that two changes of one key happen one after the other. */
    static Uni<@Nullable Key> findToChange(UUID organization, UUID id) {
        return find("organizationId = ?1 and id = ?2", organization, id).withLock(LockModeType.PESSIMISTIC_WRITE).firstResult();
    }
}
