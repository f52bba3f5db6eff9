package dev.latchkey.key;

import java.time.Instant;
import java.util.Collection;
import java.util.List;

import jakarta.inject.Singleton;

import dev.latchkey.catalog.ApiPath;
import dev.latchkey.catalog.Catalog;
import dev.latchkey.catalog.Catalogs;
import dev.latchkey.catalog.Demand;
import dev.latchkey.catalog.MethodPatterns;
import dev.latchkey.net.IpAddress;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/**
 * Judges a key that was opened, by {@link KeyPairs} where it has a secret, by a catalogue, without waiting for anything: no
 * clock, no database, no limit. What cannot be judged is refused: a key limited to networks without an address, one limited to
 * methods without an operation, an operation whose path cannot be normalized.
 *
 * <p>
 * A key with methods is good for operations that fit one of them, also where the catalogue does not know the operation. Scopes
 * that it has are demanded besides; without any its methods are all that it was given, and they say it all.
 */
@Singleton
final class Judge {

    /** A holder may always ask what his key is and may do. */
    private static final Question.Operation SELF = new Question.Operation("GET", ApiPath.parse("/api/v1/keys/self"));

    private final Catalogs catalogs;

    Judge(Catalogs catalogs) {
        this.catalogs = catalogs;
    }

    /** Whether the key is good at all: everything up to its networks. */
    Verdict.Code ofKey(KeySnapshot key, @Nullable IpAddress ip, Instant now) {
        if (key.revoked() || key.replaced() || key.hasDied(now)) {
            return Verdict.Code.REVOKED;
        }
        if (!key.active() || !key.organizationActive()) {
            return Verdict.Code.INACTIVE;
        }
        if (key.hasExpired(now)) {
            return Verdict.Code.EXPIRED;
        }
        boolean inside = key.networks().isEmpty() || ip != null && key.networks().anyContains(ip);
        return inside ? Verdict.Code.VALID : Verdict.Code.IP_FORBIDDEN;
    }

    /**
     * Whether a key may call one of our own operations, as far as its scopes do not decide.
     *
     * @param use that operation
     */
    Verdict.Code ofCaller(KeySnapshot key, Question use, Instant now) {
        Verdict.Code ofKey = ofKey(key, use.ip(), now);
        return ofKey != Verdict.Code.VALID || isMethodAllowed(key, use.operation()) || SELF.equals(use.operation()) ? ofKey
                : Verdict.Code.METHOD_FORBIDDEN;
    }

    /**
     * The scopes by which a key may call one of our own operations: its own; where its methods alone decide, those that this
     * operation demands by the catalogue built in. What a document of the platform says of our operations besides is a matter
     * of the platform's own: it gives nobody rights here.
     */
    Collection<String> scopesOfCaller(KeySnapshot key, Question use) {
        if (!isByMethodsAlone(key)) {
            return key.scopes();
        }
        Demand demand = isMethodAllowed(key, use.operation()) ? demandOf(use, Catalog.builtIn()) : null;
        return demand == null ? List.of() : demand.scopes();
    }

    /** What the catalogue demands for the operation that is asked about; null where none is. Fit for statistics only. */
    @Nullable
    Demand demandOf(Question question) {
        return demandOf(question, catalogs.inMemory());
    }

    /** What that catalogue demands. */
    @Nullable
    Demand demandOf(Question question, Catalog catalog) {
        Question.Operation operation = question.operation();
        return operation == null ? null : catalog.demandOf(operation.method(), operation.path());
    }

    /** The catalogue to judge by; null where the one in memory is not to be believed. */
    @Nullable
    Catalog catalogFor(Question question) {
        return question.operation() == null ? catalogs.inMemory() : catalogs.believed();
    }

    /** The catalogue to judge by where memory is not to be believed. */
    Uni<Catalog> catalog() {
        return catalogs.now();
    }

    /**
     * Whether an opened key is good for what is asked: everything but its limit.
     *
     * @param demand that of the question
     */
    Verdict.Code ofUse(KeySnapshot key, Question question, @Nullable Demand demand, Instant now) {
        Verdict.Code ofKey = ofKey(key, question.ip(), now);
        if (ofKey != Verdict.Code.VALID) {
            return ofKey;
        }
        if (!isStoreAllowed(key, question.store())) {
            return Verdict.Code.STORE_FORBIDDEN;
        }
        Verdict.Code ofOperation = ofOperation(key, question.operation(), demand);
        if (ofOperation != Verdict.Code.VALID) {
            return ofOperation;
        }
        return key.scopes().containsAll(question.scopes()) ? Verdict.Code.VALID : Verdict.Code.SCOPE_MISSING;
    }

    private static Verdict.Code ofOperation(KeySnapshot key, Question.@Nullable Operation operation, @Nullable Demand demand) {
        if (!isMethodAllowed(key, operation)) {
            return Verdict.Code.METHOD_FORBIDDEN;
        }
        if (demand == null) {
            return Verdict.Code.VALID;
        }
        boolean allowed = switch (demand.code()) {
            case KNOWN -> true;
            case UNKNOWN -> key.methods() != null || key.allowUnknownOperations();
            case REFUSED -> false;
        };
        if (!allowed) {
            return Verdict.Code.METHOD_FORBIDDEN;
        }
        // Also of an unknown operation: an odd spelling must not shed the scopes of the plain one.
        return isByMethodsAlone(key) || key.scopes().containsAll(demand.scopes()) ? Verdict.Code.VALID
                : Verdict.Code.SCOPE_MISSING;
    }

    private static boolean isMethodAllowed(KeySnapshot key, Question.@Nullable Operation operation) {
        MethodPatterns methods = key.methods();
        return methods == null || operation != null && methods.allow(operation.method(), operation.path());
    }

    private static boolean isByMethodsAlone(KeySnapshot key) {
        return key.methods() != null && key.scopes().isEmpty();
    }

    /** Whether the one who asks may not know of the key. */
    static boolean isForeign(KeySnapshot key, Question question) {
        return question.organizationId() != null && !question.organizationId().equals(key.organizationId())
                || question.organization() != null && !question.organization().equals(key.organization());
    }

    private static boolean isStoreAllowed(KeySnapshot key, @Nullable String store) {
        List<KeySnapshot.StoreReference> stores = key.stores();
        if (stores == null) {
            return true;
        }
        if (store == null) {
            return !key.requireStore();
        }
        for (KeySnapshot.StoreReference allowed : stores) {
            if (allowed.key().equals(store) || allowed.id().toString().equalsIgnoreCase(store)) {
                return true;
            }
        }
        return false;
    }
}
