package dev.latchkey.credential;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Locale;
import java.util.UUID;

import jakarta.inject.Singleton;

import dev.latchkey.identity.Caller;
import dev.latchkey.integration.Bindings;
import dev.latchkey.net.Destination;
import dev.latchkey.web.Problem.FieldError;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/**
 * Opens a credential for a key that an active integration binds to it, for no one else. Whether that is so is asked before a
 * secret is opened, each time anew.
 */
@Singleton
public class CredentialUses {

    private final OpenCredentials credentials;
    private final Providers providers;
    private final FreshTokens tokens;

    CredentialUses(OpenCredentials credentials, Providers providers, FreshTokens tokens) {
        this.credentials = credentials;
        this.providers = providers;
        this.tokens = tokens;
    }

    /**
     * What the calling key may put on its requests.
     *
     * @param caller a key
     * @throws ProblemException 404 where the organization has no such credential, 403 where nothing binds the key to it or it
     *         is of a store that the key does not reach, 409 where it is of no use as it stands, 503 where its token has ended
     *         and could not be renewed yet
     */
    public Uni<CredentialUse> of(Caller caller, UUID id) {
        return bound(caller, id).flatMap(found -> tokens.isStale(found.open())
                // Who was bound before the wait need not be so after it.
                ? tokens.renewed(caller.tenant().id(), id).chain(() -> bound(caller, id))
                : Uni.createFrom().item(found))
                .flatMap(found -> tokens.requireAlive(found.open()).map(alive -> use(alive, found.integration())));
    }

    /** A credential that may be used, and the name of what binds it. */
    private record Usable(OpenCredential open, String integration) {
    }

    private Uni<Usable> bound(Caller caller, UUID id) {
        return credentials.bound(caller.tenant().id(), UUID.fromString(caller.id()), id).map(found -> {
            String integration = requireBound(found.binding());
            OpenCredential open = requireNonNull(found.credential(), "credential");
            if (!mayBeUsed(open.reason())) {
                throw unusable(open.reason());
            }
            return new Usable(open, integration);
        });
    }

    private static String requireBound(Bindings.Binding binding) {
        return switch (binding.code()) {
            case BOUND -> String.valueOf(binding.integration());
            case UNBOUND -> throw new ProblemException(ProblemCode.NOT_BOUND,
                    "No active integration lets this key use the credential.");
            case STORE_FORBIDDEN -> throw new ProblemException(ProblemCode.STORE_FORBIDDEN,
                    "The credential is of a store that this key does not reach.");
        };
    }

    private CredentialUse use(OpenCredential open, String integration) {
        // An entry that has gone leaves what the credential says itself.
        Provider provider = open.provider() == null ? null : providers.find(open.provider()).orElse(null);
        try {
            Variables variables = provider == null ? Variables.none() : Variables.of(provider, open.variables());
            Authentication authentication = Authentication.of(open.data(), provider, variables)
                    .orElseThrow(() -> unusable(ProbeReason.NOT_CONNECTED));
            return new CredentialUse(open.id(), open.name(), integration, authentication,
                    provider == null || provider.use(open.data().type()).filter(Provider.Use::presentsClientSecret).isEmpty(),
                    base(Addresses.of(provider, variables, open.baseUrl()).base()), open.expiresAt());
        } catch (ProblemException outdated) {
            // What was fine when it was written, and is not by the entry as it stands now.
            throw outdated.code() == ProblemCode.INVALID ? unusable(ProbeReason.MISCONFIGURED) : outdated;
        }
    }

    /**
     * Whether the fault lies with the credential. What was refused is not sent again: some providers lock the account. That the
     * provider was away, or that the test asks the wrong thing, is no reason to keep away from it until the next test.
     */
    private static boolean mayBeUsed(ProbeReason reason) {
        return switch (reason) {
            case INVALID, BLOCKED_ADDRESS, REAUTHORIZATION_REQUIRED, NOT_CONNECTED -> false;
            case VALID, EXPIRING, LIMITED, UNREACHABLE, PROVIDER_ERROR, TLS, TIMEOUT, RATE_LIMITED, MISCONFIGURED,
                    NOT_VERIFIABLE ->
                true;
        };
    }

    private static @Nullable Destination base(@Nullable String url) {
        return url == null ? null : Destination.parse(url).orNull();
    }

    /** Of no use as it stands, and why. */
    public static ProblemException unusable(ProbeReason reason) {
        return new ProblemException(ProblemCode.CREDENTIAL_UNUSABLE, reason.nextStep(Locale.ENGLISH),
                List.of(new FieldError("reason", reason.text())));
    }
}
