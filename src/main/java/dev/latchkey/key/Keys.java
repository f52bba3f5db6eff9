package dev.latchkey.key;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;

import jakarta.enterprise.context.ApplicationScoped;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.latchkey.catalog.Catalogs;
import dev.latchkey.catalog.MethodPatterns;
import dev.latchkey.crypto.DataKey;
import dev.latchkey.crypto.Secret;
import dev.latchkey.identity.Caller;
import dev.latchkey.tenant.Store;
import dev.latchkey.tenant.Stores;
import dev.latchkey.web.EntityTags;
import dev.latchkey.web.Problem.FieldError;
import dev.latchkey.web.ProblemException;
import io.quarkus.hibernate.reactive.panache.common.WithTransaction;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/**
 * The writes of keys: one public method, one transaction. Whoever calls one makes the change known to {@link KeySnapshots}
 * when the transaction has ended, whatever its outcome; and has the catalogue read before it begins ({@link Catalogs#now}),
 * where what is given away is compared with what the actor holds: a transaction that waited for it would hold a connection
 * while the reading waits for one.
 */
@ApplicationScoped
class Keys {

    private final Catalogs catalogs;
    private final KeyHistory history;
    private final Materials materials;
    private final KeyCopies copies;
    private final VerdictTime time;

    Keys(Catalogs catalogs, KeyHistory history, Materials materials, KeyCopies copies, VerdictTime time) {
        this.catalogs = catalogs;
        this.history = history;
        this.materials = materials;
        this.copies = copies;
        this.time = time;
    }

    /**
     * What is handed out, this once.
     *
     * @param id the key's id
     * @param start the first characters of its token
     * @param token kept nowhere in the clear; null where the secret alone was replaced
     * @param secret the same; null where there is none, or the token alone was replaced
     */
    record Issued(UUID id, String start, @Nullable KeyToken token, @Nullable KeySecret secret) {
    }

    /** What was handed out last of a recoverable key. */
    record Revealed(UUID id, Secret key, @Nullable Secret secret) {
    }

    /** Who changes a key: a caller, and what its own key grants when it is one. */
    record Actor(Caller caller, @Nullable Grants own) {
        UUID organization() {
            return caller.tenant().id();
        }
    }

    /**
     * @param dataKey seals the copy of a recoverable key
     * @throws ProblemException 403 for more than the actor holds, 422 for unknown scopes and stores, a past expiry, and a
     *         recoverable key where the organization allows none
     */
    @WithTransaction
    public Uni<Issued> create(Actor actor, KeyForm wanted, Optional<DataKey> dataKey) {
        Key key = new Key();
        key.id = UuidCreator.getTimeOrderedEpoch();
        key.organizationId = actor.organization();
        key.environment = wanted.environment().column();
        key.createdAt = time.toWrite();
        key.updatedAt = key.createdAt;
        key.createdByType = actor.caller().kind().name().toLowerCase(Locale.ROOT);
        key.createdById = actor.caller().id();
        key.createdByName = actor.caller().name();
        requireFuture(wanted.expiresAt(), null);
        requireKnownScopes(wanted.scopes(), List.of());
        return write(key, wanted).invoke(() -> requireGivenBy(actor, key, Grants.NONE))
                .call(() -> wanted.recoverable() ? copies.requireAllowed(key.organizationId) : Uni.createFrom().voidItem())
                .flatMap(done -> materials.issue(key, wanted.withSecret(), key.createdAt))
                .call(issued -> wanted.recoverable()
                        ? copies.make(key, issued, dataKey.orElseThrow(ProblemException::notFound))
                        : Uni.createFrom().voidItem())
                .call(issued -> history.created(actor, key, wanted, issued.start()));
    }

    /** @throws ProblemException 404, 409 for a revoked key, 412 when it has changed since it was read, 403 and 422 as above */
    @WithTransaction
    public Uni<Void> edit(Actor actor, UUID id, @Nullable String ifMatch, UnaryOperator<KeyForm> patch) {
        return changeable(actor, id, ifMatch).flatMap(key -> {
            Grants before = Grants.of(key);
            boolean wasActive = key.active;
            Instant diedAt = key.expiresAt;
            KeyForm old = KeyForm.of(key);
            KeyForm wanted = patch.apply(old);
            if (!wanted.environment().column().equals(key.environment)) {
                throw ProblemException.invalid("environment", "is fixed at creation, since it stands in the key");
            }
            requireFuture(wanted.expiresAt(), key.expiresAt);
            requireKnownScopes(wanted.scopes(), List.of(key.scopes));
            // Who revives a key, or lengthens its life, hands out all that it holds.
            boolean revived = wanted.active() && !wasActive || isLater(wanted.expiresAt(), diedAt);
            return write(key, wanted).invoke(() -> key.updatedAt = KeyForm.of(key).equals(old) ? key.updatedAt : time.toWrite())
                    .invoke(() -> requireGivenBy(actor, key, revived ? Grants.NONE : before))
                    .call(done -> history.edited(actor, old, key)).call(done -> key.flush());
        }).replaceWithVoid();
    }

    /** Ends a key for good, whatever material it has. Revoking a revoked key changes nothing, its first reason stands. */
    @WithTransaction
    public Uni<Void> revoke(Actor actor, UUID id, @Nullable String ifMatch, @Nullable String reason) {
        return existing(actor, id, ifMatch).call(key -> {
            if (key.revokedAt != null) {
                return Uni.createFrom().voidItem();
            }
            key.revokedAt = time.toWrite();
            key.revokedReason = reason;
            key.updatedAt = key.revokedAt;
            return KeyMaterial.endPrevious(key.id, key.revokedAt).call(done -> history.revoked(actor, key))
                    .call(done -> key.flush());
        }).replaceWithVoid();
    }

    /**
     * Replaces the token, the secret, or both. The old ones die at once, or after the grace period, and never later than they
     * would have expired; an earlier predecessor dies now.
     *
     * @param dataKey seals the new copy of a recoverable key
     * @throws ProblemException 404, 403 where the key holds more than the actor, 409 for a revoked key, for an expired one
     *         without a new expiry, and for the secret of a key that has none
     */
    @WithTransaction
    public Uni<Issued> regenerate(Actor actor, UUID id, @Nullable String ifMatch, RegenerationResource.Regeneration wanted,
            Optional<DataKey> dataKey) {
        return changeable(actor, id, ifMatch).flatMap(key -> {
            // The answer hands out the key's whole power, hence everything that it holds counts as given.
            requireGivenBy(actor, key, Grants.NONE);
            Instant now = time.toWrite();
            Instant expiresAt = wanted.expiresAt();
            requireFuture(expiresAt, null);
            if (expiresAt == null && key.expiresAt != null && !key.expiresAt.isAfter(now)) {
                throw ProblemException.conflict("The key has expired; give expiresAt along with its new material.");
            }
            Instant diesAt = earlier(now.plus(wanted.grace()), key.expiresAt);
            Instant expired = key.expiresAt;
            key.expiresAt = expiresAt == null ? key.expiresAt : expiresAt.truncatedTo(ChronoUnit.MICROS);
            key.updatedAt = now;
            return materials.replace(key, wanted.part(), diesAt, now)
                    .call(issued -> copies.replace(key, issued, dataKey))
                    .call(issued -> history.regenerated(actor, key, issued,
                            new KeyHistory.Replaced(expired, diesAt.isAfter(now) ? diesAt : null)));
        });
    }

    /**
     * What a recoverable key was handed out as. That it was asked for stands in the log before it is told. Whoever is told has
     * all that the key holds, as if it were made for him now.
     *
     * @param dataKey opens the copy
     * @throws ProblemException 404, 403 where the key holds more than the actor, 409 for a revoked key and for one of which
     *         there is no copy
     */
    @WithTransaction
    public Uni<Revealed> reveal(Actor actor, UUID id, Optional<DataKey> dataKey) {
        return changeable(actor, id, null)
                .invoke(key -> requireGivenBy(actor, key, Grants.NONE))
                .flatMap(key -> copies.open(key, dataKey).call(revealed -> history.revealed(actor, key)));
    }

    /**
     * Ends the grace period of the predecessor now. Without one it changes nothing.
     *
     * @throws ProblemException 404, 409 for a revoked key, 412 when it has changed since it was read
     */
    @WithTransaction
    public Uni<Void> endGrace(Actor actor, UUID id, @Nullable String ifMatch) {
        return changeable(actor, id, ifMatch).call(key -> KeyMaterial.endGrace(key.id, time.toWrite()).call(ended -> {
            if (ended == 0) {
                return Uni.createFrom().voidItem();
            }
            key.updatedAt = time.toWrite();
            return history.graceEnded(actor, key).call(done -> key.flush());
        })).replaceWithVoid();
    }

    /** @throws ProblemException 404, 412 when it has changed since it was read */
    @WithTransaction
    public Uni<Void> delete(Actor actor, UUID id, @Nullable String ifMatch) {
        return existing(actor, id, ifMatch).call(key -> history.deleted(actor, key))
                // By statement: Hibernate Reactive (4.2) confuses two deletions of entities that run at the same time.
                .call(key -> Key.delete("id", key.id)).replaceWithVoid();
    }

    private Uni<Key> existing(Actor actor, UUID id, @Nullable String ifMatch) {
        return Key.findToChange(actor.organization(), id).onItem().ifNull().failWith(ProblemException::notFound)
                .invoke(key -> EntityTags.requireMatch(ifMatch, key.version));
    }

    private Uni<Key> changeable(Actor actor, UUID id, @Nullable String ifMatch) {
        return existing(actor, id, ifMatch).invoke(key -> {
            if (key.revokedAt != null) {
                throw ProblemException.conflict("The key is revoked, which is final.");
            }
        });
    }

    private Uni<Void> write(Key key, KeyForm wanted) {
        fill(key, wanted);
        return writeAccess(key, wanted.access());
    }

    /** All that people decide, but for the stores. */
    static void fill(Key key, KeyForm wanted) {
        key.name = wanted.name();
        key.description = wanted.description();
        key.active = wanted.active();
        key.scopes = wanted.scopes().stream().distinct().toArray(String[]::new);
        MethodPatterns methods = wanted.methodPatterns();
        key.methods = methods == null ? null : methods.texts().toArray(String[]::new);
        key.expiresAt = wanted.expiresAt() == null ? null : wanted.expiresAt().truncatedTo(ChronoUnit.MICROS);
        RateLimit own = wanted.rateLimit().own();
        key.limitSource = wanted.rateLimit().source().column();
        key.rateLimit = own == null ? null : own.limit();
        key.rateWindowSeconds = own == null ? null : (int) own.window().getSeconds();
        key.ipAllowList = wanted.networks().networks().stream().map(Object::toString).distinct().toArray(String[]::new);
        key.metadata = wanted.metadataJson();
        key.allStores = wanted.access().type() == KeyForm.Access.Type.ALL;
    }

    private static Uni<Void> writeAccess(Key key, KeyForm.Access access) {
        if (key.allStores) {
            key.storeIds.clear();
            return Uni.createFrom().voidItem();
        }
        return Stores.resolve(key.organizationId, "access.stores", access.storesOrNone()).invoke(stores -> {
            HashSet<UUID> ids = new HashSet<>();
            for (Store store : stores) {
                ids.add(store.id);
            }
            key.storeIds.retainAll(ids);
            key.storeIds.addAll(ids);
        }).replaceWithVoid();
    }

    /** @throws ProblemException 403, by the catalogue that was read before */
    void requireGivenBy(Actor actor, Key key, Grants before) {
        Grants.of(key).requireGivenBy(actor.caller(), actor.own(), before, catalogs.inMemory());
    }

    void requireFuture(@Nullable Instant wanted, @Nullable Instant before) {
        if (wanted != null && !wanted.equals(before) && !wanted.isAfter(time.now())) {
            throw ProblemException.invalid("expiresAt", "must be in the future");
        }
    }

    /** What a key holds already it may keep, though the catalogue has been replaced since. @throws ProblemException 422 */
    void requireKnownScopes(List<String> wanted, List<String> before) {
        List<FieldError> unknown = new ArrayList<>();
        for (int i = 0; i < wanted.size(); i++) {
            String scope = wanted.get(i);
            if (!catalogs.inMemory().scopes().contains(scope) && !before.contains(scope)) {
                unknown.add(new FieldError("scopes[" + i + "]", "is not a scope of the catalogue, see GET /api/v1/catalog"));
            }
        }
        if (!unknown.isEmpty()) {
            throw ProblemException.invalid(unknown);
        }
    }

    private static boolean isLater(@Nullable Instant wanted, @Nullable Instant before) {
        return before != null && (wanted == null || wanted.isAfter(before));
    }

    private static Instant earlier(Instant a, @Nullable Instant b) {
        return b == null || a.isBefore(b) ? a : b;
    }
}
