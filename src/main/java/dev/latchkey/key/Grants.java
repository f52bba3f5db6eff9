package dev.latchkey.key;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

import dev.latchkey.catalog.Catalog;
import dev.latchkey.catalog.MethodPatterns;
import dev.latchkey.identity.Caller;
import dev.latchkey.net.Cidr;
import dev.latchkey.net.CidrSet;
import dev.latchkey.web.Problem.FieldError;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import org.jspecify.annotations.Nullable;

/**
 * What a key lets its holder do, and the rule that nobody gives what he does not hold. A key gives at most its own scopes,
 * methods, stores and networks. A person gives every scope of the platform's own API, but of this service's scopes only those
 * whose row of the permission table allows it.
 *
 * @param operations by scopes and methods
 * @param stores ids; null: all
 * @param networks empty: from anywhere
 */
record Grants(GrantedOperations operations, @Nullable Set<UUID> stores, CidrSet networks) {

    /** What a key that does not exist yet grants. */
    static final Grants NONE = new Grants(new GrantedOperations(Set.of(), null), Set.of(), CidrSet.none());

    static Grants of(KeySnapshot key) {
        List<KeySnapshot.StoreReference> stores = key.stores();
        return new Grants(new GrantedOperations(Set.copyOf(key.scopes()), key.methods()), stores == null ? null
                : stores.stream().map(KeySnapshot.StoreReference::id).collect(Collectors.toUnmodifiableSet()), key.networks());
    }

    static Grants of(Key key) {
        String[] methods = key.methods;
        return new Grants(
                new GrantedOperations(Set.of(key.scopes),
                        methods == null ? null : MethodPatterns.stored(Arrays.asList(methods))),
                key.allStores ? null : Set.copyOf(key.storeIds),
                new CidrSet(
                        Arrays.stream(key.ipAllowList).map(text -> ((Cidr.Valid) Cidr.parse(text)).cidr()).toList()));
    }

    /**
     * Refuses to give away what the giver does not hold.
     *
     * <p>
     * Of an edit that widens nothing, everything may stay: it was someone else's gift. A person may widen scope by scope. A
     * key that widens anything must hold all of the result, since operations, stores and networks multiply: one scope more on
     * a key of all stores is that scope in all of them.
     *
     * @param giver who creates, edits or receives the key
     * @param own what the giver's key grants; null for a person
     * @param before what is granted already and not handed out anew; {@link #NONE}: everything counts as new
     * @param catalog what there is to grant
     * @throws ProblemException 403, naming each field that goes too far
     */
    void requireGivenBy(Caller giver, @Nullable Grants own, Grants before, Catalog catalog) {
        List<FieldError> errors = new ArrayList<>();
        if (own == null) {
            errors.addAll(operations.beyond(giver, before.operations, catalog));
        } else if (before == NONE || !isWithin(before, catalog)) {
            errors.addAll(operations.beyond(own.operations, catalog));
            if (!storesWithin(own)) {
                errors.add(new FieldError("access", "reaches stores that your key does not reach"));
            }
            if (!networksWithin(own)) {
                errors.add(new FieldError("ipAllowList", "allows networks that your key does not allow"));
            }
        }
        if (!errors.isEmpty()) {
            throw new ProblemException(ProblemCode.ESCALATION, "Nobody can give a key more than he holds.", errors);
        }
    }

    private boolean isWithin(Grants other, Catalog catalog) {
        return operations.areWithin(other.operations, catalog) && storesWithin(other) && networksWithin(other);
    }

    private boolean storesWithin(Grants other) {
        return other.stores == null || stores != null && other.stores.containsAll(stores);
    }

    private boolean networksWithin(Grants other) {
        return other.networks.isEmpty() || !networks.isEmpty() && other.networks.containsAll(networks);
    }
}
