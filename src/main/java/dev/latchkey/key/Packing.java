package dev.latchkey.key;

import java.util.Arrays;
import java.util.List;

import dev.latchkey.catalog.MethodPattern;
import dev.latchkey.catalog.MethodPatterns;
import dev.latchkey.key.KeySnapshot.Limit;
import dev.latchkey.key.KeySnapshot.Reach;
import dev.latchkey.key.KeySnapshot.StoreReference;
import dev.latchkey.key.KeySnapshot.Tenancy;
import dev.latchkey.net.CidrSet;
import org.jspecify.annotations.Nullable;

/**
 * Makes what is remembered of a key small, and knows how many bytes it takes.
 *
 * <p>
 * Organizations, limits, sets of scopes and patterns of methods are few, and keys many: they are {@link Shared}. What is
 * found shared costs the key nothing, since whoever brought it has been charged for it; what is not shared, or too large to
 * be held by a table that outlives its keys, is charged in full. Sizes are those of a JVM with compressed references (heaps
 * below 32 GiB) and 8-byte alignment; {@code KeySnapshotsMemoryTest} compares them with a measured heap.
 */
final class Packing {

    /** Caffeine's node 40, the map's 32 and its place in the table 8, frequency sketch 12, fingerprint 48, what is known 32. */
    private static final int ENTRY_BYTES = 172;
    private static final int SNAPSHOT_BYTES = 88;
    private static final int STRING_BYTES = 24;
    private static final int ARRAY_BYTES = 16;
    private static final int REFERENCE_BYTES = 4;
    private static final int LIST_BYTES = 24;
    private static final int UUID_BYTES = 32;
    private static final int RECORD_BYTES = 24;
    private static final int NETWORK_BYTES = 56;
    /** What holds them 24, digest 24, bytes 48; names of peppers are shared. */
    private static final int SECRET_BYTES = 96;
    /** The same, and an id and an instant. */
    private static final int FORMER_SECRET_BYTES = 96 + UUID_BYTES + 24;
    private static final String NO_METADATA = "{}";
    private static final int SMALL = 16;
    private static final int SMALL_PATH = 100;

    private final Shared<Tenancy> tenancies = new Shared<>(1 << 15);
    private final Shared<Reach> reaches = new Shared<>(1 << 14);
    private final Shared<Limit> limits = new Shared<>(1 << 10);
    private final Shared<String> scopes = new Shared<>(1 << 10);
    private final Shared<MethodPattern> patterns = new Shared<>(1 << 10);

    /**
     * What is remembered of a key.
     *
     * @param snapshot equal to the one that was read
     * @param bytes what it takes in memory, with everything by which it is found
     */
    record Packed(KeySnapshot snapshot, int bytes) {
    }

    Packed pack(KeySnapshot key) {
        int bytes = ENTRY_BYTES + SNAPSHOT_BYTES + textBytes(key.name());
        Tenancy tenancy = tenancies.one(key.tenancy());
        if (tenancy == key.tenancy()) {
            bytes += RECORD_BYTES + UUID_BYTES + textBytes(tenancy.organization());
        }
        MethodPatterns methods = withSharedPatterns(key.methods());
        Reach own = withSharedScopes(key.reach(), methods);
        Reach reach = isSmall(own) ? reaches.one(own) : own;
        if (reach == own) {
            bytes += bytes(own) + bytesOfOwn(key.methods(), methods);
        }
        Limit limit = key.limit();
        Limit sharedLimit = limit == null ? null : limits.one(limit);
        if (limit != null && limit == sharedLimit) {
            bytes += RECORD_BYTES;
        }
        PairedSecrets secrets = key.secrets();
        if (secrets != null) {
            bytes += SECRET_BYTES + (secrets.former() == null ? 0 : FORMER_SECRET_BYTES);
        }
        boolean plain = key.metadata().equals(NO_METADATA);
        if (!plain) {
            bytes += textBytes(key.metadata());
        }
        return new Packed(key.sharing(reach, sharedLimit, tenancy, plain ? NO_METADATA : key.metadata()), bytes);
    }

    private Reach withSharedScopes(Reach reach, @Nullable MethodPatterns methods) {
        List<String> names = reach.scopes().stream().map(scopes::one).toList();
        return new Reach(List.copyOf(names), methods, reach.stores() == null ? null : List.copyOf(reach.stores()),
                reach.networks().isEmpty() ? CidrSet.none() : reach.networks());
    }

    private @Nullable MethodPatterns withSharedPatterns(@Nullable MethodPatterns methods) {
        return methods == null ? null
                : new MethodPatterns(methods.patterns().stream()
                        .map(pattern -> isSmall(pattern) ? patterns.one(pattern) : pattern).toList());
    }

    /** The patterns that no other key has brought. */
    private static int bytesOfOwn(@Nullable MethodPatterns read, @Nullable MethodPatterns shared) {
        int bytes = 0;
        for (int i = 0; read != null && shared != null && i < read.patterns().size(); i++) {
            MethodPattern pattern = shared.patterns().get(i);
            bytes += pattern == read.patterns().get(i) ? bytes(pattern) : 0;
        }
        return bytes;
    }

    private static boolean isSmall(MethodPattern pattern) {
        return pattern.path().length() <= SMALL_PATH;
    }

    /** The pattern 24, its segments 24 each with their texts and the pieces between their stars. */
    private static int bytes(MethodPattern pattern) {
        List<String> segments = Arrays.stream(pattern.path().split("/")).filter(text -> !text.isEmpty() && !text.equals("**"))
                .toList();
        int bytes = RECORD_BYTES + textBytes(pattern.method()) + listBytes(segments);
        for (String segment : segments) {
            String[] pieces = segment.split("\\*", -1);
            bytes += RECORD_BYTES + textBytes(segment) + listBytes(List.of(pieces));
            for (int i = 0; pieces.length > 1 && i < pieces.length; i++) {
                bytes += pieces[i].isEmpty() ? 0 : textBytes(pieces[i]);
            }
        }
        return bytes;
    }

    /** A table holds what it shares for longer than the keys: only what is small. */
    private static boolean isSmall(Reach reach) {
        return reach.scopes().size() + (reach.methods() == null ? 0 : reach.methods().patterns().size())
                + (reach.stores() == null ? 0 : reach.stores().size())
                + reach.networks().networks().size() <= SMALL;
    }

    private static int bytes(Reach reach) {
        int bytes = RECORD_BYTES + listBytes(reach.scopes());
        if (reach.methods() != null) {
            bytes += 16 + listBytes(reach.methods().patterns());
        }
        if (reach.stores() != null) {
            bytes += listBytes(reach.stores());
            for (StoreReference store : reach.stores()) {
                bytes += RECORD_BYTES + UUID_BYTES + textBytes(store.key());
            }
        }
        if (!reach.networks().isEmpty()) {
            bytes += 16 + listBytes(reach.networks().networks()) + NETWORK_BYTES * reach.networks().networks().size();
        }
        return bytes;
    }

    private static int listBytes(List<?> list) {
        return list.size() <= 2 ? LIST_BYTES : LIST_BYTES + aligned(ARRAY_BYTES + REFERENCE_BYTES * list.size());
    }

    /** One byte a character, two for all where one of them is beyond Latin-1. */
    private static int textBytes(String text) {
        boolean wide = text.chars().anyMatch(c -> c > 0xff);
        return STRING_BYTES + aligned(ARRAY_BYTES + text.length() * (wide ? 2 : 1));
    }

    private static int aligned(int bytes) {
        return (bytes + 7) & ~7;
    }
}
