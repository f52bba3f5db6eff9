package dev.latchkey.credential;

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

/** How a credential is, as its last test has shown. */
@Entity
@Table(name = "credential_state")
class CredentialState extends PanacheEntityBase {

    /** In a row, before a red that says nothing of the credential is believed: a single lost packet is none. */
    private static final int BELIEVED = 2;

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
    @Column(name = "begun_at")
    public @Nullable Instant begunAt;
    public int silent;
    public int refused;
    @Column(name = "expires_at")
    public @Nullable Instant expiresAt;
    @Column(name = "ends_at")
    public @Nullable Instant endsAt;
    public String host;
    /** Of {@link RenewalEpisodes}: null where nothing is wrong with its renewal. */
    public @Nullable String renewal;

    /** Locked, behind the lock on its credential. */
    static Uni<@Nullable CredentialState> findToChange(UUID credential) {
        return find("credentialId", credential).withLock(LockModeType.PESSIMISTIC_WRITE).firstResult();
    }

    CredentialStatus status() {
        return CredentialStatus.stored(status);
    }

    /** Of what is new, or another than before: nothing of what was before says anything of it. */
    void begin(Credentials.Tried tried) {
        Outcome outcome = tried.outcome();
        silent = outcome.isSilent() ? 1 : 0;
        refused = outcome.reason() == ProbeReason.INVALID ? 1 : 0;
        host = tried.host();
        renewal = null;
        expiresAt = Ending.presented(tried.material().data());
        endsAt = Ending.forGood(tried.material().data(), tried.material().provider());
        take(outcome);
    }

    /**
     * Takes over what a test of the same has shown. One that says nothing leaves colour, reason and time as they were; that
     * nobody can be reached is believed when somebody has just seen it, or at the second time in a row, and changes nothing of
     * what was refused: that stays refused until its provider says otherwise.
     *
     * @param isSeen whether somebody asked for the test
     */
    void show(Outcome outcome, boolean isSeen) {
        boolean isSilent = outcome.isSilent();
        silent = isSilent ? silent + 1 : 0;
        refused = outcome.reason() == ProbeReason.INVALID ? refused + 1 : isSilent ? refused : 0;
        if (!outcome.keepsFormerStatus() && (!isSilent || !isRefused() && (isSeen || silent >= BELIEVED))) {
            take(outcome);
        }
    }

    private boolean isRefused() {
        return switch (ProbeReason.stored(reason)) {
            case INVALID, REAUTHORIZATION_REQUIRED -> true;
            case VALID, EXPIRING, LIMITED, UNREACHABLE, PROVIDER_ERROR, TLS, TIMEOUT, RATE_LIMITED, BLOCKED_ADDRESS,
                    MISCONFIGURED, NOT_CONNECTED, NOT_VERIFIABLE ->
                false;
        };
    }

    /**
     * A try to renew it gave no pair. What a test has found, that it is refused or limited, stays.
     *
     * @param isDead whether it is of no use by now
     */
    void setBack(Setback setback, boolean isDead) {
        boolean isOver = setback.next() == Setback.Next.OVER;
        renewal = isOver ? "ended" : "failing";
        httpStatus = setback.httpStatus() == null ? httpStatus : setback.httpStatus();
        if (isOver || isDead && status() != CredentialStatus.RED) {
            become(setback.reason());
        } else if (!isDead && status() != CredentialStatus.RED && status() != CredentialStatus.YELLOW) {
            become(ProbeReason.EXPIRING);
        }
    }

    /** Its token has ended while nobody could be asked for another one. */
    void ended(ProbeReason why) {
        renewal = "failing";
        become(why);
    }

    /**
     * It works, but not for everything any more, or not for long.
     *
     * @param why of yellow
     */
    void warn(ProbeReason why) {
        become(why);
    }

    /** There is a new pair: what was said of the old one holds no more, what was found elsewhere does. */
    void renewed(Instant now) {
        boolean isOfPair = renewal != null || switch (ProbeReason.stored(reason)) {
            case INVALID, EXPIRING, NOT_CONNECTED, REAUTHORIZATION_REQUIRED, NOT_VERIFIABLE -> true;
            case VALID, LIMITED, UNREACHABLE, PROVIDER_ERROR, TLS, TIMEOUT, RATE_LIMITED, BLOCKED_ADDRESS, MISCONFIGURED ->
                false;
        };
        renewal = null;
        if (isOfPair) {
            silent = 0;
            refused = 0;
            checkedAt = now;
            become(endsSoon(now) ? ProbeReason.EXPIRING : ProbeReason.VALID);
        }
    }

    private void become(ProbeReason why) {
        status = why.status().text();
        reason = why.text();
    }

    private void take(Outcome outcome) {
        if (renewal != null && outcome.status() == CredentialStatus.GREEN) {
            // What its access token is still good for ends with it.
            checkedAt = outcome.checkedAt();
            return;
        }
        // Tests do not know when a refresh token ends.
        boolean endsSoon = outcome.status() == CredentialStatus.GREEN && outcome.checkedAt() != null
                && endsSoon(outcome.checkedAt());
        become(endsSoon ? ProbeReason.EXPIRING : outcome.reason());
        httpStatus = outcome.httpStatus();
        durationMs = outcome.durationMs();
        checkedAt = outcome.checkedAt();
    }

    private boolean endsSoon(Instant now) {
        return endsAt != null && !endsAt.isAfter(now.plus(Ending.SOON));
    }
}
