package dev.latchkey.key;

import java.security.SecureRandom;
import java.util.UUID;

import jakarta.inject.Singleton;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.latchkey.net.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * Who may ask the database for a token that memory does not know, so that random tokens reach it at a bounded rate and honest
 * ones are not kept out.
 *
 * <p>
 * <b>Invariant:</b> look-ups that find nothing, of tokens that never opened a key here, are at most the rate that is
 * configured, and what may be asked at once. A token with a good checksum cannot be told from junk before it is looked up;
 * what tells them apart is the outcome. So each look-up takes one from an allowance, and whoever found something gets it
 * back: honest callers, who find something, spend nothing, however cold this replica is. Three allowances are asked, so
 * that one who guesses uses up his own before that of others: his network's (where his address was told), that of the
 * organization that verifies (which could make up addresses, and by which anyone without one is counted), and the replica's. A
 * token that has opened a key before asks none of them ({@link Seen}): what was forgotten for a change, or pushed out, is
 * read again in the midst of an attack. What is left: someone with many networks can use up the replica's allowance, and keys
 * that this replica has not seen since its start then have to come back.
 */
@Singleton
class LookUps {

    /** RFC 6177: what one customer is given at most; and as much as one who rents addresses easily gets. */
    private static final int IPV6_NETWORK_SHIFT = 16;
    private static final int IPV4_NETWORK_SHIFT = 8;
    private static final int NETWORKS = 1 << 14;
    private static final int ORGANIZATIONS = 1 << 12;
    private static final int NETWORK_PART = 20;
    private static final int ORGANIZATION_PART = 4;
    private static final int NOBODY = 0;

    private final Ticker monotonic;
    private final long origin;
    private final Allowance networks;
    private final Allowance organizations;
    private final Allowance all;
    private final Seen seen;
    /** Unknown outside, so that nobody chooses with whom he shares. */
    private final int seed;

    LookUps(KeyConfig config, Ticker monotonic, SecureRandom random) {
        this.monotonic = monotonic;
        this.origin = monotonic.read();
        this.seed = random.nextInt();
        int rate = config.unknownRate();
        this.networks = new Allowance(NETWORKS, Math.max(1, rate / NETWORK_PART), rate);
        this.organizations = new Allowance(ORGANIZATIONS, Math.max(1, rate / ORGANIZATION_PART), 2 * rate);
        this.all = new Allowance(1, rate, 4 * rate);
        this.seen = new Seen(Seen.DEFAULT_BITS);
    }

    /** What a look-up took, to be given back when it was not for nothing. */
    interface Taken {

        Taken NOTHING = () -> {
        };

        void giveBack();
    }

    /**
     * Whether the database may be asked.
     *
     * @param organization that verifies; null: the platform, or a gateway
     * @param ip where the holder of the token is said to be; null: not told
     * @return null where too much was asked for nothing
     */
    @Nullable
    Taken take(Fingerprint fingerprint, @Nullable UUID organization, @Nullable IpAddress ip) {
        if (seen.contains(fingerprint)) {
            return Taken.NOTHING;
        }
        long nanos = monotonic.read() - origin;
        boolean ofNetwork = ip != null;
        boolean ofOrganization = organization != null || ip == null;
        int network = ip == null ? NOBODY : hash(network(ip));
        int verifier = organization == null ? NOBODY : hash(organization.getLeastSignificantBits());
        if (ofNetwork && !networks.take(network, nanos)) {
            return null;
        }
        if (ofOrganization && !organizations.take(verifier, nanos)) {
            giveBack(ofNetwork, network, false, verifier);
            return null;
        }
        if (!all.take(NOBODY, nanos)) {
            giveBack(ofNetwork, network, ofOrganization, verifier);
            return null;
        }
        return () -> {
            giveBack(ofNetwork, network, ofOrganization, verifier);
            all.giveBack(NOBODY);
        };
    }

    /** It has opened a key. */
    void found(Fingerprint fingerprint) {
        seen.add(fingerprint);
    }

    private void giveBack(boolean ofNetwork, int network, boolean ofOrganization, int verifier) {
        if (ofNetwork) {
            networks.giveBack(network);
        }
        if (ofOrganization) {
            organizations.giveBack(verifier);
        }
    }

    private static long network(IpAddress ip) {
        return ip.isIpv4() ? ip.low() >>> IPV4_NETWORK_SHIFT : ip.high() >>> IPV6_NETWORK_SHIFT;
    }

    private int hash(long value) {
        long mixed = (value ^ seed) * 0x9E3779B97F4A7C15L;
        return (int) (mixed ^ mixed >>> 32);
    }
}
