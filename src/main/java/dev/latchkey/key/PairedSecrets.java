package dev.latchkey.key;

import java.time.Instant;
import java.util.Arrays;
import java.util.UUID;

import dev.latchkey.crypto.Peppers;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of the secrets that go with a token.
 *
 * @param digest of the current one
 * @param former while the secret alone has a predecessor
 */
record PairedSecrets(Peppers.Digest digest, @Nullable Former former) {

    /**
     * The secret that the token went with before.
     *
     * @param materialId the pair of both
     * @param digest of the secret
     * @param diesAt from then on it is wrong
     */
    record Former(UUID materialId, Peppers.Digest digest, Instant diesAt) {

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Former same && materialId.equals(same.materialId) && diesAt.equals(same.diesAt)
                    && areEqual(digest, same.digest);
        }

        @Override
        public int hashCode() {
            return materialId.hashCode();
        }
    }

    /** A record's own would compare arrays by identity. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PairedSecrets same && areEqual(digest, same.digest)
                && (former == null ? same.former == null : former.equals(same.former));
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(digest.bytes());
    }

    private static boolean areEqual(Peppers.Digest one, Peppers.Digest other) {
        return one.pepperId().equals(other.pepperId()) && Arrays.equals(one.bytes(), other.bytes());
    }
}
