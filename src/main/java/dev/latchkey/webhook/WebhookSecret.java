package dev.latchkey.webhook;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

/**
 * What the messages to one endpoint are signed with: {@code whsec_} and base64 of 24 to 64 bytes (Standard Webhooks 1.0.0,
 * "Symmetric signatures"). Ours are 32 random bytes. Prints {@code ***}.
 */
final class WebhookSecret {

    static final String PREFIX = "whsec_";

    private static final int BYTES = 32;
    private static final int FEWEST = 24;
    private static final int MOST = 64;

    private final byte[] bytes;

    private WebhookSecret(byte[] bytes) {
        this.bytes = bytes;
    }

    static WebhookSecret generate(SecureRandom random) {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return new WebhookSecret(bytes);
    }

    /** Empty for what is none. */
    static Optional<WebhookSecret> parse(String text) {
        if (!text.startsWith(PREFIX)) {
            return Optional.empty();
        }
        try {
            byte[] bytes = Base64.getDecoder().decode(text.substring(PREFIX.length()));
            return bytes.length < FEWEST || bytes.length > MOST ? Optional.empty() : Optional.of(new WebhookSecret(bytes));
        } catch (IllegalArgumentException noBase64) {
            return Optional.empty();
        }
    }

    /** The bytes that sign; a copy. */
    byte[] bytes() {
        return bytes.clone();
    }

    /** As its receiver is given it. */
    String reveal() {
        return PREFIX + Base64.getEncoder().encodeToString(bytes);
    }

    /** Takes as long whatever is compared. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof WebhookSecret secret && MessageDigest.isEqual(bytes, secret.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "***";
    }
}
