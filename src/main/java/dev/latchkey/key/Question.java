package dev.latchkey.key;

import java.util.List;
import java.util.UUID;

import dev.latchkey.catalog.ApiPath;
import dev.latchkey.net.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * What a verification asks of a key.
 *
 * @param organizationId only keys of this organization are known; null: of any
 * @param organization only keys of the organization with this key are known; null: of any
 * @param operation the API operation that the holder wants; null: not told
 * @param scopes that the key must have besides those that the operation demands
 * @param store id or key of the store that the request is for; null: not told
 * @param ip where the holder is; null: not told
 * @param cost requests to take from the limit; 0 only looks
 */
record Question(@Nullable UUID organizationId, @Nullable String organization, @Nullable Operation operation,
        List<String> scopes, @Nullable String store, @Nullable IpAddress ip, int cost) {

    /**
     * @param method HTTP method
     * @param path normalized
     */
    record Operation(String method, ApiPath path) {
    }
}
