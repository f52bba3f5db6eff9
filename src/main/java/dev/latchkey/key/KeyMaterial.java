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

/**
 * What is left of a token, and of the secret that goes with it, after they were shown: digests, and the token's first
 * characters.
 */
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
    /** Null: the token is that of the current row ({@link KeyPairs}). */
    public byte @Nullable [] digest;
    @Column(name = "pepper_id")
    public String pepperId;
    @Column(name = "secret_digest")
    public byte @Nullable [] secretDigest;
    @Column(name = "secret_pepper_id")
    public @Nullable String secretPepperId;
    public String start;
    public String state;
    @Column(name = "dies_at")
    public @Nullable Instant diesAt;
    @Column(name = "created_at")
    public Instant createdAt;

    /** A key always has one. */
    static Uni<KeyMaterial> currentOf(UUID key) {
        return find("keyId = ?1 and state = ?2", key, CURRENT).singleResult();
    }

    /** Ends a grace period that has not ended by itself; 0 where there is none. */
    static Uni<Integer> endGrace(UUID key, Instant now) {
        return update("state = ?1, diesAt = ?2 where keyId = ?3 and state = ?4 and diesAt > ?2", REPLACED, now, key, PREVIOUS);
    }

    /** That of a key which has this token, by the unique index on it; null where it was deleted. */
    static Uni<@Nullable KeyMaterial> ofToken(UUID key, byte[] digest) {
        return find("keyId = ?1 and digest = ?2", key, digest).firstResult();
    }

    /** Ends whatever still verifies besides the current material. */
    static Uni<Integer> endPrevious(UUID key, Instant now) {
        return update("state = ?1, diesAt = least(diesAt, ?2) where keyId = ?3 and state = ?4", REPLACED, now, key, PREVIOUS);
    }
}
