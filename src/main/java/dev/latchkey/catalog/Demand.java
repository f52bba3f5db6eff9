package dev.latchkey.catalog;

import static java.util.Objects.requireNonNull;

import java.util.LinkedHashSet;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * What the catalogue demands for a request.
 * <p>
 * An unknown operation may demand scopes too: of those readings of its path that are known. Where an organization allows
 * unknown operations they must still be demanded, or a doubtful spelling would shed the scopes of the plain one.
 *
 * @param code whether the catalogue knows the operation
 * @param scopes the scopes that the caller must hold, all of them; none where any key will do, and none when refused
 * @param path the path of the operation as the catalogue writes it ({@code /api/v*&#47;orders/**}), by which requests are
 *        counted; of several operations the first one's; null where none is known. Not part of what is demanded, nor of
 *        equality
 */
public record Demand(Code code, Set<String> scopes, @Nullable String path) {

    /** What is known of an operation, from the best to the worst. */
    public enum Code {
        /** Every reading of the path is an operation of the catalogue. */
        KNOWN,
        /** The request is clear, and at least one reading of its path is no operation of the catalogue. */
        UNKNOWN,
        /**
         * The path is invalid or the method no upper-case token. Apart from {@link #UNKNOWN}, because an organization that
         * allows unknown operations does not allow what servers read differently: it is refused whatever the settings.
         */
        REFUSED
    }

    static final Demand UNKNOWN = new Demand(Code.UNKNOWN, Set.of(), null);
    static final Demand REFUSED = new Demand(Code.REFUSED, Set.of(), null);

    public Demand {
        requireNonNull(code, "code");
        scopes = Set.copyOf(requireNonNull(scopes, "scopes"));
    }

    static Demand of(Set<String> scopes, String path) {
        return new Demand(Code.KNOWN, scopes, path);
    }

    /** What must be held where both may be meant. */
    Demand and(Demand other) {
        if (equals(other)) {
            return this;
        }
        var union = new LinkedHashSet<>(scopes);
        union.addAll(other.scopes);
        return new Demand(code.compareTo(other.code) >= 0 ? code : other.code, union, path == null ? other.path : path);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Demand demand && code == demand.code && scopes.equals(demand.scopes);
    }

    @Override
    public int hashCode() {
        return 31 * code.hashCode() + scopes.hashCode();
    }
}
