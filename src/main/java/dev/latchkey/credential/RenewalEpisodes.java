package dev.latchkey.credential;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;

import jakarta.enterprise.context.ApplicationScoped;

import dev.latchkey.activity.Actor;
import dev.latchkey.credential.RenewalTable.Claim;
import dev.latchkey.identity.Caller;
import dev.latchkey.notification.Notice;
import dev.latchkey.notification.NoticeKind;
import dev.latchkey.notification.Notifications;
import io.quarkus.hibernate.reactive.panache.common.WithTransaction;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
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
    private static final String FAILED = "failed";
    private static final String ENDED = "ended";
    private static final List<NoticeKind> RENEWAL = List.of(NoticeKind.CREDENTIAL_RENEWAL_FAILED,
            NoticeKind.CREDENTIAL_REAUTHORIZATION_REQUIRED);
    private static final List<NoticeKind> ALL = List.of(NoticeKind.CREDENTIAL_RENEWAL_FAILED,
            NoticeKind.CREDENTIAL_REAUTHORIZATION_REQUIRED, NoticeKind.CREDENTIAL_FAILING, NoticeKind.CREDENTIAL_LIMITED);

    private final CredentialHistory history;
    private final Notifications notifications;
    private final RetestTable retests;
    private final RefusedApps apps;
    private final RenewalConfig config;
    private final InstantSource clock;

    RenewalEpisodes(CredentialHistory history, Notifications notifications, RetestTable retests, RefusedApps apps,
            RenewalConfig config, InstantSource clock) {
        this.history = history;
        this.notifications = notifications;
        this.retests = retests;
        this.apps = apps;
        this.config = config;
        this.clock = clock;
    }

    /** A credential with everything of it that changes, all locked. */
    private record Locked(Credential credential, CredentialState state, CredentialRenewal renewal, CredentialStatus before) {

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
            case OVER -> ENDED.equals(renewal.told) ? nothing() : tellOver(locked, setback);
            case AGAIN -> {
                Instant ends = locked.state().expiresAt;
                boolean isSerious = isDead || renewal.attempt >= config.tellAfter()
                        || ends != null && renewal.dueAt != null && renewal.dueAt.isAfter(ends);
                yield setback.fault() == Setback.Fault.APP ? tellOfApp(locked, setback)
                        : isSerious && renewal.told == null ? tellFailed(locked, setback.reason()) : nothing();
            }
        };
    }

    private Uni<Void> tellOver(Locked locked, Setback setback) {
        locked.renewal().told = ENDED;
        UUID organization = locked.credential().organizationId;
        return locked.renewal().flush()
                .call(() -> history.publish("credential.reauthorization_required", locked.credential(),
                        data -> data.put("reason", setback.reason().text()).put("error", setback.error())))
                .call(() -> notifications.resolve(organization, NoticeKind.CREDENTIAL_RENEWAL_FAILED, locked.episode()))
                .call(() -> notifications.tell(organization,
                        Notice.ofEpisode(NoticeKind.CREDENTIAL_REAUTHORIZATION_REQUIRED, locked.episode(),
                                CredentialHistory.target(locked.credential()), Map.of("error", setback.error()))))
                .replaceWithVoid();
    }

    private Uni<Void> tellFailed(Locked locked, ProbeReason reason) {
        locked.renewal().told = FAILED;
        return locked.renewal().flush().call(() -> publishFailed(locked, reason))
                .call(() -> notifications.tell(locked.credential().organizationId, failed(locked, locked.episode())))
                .replaceWithVoid();
    }

    /** The first of its credentials that finds it tells of it, for all of them. */
    private Uni<Void> tellOfApp(Locked locked, Setback setback) {
        CredentialRenewal renewal = locked.renewal();
        return apps.isFirstToTell(renewal).flatMap(isFirst -> !isFirst ? nothing()
                : publishFailed(locked, setback.reason())
                        .call(() -> notifications.tell(renewal.organizationId, failed(locked, ofApp(renewal.app))))
                        .replaceWithVoid());
    }

    private Uni<UUID> publishFailed(Locked locked, ProbeReason reason) {
        return history.publish("credential.renewal_failed", locked.credential(),
                data -> ends(data, locked).put("reason", reason.text()).put("error", locked.renewal().error)
                        .put("nextAttemptAt", text(locked.renewal().dueAt)));
    }

    private static Notice failed(Locked locked, String episode) {
        return Notice.ofEpisode(NoticeKind.CREDENTIAL_RENEWAL_FAILED, episode, CredentialHistory.target(locked.credential()),
                Map.of("error", String.valueOf(locked.renewal().error)));
    }

    private static String ofApp(String app) {
        return "app:" + app;
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
            return saved(locked).call(() -> changed(locked)).call(() -> wasTold ? publishRecovered(locked) : nothing())
                    .call(() -> notifications.resolve(organization, isGreen ? ALL : RENEWAL, locked.episode(),
                            recovery(locked)))
                    .call(() -> appsRecovered(locked, wasTold));
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
            return saved(locked).call(() -> isToBeTold ? publishRecovered(locked) : nothing())
                    .call(() -> isWell ? notifications.resolve(organization, RENEWAL, locked.episode(), recovery(locked))
                            : resolveRenewal(locked))
                    .call(() -> appsRecovered(locked, !isWell || isToBeTold));
        });
    }

    private Uni<Void> resolveRenewal(Locked locked) {
        return Multi.createFrom().iterable(RENEWAL).onItem().transformToUniAndConcatenate(
                kind -> notifications.resolve(locked.credential().organizationId, kind, locked.episode())).collect().last()
                .replaceWithVoid();
    }

    /**
     * Its app is accepted again, and so goes on, and what people were told of it is over. Of another app it is over with the
     * last credential that it stopped, which may have been given another secret, or be the one that was renewed.
     */
    private Uni<Void> appsRecovered(Locked locked, boolean wasTold) {
        UUID organization = locked.credential().organizationId;
        return apps.accepted(locked.renewal()).flatMap(over -> Multi.createFrom().iterable(over).onItem()
                .transformToUniAndConcatenate(app -> apps.forget(organization, app).flatMap(told -> !told ? nothing()
                        : (wasTold ? Uni.createFrom().nullItem() : publishRecovered(locked))
                                .call(() -> notifications.resolve(organization, NoticeKind.CREDENTIAL_RENEWAL_FAILED,
                                        ofApp(app), recovery(locked)))
                                .replaceWithVoid()))
                .collect().last()).replaceWithVoid();
    }

    /** An app that no credential signs in as any more: what people were told of it is over. */
    @WithTransaction
    public Uni<Void> appOfNobody(RenewalQueries.App app) {
        return apps.forget(app.organization(), app.app()).flatMap(told -> !told ? nothing()
                : notifications.resolve(app.organization(), NoticeKind.CREDENTIAL_RENEWAL_FAILED, ofApp(app.app())));
    }

    /** Plans one that was stored before renewals were planned. */
    @WithTransaction
    public Uni<Void> planned(UUID organization, UUID id, Function<Credential, Uni<Void>> plan) {
        return Credential.findToChange(organization, id)
                .flatMap(credential -> credential == null ? nothing() : plan.apply(credential));
    }

    private Uni<UUID> publishRecovered(Locked locked) {
        return history.publish("credential.recovered", locked.credential(), data -> ends(data, locked));
    }

    private static Notice recovery(Locked locked) {
        return Notice.once(NoticeKind.CREDENTIAL_RECOVERED, CredentialHistory.target(locked.credential()), Map.of());
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
            return locked.renewal().flush().call(() -> publishRecovered(locked))
                    .call(() -> notifications.resolve(credential.organizationId, RENEWAL, locked.episode(), recovery(locked)))
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
                    .call(() -> overdue.isOfApp() || renewal.told != null ? nothing() : tellFailed(locked, reason));
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

    private static JsonObject ends(JsonObject data, Locked locked) {
        return data.put("expiresAt", text(locked.state().expiresAt));
    }

    private static @Nullable String text(@Nullable Instant at) {
        return at == null ? null : at.toString();
    }

    private static Uni<Void> nothing() {
        return Uni.createFrom().voidItem();
    }
}
