package dev.latchkey.key;

import java.time.Instant;
import java.util.UUID;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/** What is left of a token after it was shown: its digest and its first characters. */
@Entity
@Table(name = "key_material")
class KeyMaterial extends PanacheEntityBase {

    static final String CURRENT = "current";
    static final String PREVIOUS = "previous";
    static final String REPLACED = "replaced";

    @Id
    public UUID id;
    @Column(name = "key_id")
    public UUID keyId;
    public byte[] digest;
    @Column(name = "pepper_id")
    public String pepperId;
    public String start;
    public String state;
    @Column(name = "dies_at")
    public @Nullable Instant diesAt;
    @Column(name = "created_at")
    public Instant createdAt;

    /** Ends whatever still verifies besides the current material. */
    static Uni<Integer> endPrevious(UUID key, Instant now) {
        return update("state = ?1, diesAt = least(diesAt, ?2) where keyId = ?3 and state = ?4", REPLACED, now, key, PREVIOUS);
    }
}
