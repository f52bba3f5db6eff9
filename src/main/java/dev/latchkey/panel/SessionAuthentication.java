package dev.latchkey.panel;

import java.util.Optional;
import java.util.Set;

import jakarta.inject.Singleton;

import dev.latchkey.crypto.Secret;
import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Origin;
import dev.latchkey.identity.Role;
import dev.latchkey.tenant.Tenants;
import dev.latchkey.web.ClientAddress;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import io.quarkus.security.identity.IdentityProviderManager;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.request.AuthenticationRequest;
import io.quarkus.vertx.http.runtime.security.ChallengeData;
import io.quarkus.vertx.http.runtime.security.HttpAuthenticationMechanism;
import io.quarkus.vertx.http.runtime.security.HttpCredentialTransport;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/**
 * The panel's cookie as a way to say who calls, behind keys and tokens: whoever sends one of those means that one. A session is
 * a caller like any person, with the same roles by the same table.
 *
 * <p>
 * A browser sends the cookie with requests that another page has it make, too. So whatever is not safe is believed only with
 * the session's CSRF token, which no other origin can read, and only from a page of our own ({@link OwnPages}). Either of them
 * would do; that both have to be right means that a mistake in one is not yet a hole.
 */
@Singleton
class SessionAuthentication implements HttpAuthenticationMechanism {

    static final String CSRF_HEADER = "X-CSRF-Token";

    private static final String SESSION = "latchkey.session";
    private static final String KEY_HEADER = "X-API-Key";
    private static final String ORGANIZATION_HEADER = "X-Organization";

    private final SessionCookie cookie;
    private final Sessions sessions;
    private final SignInTokens tokens;
    private final OwnPages ownPages;
    private final Tenants tenants;
    private final ClientAddress addresses;

    SessionAuthentication(SessionCookie cookie, Sessions sessions, SignInTokens tokens, OwnPages ownPages, Tenants tenants,
            ClientAddress addresses) {
        this.cookie = cookie;
        this.sessions = sessions;
        this.tokens = tokens;
        this.ownPages = ownPages;
        this.tenants = tenants;
        this.addresses = addresses;
    }

    /** The session by which a request was admitted; null when it was by something else. */
    static @Nullable Session of(RoutingContext request) {
        return request.get(SESSION);
    }

    @Override
    public Uni<SecurityIdentity> authenticate(RoutingContext request, IdentityProviderManager providers) {
        Secret token = saysItOtherwise(request) ? null : cookie.read(request.request());
        if (token == null) {
            return Uni.createFrom().optional(Optional.empty());
        }
        return sessions.use(token).invoke(session -> requireIntent(request, session)).flatMap(session -> {
            request.put(SESSION, session);
            return caller(session, request.request().getHeader(ORGANIZATION_HEADER))
                    .map(caller -> caller.from(Origin.of(request, addresses)).identity()
                            .addAttribute(Caller.HOME, session.organization().tenant().key()).build());
        });
    }

    private static boolean saysItOtherwise(RoutingContext request) {
        return request.request().headers().contains(HttpHeaders.AUTHORIZATION)
                || request.request().headers().contains(KEY_HEADER);
    }

    private void requireIntent(RoutingContext request, Session session) {
        if (OwnPages.isSafe(request.request().method())) {
            return;
        }
        ownPages.require(request.request());
        if (!tokens.isCsrf(session.token(), request.request().getHeader(CSRF_HEADER))) {
            throw new ProblemException(ProblemCode.CSRF, "A change by the panel's cookie needs the session's csrfToken in "
                    + CSRF_HEADER + "; GET /api/v1/session tells it.");
        }
    }

    /** As a token of the same content would be read. */
    private Uni<Caller> caller(Session session, @Nullable String named) {
        String subject = session.person().subject();
        String name = session.person().name();
        Caller.Tenant own = session.organization().tenant();
        if (named != null && !named.equals(own.key())) {
            return tenants.actingFor(named, session.roles())
                    .map(other -> Caller.person(subject, name, other, Set.of(Role.PLATFORM)));
        }
        if (!session.organization().isBeingDeleted()) {
            return Uni.createFrom().item(Caller.person(subject, name, own, session.roles()));
        }
        return named == null && session.roles().contains(Role.PLATFORM)
                ? Uni.createFrom().item(Caller.person(subject, name, null, session.roles()))
                : Uni.createFrom().failure(Tenants.beingDeleted(own.key()));
    }

    @Override
    public Uni<ChallengeData> getChallenge(RoutingContext request) {
        return Uni.createFrom().item(new ChallengeData(401, "WWW-Authenticate", Sessions.CHALLENGE));
    }

    @Override
    public Set<Class<? extends AuthenticationRequest>> getCredentialTypes() {
        return Set.of();
    }

    @Override
    public Uni<HttpCredentialTransport> getCredentialTransport(RoutingContext request) {
        return Uni.createFrom().item(new HttpCredentialTransport(HttpCredentialTransport.Type.COOKIE, cookie.name()));
    }

    /** Behind keys and tokens. */
    @Override
    public int getPriority() {
        return DEFAULT_PRIORITY - 1;
    }
}
