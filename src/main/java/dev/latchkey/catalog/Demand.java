package dev.latchkey.catalog;

import static java.util.Objects.requireNonNull;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * What the catalogue demands for a request.
 * <p>
 * An unknown operation may demand scopes too: of those readings of its path that are known. Where an organization allows
 * unknown operations they must still be demanded, or a doubtful spelling would shed the scopes of the plain one.
 *
 * @param code whether the catalogue knows the operation
 * @param scopes the scopes that the caller must hold, all of them; none where any key will do, and none when refused
 */
public record Demand(Code code, Set<String> scopes) {

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

    static final Demand UNKNOWN = new Demand(Code.UNKNOWN, Set.of());
    static final Demand REFUSED = new Demand(Code.REFUSED, Set.of());

    public Demand {
        requireNonNull(code, "code");
        scopes = Set.copyOf(requireNonNull(scopes, "scopes"));
    }

    static Demand of(Set<String> scopes) {
        return new Demand(Code.KNOWN, scopes);
    }

    /** What must be held where both may be meant. */
    Demand and(Demand other) {
        if (equals(other)) {
            return this;
        }
        var union = new LinkedHashSet<>(scopes);
        union.addAll(other.scopes);
        return new Demand(code.compareTo(other.code) >= 0 ? code : other.code, union);
    }
}
