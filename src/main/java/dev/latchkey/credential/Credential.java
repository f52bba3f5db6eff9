package dev.latchkey.credential;

import java.time.Instant;
import java.util.UUID;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.LockModeType;
import jakarta.persistence.Table;
import jakarta.persistence.Version;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** What people say of a credential. Its secrets are apart ({@link CredentialSecrets}), and so is how it is. */
@Entity
@Table(name = "credential")
class Credential extends PanacheEntityBase {

    @Id
    public UUID id;
    @Column(name = "organization_id")
    public UUID organizationId;
    @Column(name = "store_id")
    public @Nullable UUID storeId;
    public String name;
    public @Nullable String provider;
    @Column(columnDefinition = "jsonb")
    public JsonObject variables;
    @Column(name = "base_url")
    public @Nullable String baseUrl;
    public String type;
    @Column(columnDefinition = "jsonb")
    public JsonObject data;
    @Column(columnDefinition = "jsonb")
    public @Nullable JsonObject test;
    @Column(columnDefinition = "jsonb")
    public JsonObject sealed;
    @Column(name = "material_version")
    public long materialVersion;
    /** Raised by a trigger, see {@link Pairs}; as it was when this was read. */
    @Column(name = "pair_version", insertable = false, updatable = false)
    public long pairVersion;
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

    /** Locked, so that two changes of one credential happen one after the other. */
    static Uni<@Nullable Credential> findToChange(UUID organization, UUID id) {
        return find("organizationId = ?1 and id = ?2", organization, id).withLock(LockModeType.PESSIMISTIC_WRITE)
                .firstResult();
    }
}
