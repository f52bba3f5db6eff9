package dev.latchkey.crypto;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.List;

import javax.crypto.Mac;

/**
 * Digests of API keys. What the database stores is {@code HMAC-SHA-256(pepper, SHA-256(token))}: reading the table yields
 * nothing that verifies, and inserting a row yields no working key, because the pepper is elsewhere. A plain hash suffices
 * inside, and no slow one is wanted, since a token has at least 190 random bits.
 */
public final class Peppers {

    /** Never fed: only copied. */
    private static final MessageDigest SHA_256 = sha256();

    private final KeyRing ring;

    public Peppers(KeyRing ring) {
        this.ring = ring;
    }

    /** SHA-256 of a token, 32 bytes: what imports bring, and what memory is keyed by. */
    public static byte[] fingerprint(String token) {
        try {
            // A copy costs a fraction of asking all providers for a new one, twice on each verification.
            MessageDigest digest = (MessageDigest) SHA_256.clone();
            return digest.digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (CloneNotSupportedException impossible) {
            throw new IllegalStateException("every Java platform copies SHA-256", impossible);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every Java platform has SHA-256", impossible);
        }
    }

    /** The digest to store for new material. */
    public Digest digest(byte[] fingerprint) {
        return digest(ring.current(), fingerprint);
    }

    /** Every digest under which the token may be stored while peppers rotate, the current one first. */
    public List<Digest> digests(byte[] fingerprint) {
        return ring.entries().stream().map(entry -> digest(entry, fingerprint)).toList();
    }

    /** A tag for values that this service hands out and takes back, such as cursors: 32 bytes. */
    public byte[] tag(String purpose, byte[] message) {
        return tag(ring.current(), purpose, message);
    }

    /** A tag for values that are kept: with the name of the pepper that made it, so that it can be checked after a rotation. */
    public Digest stamp(String purpose, byte[] message) {
        return new Digest(ring.current().id(), tag(ring.current(), purpose, message));
    }

    /** Whether a kept tag is the one of this purpose and message, under the pepper that it names. */
    public Check check(String purpose, Digest stamp, byte[] message) {
        return ring.find(stamp.pepperId()).map(
                pepper -> MessageDigest.isEqual(tag(pepper, purpose, message), stamp.bytes()) ? Check.GENUINE : Check.FORGED)
                .orElse(Check.UNKNOWN_PEPPER);
    }

    /** Every tag that {@link #tag} may have given while peppers rotate, the current one first. */
    public List<byte[]> tags(String purpose, byte[] message) {
        return ring.entries().stream().map(entry -> tag(entry, purpose, message)).toList();
    }

    private static byte[] tag(KeyRing.Entry pepper, String purpose, byte[] message) {
        Mac mac = mac(pepper);
        mac.update(("latchkey/" + purpose + "/").getBytes(StandardCharsets.UTF_8));
        return mac.doFinal(message);
    }

    List<String> ids() {
        return ring.entries().stream().map(KeyRing.Entry::id).toList();
    }

    /** What proves that a pepper of this name is the one that the database was used with; fits no token's fingerprint. */
    byte[] proof(String id) {
        return mac(ring.find(id).orElseThrow()).doFinal("latchkey/canary".getBytes(StandardCharsets.UTF_8));
    }

    private static Digest digest(KeyRing.Entry pepper, byte[] fingerprint) {
        if (fingerprint.length != 32) {
            throw new IllegalArgumentException("a fingerprint has 32 bytes");
        }
        return new Digest(pepper.id(), mac(pepper).doFinal(fingerprint));
    }

    private static Mac mac(KeyRing.Entry pepper) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(pepper.key());
            return mac;
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every Java platform has HmacSHA256", impossible);
        }
    }

    /** What the check of a kept tag comes to. */
    public enum Check {
        GENUINE,
        FORGED,
        /** Made by a pepper that this process was not given. */
        UNKNOWN_PEPPER
    }

    /**
     * @param pepperId which pepper made it
     * @param bytes 32 bytes
     */
    public record Digest(String pepperId, byte[] bytes) {
    }
}
