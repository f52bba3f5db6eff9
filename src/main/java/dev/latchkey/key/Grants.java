package dev.latchkey.key;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

import dev.latchkey.identity.Caller;
import dev.latchkey.identity.Permission;
import dev.latchkey.net.Cidr;
import dev.latchkey.net.CidrSet;
import dev.latchkey.web.Problem.FieldError;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import org.jspecify.annotations.Nullable;

/**
 * What a key lets its holder do, and the rule that nobody gives what he does not hold. A key gives at most its own scopes,
 * stores and networks. A person gives every scope of the platform's own API, but of this service's scopes only those whose
 * row of the permission table allows it.
 *
 * @param scopes names
 * @param stores ids; null: all
 * @param networks empty: from anywhere
 */
record Grants(Set<String> scopes, @Nullable Set<UUID> stores, CidrSet networks) {

    /** What a key that does not exist yet grants. */
    static final Grants NONE = new Grants(Set.of(), Set.of(), CidrSet.none());

    static Grants of(KeySnapshot key) {
        List<KeySnapshot.StoreReference> stores = key.stores();
        return new Grants(Set.copyOf(key.scopes()), stores == null ? null
                : stores.stream().map(KeySnapshot.StoreReference::id).collect(Collectors.toUnmodifiableSet()), key.networks());
    }

    static Grants of(Key key) {
        return new Grants(Set.of(key.scopes), key.allStores ? null : Set.copyOf(key.storeIds),
                new CidrSet(
                        Arrays.stream(key.ipAllowList).map(text -> ((Cidr.Valid) Cidr.parse(text)).cidr()).toList()));
    }

    /**
     * Refuses to give away what the giver does not hold.
     *
     * <p>
     * Of an edit that widens nothing, everything may stay: it was someone else's gift. A person may widen scope by scope. A
     * key that widens anything must hold all of the result, since scopes, stores and networks multiply: one scope more on a
     * key of all stores is that scope in all of them.
     *
     * @param giver who creates, edits or receives the key
     * @param own what the giver's key grants; null for a person
     * @param before what is granted already and not handed out anew; {@link #NONE}: everything counts as new
     * @throws ProblemException 403, naming each field that goes too far
     */
    void requireGivenBy(Caller giver, @Nullable Grants own, Grants before) {
        List<FieldError> errors = new ArrayList<>();
        if (own == null) {
            scopes.stream().filter(scope -> !before.scopes.contains(scope))
                    .filter(scope -> !Permission.ofScope(scope).map(giver::mayGive).orElse(true))
                    .forEach(scope -> errors.add(notYours(scope)));
        } else if (before == NONE || !isWithin(before)) {
            scopes.stream().filter(scope -> !own.scopes.contains(scope)).forEach(scope -> errors.add(notYours(scope)));
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

    private boolean isWithin(Grants other) {
        return other.scopes.containsAll(scopes) && storesWithin(other) && networksWithin(other);
    }

    private boolean storesWithin(Grants other) {
        return other.stores == null || stores != null && other.stores.containsAll(stores);
    }

    private boolean networksWithin(Grants other) {
        return other.networks.isEmpty() || !networks.isEmpty() && other.networks.containsAll(networks);
    }

    private static FieldError notYours(String scope) {
        return new FieldError("scopes", scope + " is not yours to give");
    }
}
