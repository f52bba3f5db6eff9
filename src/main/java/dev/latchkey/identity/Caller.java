package dev.latchkey.identity;

import java.util.Collection;
import java.util.Set;
import java.util.UUID;

import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import dev.latchkey.web.Requester;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.runtime.QuarkusPrincipal;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/**
 * Who makes a request, once it is known.
 *
 * @param kind a person or a key
 * @param id the token's subject, or the key's id
 * @param name what people call it: the user principal name or e-mail, or the key's name
 * @param organization the organization acted for; null only for a platform that named none
 * @param roles empty for keys
 * @param permissions what may be done
 * @param reachesAllStores false for a key that is limited to some
 * @param origin where the request comes from
 */
public record Caller(Kind kind, String id, String name, @Nullable Tenant organization, Set<Role> roles,
        Set<Permission> permissions, boolean reachesAllStores, Origin origin) implements Requester {

    /** Where the platform names the organization that it acts for, by its key. */
    public static final String ORGANIZATION_HEADER = "X-Organization";

    /** Attribute of an identity: the organization that a person's token names. */
    public static final String HOME = "latchkey.home";

    /** What a caller can be. */
    public enum Kind {
        PERSON,
        KEY
    }

    /**
     * @param id the organization's id
     * @param key the organization's key, as tokens name it
     */
    public record Tenant(UUID id, String key) {
    }

    public static Caller person(String id, String name, @Nullable Tenant organization, Set<Role> roles) {
        return new Caller(Kind.PERSON, id, name, organization, Set.copyOf(roles), Permission.ofPerson(roles), true,
                Origin.NOWHERE);
    }

    public static Caller key(UUID id, String name, Tenant organization, Collection<String> scopes, boolean allStores) {
        return new Caller(Kind.KEY, id.toString(), name, organization, Set.of(), Permission.ofKey(scopes), allStores,
                Origin.NOWHERE);
    }

    /** This caller, seen to come from somewhere. */
    public Caller from(Origin where) {
        return new Caller(kind, id, name, organization, roles, permissions, reachesAllStores, where);
    }

    /** The caller of an operation that demands one. */
    public static Caller of(SecurityIdentity identity) {
        Caller caller = identity.getAttribute(ATTRIBUTE);
        if (caller == null) {
            throw new IllegalStateException("the operation demands no caller");
        }
        return caller;
    }

    /** The key of the organization that a person's token names as his own, whichever he acts for; null where it names none. */
    public static @Nullable String homeOf(SecurityIdentity identity) {
        return identity.getAttribute(HOME);
    }

    @Override
    public String requester() {
        return kind + ":" + id;
    }

    @Override
    public @Nullable UUID organizationId() {
        return organization == null ? null : organization.id();
    }

    public boolean may(Permission permission) {
        return permissions.contains(permission);
    }

    /** Whether this caller may give a scope of this service away; for a key, whether it has it itself. */
    public boolean mayGive(Permission permission) {
        return kind == Kind.KEY ? permissions.contains(permission) : permission.mayBeGivenBy(roles);
    }

    /**
     * The organization that the caller acts for.
     *
     * @throws ProblemException 400 where the platform has to name one
     */
    public Tenant tenant() {
        if (organization == null) {
            throw new ProblemException(ProblemCode.ORGANIZATION_REQUIRED,
                    "Name the organization to act for in the X-Organization header.");
        }
        return organization;
    }

    /** This caller as Quarkus sees it: a principal with a check for each permission that an operation may demand. */
    public QuarkusSecurityIdentity.Builder identity() {
        return QuarkusSecurityIdentity.builder().setPrincipal(new QuarkusPrincipal(id)).addAttribute(ATTRIBUTE, this)
                .addPermissionChecker(demanded -> Uni.createFrom()
                        .item(permissions.stream().anyMatch(held -> held.permissionName().equals(name(demanded)))));
    }

    private static String name(java.security.Permission demanded) {
        return demanded.getActions().isEmpty() ? demanded.getName() : demanded.getName() + ":" + demanded.getActions();
    }
}
