package dev.latchkey.tenant;

import java.time.Instant;
import java.util.UUID;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.LockModeType;
import jakarta.persistence.Table;
import jakarta.persistence.Version;

import dev.latchkey.web.Id;
import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import io.quarkus.hibernate.reactive.panache.PanacheQuery;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/** A shop of an organization. Keys may be limited to some of them. */
@Entity
@Table(name = "store")
public class Store extends PanacheEntityBase {

    @jakarta.persistence.Id
    public UUID id;
    @Column(name = "organization_id")
    public UUID organizationId;
    public String key;
    public String name;
    public @Nullable String url;
    public @Nullable String platform;
    @Version
    public long version;
    @Column(name = "created_at")
    public Instant createdAt;
    @Column(name = "updated_at")
    public Instant updatedAt;

    /** By the id or the key that a caller gave, within the organization. */
    static Uni<@Nullable Store> find(UUID organization, String idOrKey) {
        return query(organization, idOrKey).firstResult();
    }

    /** Locked, so that two changes of one store happen one after the other. */
    static Uni<@Nullable Store> findToChange(UUID organization, String idOrKey) {
        return query(organization, idOrKey).withLock(LockModeType.PESSIMISTIC_WRITE).firstResult();
    }

    /** A share: those that name it at the same time do not wait for each other, and a deletion waits for them. */
    static Uni<@Nullable Store> findToName(UUID organization, String idOrKey) {
        return query(organization, idOrKey).withLock(LockModeType.PESSIMISTIC_READ).firstResult();
    }

    private static PanacheQuery<Store> query(UUID organization, String idOrKey) {
        UUID id = Id.parse(idOrKey);
        // PostgreSQL takes no NUL, and no key has one.
        String key = idOrKey.indexOf('\0') < 0 ? idOrKey : "";
        return id == null ? find("organizationId = ?1 and key = ?2", organization, key)
                : find("organizationId = ?1 and id = ?2", organization, id);
    }
}
