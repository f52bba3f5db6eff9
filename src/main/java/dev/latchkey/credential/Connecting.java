package dev.latchkey.credential;

import java.time.Instant;
import java.util.UUID;

import jakarta.inject.Singleton;

import dev.latchkey.activity.Actor;
import dev.latchkey.credential.CredentialData.Grant;
import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.crypto.Secret;
import dev.latchkey.identity.Caller;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import dev.latchkey.web.PublicUrl;
import io.smallrye.mutiny.Uni;
import io.vertx.pgclient.PgException;
import org.jspecify.annotations.Nullable;

/** Sends people to providers, to agree that a credential of theirs is used. */
@Singleton
class Connecting {

    /** Where providers send people back to, below {@code LATCHKEY_PUBLIC_URL}. */
    static final String CALLBACK = "/oauth2/callback";

    private static final String FOREIGN_KEY_VIOLATION = "23503";

    private final OpenCredentials open;
    private final CredentialChecks checks;
    private final CredentialSecrets secrets;
    private final Discovery discovery;
    private final ConnectTokens tokens;
    private final Authorizations authorizations;
    private final ReturnAddresses returns;
    private final String callback;

    Connecting(OpenCredentials open, CredentialChecks checks, CredentialSecrets secrets, Discovery discovery,
            ConnectTokens tokens, Authorizations authorizations, ReturnAddresses returns, PublicUrl publicUrl) {
        this.open = open;
        this.checks = checks;
        this.secrets = secrets;
        this.discovery = discovery;
        this.tokens = tokens;
        this.authorizations = authorizations;
        this.returns = returns;
        this.callback = publicUrl.base() + CALLBACK;
    }

    /**
     * A way to a provider.
     *
     * @param url to send the person to; holds the state
     * @param redirect what the provider has to know as an address of the application
     * @param cookie the value of {@code Set-Cookie}; null: it was not begun in a browser of ours
     */
    record Begun(Secret url, String redirect, Instant expiresAt, @Nullable Secret cookie) {
    }

    /**
     * Begins to connect a credential.
     *
     * @param returnTo where the page at the end leads back to; null: nowhere
     * @param inBrowser whether the panel's own page asks, so that its browser can be told by a cookie
     * @throws ProblemException 404, 409 for a credential that nobody has to agree to, or that does not fit its provider's entry
     *         any more, 422 for an address to return to that is not allowed
     */
    Uni<Begun> begin(Caller caller, UUID id, @Nullable String returnTo, boolean inBrowser) {
        String leadsBack = returns.of(returnTo);
        UUID organization = caller.tenant().id();
        return open.of(organization, id).flatMap(stored -> {
            OAuth2 data = connectable(stored);
            AuthorizationAddress address = address(stored, data);
            AuthorizationAddress.Ends ends = address.ends();
            if (ends == null) {
                throw CredentialUses.unusable(ProbeReason.MISCONFIGURED);
            }
            Secret state = tokens.state();
            Secret verifier = address.usesPkce() ? tokens.verifier() : null;
            String redirect = address.redirect(callback);
            byte[] client = tokens.client(ends.parts());
            return discovery.issuer(organization, data, address.addresses().metadataUrl())
                    .flatMap(issuer -> secrets.key(organization)
                            .flatMap(key -> authorizations.begin(new Authorizations.Wanted(stored, Actor.of(caller), inBrowser,
                                    client, issuer, redirect, address.scopes(), verifier, leadsBack), state, key)))
                    .onFailure(Connecting::isGone).transform(gone -> ProblemException.notFound())
                    .map(until -> new Begun(Secret.of(address.url(ends.authorize(), redirect, state, verifier)), redirect,
                            until,
                            inBrowser ? Secret.of(tokens.cookie(state, authorizations.lifetime().toSeconds())) : null));
        });
    }

    /**
     * @return its data, when a person has to agree
     * @throws ProblemException 409 for any other
     */
    static OAuth2 connectable(OpenCredential stored) {
        if (stored.data() instanceof OAuth2 oauth && oauth.grant() == Grant.AUTHORIZATION_CODE) {
            return oauth;
        }
        throw new ProblemException(ProblemCode.CONFLICT,
                "Only credentials of type oauth2 with grant authorization_code are connected.");
    }

    private AuthorizationAddress address(OpenCredential stored, OAuth2 data) {
        try {
            return AuthorizationAddress.of(checks.material(stored), data);
        } catch (ProblemException doesNotFitAnyMore) {
            throw CredentialUses.unusable(ProbeReason.MISCONFIGURED);
        }
    }

    /** Deleted since it was read. */
    private static boolean isGone(Throwable failure) {
        return failure instanceof PgException refused && FOREIGN_KEY_VIOLATION.equals(refused.getSqlState());
    }
}
