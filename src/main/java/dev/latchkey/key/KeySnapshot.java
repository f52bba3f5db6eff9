package dev.latchkey.key;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

import dev.latchkey.catalog.MethodPatterns;
import dev.latchkey.net.CidrSet;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a verdict on one token depends on, as it stood when it was read: the key, its material, its organization's
 * rules. Immutable, so that a verdict never sees half of a change.
 *
 * <p>
 * A million of them are held in memory. Hence ids and times stand here as numbers, which takes 24 bytes less for each than an
 * object would, and what keys have alike is an object of its own, which {@link Packing} lets them share.
 */
final class KeySnapshot {

    private static final String LIVE = "live";
    private static final String TEST = "test";
    private static final long NEVER = Long.MAX_VALUE;

    private final long keyHigh;
    private final long keyLow;
    private final long materialHigh;
    private final long materialLow;
    private final long expiresAtMicros;
    private final long diesAtMicros;
    private final String name;
    private final String metadata;
    private final @Nullable PairedSecrets secrets;
    private final Reach reach;
    private final @Nullable Limit limit;
    private final Tenancy tenancy;
    private final boolean live;
    private final boolean active;
    private final boolean revoked;
    private final boolean replaced;

    KeySnapshot(Identity identity, Life life, Reach reach, @Nullable Limit limit, Tenancy tenancy) {
        this.keyHigh = identity.keyId.getMostSignificantBits();
        this.keyLow = identity.keyId.getLeastSignificantBits();
        this.materialHigh = identity.materialId.getMostSignificantBits();
        this.materialLow = identity.materialId.getLeastSignificantBits();
        this.expiresAtMicros = micros(life.expiresAt);
        this.diesAtMicros = micros(life.diesAt);
        this.name = identity.name;
        this.metadata = identity.metadata;
        this.secrets = identity.secrets;
        this.reach = reach;
        this.limit = limit;
        this.tenancy = tenancy;
        this.live = identity.environment.equals(LIVE);
        this.active = life.active;
        this.revoked = life.revoked;
        this.replaced = life.replaced;
    }

    private KeySnapshot(KeySnapshot same, Reach reach, @Nullable Limit limit, Tenancy tenancy, String metadata) {
        this.keyHigh = same.keyHigh;
        this.keyLow = same.keyLow;
        this.materialHigh = same.materialHigh;
        this.materialLow = same.materialLow;
        this.expiresAtMicros = same.expiresAtMicros;
        this.diesAtMicros = same.diesAtMicros;
        this.name = same.name;
        this.metadata = metadata;
        this.secrets = same.secrets;
        this.reach = reach;
        this.limit = limit;
        this.tenancy = tenancy;
        this.live = same.live;
        this.active = same.active;
        this.revoked = same.revoked;
        this.replaced = same.replaced;
    }

    /** The same, with other objects that say the same. */
    KeySnapshot sharing(Reach sharedReach, @Nullable Limit sharedLimit, Tenancy sharedTenancy, String sharedMetadata) {
        return new KeySnapshot(this, sharedReach, sharedLimit, sharedTenancy, sharedMetadata);
    }

    /** The same, opened by the predecessor of its pair: what is used is that one. */
    KeySnapshot openedBy(PairedSecrets.Former former) {
        return new KeySnapshot(new Identity(keyId(), former.materialId(), name, environment(), metadata, secrets),
                new Life(active, revoked, expiresAt(), replaced, instant(diesAtMicros)), reach, limit, tenancy);
    }

    UUID keyId() {
        return new UUID(keyHigh, keyLow);
    }

    /** What the token is of: the current material or a predecessor. */
    UUID materialId() {
        return new UUID(materialHigh, materialLow);
    }

    UUID organizationId() {
        return tenancy.organizationId;
    }

    /** The organization's key. */
    String organization() {
        return tenancy.organization;
    }

    /** False: suspended. */
    boolean organizationActive() {
        return tenancy.active;
    }

    /** Whether the organization refuses store-limited keys where no store is told. */
    boolean requireStore() {
        return tenancy.requireStore;
    }

    /** Whether the organization lets operations pass that the catalogue does not know. */
    boolean allowUnknownOperations() {
        return tenancy.allowUnknownOperations;
    }

    String name() {
        return name;
    }

    /** {@code live} or {@code test}. */
    String environment() {
        return live ? LIVE : TEST;
    }

    /** The owner's JSON object, as text. */
    String metadata() {
        return metadata;
    }

    /** The secrets that go with this token; null: it opens the key by itself. */
    @Nullable
    PairedSecrets secrets() {
        return secrets;
    }

    List<String> scopes() {
        return reach.scopes;
    }

    /** The operations that it is limited to; null: all that its scopes cover. */
    @Nullable
    MethodPatterns methods() {
        return reach.methods;
    }

    /** The stores that it is limited to; null: all. */
    @Nullable
    List<StoreReference> stores() {
        return reach.stores;
    }

    /** The networks that it is limited to; empty: all. */
    CidrSet networks() {
        return reach.networks;
    }

    /** Null: unlimited. */
    @Nullable
    Limit limit() {
        return limit;
    }

    /** As people switch it. */
    boolean active() {
        return active;
    }

    /** For good. */
    boolean revoked() {
        return revoked;
    }

    /** Whether this material has a successor and no grace. */
    boolean replaced() {
        return replaced;
    }

    /** From then on it is refused; null: never. */
    @Nullable
    Instant expiresAt() {
        return instant(expiresAtMicros);
    }

    boolean hasExpired(Instant now) {
        return expiresAtMicros != NEVER && micros(now) >= expiresAtMicros;
    }

    /** Whether the grace of material that has a successor is over. */
    boolean hasDied(Instant now) {
        return diesAtMicros != NEVER && micros(now) >= diesAtMicros;
    }

    Reach reach() {
        return reach;
    }

    Tenancy tenancy() {
        return tenancy;
    }

    private static @Nullable Instant instant(long micros) {
        return micros == NEVER ? null : Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    /** Rounded down, which is exact for what PostgreSQL stores. */
    private static long micros(@Nullable Instant instant) {
        return instant == null ? NEVER : ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }

    @Override
    public String toString() {
        return "key " + keyId() + " of " + tenancy.organization;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof KeySnapshot key && keyHigh == key.keyHigh && keyLow == key.keyLow
                && materialHigh == key.materialHigh && materialLow == key.materialLow
                && expiresAtMicros == key.expiresAtMicros && diesAtMicros == key.diesAtMicros && live == key.live
                && active == key.active && revoked == key.revoked && replaced == key.replaced && name.equals(key.name)
                && metadata.equals(key.metadata) && Objects.equals(secrets, key.secrets) && reach.equals(key.reach)
                && Objects.equals(limit, key.limit)
                && tenancy.equals(key.tenancy);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(materialHigh ^ materialLow);
    }

    /**
     * @param keyId the key
     * @param materialId what the token is of: the current material or a predecessor
     * @param name the key's name
     * @param environment {@code live} or {@code test}
     * @param metadata the owner's JSON object, as text
     * @param secrets those that go with the token; null: it opens the key by itself
     */
    record Identity(UUID keyId, UUID materialId, String name, String environment, String metadata,
            @Nullable PairedSecrets secrets) {
    }

    /**
     * @param active as people switch it
     * @param revoked for good
     * @param expiresAt from then on it is refused; null: never
     * @param replaced whether this material has a successor and no grace
     * @param diesAt from then on it is refused; null for current material
     */
    record Life(boolean active, boolean revoked, @Nullable Instant expiresAt, boolean replaced, @Nullable Instant diesAt) {
    }

    /**
     * What the key may do, and where.
     *
     * @param scopes what the key was given
     * @param methods the operations that it is limited to; null: all that its scopes cover
     * @param stores the stores that it is limited to; null: all
     * @param networks the networks that it is limited to; empty: all
     */
    record Reach(List<String> scopes, @Nullable MethodPatterns methods, @Nullable List<StoreReference> stores,
            CidrSet networks) {
    }

    /**
     * The organization and its rules.
     *
     * @param organizationId whose the key is
     * @param organization the organization's key
     * @param active false: suspended
     * @param requireStore refuses store-limited keys where no store is told
     * @param allowUnknownOperations lets operations pass that the catalogue does not know
     */
    record Tenancy(UUID organizationId, String organization, boolean active, boolean requireStore,
            boolean allowUnknownOperations) {
    }

    /**
     * @param id the store's id
     * @param key the store's key
     */
    record StoreReference(UUID id, String key) {
    }

    /**
     * @param requests in a window
     * @param windowSeconds length of the window, aligned to the Unix epoch
     * @param own whether the key names it itself; false: its organization's default
     */
    record Limit(int requests, int windowSeconds, boolean own) {
    }
}
