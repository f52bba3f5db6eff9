package dev.latchkey.key;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.UUID;

import jakarta.inject.Singleton;

import dev.latchkey.crypto.Peppers;
import dev.latchkey.crypto.Secret;
import org.jspecify.annotations.Nullable;

/**
 * Which secret goes with which key.
 *
 * <p>
 * <b>Invariant:</b> a key that has a secret is never valid without it; and whatever is valid is a <em>pair</em> as it was
 * handed out: at most two, the current one and one predecessor in its grace period. A new key does not go with the old secret,
 * nor an old key with the new one, unless it was that part alone which was replaced. So whoever holds one half of the old pair
 * and one half of the new one (a log of yesterday and one of today) holds nothing, and whoever ends a grace period ends
 * exactly what was there before the last change.
 *
 * <p>
 * A row of {@code key_material} is a pair. With (K1, S1) current, and a grace period:
 *
 * <table>
 * <caption>What a regeneration leaves</caption>
 * <tr>
 * <th>replaced</th>
 * <th>current</th>
 * <th>predecessor</th>
 * </tr>
 * <tr>
 * <td>both</td>
 * <td>(K2, S2)</td>
 * <td>(K1, S1)</td>
 * </tr>
 * <tr>
 * <td>the key</td>
 * <td>(K2, S1)</td>
 * <td>(K1, S1)</td>
 * </tr>
 * <tr>
 * <td>the secret</td>
 * <td>(K1, S2)</td>
 * <td>(K1, S1), in a row without a token of its own: one token leads to one row, the current one, which names both secrets</td>
 * </tr>
 * </table>
 *
 * The predecessor's predecessor dies at once in each case; the database holds one current row and one previous row for each key
 * at most. A key gets a secret at its creation or never.
 *
 * <p>
 * What could break it: a row whose secret was lost would turn a pair into a key without a secret. Nothing sets the digest of
 * a secret to null; a new row takes it over or gets another one ({@link Materials}). A digest is bound to its key, so that
 * one that is copied to another key's row fits nothing there.
 *
 * <p>
 * A secret that is sent along with a key that has none is not looked at: whoever holds such a key holds all there is to hold,
 * and clients that have to send something (Basic) send something.
 */
@Singleton
final class KeyPairs {

    private static final String PURPOSE = "key-secret";
    private static final int MESSAGE_BYTES = 16 + 32;

    private final Peppers peppers;

    KeyPairs(Peppers peppers) {
        this.peppers = peppers;
    }

    /** What is kept of a key's secret. */
    Peppers.Digest digest(UUID key, KeySecret secret) {
        return peppers.stamp(PURPOSE, message(key, secret.text()));
    }

    /**
     * The key as whoever presents that secret opens it, by its current pair or by the predecessor; null where the secret is
     * missing or wrong. Compares in constant time.
     */
    @Nullable
    KeySnapshot opened(KeySnapshot key, @Nullable Secret presented, Instant now) {
        PairedSecrets secrets = key.secrets();
        if (secrets == null) {
            return key;
        }
        if (presented == null) {
            return null;
        }
        byte[] message = message(key.keyId(), presented.reveal());
        if (fits(secrets.digest(), message)) {
            return key;
        }
        PairedSecrets.Former former = secrets.former();
        return former != null && now.isBefore(former.diesAt()) && fits(former.digest(), message)
                ? key.openedBy(former)
                : null;
    }

    private boolean fits(Peppers.Digest digest, byte[] message) {
        return peppers.check(PURPOSE, digest, message) == Peppers.Check.GENUINE;
    }

    private static byte[] message(UUID key, String secret) {
        return ByteBuffer.allocate(MESSAGE_BYTES).putLong(key.getMostSignificantBits())
                .putLong(key.getLeastSignificantBits()).put(Peppers.fingerprint(secret)).array();
    }
}
