package dev.latchkey.key;

import java.security.SecureRandom;

import org.jspecify.annotations.NullMarked;

/** Tokens as the product draws them, for benchmarks, which stand outside of this package. */
@NullMarked
public final class DrawnTokens {

    private DrawnTokens() {
    }

    /** One that nobody has, of an organization with the usual prefix. */
    public static String draw(SecureRandom random) {
        return KeyToken.generate("lk", "live", random).text();
    }
}
