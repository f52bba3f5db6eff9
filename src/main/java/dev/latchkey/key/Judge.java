package dev.latchkey.key;

import java.time.Instant;
import java.util.List;

import jakarta.inject.Singleton;

import dev.latchkey.catalog.Catalog;
import dev.latchkey.catalog.Catalogs;
import dev.latchkey.catalog.Demand;
import dev.latchkey.net.IpAddress;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/**
 * Judges a key by a catalogue without waiting for anything: no clock, no database, no limit. What cannot be judged is refused:
 * a key limited
 * to networks without an address, an operation whose path cannot be normalized.
 */
@Singleton
final class Judge {

    private final Catalogs catalogs;

    Judge(Catalogs catalogs) {
        this.catalogs = catalogs;
    }

    /** Whether the key is good at all: everything up to its networks. Our own operations ask only this. */
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
     * Whether the key is good for what is asked: everything but its limit.
     *
     * @param demand that of the question
     */
    Verdict.Code ofUse(KeySnapshot key, Question question, @Nullable Demand demand, Instant now) {
        if (isForeign(key, question)) {
            return Verdict.Code.NOT_FOUND;
        }
        Verdict.Code ofKey = ofKey(key, question.ip(), now);
        if (ofKey != Verdict.Code.VALID) {
            return ofKey;
        }
        if (!isStoreAllowed(key, question.store())) {
            return Verdict.Code.STORE_FORBIDDEN;
        }
        if (demand != null) {
            Verdict.Code ofOperation = ofOperation(key, demand);
            if (ofOperation != Verdict.Code.VALID) {
                return ofOperation;
            }
        }
        return key.scopes().containsAll(question.scopes()) ? Verdict.Code.VALID : Verdict.Code.SCOPE_MISSING;
    }

    private static Verdict.Code ofOperation(KeySnapshot key, Demand demand) {
        boolean allowed = switch (demand.code()) {
            case KNOWN -> true;
            case UNKNOWN -> key.allowUnknownOperations();
            case REFUSED -> false;
        };
        if (!allowed) {
            return Verdict.Code.METHOD_FORBIDDEN;
        }
        // Also of an unknown operation: an odd spelling must not shed the scopes of the plain one.
        return key.scopes().containsAll(demand.scopes()) ? Verdict.Code.VALID : Verdict.Code.SCOPE_MISSING;
    }

    private static boolean isForeign(KeySnapshot key, Question question) {
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
