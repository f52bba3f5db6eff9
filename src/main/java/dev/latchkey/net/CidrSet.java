package dev.latchkey.net;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Networks of which one suffices: an allow-list, the gateways, the trusted proxies.
 * <p>
 * A plain list, since such lists hold a handful and a scan over two longs each beats a tree until about a hundred.
 *
 * @param networks in the order given, each once
 */
public record CidrSet(List<Cidr> networks) {

    private static final CidrSet NONE = new CidrSet(List.of());

    /** What a list of texts turned out to be. */
    public sealed interface Parsed permits Valid, Invalid {

        /** The networks, or null when one of the texts names none. */
        default @Nullable CidrSet orNull() {
            return this instanceof Valid valid ? valid.set() : null;
        }
    }

    /** Every text names a network. */
    public record Valid(CidrSet set) implements Parsed {
        public Valid {
            requireNonNull(set, "set");
        }
    }

    /**
     * A text names no network; the first such one is told.
     *
     * @param index its position in the list, from 0
     * @param message what is wrong with it and what to write instead, for a person
     */
    public record Invalid(int index, String message) implements Parsed {
        public Invalid {
            requireNonNull(message, "message");
        }
    }

    public CidrSet {
        networks = requireNonNull(networks, "networks").stream().distinct().toList();
    }

    /** The set that contains nothing. */
    public static CidrSet none() {
        return NONE;
    }

    /** The networks that the texts name, each as {@link Cidr#parse} takes it. */
    public static Parsed parse(List<String> texts) {
        var networks = new ArrayList<Cidr>(texts.size());
        for (var i = 0; i < texts.size(); i++) {
            var parsed = Cidr.parse(texts.get(i));
            if (parsed instanceof Cidr.Invalid invalid) {
                return new Invalid(i, invalid.message());
            }
            if (parsed instanceof Cidr.Valid valid) {
                networks.add(valid.cidr());
            }
        }
        return new Valid(new CidrSet(networks));
    }

    public boolean isEmpty() {
        return networks.isEmpty();
    }

    /** Whether the address lies in one of the networks; never in an empty set. Allocates nothing. */
    public boolean anyContains(IpAddress address) {
        for (var i = 0; i < networks.size(); i++) {
            if (networks.get(i).contains(address)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether one of the networks contains all of the other.
     * <p>
     * Two halves do not cover their whole: never true wrongly, sometimes false where a union would do, which asks a person to
     * write the list as its maker has it.
     */
    public boolean anyContains(Cidr other) {
        for (var network : networks) {
            if (network.contains(other)) {
                return true;
            }
        }
        return false;
    }

    /** Whether each network of the other set lies in one of these: what a grant must satisfy to not exceed its maker's. */
    public boolean containsAll(CidrSet other) {
        return other.networks.stream().allMatch(this::anyContains);
    }
}
