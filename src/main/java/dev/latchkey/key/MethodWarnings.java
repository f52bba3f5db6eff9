package dev.latchkey.key;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

import jakarta.inject.Singleton;

import dev.latchkey.catalog.Catalog;
import dev.latchkey.catalog.Catalog.Operation;
import dev.latchkey.catalog.Catalogs;
import dev.latchkey.catalog.MethodPattern;
import dev.latchkey.catalog.MethodPatterns;

/**
 * Tells of patterns that were accepted and likely allow nothing. They may be meant: the API behind a gateway often has
 * operations that its document does not tell.
 */
@Singleton
class MethodWarnings {

    private final Catalogs catalogs;

    MethodWarnings(Catalogs catalogs) {
        this.catalogs = catalogs;
    }

    /** The key with what is to be said of it. */
    KeyView on(KeyView key) {
        List<String> methods = key.methods();
        if (methods == null) {
            return key;
        }
        return key.with(on(key.scopes(), methods));
    }

    /** What is to be said of methods that go with those scopes. */
    List<KeyView.Warning> on(Collection<String> scopes, List<String> methods) {
        // Advice on what has been done already must not fail: the one read last will do.
        Catalog catalog = catalogs.inMemory();
        List<KeyView.Warning> warnings = new ArrayList<>();
        List<MethodPattern> patterns = MethodPatterns.stored(methods).patterns();
        for (int i = 0; i < patterns.size(); i++) {
            List<Operation> operations = catalog.operationsWithin(patterns.get(i)).toList();
            if (operations.isEmpty()) {
                warnings.add(new KeyView.Warning("methods[" + i + "]", "matches no operation of the catalogue"));
            } else if (!scopes.isEmpty()
                    && operations.stream().noneMatch(operation -> scopes.containsAll(operation.scopes()))) {
                warnings.add(new KeyView.Warning("methods[" + i + "]",
                        "matches only operations of the catalogue that the key has no scope for"));
            }
        }
        return warnings;
    }
}
