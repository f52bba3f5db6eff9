package dev.latchkey.key;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

import dev.latchkey.catalog.Catalog;
import dev.latchkey.catalog.MethodPattern;
import dev.latchkey.catalog.MethodPatterns;
import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Permission;
import dev.latchkey.web.Problem.FieldError;
import org.jspecify.annotations.Nullable;

/**
 * The operations that scopes and methods grant together, and which of them somebody else could give.
 *
 * <p>
 * <b>What is granted.</b> Without methods: what the catalogue lets the scopes do. With methods and scopes: what fits a method,
 * of the operations that the catalogue knows only those that the scopes cover. With methods alone: whatever fits a method. So
 * methods do not only narrow: they reach operations that the catalogue does not know, and without scopes also those that
 * demand one. And taking the last scope away from a key with methods widens it.
 *
 * <p>
 * <b>Invariant:</b> what is found to be within another grant is. It is compared by pattern, each with one pattern or one
 * operation of the catalogue; what only several of them together take in is refused, and has to be written as its maker has it.
 *
 * @param scopes names
 * @param methods null: not limited to any
 */
record GrantedOperations(Set<String> scopes, @Nullable MethodPatterns methods) {

    /** Whether the scopes are not asked for, since methods say it all. */
    private boolean isByMethodsAlone() {
        return methods != null && scopes.isEmpty();
    }

    boolean areWithin(GrantedOperations other, Catalog catalog) {
        return beyond(other, catalog).isEmpty();
    }

    /** What goes beyond another grant, by field; empty when nothing does. */
    List<FieldError> beyond(GrantedOperations other, Catalog catalog) {
        List<FieldError> errors = new ArrayList<>();
        scopes.stream().filter(scope -> !other.scopes.contains(scope))
                .forEach(scope -> errors.add(new FieldError("scopes", scope + " is not yours to give")));
        if (methods == null) {
            if (other.methods != null) {
                errors.add(new FieldError("methods", "must name what your key's methods allow"));
            }
            return errors;
        }
        refuseEach(methods, pattern -> !mayBeGivenBy(other, pattern, catalog), "allows more than your key does", errors);
        return errors;
    }

    private boolean mayBeGivenBy(GrantedOperations other, MethodPattern pattern, Catalog catalog) {
        // Through methods one reaches what the catalogue does not know, which scopes alone never do.
        boolean reached = other.methods == null ? catalog.knowsAllOf(pattern) : other.methods.anyCovers(pattern);
        return reached && (other.isByMethodsAlone() || !isByMethodsAlone() || catalog.operationsWithin(pattern)
                .allMatch(operation -> other.scopes.containsAll(operation.scopes())));
    }

    /**
     * What a person may not give of this, by field: this service's own scopes beyond his role; their operations, where methods
     * reach them without the scope; and more operations of such a scope than its giver left to it.
     *
     * @param before what is granted already
     */
    List<FieldError> beyond(Caller person, GrantedOperations before, Catalog catalog) {
        List<FieldError> errors = new ArrayList<>();
        scopes.stream().filter(scope -> !before.scopes.contains(scope)).filter(scope -> !mayGive(person, scope))
                .forEach(scope -> errors.add(new FieldError("scopes", scope + " is not yours to give")));
        if (methods != null && isByMethodsAlone()) {
            refuseEach(methods,
                    pattern -> !(before.isByMethodsAlone() && before.methods != null && before.methods.anyCovers(pattern))
                            && catalog.operationsWithin(pattern).flatMap(operation -> operation.scopes().stream())
                                    .anyMatch(scope -> !mayGive(person, scope)),
                    "allows operations of this service that are not yours to give", errors);
        }
        errors.addAll(widened(person, before, catalog));
        return errors;
    }

    /** Methods that go beyond those within which the key was given a scope that is not the person's to give. */
    private List<FieldError> widened(Caller person, GrantedOperations before, Catalog catalog) {
        List<FieldError> errors = new ArrayList<>();
        MethodPatterns given = before.methods;
        Set<String> kept = scopes.stream().filter(before.scopes::contains).filter(scope -> !mayGive(person, scope))
                .collect(Collectors.toSet());
        if (given == null || kept.isEmpty()) {
            return errors;
        }
        String message = "goes beyond the methods within which the key was given " + String.join(", ", new TreeSet<>(kept))
                + ", which is not yours to give";
        if (methods == null) {
            return List.of(new FieldError("methods", message));
        }
        refuseEach(methods, pattern -> !given.anyCovers(pattern) && catalog.operationsWithin(pattern)
                .flatMap(operation -> operation.scopes().stream()).anyMatch(kept::contains), message, errors);
        return errors;
    }

    private static boolean mayGive(Caller person, String scope) {
        return Permission.ofScope(scope).map(person::mayGive).orElse(true);
    }

    private static void refuseEach(MethodPatterns methods, Predicate<MethodPattern> refused, String message,
            List<FieldError> errors) {
        for (int i = 0; i < methods.patterns().size(); i++) {
            if (refused.test(methods.patterns().get(i))) {
                errors.add(new FieldError("methods[" + i + "]", message));
            }
        }
    }
}
