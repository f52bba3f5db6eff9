package dev.latchkey.webhook;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

import jakarta.enterprise.context.ApplicationScoped;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.latchkey.activity.Actor;
import dev.latchkey.crypto.DataKey;
import dev.latchkey.identity.Caller;
import dev.latchkey.tenant.Store;
import dev.latchkey.tenant.Stores;
import dev.latchkey.web.EntityTags;
import dev.latchkey.web.ProblemException;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.hibernate.reactive.panache.common.WithTransaction;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/**
 * The writes of webhooks: one public method, one transaction. The dispatcher reads a webhook's version with each claim, so that
 * what is claimed after a change was answered is sent as it stands then.
 */
@ApplicationScoped
class Webhooks {

    /** Of one organization. */
    static final int MOST = 100;

    private final WebhookRules rules;
    private final WebhookHeaders headers;
    private final WebhookLanes lanes;
    private final WebhookHistory history;
    private final SecureRandom random;
    private final InstantSource clock;

    Webhooks(WebhookRules rules, WebhookHeaders headers, WebhookLanes lanes, WebhookHistory history, SecureRandom random,
            InstantSource clock) {
        this.rules = rules;
        this.headers = headers;
        this.lanes = lanes;
        this.history = history;
        this.random = random;
        this.clock = clock;
    }

    /** What is handed out, this once. */
    record Issued(UUID id, WebhookSecret secret) {
    }

    /**
     * A change of a webhook.
     *
     * @param patch of all but the headers
     * @param switchesOff whether the patch itself says that the webhook is not active, whatever it is
     * @param key what the headers are opened and sealed with; null where the edit says nothing of them, or removes them all
     */
    record Edit(UnaryOperator<WebhookForm> patch, boolean switchesOff, HeaderEdit headers, @Nullable DataKey key) {
    }

    /**
     * New material.
     *
     * @param overlap how long the secret that stands signs as well
     * @param key what the new one is sealed with
     */
    record Rotation(Duration overlap, DataKey key) {
    }

    /**
     * @param form that was found callable ({@link WebhookDrafts})
     * @throws ProblemException 422 for unknown events and stores, 403 for a key that does not reach what it names, 409 where
     *         the organization has as many as it may have
     */
    @WithTransaction
    public Uni<Issued> create(Caller caller, WebhookForm form, DataKey key) {
        Webhook webhook = new Webhook();
        webhook.id = UuidCreator.getTimeOrderedEpoch();
        webhook.organizationId = caller.tenant().id();
        webhook.createdAt = now();
        webhook.updatedAt = webhook.createdAt;
        webhook.secretSetAt = webhook.createdAt;
        webhook.secretVersion = 1;
        webhook.headerNames = new String[0];
        WebhookSecret secret = WebhookSecret.generate(random);
        webhook.secret = WebhookSeals.seal(key, WebhookSeals.ofSecret(webhook.organizationId, webhook.id, 1), secret);
        headers.write(webhook, HeaderEdit.list(form.headers()), key);
        return requireRoom(webhook.organizationId).chain(() -> WebhookReach.of(caller))
                .flatMap(reach -> write(webhook, form, List.of(), reach))
                .flatMap(done -> webhook.persistAndFlush()).call(stored -> lanes.make(webhook))
                .call(stored -> history.created(Actor.of(caller), webhook)).replaceWith(new Issued(webhook.id, secret));
    }

    /**
     * @throws ProblemException 404, 412 when it has changed since it was read, 403 and 422 as above, 503 where its headers
     *         have to be opened and do not
     */
    @WithTransaction
    public Uni<Void> edit(Caller caller, UUID id, @Nullable String ifMatch, Edit edit) {
        return WebhookReach.of(caller).flatMap(reach -> existing(caller, reach, id, ifMatch).flatMap(webhook -> {
            WebhookHistory.Look before = WebhookHistory.Look.of(webhook);
            WebhookForm wanted = edit.patch().apply(WebhookForm.of(webhook));
            headers.requireSaidFor(webhook, wanted, edit.headers());
            boolean headersSet = headers.edit(webhook, wanted, edit);
            if (wanted.active() || edit.switchesOff()) {
                // A person has decided: what was switched off without anybody's doing is on again, or off by his.
                webhook.disabledAt = null;
                webhook.disabledReason = null;
            }
            return write(webhook, wanted, before.events(), reach)
                    .flatMap(done -> before.equals(WebhookHistory.Look.of(webhook)) && !headersSet
                            // What stays as it is gets no new version.
                            ? Uni.createFrom().voidItem()
                            : finish(caller, webhook, before, headersSet));
        }));
    }

    /**
     * Deletes it: its secrets at once, what waits for it in part, the rest of that by the dispatcher. The row stays for the
     * log.
     *
     * @throws ProblemException 404, 412 when it has changed since it was read
     */
    @WithTransaction
    public Uni<Void> delete(Caller caller, UUID id, @Nullable String ifMatch) {
        return WebhookReach.of(caller).flatMap(reach -> existing(caller, reach, id, ifMatch)).flatMap(webhook -> {
            webhook.deletedAt = now();
            webhook.updatedAt = webhook.deletedAt;
            webhook.active = false;
            webhook.disabledAt = null;
            webhook.disabledReason = null;
            webhook.secret = null;
            forgetPrevious(webhook);
            headers.write(webhook, List.of(), null);
            return webhook.flush().chain(() -> history.deleted(Actor.of(caller), webhook))
                    .chain(() -> lanes.close(webhook.id));
        });
    }

    /**
     * Gives it a new secret. The one that stands signs as well until the overlap has passed; the one before that, no more.
     *
     * @throws ProblemException 404, 412 when it has changed since it was read
     */
    @WithTransaction
    public Uni<Issued> rotateSecret(Caller caller, UUID id, @Nullable String ifMatch, Rotation rotation) {
        return WebhookReach.of(caller).flatMap(reach -> existing(caller, reach, id, ifMatch)).flatMap(webhook -> {
            forgetPrevious(webhook);
            webhook.secretSetAt = now();
            webhook.updatedAt = webhook.secretSetAt;
            if (!rotation.overlap().isZero()) {
                // As it is: its place is the field and its own version, not the column.
                webhook.previousSecret = webhook.secret;
                webhook.previousVersion = webhook.secretVersion;
                webhook.previousUntil = webhook.secretSetAt.plus(rotation.overlap());
            }
            WebhookSecret secret = WebhookSecret.generate(random);
            webhook.secretVersion++;
            webhook.secret = WebhookSeals.seal(rotation.key(),
                    WebhookSeals.ofSecret(webhook.organizationId, webhook.id, webhook.secretVersion), secret);
            return webhook.flush()
                    .chain(() -> history.secretRotated(Actor.of(caller), webhook, rotation.overlap()))
                    .replaceWith(new Issued(webhook.id, secret));
        });
    }

    /**
     * Switches a webhook off since its receiver is gone, or fails for too long: for the dispatcher. What waits stays, and what
     * is published meanwhile is queued. Nothing happens where it is off already, deleted, or another version than the one that
     * failed.
     *
     * @param version of the webhook that was sent to
     * @return whether this has switched it off
     */
    @WithTransaction
    public Uni<Boolean> disable(UUID id, long version, DisabledReason reason) {
        return Webhook.findToDisable(id).flatMap(webhook -> {
            if (webhook == null || !webhook.active || webhook.version != version) {
                return Uni.createFrom().item(false);
            }
            webhook.active = false;
            webhook.disabledAt = now();
            webhook.disabledReason = reason.text();
            webhook.updatedAt = webhook.disabledAt;
            return webhook.flush().chain(() -> history.disabled(webhook, reason)).chain(() -> lanes.pause(webhook.id))
                    .replaceWith(true);
        });
    }

    private Uni<Void> finish(Caller caller, Webhook webhook, WebhookHistory.Look before, boolean headersSet) {
        boolean isOn = webhook.active && !before.active();
        boolean isDecided = before.disabledReason() != null && webhook.disabledReason == null;
        webhook.updatedAt = now();
        return webhook.flush().chain(() -> history.updated(Actor.of(caller), webhook, before, headersSet))
                .chain(() -> isOn || isDecided ? history.decided(webhook) : Uni.createFrom().voidItem())
                .chain(() -> isOn || !webhook.url.equals(before.url()) ? lanes.startOver(webhook.id, !webhook.active)
                        : webhook.active == before.active() ? Uni.createFrom().voidItem() : lanes.pause(webhook.id));
    }

    /** All but headers and secret. */
    private Uni<Void> write(Webhook webhook, WebhookForm wanted, List<String> heldEvents, WebhookReach reach) {
        List<String> events = rules.events(wanted.events(), heldEvents);
        webhook.url = wanted.url().equals(webhook.url) ? webhook.url : WebhookRules.destination(wanted.url()).url();
        webhook.description = wanted.description();
        webhook.active = wanted.active();
        // What is equal is left as it is: of arrays, Hibernate looks at the object.
        webhook.events = webhook.events != null && events.equals(Arrays.asList(webhook.events)) ? webhook.events
                : events.toArray(String[]::new);
        List<String> named = wanted.stores();
        if (named == null) {
            reach.require(null);
            webhook.allStores = true;
            webhook.storeIds.clear();
            return Uni.createFrom().voidItem();
        }
        return Stores.resolve(webhook.organizationId, "stores", named).invoke(stores -> {
            reach.require(stores);
            webhook.allStores = false;
            write(webhook, stores);
        }).replaceWithVoid();
    }

    private static void write(Webhook webhook, List<Store> stores) {
        var ids = stores.stream().map(store -> store.id).collect(Collectors.toSet());
        webhook.storeIds.retainAll(ids);
        webhook.storeIds.addAll(ids);
    }

    private static void forgetPrevious(Webhook webhook) {
        webhook.previousSecret = null;
        webhook.previousVersion = null;
        webhook.previousUntil = null;
    }

    /** What reaches further than the caller does not exist for it. */
    private static Uni<Webhook> existing(Caller caller, WebhookReach reach, UUID id, @Nullable String ifMatch) {
        return Webhook.findToChange(caller.tenant().id(), id)
                .map(found -> found != null && reach.includes(found) ? found : null).onItem().ifNull()
                .failWith(ProblemException::notFound).map(Objects::requireNonNull)
                .invoke(webhook -> EntityTags.requireMatch(ifMatch, webhook.version));
    }

    // Two that come at once are counted one after the other: the organization's row is locked, so that foreign keys to it are
    // not held up. By primary key, and webhook_by_organization.
    private static Uni<Void> requireRoom(UUID organization) {
        return Panache.getSession().flatMap(session -> session.createNativeQuery(
                "select key from organization where id = :organization for no key update", String.class)
                .setParameter("organization", organization).getResultList())
                .chain(() -> Webhook.count("organizationId = ?1 and deletedAt is null", organization)).invoke(count -> {
                    if (count >= MOST) {
                        throw ProblemException.conflict("Your organization has " + MOST
                                + " webhooks, which is the most that it may have. Delete some that nobody needs.");
                    }
                }).replaceWithVoid();
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
