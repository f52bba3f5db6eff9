package dev.latchkey.credential;

import java.time.Instant;
import java.util.Locale;
import java.util.UUID;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.LockModeType;
import jakarta.persistence.Table;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/** How a credential is, as its last test has shown. */
@Entity
@Table(name = "credential_state")
class CredentialState extends PanacheEntityBase {

    @Id
    @Column(name = "credential_id")
    public UUID credentialId;
    @Column(name = "organization_id")
    public UUID organizationId;
    public String status;
    public String reason;
    @Column(name = "http_status")
    public @Nullable Integer httpStatus;
    @Column(name = "duration_ms")
    public @Nullable Long durationMs;
    @Column(name = "checked_at")
    public @Nullable Instant checkedAt;
    @Column(name = "changed_at")
    public Instant changedAt;
    @Column(name = "expires_at")
    public @Nullable Instant expiresAt;
    public String host;

    /** Locked, behind the lock on its credential. */
    static Uni<@Nullable CredentialState> findToChange(UUID credential) {
        return find("credentialId", credential).withLock(LockModeType.PESSIMISTIC_WRITE).firstResult();
    }

    CredentialStatus status() {
        return CredentialStatus.valueOf(status.toUpperCase(Locale.ROOT));
    }

    /** Takes over what a test has shown. One that says nothing leaves colour, reason and time as they were. */
    void show(Outcome outcome, Instant now) {
        expiresAt = outcome.expiresAt();
        if (outcome.keepsFormerStatus() && status != null) {
            return;
        }
        if (!outcome.status().text().equals(status)) {
            changedAt = now;
        }
        status = outcome.status().text();
        reason = outcome.reason().text();
        httpStatus = outcome.httpStatus();
        durationMs = outcome.durationMs();
        checkedAt = outcome.checkedAt();
    }
}
