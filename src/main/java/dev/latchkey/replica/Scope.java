package dev.latchkey.replica;

import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/**
 * What a change may have altered verdicts of: some keys, everything of an organization, the catalogue, everything there is, or
 * only what was unknown until then. On the channel {@code k:organization:key,key…}, {@code o:organization}, {@code catalog},
 * {@code *} and {@code u}; what a replica of an earlier version does not know, it takes for everything.
 *
 * @param organization null: of no organization in particular
 * @param keys empty: everything of the organization
 * @param unknown nothing but what was taken for unknown
 */
public record Scope(@Nullable UUID organization, List<UUID> keys, boolean unknown) {

    private static final Scope EVERYTHING = new Scope(null, List.of(), false);
    private static final Scope UNKNOWN = new Scope(null, List.of(), true);
    /** Of an organization that nobody is: who remembers keys, stores and organizations need not forget any. */
    private static final Scope CATALOG = new Scope(new UUID(0, 0), List.of(), false);
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
        return keys(organization, List.of());
    }

    public static Scope key(UUID organization, UUID key) {
        return keys(organization, List.of(key));
    }

    /** @param keys empty: everything of the organization */
    public static Scope keys(UUID organization, List<UUID> keys) {
        return new Scope(organization, keys, false);
    }

    /** Tokens that nobody knew, or that nobody took for one, may be known now; whatever was known stays as it was. */
    public static Scope whatWasUnknown() {
        return UNKNOWN;
    }

    public boolean isEverything() {
        return organization == null && !unknown;
    }

    /** Whether what is remembered of that key is to be forgotten. */
    public boolean covers(UUID organizationOfKey, UUID key) {
        return isEverything()
                || organization != null && (keys.isEmpty() ? organization.equals(organizationOfKey) : keys.contains(key));
    }

    /** Whether what is remembered of the catalogue is to be forgotten. */
    public boolean coversCatalog() {
        return isEverything() || equals(CATALOG);
    }

    String text() {
        if (organization == null) {
            return unknown ? "u" : "*";
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
                return keys(UUID.fromString(parts[1]),
                        Arrays.stream(parts[2].split(",", -1)).map(UUID::fromString).toList());
            }
            return text.equals("u") ? UNKNOWN : EVERYTHING;
        } catch (IllegalArgumentException unreadable) {
            return EVERYTHING;
        }
    }
}
