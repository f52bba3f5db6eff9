package dev.latchkey.catalog;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;

import dev.latchkey.catalog.Catalog.Operation;

/**
 * What it means for patterns that keys hold when one catalogue takes the place of another.
 * <p>
 * A key with methods may do what they match also where the catalogue does not know it, and then no scope is demanded. So a
 * pattern opens more than before where it reaches an operation that demanded scopes, of which a part is demanded none any
 * more. That is told rather too often than not at all: an operation counts as guarded still where a single one of the new
 * catalogue covers what the pattern reaches of it, and demands scopes, whichever these are; several that only together
 * cover it are not seen.
 * <p>
 * Patterns are texts of whoever makes keys, and catalogues have thousands of operations: each is compared with each, so that
 * someone else says when the time is over. Not thread safe.
 */
final class CatalogDifference {

    private final Catalog before;
    private final Catalog after;
    private final BooleanSupplier isTimeOver;
    private final boolean keepsOperations;
    /** Operations of the new catalogue that demand scopes. */
    private final List<Operation> guarded;
    /** Operations of the former one that demanded scopes, and are not wholly guarded any more. */
    private final List<Operation> unguarded;
    /** Operations that demand nothing where one of the former catalogue did. */
    private final List<Operation> freed;
    private boolean cutShort;

    /** @param isTimeOver asked before each comparison, none of which takes longer than a tenth of a millisecond */
    CatalogDifference(Catalog before, Catalog after, BooleanSupplier isTimeOver) {
        this.before = before;
        this.after = after;
        this.isTimeOver = isTimeOver;
        this.keepsOperations = after.hasOperationsOf(before);
        this.guarded = operations(after, true);
        this.unguarded = withoutCover(operations(before, true), guarded);
        List<Operation> formerly = operations(before, true);
        this.freed = withoutCover(operations(after, false), operations(before, false)).stream()
                .filter(open -> any(formerly, former -> former.pattern().overlaps(open.pattern()))).toList();
    }

    /**
     * What becomes of patterns.
     *
     * @param vanished match nothing any more, where they matched something
     * @param opened let do without a scope what demanded one, whoever else has that scope
     * @param complete false where the time was over before all had been compared
     */
    record Outcome(Set<String> vanished, Set<String> opened, boolean complete) {
    }

    /** Whether no pattern can have become another one. */
    boolean isNone() {
        return !cutShort && keepsOperations && unguarded.isEmpty() && freed.isEmpty();
    }

    Outcome of(List<String> patterns) {
        Set<String> vanished = new LinkedHashSet<>();
        Set<String> opened = new LinkedHashSet<>();
        for (String text : patterns) {
            MethodPattern pattern = MethodPattern.parse(text).orNull();
            boolean hasVanished = pattern != null && hasVanished(pattern);
            boolean opens = pattern != null && opens(pattern);
            if (cutShort) {
                break;
            }
            if (hasVanished) {
                vanished.add(text);
            }
            if (opens) {
                opened.add(text);
            }
        }
        return new Outcome(vanished, opened, !cutShort);
    }

    private boolean hasVanished(MethodPattern pattern) {
        return !keepsOperations && any(before.operations(), operation -> before.isAskedForBy(pattern, operation))
                && !any(after.operations(), operation -> after.isAskedForBy(pattern, operation));
    }

    private boolean opens(MethodPattern pattern) {
        return any(unguarded, former -> before.isAskedForBy(pattern, former)
                && !any(guarded, covering(former.pattern().narrowedBy(pattern))))
                || any(freed, open -> after.isAskedForBy(pattern, open));
    }

    private List<Operation> withoutCover(List<Operation> operations, List<Operation> covers) {
        // Most are the same in both, and found at once.
        Set<String> same = covers.stream().map(operation -> operation.pattern().toString()).collect(Collectors.toSet());
        List<Operation> without = new ArrayList<>();
        for (Operation operation : operations) {
            if (!same.contains(operation.pattern().toString()) && !any(covers, covering(operation.pattern()))) {
                without.add(operation);
            }
        }
        return List.copyOf(without);
    }

    private static Predicate<Operation> covering(MethodPattern pattern) {
        return operation -> operation.pattern().covers(pattern);
    }

    private static List<Operation> operations(Catalog of, boolean withScopes) {
        return of.operations().stream().filter(operation -> operation.scopes().isEmpty() != withScopes).toList();
    }

    private boolean any(List<Operation> operations, Predicate<Operation> wanted) {
        for (Operation operation : operations) {
            cutShort = cutShort || isTimeOver.getAsBoolean();
            if (cutShort || wanted.test(operation)) {
                return !cutShort;
            }
        }
        return false;
    }
}
