package dev.latchkey.replica;

import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/**
 * What a change may have altered verdicts of: some keys, everything of an organization, or everything there is. On the channel
 * {@code k:organization:key,key…}, {@code o:organization} and {@code *}.
 *
 * @param organization null: everything there is
 * @param keys empty: everything of the organization
 */
public record Scope(@Nullable UUID organization, List<UUID> keys) {

    private static final Scope EVERYTHING = new Scope(null, List.of());

    public Scope {
        keys = List.copyOf(keys);
    }

    public static Scope everything() {
        return EVERYTHING;
    }

    public static Scope organization(UUID organization) {
        return new Scope(organization, List.of());
    }

    public static Scope key(UUID organization, UUID key) {
        return new Scope(organization, List.of(key));
    }

    /** Whether what is remembered of that key is to be forgotten. */
    public boolean covers(UUID organizationOfKey, UUID key) {
        return organization == null || (keys.isEmpty() ? organization.equals(organizationOfKey) : keys.contains(key));
    }

    String text() {
        if (organization == null) {
            return "*";
        }
        return keys.isEmpty() ? "o:" + organization
                : "k:" + organization + ":" + keys.stream().map(UUID::toString).collect(Collectors.joining(","));
    }

    /** What cannot be read covers everything: forgetting too much is slow, forgetting too little is wrong. */
    static Scope parse(String text) {
        try {
            String[] parts = text.split(":", -1);
            if (parts[0].equals("o") && parts.length == 2) {
                return organization(UUID.fromString(parts[1]));
            }
            if (parts[0].equals("k") && parts.length == 3) {
                return new Scope(UUID.fromString(parts[1]),
                        Arrays.stream(parts[2].split(",", -1)).map(UUID::fromString).toList());
            }
            return EVERYTHING;
        } catch (IllegalArgumentException unreadable) {
            return EVERYTHING;
        }
    }
}
