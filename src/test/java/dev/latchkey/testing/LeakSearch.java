package dev.latchkey.testing;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

import dev.latchkey.crypto.Secret;

/**
 * Searches long texts for many secrets at once, each also in hexadecimal (as a dump shows bytes), in base64 and as its plain
 * SHA-256, by which a token could be recognised without the pepper. By the last characters of each, since keys and tokens
 * share their first ones.
 */
public final class LeakSearch {

    private static final int ANCHOR_CHARACTERS = 12;
    private static final int SHOWN_BEFORE = 60;

    /** {@link String#hashCode}'s. */
    private static final int HASH_FACTOR = 31;
    private static final int HASH_BITS = 24;
    private static final int HASH_OF_LEAVING = factorOfLeaving();

    private final Map<String, List<Needle>> byEnd = new HashMap<>();
    /** The cut hash of each end: what is not among them, as the hash is rolled along a text, is no end. */
    private final BitSet hashes = new BitSet(1 << HASH_BITS);

    /** @param form told with a hit, which cannot tell the secret */
    private record Needle(Secret text, String form) {
    }

    public LeakSearch(Collection<String> secrets) {
        for (String secret : secrets) {
            byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
            add(secret, "as it is");
            add(HexFormat.of().formatHex(bytes), "in hexadecimal");
            add(HexFormat.of().formatHex(sha256(bytes)), "its SHA-256");
            // The last digits depend on what follows.
            String base64 = Base64.getEncoder().withoutPadding().encodeToString(bytes);
            add(base64.substring(0, base64.length() - 1), "in base64");
            int colon = secret.indexOf(':');
            if (colon > 0) {
                addKeyOfRing(secret.substring(colon + 1));
            }
        }
    }

    private void addKeyOfRing(String base64) {
        byte[] key = Base64.getDecoder().decode(base64);
        add(base64, "a key of a ring");
        add(HexFormat.of().formatHex(key), "a key of a ring in hexadecimal");
        add(Base64.getUrlEncoder().withoutPadding().encodeToString(key), "a key of a ring in base64url");
    }

    private void add(String needle, String form) {
        String end = needle.substring(needle.length() - ANCHOR_CHARACTERS);
        byEnd.computeIfAbsent(end, first -> new ArrayList<>()).add(new Needle(Secret.of(needle), form));
        hashes.set(cut(end.hashCode()));
    }

    /** Where in the text secrets stand, told without the secrets. */
    public List<String> hits(String place, String text) {
        List<String> hits = new ArrayList<>();
        int hash = 0;
        for (int end = 1; end <= text.length(); end++) {
            hash = HASH_FACTOR * hash + text.charAt(end - 1);
            if (end > ANCHOR_CHARACTERS) {
                hash -= HASH_OF_LEAVING * text.charAt(end - 1 - ANCHOR_CHARACTERS);
            }
            if (end < ANCHOR_CHARACTERS || !hashes.get(cut(hash))) {
                continue;
            }
            for (Needle needle : byEnd.getOrDefault(text.substring(end - ANCHOR_CHARACTERS, end), List.of())) {
                int begin = end - needle.text.reveal().length();
                if (begin >= 0 && text.startsWith(needle.text.reveal(), begin)) {
                    hits.add(place + " at " + begin + ", " + needle.form + ", after: "
                            + text.substring(Math.max(0, begin - SHOWN_BEFORE), begin));
                }
            }
        }
        return hits;
    }

    private static int cut(int hash) {
        return (hash ^ hash >>> HASH_BITS) & (1 << HASH_BITS) - 1;
    }

    /** By which the character before the last ones has been multiplied in {@link String#hashCode}'s sum. */
    private static int factorOfLeaving() {
        int factor = 1;
        for (int i = 0; i < ANCHOR_CHARACTERS; i++) {
            factor *= HASH_FACTOR;
        }
        return factor;
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
