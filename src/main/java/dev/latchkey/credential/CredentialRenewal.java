package dev.latchkey.credential;

import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.LockModeType;
import jakarta.persistence.Table;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/** How the renewal of a credential stands, as failures and recoveries write it; claims and pairs are {@link RenewalTable}'s. */
@Entity
@Table(name = "credential_renewal")
class CredentialRenewal extends PanacheEntityBase {

    @Id
    @Column(name = "credential_id")
    public UUID credentialId;
    @Column(name = "organization_id")
    public UUID organizationId;
    public String app;
    @Column(name = "due_at")
    public @Nullable Instant dueAt;
    @Column(name = "lease_until")
    public @Nullable Instant leaseUntil;
    public long fence;
    public int attempt;
    public int presented;
    public @Nullable String error;
    @Column(name = "http_status")
    public @Nullable Integer httpStatus;
    @Column(name = "failing_since")
    public @Nullable Instant failingSince;
    public @Nullable String told;
    @Column(name = "by_app")
    public boolean byApp;

    /** Locked, behind the locks on its credential and on that one's state. */
    static Uni<@Nullable CredentialRenewal> findToChange(UUID credential) {
        return find("credentialId", credential).withLock(LockModeType.PESSIMISTIC_WRITE).firstResult();
    }

    /**
     * Writes down a try that gave no pair, and lets go of it.
     *
     * @param now by the database's clock
     * @param ends when its access token ends; it is tried then at the latest, so that it is not called good for longer
     */
    void setBack(Setback setback, Instant now, @Nullable Instant ends) {
        leaseUntil = null;
        presented = setback.presented();
        error = setback.error();
        httpStatus = setback.httpStatus();
        failingSince = failingSince == null ? now : failingSince;
        Duration pause = setback.pause();
        if (pause == null) {
            dueAt = null;
            return;
        }
        Instant next = now.plus(pause);
        byApp = setback.fault() == Setback.Fault.APP;
        dueAt = setback.isAskedToWait() || ends == null || !ends.isAfter(now) || next.isBefore(ends) ? next : ends;
    }
}
