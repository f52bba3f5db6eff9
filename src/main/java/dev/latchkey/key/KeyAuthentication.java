package dev.latchkey.key;

import java.util.List;
import java.util.Optional;
import java.util.Set;

import jakarta.inject.Singleton;

import dev.latchkey.catalog.ApiPath;
import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Origin;
import dev.latchkey.identity.Permission;
import dev.latchkey.key.Question.Operation;
import dev.latchkey.net.IpAddress;
import dev.latchkey.web.ClientAddress;
import dev.latchkey.web.Problems;
import io.quarkus.security.identity.IdentityProviderManager;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.request.AuthenticationRequest;
import io.quarkus.vertx.http.runtime.security.ChallengeData;
import io.quarkus.vertx.http.runtime.security.HttpAuthenticationMechanism;
import io.quarkus.vertx.http.runtime.security.HttpCredentialTransport;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/**
 * Keys as callers of our own operations, beside the JWT mechanism for people: a request that presents a key is judged here,
 * any other one is left to the next mechanism. What the caller may do follows from its scopes by the one permission table.
 */
@Singleton
class KeyAuthentication implements HttpAuthenticationMechanism {

    static final String VERIFY = "/api/v1/keys/verify";
    private static final String KEY = "latchkey.key";
    private static final String USE = "latchkey.key-use";
    /** Made once, since gateways ask nothing else. */
    private static final Operation VERIFICATION = new Operation("POST", ApiPath.parse(VERIFY));

    private static final List<String> VERIFY_ANY = List.of(Permission.Names.KEYS_VERIFY_ANY);

    private final Verifier verifier;
    private final ClientAddress addresses;

    KeyAuthentication(Verifier verifier, ClientAddress addresses) {
        this.verifier = verifier;
        this.addresses = addresses;
    }

    /** What the calling key may do; null when a person calls, or nobody had to. */
    static @Nullable KeySnapshot keyOf(RoutingContext request) {
        return request.get(KEY);
    }

    /** Who changes keys by this request: a person, or a key with what it may do. */
    static Keys.Actor actor(SecurityIdentity identity, RoutingContext request) {
        KeySnapshot key = keyOf(request);
        return new Keys.Actor(Caller.of(identity), key == null ? null : Grants.of(key));
    }

    /** What the calling key is used for. */
    static Question useOf(RoutingContext request) {
        return request.get(USE);
    }

    /**
     * What a key is used for that asks about others.
     *
     * @param caller null: not known yet. One that may ask about any organization's keys exercises that scope, which no
     *        operation demands by itself.
     */
    static Question verificationBy(@Nullable KeySnapshot caller, @Nullable IpAddress ip) {
        List<String> scopes = caller != null && Permission.KEYS_VERIFY_ANY.isHeldByKey(caller.scopes()) ? VERIFY_ANY
                : List.of();
        return new Question(null, null, VERIFICATION, scopes, null, ip, 1);
    }

    private Question use(RoutingContext request) {
        String method = request.request().method().name();
        String path = Problems.normalizedPath(request);
        IpAddress ip = addresses.of(request.request());
        return path.equals(VERIFY) && method.equals(VERIFICATION.method()) ? verificationBy(null, ip)
                : new Question(null, null, new Operation(method, ApiPath.parse(path)), List.of(), null, ip, 1);
    }

    @Override
    public Uni<SecurityIdentity> authenticate(RoutingContext request, IdentityProviderManager providers) {
        PresentedKey presented = PresentedKey.of(request.request());
        if (presented == null) {
            return Uni.createFrom().optional(Optional.empty());
        }
        Question use = use(request);
        return verifier.authenticate(presented, use).map(verdict -> {
            KeySnapshot key = verdict.key();
            if (!verdict.valid() || key == null) {
                throw Refusals.of(verdict);
            }
            request.put(KEY, key).put(USE, use);
            return Caller.key(key.keyId(), key.name(), new Caller.Tenant(key.organizationId(), key.organization()),
                    verifier.scopesOf(key, use), key.stores() == null).from(Origin.of(request, addresses)).identity().build();
        });
    }

    @Override
    public Uni<ChallengeData> getChallenge(RoutingContext request) {
        return Uni.createFrom().item(new ChallengeData(401, "WWW-Authenticate", Refusals.CHALLENGE));
    }

    @Override
    public Set<Class<? extends AuthenticationRequest>> getCredentialTypes() {
        return Set.of();
    }

    @Override
    public Uni<HttpCredentialTransport> getCredentialTransport(RoutingContext request) {
        return Uni.createFrom()
                .item(new HttpCredentialTransport(HttpCredentialTransport.Type.OTHER_HEADER, PresentedKey.HEADER));
    }

    /** Before the JWT mechanism, which would call a key a broken token. */
    @Override
    public int getPriority() {
        return DEFAULT_PRIORITY + 1;
    }
}
