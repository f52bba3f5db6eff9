package dev.latchkey.crypto;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.stream.Stream;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What messages are signed with that somebody else verifies: HMAC-SHA256 (RFC 2104). Signs, and shows its bytes to nobody. */
public final class SigningKey {

    private static final String ALGORITHM = "HmacSHA256";

    private final SecretKeySpec key;

    /** @throws IllegalArgumentException for no bytes */
    public SigningKey(byte[] bytes) {
        this.key = new SecretKeySpec(bytes, ALGORITHM);
    }

    /** The 32 bytes of the signature over these, one after the other. */
    public byte[] sign(byte[]... parts) {
        return sign(Stream.of(parts).map(ByteBuffer::wrap).toArray(ByteBuffer[]::new));
    }

    /** The same, without copies of them; they are read from their positions, and left as they are. */
    public byte[] sign(ByteBuffer... parts) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            for (ByteBuffer part : parts) {
                mac.update(part.duplicate());
            }
            return mac.doFinal();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every Java platform has HmacSHA256", impossible);
        }
    }

    @Override
    public String toString() {
        return "SigningKey[***]";
    }
}
