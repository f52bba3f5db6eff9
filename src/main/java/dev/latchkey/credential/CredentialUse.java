package dev.latchkey.credential;

import java.time.Instant;
import java.util.UUID;

import dev.latchkey.net.Destination;
import org.jspecify.annotations.Nullable;

/**
 * What a bound key may put on its requests.
 *
 * @param id of the credential
 * @param name of the credential
 * @param integration name of what binds it
 * @param authentication what signs a request in
 * @param isLeasable whether it may be handed out, being nothing but what signs one account in
 * @param base below which the provider's operations lie; null where nobody says
 * @param expiresAt when what it holds ends; null where that is not known
 */
public record CredentialUse(UUID id, String name, String integration, Authentication authentication, boolean isLeasable,
        @Nullable Destination base, @Nullable Instant expiresAt) {
}
