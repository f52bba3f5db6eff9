package dev.latchkey.credential;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;

import jakarta.enterprise.context.ApplicationScoped;

import dev.latchkey.activity.Actor;
import dev.latchkey.credential.RenewalTable.Claim;
import dev.latchkey.identity.Caller;
import io.quarkus.hibernate.reactive.panache.common.WithTransaction;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/**
 * What people see and are told of renewals: one public method, one transaction, with colour, activity, event and notice.
 *
 * <p>
 * <b>Invariants.</b> A failure is written by whoever holds the last claim, about the pair that it was claimed with, and by
 * nobody else: who has lost either finds that another one was faster, and marks nothing red. An episode begins with the first
 * failure and ends with the next pair; of each, people are told once that renewing fails, once that it is over and somebody
 * has to authorize it anew, and once that it works again. That an OAuth app is refused is one episode for all that it renews.
 */
@ApplicationScoped
class RenewalEpisodes {

    static final Actor JOB = Actor.system("credential-renewals");
    private static final String ENDED = RenewalNews.ENDED;

    private final CredentialHistory history;
    private final RenewalNews news;
    private final RetestTable retests;
    private final RefusedApps apps;
    private final RenewalConfig config;
    private final InstantSource clock;

    RenewalEpisodes(CredentialHistory history, RenewalNews news, RetestTable retests, RefusedApps apps,
            RenewalConfig config, InstantSource clock) {
        this.history = history;
        this.news = news;
        this.retests = retests;
        this.apps = apps;
        this.config = config;
        this.clock = clock;
    }

    /** A credential with everything of it that changes, all locked. */
    record Locked(Credential credential, CredentialState state, CredentialRenewal renewal, CredentialStatus before) {

        String episode() {
            return credential.id.toString();
        }
    }

    /**
     * Writes down a try that gave no pair.
     *
     * @param now by the database's clock
     * @return false: another one holds the claim, or another pair stands, and nothing was written
     */
    @WithTransaction
    public Uni<Boolean> setBack(Claim claim, Setback setback, Instant now) {
        return with(claim.organization(), claim.credential(), false, locked -> {
            CredentialRenewal renewal = locked.renewal();
            if (renewal.fence != claim.fence() || locked.credential().pairVersion != claim.pairVersion()) {
                return Uni.createFrom().item(false);
            }
            Instant ends = locked.state().expiresAt;
            boolean isDead = !locked.credential().sealed.containsKey("accessToken") || ends != null && !ends.isAfter(now);
            renewal.setBack(setback, now, ends);
            locked.state().setBack(setback, isDead);
            return saved(locked).call(() -> apps.blame(locked.renewal(), setback)).call(() -> changed(locked))
                    .call(() -> tell(locked, setback, isDead)).replaceWith(true);
        });
    }

    private Uni<Void> tell(Locked locked, Setback setback, boolean isDead) {
        CredentialRenewal renewal = locked.renewal();
        return switch (setback.next()) {
            case OVER -> ENDED.equals(renewal.told) ? nothing() : news.over(locked, setback);
            case AGAIN -> {
                Instant ends = locked.state().expiresAt;
                boolean isSerious = isDead || renewal.attempt >= config.tellAfter()
                        || ends != null && renewal.dueAt != null && renewal.dueAt.isAfter(ends);
                yield setback.fault() == Setback.Fault.APP ? news.ofApp(locked, setback)
                        : isSerious && renewal.told == null ? news.failed(locked, setback.reason()) : nothing();
            }
        };
    }

    /**
     * Writes down that a credential was renewed that had not been well: ends what people were told, and makes it green, unless
     * it is something else than its tokens that ails it. A test follows soon and has the last word.
     */
    @WithTransaction
    public Uni<Void> recovered(UUID organization, UUID credential) {
        return with(organization, credential, null, locked -> {
            if (locked.renewal().failingSince != null) {
                // It has failed again since.
                return nothing();
            }
            boolean wasTold = locked.renewal().told != null;
            locked.renewal().told = null;
            locked.state().renewed(clock.instant().truncatedTo(ChronoUnit.MICROS));
            boolean isGreen = locked.state().status() == CredentialStatus.GREEN;
            return saved(locked).call(() -> changed(locked)).call(() -> wasTold ? news.works(locked) : nothing())
                    .call(() -> news.resolve(locked, isGreen ? RenewalNews.ALL : RenewalNews.RENEWAL))
                    .call(() -> news.appsRecovered(locked, wasTold));
        });
    }

    /**
     * The same of one that was connected anew: the test of that has given it its colour, and told of it. What is left is that
     * nobody has to connect it any more.
     */
    @WithTransaction
    public Uni<Void> connected(UUID organization, UUID credential) {
        return with(organization, credential, null, locked -> {
            if (locked.renewal().failingSince != null) {
                return nothing();
            }
            boolean isWell = locked.before() != CredentialStatus.RED;
            boolean isToBeTold = isWell && locked.renewal().told != null;
            locked.renewal().told = null;
            return saved(locked).call(() -> isToBeTold ? news.works(locked) : nothing())
                    .call(() -> isWell ? news.resolve(locked, RenewalNews.RENEWAL)
                            : news.resolve(locked))
                    .call(() -> news.appsRecovered(locked, !isWell || isToBeTold));
        });
    }

    /** An app that no credential signs in as any more: what people were told of it is over. */
    @WithTransaction
    public Uni<Void> appOfNobody(RenewalQueries.App app) {
        return news.appOfNobody(app);
    }

    /** Plans one that was stored before renewals were planned. */
    @WithTransaction
    public Uni<Void> planned(UUID organization, UUID id, Function<Credential, Uni<Void>> plan) {
        return Credential.findToChange(organization, id)
                .flatMap(credential -> credential == null ? nothing() : plan.apply(credential));
    }

    /**
     * Ends what people were told of a pair which somebody has replaced by one that works, as far as its test has shown; in the
     * transaction that replaces it. Should that one fail, too, it is told anew.
     */
    @WithTransaction
    public Uni<Void> replaced(Credential credential) {
        return with(credential.organizationId, credential.id, null, locked -> {
            if (locked.renewal().told == null) {
                return nothing();
            }
            locked.renewal().told = null;
            return locked.renewal().flush().call(() -> news.works(locked))
                    .call(() -> news.resolve(locked, RenewalNews.RENEWAL))
                    .replaceWithVoid();
        });
    }

    /** Writes down that a token has ended while nobody could be asked for another one. */
    @WithTransaction
    public Uni<Void> overdue(RenewalQueries.Overdue overdue) {
        return with(overdue.organization(), overdue.credential(), null, locked -> {
            Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
            Instant ends = locked.state().expiresAt;
            if (ends == null || ends.isAfter(now)) {
                // Renewed just now.
                return nothing();
            }
            CredentialRenewal renewal = locked.renewal();
            renewal.failingSince = renewal.failingSince == null ? now : renewal.failingSince;
            renewal.error = renewal.error == null ? overdue.isOfApp() ? "invalid_client" : "host-failing" : renewal.error;
            ProbeReason reason = overdue.isOfApp() ? ProbeReason.MISCONFIGURED : ProbeReason.PROVIDER_ERROR;
            locked.state().ended(reason);
            return saved(locked).call(() -> changed(locked))
                    .call(() -> overdue.isOfApp() || renewal.told != null ? nothing() : news.failed(locked, reason));
        });
    }

    /** Writes down that a provider grants less than it did. */
    @WithTransaction
    public Uni<Void> narrowed(UUID organization, UUID credential, List<String> lostScopes) {
        return with(organization, credential, null, locked -> {
            if (locked.before() == CredentialStatus.GREEN) {
                locked.state().warn(ProbeReason.LIMITED);
            }
            return saved(locked).call(() -> history.narrowed(JOB, locked.credential(), lostScopes))
                    .call(() -> locked.before() == locked.state().status() ? nothing()
                            : history.statusChanged(JOB, locked.credential(), locked.before(), locked.state()));
        });
    }

    /** Writes down that a refresh token ends soon, which no renewal puts off. */
    @WithTransaction
    public Uni<Void> endsSoon(UUID organization, UUID credential) {
        return with(organization, credential, null, locked -> {
            if (locked.before() != CredentialStatus.GREEN) {
                return nothing();
            }
            locked.state().warn(ProbeReason.EXPIRING);
            return saved(locked).call(
                    () -> history.statusChanged(JOB, locked.credential(), locked.before(), locked.state()));
        });
    }

    /** Notes that somebody had it renewed. */
    @WithTransaction
    public Uni<Void> asked(Caller caller, UUID credential, boolean isRenewed) {
        return Credential.findToChange(caller.tenant().id(), credential).flatMap(found -> found == null ? nothing()
                : history.refreshed(Actor.of(caller), found, isRenewed));
    }

    private Uni<Void> changed(Locked locked) {
        return locked.before() == locked.state().status() ? nothing()
                : history.colourChanged(JOB, locked.credential(), locked.before(), locked.state());
    }

    private Uni<Void> saved(Locked locked) {
        return locked.state().flush().call(() -> "ended".equals(locked.state().renewal) ? retests.schedule(locked.state())
                : Uni.createFrom().voidItem()).replaceWithVoid();
    }

    /** In the order in which all lock them. */
    private static <T> Uni<T> with(UUID organization, UUID id, @Nullable T none, Function<Locked, Uni<T>> work) {
        return Credential.findToChange(organization, id).flatMap(credential -> credential == null ? Uni.createFrom().item(none)
                : CredentialState.findToChange(id).flatMap(state -> state == null ? Uni.createFrom().item(none)
                        : CredentialRenewal.findToChange(id).flatMap(renewal -> renewal == null ? Uni.createFrom().item(none)
                                : work.apply(new Locked(credential, state, renewal, state.status())))));
    }

    private static Uni<Void> nothing() {
        return Uni.createFrom().voidItem();
    }
}
