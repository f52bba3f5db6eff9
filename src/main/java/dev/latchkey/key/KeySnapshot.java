package dev.latchkey.key;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

import dev.latchkey.net.CidrSet;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a verdict on one token depends on, as it stood when it was read: the key, its material, its organization's
 * rules. Immutable, so that a verdict never sees half of a change.
 *
 * @param keyId the key
 * @param materialId what the token is of: the current material or a predecessor
 * @param organizationId whose it is
 * @param organization the organization's key
 * @param organizationActive false: suspended
 * @param name the key's name
 * @param environment {@code live} or {@code test}
 * @param scopes what the key was given
 * @param stores the stores that it is limited to; null: all
 * @param networks the networks that it is limited to; empty: all
 * @param active as people switch it
 * @param revoked for good
 * @param expiresAt from then on it is refused; null: never
 * @param replaced whether this material has a successor and no grace
 * @param diesAt from then on it is refused; null for current material
 * @param limit requests in a window; null: unlimited
 * @param metadata the owner's JSON object, as text
 * @param requireStore the organization refuses store-limited keys where no store is told
 * @param allowUnknownOperations the organization lets operations pass that the catalogue does not know
 */
record KeySnapshot(UUID keyId, UUID materialId, UUID organizationId, String organization, boolean organizationActive,
        String name,
        String environment, List<String> scopes, @Nullable List<StoreReference> stores, CidrSet networks, boolean active,
        boolean revoked, @Nullable Instant expiresAt, boolean replaced, @Nullable Instant diesAt, @Nullable Limit limit,
        String metadata, boolean requireStore, boolean allowUnknownOperations) {

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
