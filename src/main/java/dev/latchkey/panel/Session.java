package dev.latchkey.panel;

import java.time.Instant;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

import dev.latchkey.activity.Actor;
import dev.latchkey.activity.Target;
import dev.latchkey.crypto.Secret;
import dev.latchkey.identity.Caller.Tenant;
import dev.latchkey.identity.Origin;
import dev.latchkey.identity.Role;
import dev.latchkey.tenant.Language;
import org.jspecify.annotations.Nullable;

/**
 * Someone who is signed in to the panel.
 *
 * @param token what the cookie holds
 * @param organization the one that he signed in for
 * @param roles as of the sign-in
 * @param locale that he chose; null: that of his browser
 * @param store where the panel opened; null: nowhere in particular
 * @param version raised by every change of his
 * @param expiresAt when the session ends whatever is done in it
 */
record Session(UUID id, Secret token, Person person, Workplace organization, Set<Role> roles, @Nullable Language locale,
        @Nullable Shop store, long version, Instant expiresAt) {

    /**
     * @param subject what a token calls {@code sub}
     * @param name what people call him
     * @param home key of the organization that is his own, whichever he signed in for; null: none, as the platform may have
     */
    record Person(String subject, String name, @Nullable String home) {
    }

    /**
     * @param locale of its notifications
     * @param isBeingDeleted then nobody acts for it any more
     */
    record Workplace(Tenant tenant, String name, Language locale, boolean isBeingDeleted) {
    }

    /** @param slug what people and addresses call it: the store's key */
    record Shop(UUID id, String slug) {
    }

    static Set<Role> roles(Collection<String> groups) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        groups.forEach(group -> Role.of(group).ifPresent(roles::add));
        return roles;
    }

    /** In the order of the roles, lowest first. */
    static List<String> groups(Set<Role> roles) {
        return roles.stream().sorted().map(Role::group).toList();
    }

    Actor actor(Origin origin) {
        return new Actor(Actor.Type.PERSON, person.subject(), person.name(), origin);
    }

    Target target() {
        return target(id, person.name());
    }

    /** The same for a session and for the link that it came by, which share an id. */
    static Target target(UUID id, String person) {
        return new Target("session", id, person);
    }
}
