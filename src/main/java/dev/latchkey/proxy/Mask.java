package dev.latchkey.proxy;

import java.nio.charset.StandardCharsets;
import java.util.Collection;

import dev.latchkey.crypto.Secret;
import dev.latchkey.net.SecretMask;

/**
 * Covers secrets in what a provider says. A URL may spell each character of one as it is or escaped, in capitals or not, and a
 * blank as a plus, and so may JSON and HTML: whoever wrote it chose, and it need not have been us.
 */
final class Mask {

    /** Shorter ones would be found in any text. */
    private static final int SHORTEST = 6;

    private final SecretMask secrets;

    private Mask(SecretMask secrets) {
        this.secrets = secrets;
    }

    static Mask of(Collection<Secret> secrets) {
        // Each byte as a character, as headers have them.
        return new Mask(SecretMask.of(secrets.stream()
                .map(secret -> new String(secret.reveal().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1))
                .toList(), SHORTEST));
    }

    /** The text with {@code ***} in place of each secret. */
    String over(String text) {
        return secrets.over(text);
    }
}
