package dev.latchkey.tenant;

import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import jakarta.inject.Singleton;

import dev.latchkey.activity.Actor;
import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Caller.Tenant;
import dev.latchkey.identity.Origin;
import dev.latchkey.identity.Role;
import dev.latchkey.web.ClientAddress;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import io.quarkus.security.identity.AuthenticationRequestContext;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.SecurityIdentityAugmentor;
import io.quarkus.vertx.http.runtime.security.HttpSecurityUtils;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import org.eclipse.microprofile.jwt.JsonWebToken;
import org.jspecify.annotations.Nullable;

/** Makes a {@link Caller} of a person whose token has been verified: roles from its groups, organization from its claim. */
@Singleton
class PersonAugmentor implements SecurityIdentityAugmentor {

    static final String ORGANIZATION_HEADER = "X-Organization";

    /** What OpenID Connect allows for (core, section 2); what a person did and has read is filed under it. */
    private static final int MAX_SUBJECT = 255;

    private final Tenants tenants;
    private final ClientAddress addresses;
    private final TenantConfig config;

    PersonAugmentor(Tenants tenants, ClientAddress addresses, TenantConfig config) {
        this.tenants = tenants;
        this.addresses = addresses;
        this.config = config;
    }

    @Override
    public Uni<SecurityIdentity> augment(SecurityIdentity identity, AuthenticationRequestContext context) {
        return augment(identity, context, Map.of());
    }

    @Override
    public Uni<SecurityIdentity> augment(SecurityIdentity identity, AuthenticationRequestContext context,
            Map<String, Object> attributes) {
        if (!(identity.getPrincipal() instanceof JsonWebToken token)) {
            return Uni.createFrom().item(identity);
        }
        RoutingContext request = HttpSecurityUtils.getRoutingContextAttribute(attributes);
        String named = request == null ? null : request.request().getHeader(ORGANIZATION_HEADER);
        Set<Role> roles = EnumSet.noneOf(Role.class);
        Set<String> groups = token.getGroups() == null ? Set.of() : token.getGroups();
        groups.forEach(group -> Role.of(group).ifPresent(roles::add));
        Actor person = new Actor(Actor.Type.PERSON, token.getSubject() == null ? token.getName() : token.getSubject(),
                name(token), Origin.of(request, addresses));
        // In an organization that is not its own, a person is the platform and nothing else that the token says.
        Set<Role> acting = isForeign(token, named) ? Set.of(Role.PLATFORM) : roles;
        return organization(token, person, roles, named).map(organization -> Caller
                .person(person.id(), person.name(), organization.orElse(null), acting).from(person.origin()).identity()
                .build());
    }

    private Uni<Optional<Tenant>> organization(JsonWebToken token, Actor person, Set<Role> roles, @Nullable String named) {
        if (person.id().length() > MAX_SUBJECT) {
            return refuse("The token's claim 'sub' is longer than " + MAX_SUBJECT + " characters.");
        }
        if (roles.isEmpty()) {
            return refuse("The token's groups name no role of this service.");
        }
        String own = own(token);
        if (named != null && isForeign(token, named)) {
            return tenants.actingFor(named, roles).map(Optional::of);
        }
        if (own == null) {
            if (roles.contains(Role.PLATFORM)) {
                return Uni.createFrom().item(Optional.empty());
            }
            return refuse("The token has no claim '" + config.organizationClaim() + "' that names an organization.");
        }
        if (!Tenants.isKey(own)) {
            return refuse("The token's claim '" + config.organizationClaim()
                    + "' " + Tenants.KEY_RULE + ".");
        }
        Uni<Optional<Tenant>> ownTenant = tenants.provision(own, person).map(Optional::of);
        // The platform watches deletions, perhaps that of the organization in its own token: it then acts for none.
        return named == null && roles.contains(Role.PLATFORM)
                ? ownTenant.onFailure(PersonAugmentor::isBeingDeleted).recoverWithItem(Optional.empty())
                : ownTenant;
    }

    private @Nullable String own(JsonWebToken token) {
        Object claim = token.getClaim(config.organizationClaim());
        return claim == null ? null : claim.toString();
    }

    private boolean isForeign(JsonWebToken token, @Nullable String named) {
        return named != null && !named.equals(own(token));
    }

    private static boolean isBeingDeleted(Throwable fault) {
        return fault instanceof ProblemException refusal && refusal.code() == ProblemCode.ORGANIZATION_DELETING;
    }

    private static Uni<Optional<Tenant>> refuse(String detail) {
        return Uni.createFrom().failure(new ProblemException(ProblemCode.FORBIDDEN, detail));
    }

    private static String name(JsonWebToken token) {
        for (String claim : new String[] { "upn", "email", "preferred_username" }) {
            Object value = token.getClaim(claim);
            if (value != null) {
                return value.toString();
            }
        }
        return token.getSubject() == null ? "unknown" : token.getSubject();
    }
}
