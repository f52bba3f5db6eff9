package dev.latchkey.crypto;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;

import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;

/**
 * Seals bytes with AES-256-GCM so that they open only where they were sealed for. This class alone reads and writes the
 * layout:
 *
 * <table>
 * <caption>A sealed value</caption>
 * <tr>
 * <th>offset</th>
 * <th>bytes</th>
 * <th>meaning</th>
 * </tr>
 * <tr>
 * <td>0</td>
 * <td>1</td>
 * <td>layout version: 1, sealed with a master key; 2, with a key derived from it and a {@link Secret}; 3, with a
 * {@link DataKey}</td>
 * </tr>
 * <tr>
 * <td>1</td>
 * <td>1</td>
 * <td>n, length of the key's id (1 to 32)</td>
 * </tr>
 * <tr>
 * <td>2</td>
 * <td>n</td>
 * <td>id of the master key, ASCII; of the data key, 16 bytes of its UUID</td>
 * </tr>
 * <tr>
 * <td>2 + n</td>
 * <td>12</td>
 * <td>nonce, random</td>
 * </tr>
 * <tr>
 * <td>14 + n</td>
 * <td>rest</td>
 * <td>ciphertext, then the 16-byte tag</td>
 * </tr>
 * </table>
 *
 * <p>
 * The associated data is the header (version, n, id) followed by the {@link Place}: what is moved to another organization,
 * row, field or version, or relabelled with another key, does not open. Random 96-bit nonces are safe far beyond what one
 * key seals here (NIST SP 800-38D section 8.3: 2^32 messages).
 */
public final class Sealer {

    private static final byte MASTER = 1;
    private static final byte DERIVED = 2;
    private static final byte DATA = 3;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final KeyRing ring;
    private final SecureRandom random;
    private final Counter sealed;
    private final Counter opened;
    private final Counter broken;

    /** Tells nobody how much it seals. */
    public Sealer(KeyRing ring, SecureRandom random) {
        this(ring, random, new CompositeMeterRegistry());
    }

    Sealer(KeyRing ring, SecureRandom random, MeterRegistry metrics) {
        this.ring = ring;
        this.random = random;
        this.sealed = operations(metrics, "seal", "done");
        this.opened = operations(metrics, "open", "done");
        this.broken = operations(metrics, "open", "broken");
    }

    private static Counter operations(MeterRegistry metrics, String operation, String result) {
        return Counter.builder("latchkey.sealing").description("Values that were sealed and opened, wrapped keys included")
                .tag("operation", operation).tag("result", result).register(metrics);
    }

    /** Seals with the first key of the ring. */
    public byte[] seal(byte[] plaintext, Place place) {
        KeyRing.Entry entry = ring.current();
        return seal(header(MASTER, bytes(entry)), master(entry), plaintext, place);
    }

    /** Seals with the first key of the ring and a secret that is kept nowhere: it takes both to open. */
    public byte[] seal(byte[] plaintext, Place place, Secret secret) {
        KeyRing.Entry entry = ring.current();
        return seal(header(DERIVED, bytes(entry)), derived(entry, secret), plaintext, place);
    }

    /** Seals with the key of an organization. */
    byte[] seal(DataKey key, byte[] plaintext, Place place) {
        return seal(header(DATA, bytes(key.id())), key.key(), plaintext, place);
    }

    /** Seals with a named key of the ring, so that each of them can be proven. */
    byte[] sealWith(String id, byte[] plaintext, Place place) {
        KeyRing.Entry entry = ring.find(id).orElseThrow();
        return seal(header(MASTER, bytes(entry)), master(entry), plaintext, place);
    }

    private byte[] seal(byte[] header, SecretKeySpec key, byte[] plaintext, Place place) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            byte[] ciphertext = cipher(Cipher.ENCRYPT_MODE, key, nonce, header, place).doFinal(plaintext);
            sealed.increment();
            return ByteBuffer.allocate(header.length + NONCE_BYTES + ciphertext.length).put(header).put(nonce).put(ciphertext)
                    .array();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every Java platform has AES-GCM", impossible);
        }
    }

    /**
     * @throws SealBrokenException when the value is damaged, was sealed for another place, or its key is not in the ring
     */
    public byte[] open(byte[] sealed, Place place) {
        return open(MASTER, id -> master(entry(id)), sealed, place);
    }

    /**
     * @throws SealBrokenException as above, and when it was sealed with another secret or with none
     */
    public byte[] open(byte[] sealed, Place place, Secret secret) {
        return open(DERIVED, id -> derived(entry(id), secret), sealed, place);
    }

    /** @throws SealBrokenException as above, and when another key than this one sealed it */
    byte[] open(DataKey key, byte[] sealed, Place place) {
        return open(DATA, id -> {
            if (!Arrays.equals(id, bytes(key.id()))) {
                throw new SealBrokenException("sealed with another data key");
            }
            return key.key();
        }, sealed, place);
    }

    private byte[] open(byte version, Function<byte[], SecretKeySpec> keyOfId, byte[] sealed, Place place) {
        try {
            byte[] plaintext = plaintext(version, keyOfId, sealed, place);
            opened.increment();
            return plaintext;
        } catch (SealBrokenException shut) {
            broken.increment();
            throw shut;
        }
    }

    private static byte[] plaintext(byte version, Function<byte[], SecretKeySpec> keyOfId, byte[] sealed, Place place) {
        if (sealed.length < 2 || sealed[0] != version) {
            throw new SealBrokenException("not a sealed value of layout " + version);
        }
        int idLength = Byte.toUnsignedInt(sealed[1]);
        int headerLength = 2 + idLength;
        if (sealed.length < headerLength + NONCE_BYTES + TAG_BITS / 8) {
            throw new SealBrokenException("the sealed value is cut short");
        }
        SecretKeySpec key = keyOfId.apply(Arrays.copyOfRange(sealed, 2, headerLength));
        byte[] header = Arrays.copyOf(sealed, headerLength);
        byte[] nonce = Arrays.copyOfRange(sealed, headerLength, headerLength + NONCE_BYTES);
        int bodyOffset = headerLength + NONCE_BYTES;
        try {
            return cipher(Cipher.DECRYPT_MODE, key, nonce, header, place).doFinal(sealed, bodyOffset,
                    sealed.length - bodyOffset);
        } catch (AEADBadTagException broken) {
            throw new SealBrokenException("the seal does not fit: damaged, or sealed for another place or by another key");
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every Java platform has AES-GCM", impossible);
        }
    }

    List<String> ids() {
        return ring.entries().stream().map(KeyRing.Entry::id).toList();
    }

    private static byte[] header(byte version, byte[] id) {
        return ByteBuffer.allocate(2 + id.length).put(version).put((byte) id.length).put(id).array();
    }

    private static byte[] bytes(KeyRing.Entry entry) {
        return entry.id().getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] bytes(UUID id) {
        return ByteBuffer.allocate(16).putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits()).array();
    }

    private KeyRing.Entry entry(byte[] id) {
        return ring.find(new String(id, StandardCharsets.US_ASCII))
                .orElseThrow(() -> new SealBrokenException("no key of that id is in the ring"));
    }

    private static SecretKeySpec master(KeyRing.Entry entry) {
        return new SecretKeySpec(entry.bytes(), "AES");
    }

    private static SecretKeySpec derived(KeyRing.Entry entry, Secret secret) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(entry.key());
            mac.update(("latchkey/" + secret.purpose()).getBytes(StandardCharsets.UTF_8));
            mac.update((byte) 0);
            mac.update(secret.bytes());
            mac.update((byte) 1);
            return new SecretKeySpec(mac.doFinal(), "AES");
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every Java platform has HmacSHA256", impossible);
        }
    }

    private static Cipher cipher(int mode, SecretKeySpec key, byte[] nonce, byte[] header, Place place)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(header);
        cipher.updateAAD(place.bytes());
        return cipher;
    }

    /**
     * Where a sealed value belongs. Encoded as organization (16 bytes), row (16 bytes), version (8 bytes, big-endian), then
     * the field's name in UTF-8: every part but the last has a fixed length, so that no two places share an encoding.
     *
     * @param organization the organization's id; all zero for what belongs to the installation
     * @param row the row's id
     * @param field table and column, such as {@code credential.secret}
     * @param version raised whenever the plaintext of this field changes, and only then
     */
    public record Place(UUID organization, UUID row, String field, long version) {
        byte[] bytes() {
            byte[] name = field.getBytes(StandardCharsets.UTF_8);
            return ByteBuffer.allocate(40 + name.length).putLong(organization.getMostSignificantBits())
                    .putLong(organization.getLeastSignificantBits()).putLong(row.getMostSignificantBits())
                    .putLong(row.getLeastSignificantBits()).putLong(version).put(name).array();
        }
    }

    /**
     * What someone else keeps, and has to bring along for a value to open.
     *
     * @param purpose what it is used for, so that the same secret gives another key elsewhere; without NUL
     * @param bytes the secret
     */
    public record Secret(String purpose, byte[] bytes) {

        @Override
        public String toString() {
            return purpose + ":***";
        }
    }
}
