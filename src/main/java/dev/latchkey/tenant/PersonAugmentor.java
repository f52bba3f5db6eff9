package dev.latchkey.tenant;

import java.util.EnumSet;
import java.util.Map;
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
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import io.quarkus.vertx.http.runtime.security.HttpSecurityUtils;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import org.eclipse.microprofile.jwt.JsonWebToken;
import org.jspecify.annotations.Nullable;

/** Makes a {@link Caller} of a person whose token has been verified: roles from its groups, organization from its claim. */
@Singleton
class PersonAugmentor implements SecurityIdentityAugmentor {

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
        String named = request == null ? null : request.request().getHeader(Caller.ORGANIZATION_HEADER);
        Set<Role> roles = EnumSet.noneOf(Role.class);
        Set<String> groups = token.getGroups() == null ? Set.of() : token.getGroups();
        groups.forEach(group -> Role.of(group).ifPresent(roles::add));
        Actor person = new Actor(Actor.Type.PERSON, token.getSubject() == null ? token.getName() : token.getSubject(),
                name(token), Origin.of(request, addresses));
        String own = own(token);
        return requireSpokenOf(person, roles)
                .flatMap(checked -> tenants.acting(own, () -> organization(own, person), roles, named))
                .map(acting -> {
                    QuarkusSecurityIdentity.Builder caller = Caller
                            .person(person.id(), person.name(), acting.tenant(), acting.roles()).from(person.origin())
                            .identity();
                    return own == null ? caller.build() : caller.addAttribute(Caller.HOME, own).build();
                });
    }

    private static Uni<Void> requireSpokenOf(Actor person, Set<Role> roles) {
        if (person.id().length() > MAX_SUBJECT) {
            return refuse("The token's claim 'sub' is longer than " + MAX_SUBJECT + " characters.");
        }
        return roles.isEmpty() ? refuse("The token's groups name no role of this service.") : Uni.createFrom().voidItem();
    }

    private Uni<Tenant> organization(@Nullable String own, Actor person) {
        if (own == null) {
            return refuse("The token has no claim '" + config.organizationClaim() + "' that names an organization.");
        }
        if (!Tenants.isKey(own)) {
            return refuse("The token's claim '" + config.organizationClaim() + "' " + Tenants.KEY_RULE + ".");
        }
        return tenants.provision(own, person);
    }

    private @Nullable String own(JsonWebToken token) {
        Object claim = token.getClaim(config.organizationClaim());
        return claim == null ? null : claim.toString();
    }

    private static <T> Uni<T> refuse(String detail) {
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
