package dev.latchkey.credential;

import java.time.Instant;
import java.util.Map;
import java.util.UUID;

import dev.latchkey.crypto.Secret;
import org.jspecify.annotations.Nullable;

/**
 * A stored credential with its secrets, for as long as they are needed; never kept.
 *
 * @param provider key of its entry, which may have gone since; null: a service that is not known
 * @param variables of the provider's addresses, as they were said
 * @param baseUrl as it was said; null where the provider's entry has it
 * @param secrets those of its fields that are sealed, by name
 * @param test of its own; null: that of the provider
 * @param version of what people say of it, which its ETag tells
 * @param materialVersion raised by every change of what a test would send
 * @param expiresAt when what it presents ends; null: not known, or never
 */
public record OpenCredential(UUID id, UUID organization, String name, @Nullable UUID store, @Nullable String provider,
        Map<String, String> variables, @Nullable String baseUrl, CredentialData data, Map<String, Secret> secrets,
        @Nullable ProbeTest test, long version, long materialVersion, CredentialStatus status, ProbeReason reason,
        @Nullable Instant expiresAt) {

    public OpenCredential {
        variables = Map.copyOf(variables);
        secrets = Map.copyOf(secrets);
    }

    @Override
    public String toString() {
        return "OpenCredential[id=" + id + ", type=" + data.type().text() + "]";
    }
}
