package dev.latchkey.webhook;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;

import dev.latchkey.crypto.SigningKey;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * Signs what is sent to a webhook as Standard Webhooks 1.0.0 has it: {@code v1,} and the base64 of the HMAC-SHA256 over
 * {@code id.timestamp.body}. While a secret is being replaced there are two signatures, parted by a blank, of which a receiver
 * takes whichever it knows. The message's timestamp decides whether the former one still signs, so that whoever keeps this in
 * memory keeps nothing alive beyond its time.
 */
final class Signatures {

    private static final String VERSION = "v1,";

    private final SigningKey current;
    private final @Nullable SigningKey previous;
    private final Instant previousUntil;

    private Signatures(SigningKey current, @Nullable SigningKey previous, Instant previousUntil) {
        this.current = current;
        this.previous = previous;
        this.previousUntil = previousUntil;
    }

    /** By one secret. */
    static Signatures of(WebhookSecret secret) {
        return new Signatures(new SigningKey(secret.bytes()), null, Instant.MIN);
    }

    /** By a new secret, and by the former one until then. */
    static Signatures of(WebhookSecret secret, WebhookSecret previous, Instant until) {
        return new Signatures(new SigningKey(secret.bytes()), new SigningKey(previous.bytes()), until);
    }

    /**
     * The value of {@code webhook-signature}.
     *
     * @param id of the message, without a dot: it would end there
     * @param timestampSeconds of this attempt, since the epoch
     */
    String header(String id, long timestampSeconds, Buffer body) {
        byte[] head = (id + "." + timestampSeconds + ".").getBytes(StandardCharsets.UTF_8);
        ByteBuffer content = body.getByteBuf().nioBuffer();
        String signature = signature(current, head, content);
        return previous == null || timestampSeconds >= previousUntil.getEpochSecond() ? signature
                : signature + " " + signature(previous, head, content);
    }

    private static String signature(SigningKey key, byte[] head, ByteBuffer content) {
        return VERSION + Base64.getEncoder().encodeToString(key.sign(ByteBuffer.wrap(head), content));
    }

    @Override
    public String toString() {
        return "Signatures[***]";
    }
}
