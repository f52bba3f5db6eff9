package dev.latchkey.key;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

import dev.latchkey.catalog.MethodPatterns;
import dev.latchkey.key.KeySnapshot.Identity;
import dev.latchkey.key.KeySnapshot.Life;
import dev.latchkey.key.KeySnapshot.Limit;
import dev.latchkey.key.KeySnapshot.Reach;
import dev.latchkey.key.KeySnapshot.StoreReference;
import dev.latchkey.key.KeySnapshot.Tenancy;
import dev.latchkey.net.CidrSet;
import org.jspecify.annotations.Nullable;

/** What was read of a key, with valid defaults: live, unlimited, of all stores, without scopes, not limited to methods. */
final class Snapshots {

    private final UUID key;
    private final UUID organization;
    private UUID material;
    private String name = "ERP";
    private String organizationKey = "acme";
    private String metadata = "{}";
    private @Nullable Instant expiresAt;
    private boolean revoked;
    private List<String> scopes = List.of();
    private @Nullable MethodPatterns methods;
    private @Nullable List<StoreReference> stores;
    private @Nullable Limit limit;
    private @Nullable PairedSecrets secrets;

    private Snapshots(UUID key, UUID organization) {
        this.key = key;
        this.material = key;
        this.organization = organization;
    }

    static Snapshots of(UUID key, UUID organization) {
        return new Snapshots(key, organization);
    }

    Snapshots material(UUID id) {
        material = id;
        return this;
    }

    Snapshots name(String text) {
        name = text;
        return this;
    }

    Snapshots organizationKey(String text) {
        organizationKey = text;
        return this;
    }

    Snapshots metadata(String json) {
        metadata = json;
        return this;
    }

    Snapshots revoked(boolean is) {
        revoked = is;
        return this;
    }

    Snapshots expiresAt(Instant instant) {
        expiresAt = instant;
        return this;
    }

    Snapshots scopes(List<String> names) {
        scopes = names;
        return this;
    }

    Snapshots methods(List<String> patterns) {
        methods = MethodPatterns.stored(patterns);
        return this;
    }

    Snapshots stores(List<StoreReference> references) {
        stores = references;
        return this;
    }

    Snapshots limit(Limit own) {
        limit = own;
        return this;
    }

    Snapshots secrets(PairedSecrets digests) {
        secrets = digests;
        return this;
    }

    KeySnapshot build() {
        return new KeySnapshot(new Identity(key, material, name, "live", metadata, secrets),
                new Life(true, revoked, expiresAt, false, null),
                new Reach(scopes, methods, stores, CidrSet.none()), limit,
                new Tenancy(organization, organizationKey, true, false, false));
    }
}
