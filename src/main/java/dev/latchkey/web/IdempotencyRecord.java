package dev.latchkey.web;

import java.time.Instant;
import java.util.UUID;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import org.jspecify.annotations.Nullable;

/** One write that carried an Idempotency-Key, and what it was answered. */
@Entity
@Table(name = "idempotency")
class IdempotencyRecord extends PanacheEntityBase {

    @jakarta.persistence.Id
    public UUID id;
    @Column(name = "organization_id")
    public @Nullable UUID organizationId;
    @Column(name = "body_mac")
    public byte[] bodyMac;
    @Column(name = "object_id")
    public @Nullable UUID objectId;
    public byte @Nullable [] answer;
    @Column(name = "answer_dies_at")
    public @Nullable Instant answerDiesAt;
    @Column(name = "created_at")
    public Instant createdAt;
    @Column(name = "expires_at")
    public Instant expiresAt;

    /** Whether its answer can be opened no more at that time since it carried a secret. */
    boolean answerHasDied(Instant now) {
        return answerDiesAt != null && !answerDiesAt.isAfter(now);
    }
}
