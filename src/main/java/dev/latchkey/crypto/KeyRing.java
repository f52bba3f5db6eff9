package dev.latchkey.crypto;

import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

import javax.crypto.spec.SecretKeySpec;

/**
 * The keys of one purpose, as an operator configures them: {@code id:base64} of 32 bytes, comma-separated. The first one
 * makes what is new, all of them open what is old, so that a key is replaced by putting its successor in front.
 */
public final class KeyRing {

    static final int KEY_BYTES = 32;
    private static final int MIN_DIFFERENT_BYTES = 16;
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,31}");

    private final List<Entry> entries;

    private KeyRing(List<Entry> entries) {
        this.entries = List.copyOf(entries);
    }

    /**
     * @param setting the name of the setting, for the message
     * @param text what the operator wrote
     * @throws IllegalArgumentException with a message that names the setting and the entry, and never a key
     */
    public static KeyRing parse(String setting, String text) {
        List<Entry> entries = new ArrayList<>();
        int position = 0;
        for (String part : text.strip().split(",", -1)) {
            position++;
            String where = setting + ", entry " + position + ": ";
            int colon = part.indexOf(':');
            if (colon < 0) {
                throw new IllegalArgumentException(where + "expected id:base64 of 32 bytes");
            }
            String id = part.substring(0, colon).strip();
            if (!ID.matcher(id).matches()) {
                throw new IllegalArgumentException(
                        where + "the id must be 1 to 32 of letters, digits, '.', '_' and '-', starting with a letter or digit");
            }
            if (entries.stream().anyMatch(entry -> entry.id().equals(id))) {
                throw new IllegalArgumentException(where + "the id '" + id + "' stands twice");
            }
            entries.add(new Entry(id, decode(where, part.substring(colon + 1).strip())));
        }
        return new KeyRing(entries);
    }

    private static SecretKeySpec decode(String where, String base64) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException notBase64) {
            // The cause is left out on purpose: it quotes characters of the key.
            throw new IllegalArgumentException(where + "not base64");
        }
        if (bytes.length != KEY_BYTES) {
            throw new IllegalArgumentException(where + "expected 32 bytes, got " + bytes.length);
        }
        requireRandom(where, bytes);
        try {
            return new SecretKeySpec(bytes, "LatchkeyRing");
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    /**
     * Refuses what nobody drew by chance: a filler, a sequence, a passphrase. Of 32 random bytes less than 16 different ones,
     * or nothing but printable characters, come up once in more than 10^13 keys.
     */
    private static void requireRandom(String where, byte[] bytes) {
        BitSet different = new BitSet(256);
        boolean printable = true;
        boolean sequence = true;
        for (int i = 0; i < bytes.length; i++) {
            different.set(Byte.toUnsignedInt(bytes[i]));
            printable &= bytes[i] >= ' ' && bytes[i] <= '~';
            sequence &= i < 2 || bytes[i] - bytes[i - 1] == bytes[1] - bytes[0];
        }
        if (different.cardinality() < MIN_DIFFERENT_BYTES || printable || sequence) {
            throw new IllegalArgumentException(
                    where + "the key is not random, hence can be guessed; 'openssl rand -base64 32' makes one");
        }
    }

    /** Whether both hold the same key, under whatever name. */
    boolean sharesKeyWith(KeyRing other) {
        return entries.stream().anyMatch(entry -> other.entries.stream()
                .anyMatch(theirs -> MessageDigest.isEqual(entry.bytes(), theirs.bytes())));
    }

    Entry current() {
        return entries.get(0);
    }

    Optional<Entry> find(String id) {
        return entries.stream().filter(entry -> entry.id().equals(id)).findFirst();
    }

    List<Entry> entries() {
        return entries;
    }

    /** The ids only: a key ring never prints its keys. */
    @Override
    public String toString() {
        return "KeyRing" + entries;
    }

    /** One key and its name. */
    record Entry(String id, SecretKeySpec key) {
        byte[] bytes() {
            return key.getEncoded();
        }

        @Override
        public String toString() {
            return id + ":***";
        }
    }
}
