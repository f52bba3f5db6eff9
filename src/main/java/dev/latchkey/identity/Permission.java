package dev.latchkey.identity;

import static dev.latchkey.identity.Role.ADMIN;
import static dev.latchkey.identity.Role.DEVELOPER;
import static dev.latchkey.identity.Role.OWNER;
import static dev.latchkey.identity.Role.PLATFORM;
import static dev.latchkey.identity.Role.VIEWER;

import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Who may do what: the table of the REST contract, and the only one in the code. Each row is a permission that operations
 * name by its constant in {@link Names}; the roles that have it; whether a scope of the same name gives it to a key; and
 * which roles may give that scope away.
 *
 * <p>
 * Whoever has a row may give its scope. Two rows need more than that: nobody leases or verifies in person, so
 * {@code credentials:use} and {@code keys:verify} are given by those who write keys. What they allow is bounded elsewhere, by
 * an integration's binding and by the organization.
 */
public enum Permission {
    KEYS_READ(Names.KEYS_READ, Holder.SCOPE, VIEWER, DEVELOPER, ADMIN, OWNER, PLATFORM),
    KEYS_WRITE(Names.KEYS_WRITE, Holder.SCOPE, DEVELOPER, ADMIN, OWNER, PLATFORM),
    KEYS_ADMIN(Names.KEYS_ADMIN, Holder.NOBODY, ADMIN, OWNER),
    KEYS_SELF(Names.KEYS_SELF, Holder.ANY_KEY),
    KEYS_VERIFY(Names.KEYS_VERIFY, Holder.SCOPE, EnumSet.of(DEVELOPER, ADMIN, OWNER, PLATFORM), PLATFORM),
    KEYS_VERIFY_ANY(Names.KEYS_VERIFY_ANY, Holder.SCOPE, PLATFORM),
    STORES_READ(Names.STORES_READ, Holder.SCOPE, VIEWER, DEVELOPER, ADMIN, OWNER, PLATFORM),
    STORES_WRITE(Names.STORES_WRITE, Holder.SCOPE, ADMIN, OWNER, PLATFORM),
    CATALOG_READ(Names.CATALOG_READ, Holder.ANY_KEY, VIEWER, DEVELOPER, ADMIN, OWNER, PLATFORM),
    CATALOG_WRITE(Names.CATALOG_WRITE, Holder.NOBODY, PLATFORM),
    ORGANIZATION_READ(Names.ORGANIZATION_READ, Holder.NOBODY, VIEWER, DEVELOPER, ADMIN, OWNER, PLATFORM),
    ORGANIZATION_WRITE(Names.ORGANIZATION_WRITE, Holder.NOBODY, ADMIN, OWNER, PLATFORM),
    CREDENTIALS_READ(Names.CREDENTIALS_READ, Holder.SCOPE, VIEWER, DEVELOPER, ADMIN, OWNER),
    CREDENTIALS_WRITE(Names.CREDENTIALS_WRITE, Holder.SCOPE, DEVELOPER, ADMIN, OWNER),
    CREDENTIALS_USE(Names.CREDENTIALS_USE, Holder.SCOPE, EnumSet.of(DEVELOPER, ADMIN, OWNER)),
    EVENTS_READ(Names.EVENTS_READ, Holder.SCOPE, VIEWER, DEVELOPER, ADMIN, OWNER, PLATFORM),
    EVENTS_PUBLISH(Names.EVENTS_PUBLISH, Holder.SCOPE, PLATFORM),
    EVENT_TYPES_READ(Names.EVENT_TYPES_READ, Holder.ANY_KEY, VIEWER, DEVELOPER, ADMIN, OWNER, PLATFORM),
    WEBHOOKS_MANAGE(Names.WEBHOOKS_MANAGE, Holder.SCOPE, DEVELOPER, ADMIN, OWNER, PLATFORM),
    ACTIVITY_READ(Names.ACTIVITY_READ, Holder.SCOPE, VIEWER, DEVELOPER, ADMIN, OWNER, PLATFORM),
    NOTIFICATIONS_READ(Names.NOTIFICATIONS_READ, Holder.NOBODY, VIEWER, DEVELOPER, ADMIN, OWNER, PLATFORM),
    /** One's own session in the panel, of which only a session knows anything. */
    SESSION_OWN(Names.SESSION_OWN, Holder.NOBODY, VIEWER, DEVELOPER, ADMIN, OWNER, PLATFORM),
    LEAKS_REPORT(Names.LEAKS_REPORT, Holder.SCOPE, PLATFORM),
    PLATFORM_OPERATE(Names.PLATFORM_OPERATE, Holder.NOBODY, PLATFORM);

    private static final Map<String, Permission> BY_NAME = Arrays.stream(values())
            .collect(Collectors.toUnmodifiableMap(Permission::permissionName, Function.identity()));

    private final String permissionName;
    private final Holder holder;
    private final Set<Role> givers;
    private final Set<Role> roles;

    Permission(String permissionName, Holder holder, Role... roles) {
        this(permissionName, holder, set(roles), roles);
    }

    Permission(String permissionName, Holder holder, Set<Role> givers, Role... roles) {
        this.permissionName = permissionName;
        this.holder = holder;
        this.givers = givers;
        this.roles = set(roles);
    }

    /** The name by which operations demand it; where a scope gives it, also the scope's name. */
    public String permissionName() {
        return permissionName;
    }

    /** The permission that a scope of this service gives; empty for scopes of the platform's own API. */
    public static Optional<Permission> ofScope(String scope) {
        return Optional.ofNullable(BY_NAME.get(scope)).filter(permission -> permission.holder == Holder.SCOPE);
    }

    /** What a person with these roles may do. */
    static Set<Permission> ofPerson(Set<Role> roles) {
        return where(permission -> permission.roles.stream().anyMatch(roles::contains));
    }

    /** What a key with these scopes may do. */
    static Set<Permission> ofKey(Collection<String> scopes) {
        return where(permission -> permission.isHeldByKey(scopes));
    }

    /** Whether a key with these scopes has it. */
    public boolean isHeldByKey(Collection<String> scopes) {
        return switch (holder) {
            case ANY_KEY -> true;
            case NOBODY -> false;
            case SCOPE -> scopes.contains(permissionName)
                    || this == KEYS_VERIFY && scopes.contains(Names.KEYS_VERIFY_ANY)
                    || this == EVENTS_READ && scopes.contains(Names.WEBHOOKS_MANAGE);
        };
    }

    /** Whether there is a key that has it. */
    boolean isForKeys() {
        return holder != Holder.NOBODY;
    }

    /** Whether there is a role that has it. */
    boolean isForPeople() {
        return !roles.isEmpty();
    }

    /** Whether a person with these roles may give this permission's scope to a key. */
    boolean mayBeGivenBy(Set<Role> givers) {
        return this.givers.stream().anyMatch(givers::contains);
    }

    private static Set<Permission> where(Predicate<Permission> held) {
        Set<Permission> permissions = EnumSet.noneOf(Permission.class);
        for (Permission permission : values()) {
            if (held.test(permission)) {
                permissions.add(permission);
            }
        }
        return permissions;
    }

    private static Set<Role> set(Role... roles) {
        Set<Role> set = EnumSet.noneOf(Role.class);
        set.addAll(Arrays.asList(roles));
        return set;
    }

    /** How keys come by a permission. */
    private enum Holder {
        /** By the scope of the same name. */
        SCOPE,
        /** By being a valid key. */
        ANY_KEY,
        /** Not at all. */
        NOBODY
    }

    /** The names as constants, for annotations. */
    public static final class Names {
        public static final String KEYS_READ = "keys:read";
        public static final String KEYS_WRITE = "keys:write";
        public static final String KEYS_ADMIN = "keys:admin";
        public static final String KEYS_SELF = "keys:self";
        public static final String KEYS_VERIFY = "keys:verify";
        public static final String KEYS_VERIFY_ANY = "keys:verify-any";
        public static final String STORES_READ = "stores:read";
        public static final String STORES_WRITE = "stores:write";
        public static final String CATALOG_READ = "catalog:read";
        public static final String CATALOG_WRITE = "catalog:write";
        public static final String ORGANIZATION_READ = "organization:read";
        public static final String ORGANIZATION_WRITE = "organization:write";
        public static final String CREDENTIALS_READ = "credentials:read";
        public static final String CREDENTIALS_WRITE = "credentials:write";
        public static final String CREDENTIALS_USE = "credentials:use";
        public static final String EVENTS_READ = "events:read";
        public static final String EVENTS_PUBLISH = "events:publish";
        public static final String EVENT_TYPES_READ = "event-types:read";
        public static final String WEBHOOKS_MANAGE = "webhooks:manage";
        public static final String ACTIVITY_READ = "activity:read";
        public static final String NOTIFICATIONS_READ = "notifications:read";
        public static final String SESSION_OWN = "session:own";
        public static final String LEAKS_REPORT = "leaks:report";
        public static final String PLATFORM_OPERATE = "platform:operate";

        private Names() {
        }
    }
}
