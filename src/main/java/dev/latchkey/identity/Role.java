package dev.latchkey.identity;

import java.util.Locale;
import java.util.Optional;

/** What a person is in an organization, from the {@code groups} claim of the token. */
public enum Role {
    VIEWER,
    DEVELOPER,
    ADMIN,
    OWNER,
    /** The platform that runs Latchkey for its merchants; acts for any organization. */
    PLATFORM;

    /** As the claim names it. */
    public String group() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Groups that name no role belong to other applications of the same identity provider, and are passed over. */
    public static Optional<Role> of(String group) {
        for (Role role : values()) {
            if (role.group().equals(group)) {
                return Optional.of(role);
            }
        }
        return Optional.empty();
    }
}
