package dev.latchkey.credential;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Singleton;

import dev.latchkey.credential.RenewalEpisodes.Locked;
import dev.latchkey.notification.Notice;
import dev.latchkey.notification.NoticeKind;
import dev.latchkey.notification.Notifications;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** What people are told of renewals, in the transaction that writes it down ({@link RenewalEpisodes}). */
@Singleton
class RenewalNews {

    static final List<NoticeKind> RENEWAL = List.of(NoticeKind.CREDENTIAL_RENEWAL_FAILED,
            NoticeKind.CREDENTIAL_REAUTHORIZATION_REQUIRED);
    static final List<NoticeKind> ALL = List.of(NoticeKind.CREDENTIAL_RENEWAL_FAILED,
            NoticeKind.CREDENTIAL_REAUTHORIZATION_REQUIRED, NoticeKind.CREDENTIAL_FAILING, NoticeKind.CREDENTIAL_LIMITED);
    /** As {@code credential_renewal.told} has them. */
    static final String ENDED = "ended";
    private static final String FAILED = "failed";

    private final CredentialHistory history;
    private final Notifications notifications;
    private final RefusedApps apps;

    RenewalNews(CredentialHistory history, Notifications notifications, RefusedApps apps) {
        this.history = history;
        this.notifications = notifications;
        this.apps = apps;
    }

    /** That somebody has to authorize it anew. */
    Uni<Void> over(Locked locked, Setback setback) {
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

    /** That renewing it fails. */
    Uni<Void> failed(Locked locked, ProbeReason reason) {
        locked.renewal().told = FAILED;
        return locked.renewal().flush().call(() -> publishFailed(locked, reason))
                .call(() -> notifications.tell(locked.credential().organizationId, notice(locked, locked.episode())))
                .replaceWithVoid();
    }

    /** The first of its credentials that finds it tells of it, for all of them. */
    Uni<Void> ofApp(Locked locked, Setback setback) {
        CredentialRenewal renewal = locked.renewal();
        return apps.isFirstToTell(renewal).flatMap(isFirst -> !isFirst ? nothing()
                : publishFailed(locked, setback.reason())
                        .call(() -> notifications.tell(renewal.organizationId, notice(locked, ofApp(renewal.app))))
                        .replaceWithVoid());
    }

    private Uni<UUID> publishFailed(Locked locked, ProbeReason reason) {
        return history.publish("credential.renewal_failed", locked.credential(),
                data -> ends(data, locked).put("reason", reason.text()).put("error", locked.renewal().error)
                        .put("nextAttemptAt", text(locked.renewal().dueAt)));
    }

    private static Notice notice(Locked locked, String episode) {
        return Notice.ofEpisode(NoticeKind.CREDENTIAL_RENEWAL_FAILED, episode, CredentialHistory.target(locked.credential()),
                Map.of("error", String.valueOf(locked.renewal().error)));
    }

    private static String ofApp(String app) {
        return "app:" + app;
    }

    /** Ends what people were told, without a word. */
    Uni<Void> resolve(Locked locked) {
        return Multi.createFrom().iterable(RENEWAL).onItem().transformToUniAndConcatenate(
                kind -> notifications.resolve(locked.credential().organizationId, kind, locked.episode())).collect().last()
                .replaceWithVoid();
    }

    /**
     * Its app is accepted again, and so goes on, and what people were told of it is over. Of another app it is over with the
     * last credential that it stopped, which may have been given another secret, or be the one that was renewed.
     */
    Uni<Void> appsRecovered(Locked locked, boolean wasTold) {
        UUID organization = locked.credential().organizationId;
        return apps.accepted(locked.renewal()).flatMap(over -> Multi.createFrom().iterable(over).onItem()
                .transformToUniAndConcatenate(app -> apps.forget(organization, app).flatMap(told -> !told ? nothing()
                        : (wasTold ? Uni.createFrom().nullItem() : works(locked))
                                .call(() -> notifications.resolve(organization, NoticeKind.CREDENTIAL_RENEWAL_FAILED,
                                        ofApp(app), recovery(locked)))
                                .replaceWithVoid()))
                .collect().last()).replaceWithVoid();
    }

    /** That it works again, as an event. */
    Uni<UUID> works(Locked locked) {
        return history.publish("credential.recovered", locked.credential(), data -> ends(data, locked));
    }

    private static Notice recovery(Locked locked) {
        return Notice.once(NoticeKind.CREDENTIAL_RECOVERED, CredentialHistory.target(locked.credential()), Map.of());
    }

    private static JsonObject ends(JsonObject data, Locked locked) {
        return data.put("expiresAt", text(locked.state().expiresAt));
    }

    private static @Nullable String text(@Nullable Instant at) {
        return at == null ? null : at.toString();
    }

    /** Ends episodes of these kinds, and tells once that it works again where there was one. */
    Uni<Void> resolve(Locked locked, List<NoticeKind> kinds) {
        return notifications.resolve(locked.credential().organizationId, kinds, locked.episode(), recovery(locked));
    }

    Uni<Void> appOfNobody(RenewalQueries.App app) {
        return apps.forget(app.organization(), app.app()).flatMap(told -> !told ? nothing()
                : notifications.resolve(app.organization(), NoticeKind.CREDENTIAL_RENEWAL_FAILED, ofApp(app.app())));
    }

    private static Uni<Void> nothing() {
        return Uni.createFrom().voidItem();
    }
}
