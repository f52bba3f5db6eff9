package dev.latchkey.key;

import java.security.SecureRandom;

/**
 * The second half of a key + secret pair: {@code {prefix}_secret_{random}{checksum}}, with the random part and the checksum of
 * a {@link KeyToken}. So secret scanners know it as they know keys, and a secret that is pasted where a key belongs is
 * malformed. The checksum decides nothing: whether a secret is right is a matter of its digest alone.
 *
 * @param text the whole secret
 */
record KeySecret(String text) {

    private static final String MARK = "_secret_";

    static KeySecret generate(String prefix, SecureRandom random) {
        return new KeySecret(KeyToken.drawn(prefix + MARK, random));
    }

    /** Never the secret, nor its first characters: nothing of it is kept for recognition. */
    @Override
    public String toString() {
        return "***";
    }
}
