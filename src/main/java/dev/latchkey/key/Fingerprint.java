package dev.latchkey.key;

import java.nio.ByteBuffer;

import dev.latchkey.crypto.Peppers;

/** SHA-256 of a token as four numbers: compares without arrays, and memory needs no token. */
record Fingerprint(long a, long b, long c, long d) {

    private static final int BYTES = 32;

    static Fingerprint of(KeyToken token) {
        ByteBuffer bytes = ByteBuffer.wrap(Peppers.fingerprint(token.text()));
        return new Fingerprint(bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong());
    }

    byte[] bytes() {
        return ByteBuffer.allocate(BYTES).putLong(a).putLong(b).putLong(c).putLong(d).array();
    }

    /** As good as any of its parts; a record's own would mix what is mixed already. */
    @Override
    public int hashCode() {
        return (int) a;
    }
}
