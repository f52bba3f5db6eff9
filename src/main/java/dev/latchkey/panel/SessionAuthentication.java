package dev.latchkey.panel;

import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

import jakarta.inject.Singleton;

import dev.latchkey.crypto.Secret;
import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Origin;
import dev.latchkey.tenant.Tenants;
import dev.latchkey.web.ClientAddress;
import io.quarkus.security.identity.IdentityProviderManager;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.request.AuthenticationRequest;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import io.quarkus.vertx.http.runtime.security.ChallengeData;
import io.quarkus.vertx.http.runtime.security.HttpAuthenticationMechanism;
import io.quarkus.vertx.http.runtime.security.HttpCredentialTransport;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/**
 * The panel's cookie as a way to say who calls, behind keys and tokens: whoever sends one of those means that one. A session is
 * a caller like any person, with the same roles by the same table. What it changes has to be meant ({@link Intent}).
 */
@Singleton
class SessionAuthentication implements HttpAuthenticationMechanism {

    private static final String SESSION = "latchkey.session";
    private static final String KEY_HEADER = "X-API-Key";

    private final SessionCookie cookie;
    private final Sessions sessions;
    private final Intent intent;
    private final Tenants tenants;
    private final ClientAddress addresses;

    SessionAuthentication(SessionCookie cookie, Sessions sessions, Intent intent, Tenants tenants, ClientAddress addresses) {
        this.cookie = cookie;
        this.sessions = sessions;
        this.intent = intent;
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
        return sessions.use(token).flatMap(session -> {
            if (!OwnPages.isSafe(request.request().method())) {
                intent.require(request.request(), session);
            }
            request.put(SESSION, session);
            return identity(session, request);
        });
    }

    private static boolean saysItOtherwise(RoutingContext request) {
        return request.request().headers().contains(HttpHeaders.AUTHORIZATION)
                || request.request().headers().contains(KEY_HEADER);
    }

    /** As a token of the same content would be read. */
    private Uni<SecurityIdentity> identity(Session session, RoutingContext request) {
        Session.Person person = session.person();
        Caller.Tenant own = session.organization().tenant();
        Supplier<Uni<Caller.Tenant>> found = () -> session.organization().isBeingDeleted()
                ? Uni.createFrom().failure(Tenants.beingDeleted(own.key()))
                : Uni.createFrom().item(own);
        return tenants.acting(own.key(), found, session.roles(), request.request().getHeader(Caller.ORGANIZATION_HEADER))
                .map(acting -> {
                    QuarkusSecurityIdentity.Builder caller = Caller
                            .person(person.subject(), person.name(), acting.tenant(), acting.roles())
                            .from(Origin.of(request, addresses)).identity();
                    return person.home() == null ? caller.build() : caller.addAttribute(Caller.HOME, person.home()).build();
                });
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
