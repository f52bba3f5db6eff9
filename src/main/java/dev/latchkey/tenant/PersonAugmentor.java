package dev.latchkey.tenant;

import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import jakarta.inject.Singleton;

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

    private final Organizations organizations;
    private final ClientAddress addresses;
    private final TenantConfig config;

    PersonAugmentor(Organizations organizations, ClientAddress addresses, TenantConfig config) {
        this.organizations = organizations;
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
        return organization(token, roles, named).map(organization -> Caller
                .person(token.getSubject() == null ? token.getName() : token.getSubject(), name(token),
                        organization.orElse(null), roles)
                .from(Origin.of(request, addresses)).identity().build());
    }

    private Uni<Optional<Tenant>> organization(JsonWebToken token, Set<Role> roles, @Nullable String named) {
        Object claim = token.getClaim(config.organizationClaim());
        String own = claim == null ? null : claim.toString();
        if (named != null && !named.equals(own)) {
            return actingFor(named, roles);
        }
        if (own == null) {
            if (roles.contains(Role.PLATFORM)) {
                return Uni.createFrom().item(Optional.empty());
            }
            return refuse("The token has no claim '" + config.organizationClaim() + "' that names an organization.");
        }
        if (!Organizations.isKey(own)) {
            return refuse("The token's claim '" + config.organizationClaim()
                    + "' must be 1 to 100 of letters, digits and . _ : @ -, starting with a letter or digit.");
        }
        return organizations.provision(own).map(Optional::of);
    }

    private Uni<Optional<Tenant>> actingFor(String named, Set<Role> roles) {
        if (!roles.contains(Role.PLATFORM)) {
            return refuse("Only the role 'platform' may act for another organization; leave X-Organization out.");
        }
        return organizations.find(named).invoke(found -> {
            if (found.isEmpty()) {
                throw new ProblemException(ProblemCode.NOT_FOUND, "There is no organization of the key in X-Organization.");
            }
        });
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
