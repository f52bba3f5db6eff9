package dev.latchkey.integration;

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

/** Keys, and the credentials that each of them may use while it is active. */
@Entity
@Table(name = "integration")
class Integration extends PanacheEntityBase {

    @Id
    public UUID id;
    @Column(name = "organization_id")
    public UUID organizationId;
    public String name;
    public @Nullable String kind;
    public boolean active;
    @ElementCollection(fetch = FetchType.EAGER)
    @CollectionTable(name = "integration_key", joinColumns = @JoinColumn(name = "integration_id"))
    @Column(name = "key_id")
    public Set<UUID> keyIds = new HashSet<>();
    @ElementCollection(fetch = FetchType.EAGER)
    @CollectionTable(name = "integration_credential", joinColumns = @JoinColumn(name = "integration_id"))
    @Column(name = "credential_id")
    public Set<UUID> credentialIds = new HashSet<>();
    @Version
    public long version;
    @Column(name = "created_at")
    public Instant createdAt;
    @Column(name = "updated_at")
    public Instant updatedAt;

    /** Locked, so that two changes of one integration happen one after the other. */
    static Uni<@Nullable Integration> findToChange(UUID organization, UUID id) {
        return find("organizationId = ?1 and id = ?2", organization, id).withLock(LockModeType.PESSIMISTIC_WRITE).firstResult();
    }
}
