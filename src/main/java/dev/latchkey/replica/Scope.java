package dev.latchkey.replica;

import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/**
 * What a change may have altered verdicts of: some keys, everything of an organization, the catalogue, or everything there is.
 * On the channel {@code k:organization:key,key…}, {@code o:organization}, {@code catalog} and {@code *}; what a replica of an
 * earlier version does not know, it takes for everything.
 *
 * @param organization null: everything there is
 * @param keys empty: everything of the organization
 */
public record Scope(@Nullable UUID organization, List<UUID> keys) {

    private static final Scope EVERYTHING = new Scope(null, List.of());
    /** Of an organization that nobody is: who remembers keys, stores and organizations need not forget any. */
    private static final Scope CATALOG = new Scope(new UUID(0, 0), List.of());
    private static final String CATALOG_TEXT = "catalog";

    public Scope {
        keys = List.copyOf(keys);
    }

    public static Scope everything() {
        return EVERYTHING;
    }

    /** What the installation's catalogue demands, and nothing of any key. */
    public static Scope catalog() {
        return CATALOG;
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

    /** Whether what is remembered of the catalogue is to be forgotten. */
    public boolean coversCatalog() {
        return organization == null || equals(CATALOG);
    }

    String text() {
        if (organization == null) {
            return "*";
        }
        if (equals(CATALOG)) {
            return CATALOG_TEXT;
        }
        return keys.isEmpty() ? "o:" + organization
                : "k:" + organization + ":" + keys.stream().map(UUID::toString).collect(Collectors.joining(","));
    }

    /** What cannot be read covers everything: forgetting too much is slow, forgetting too little is wrong. */
    static Scope parse(String text) {
        try {
            if (text.equals(CATALOG_TEXT)) {
                return CATALOG;
            }
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
