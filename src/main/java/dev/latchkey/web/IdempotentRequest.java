package dev.latchkey.web;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import jakarta.inject.Singleton;

import dev.latchkey.crypto.Peppers;
import dev.latchkey.crypto.SealBrokenException;
import dev.latchkey.crypto.Sealer;
import io.quarkus.arc.ClientProxy;
import io.quarkus.security.identity.SecurityIdentity;
import io.vertx.ext.web.RoutingContext;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/**
 * A request with an {@code Idempotency-Key}: what it is recognised by, and what opens its answer. The key is known here only,
 * while the request lasts.
 */
final class IdempotentRequest {

    private static final Pattern KEY = Pattern.compile("[!-~]{1,255}");
    private static final String PURPOSE = "idempotency";
    private static final UUID NO_ORGANIZATION = new UUID(0, 0);

    private final Source source;
    private final RoutingContext request;
    private final @Nullable UUID organization;
    private final byte[] key;
    private final List<UUID> ids;

    private IdempotentRequest(Source source, RoutingContext request, Requester requester, String key) {
        this.source = source;
        this.request = request;
        this.organization = requester.organizationId();
        this.key = key.getBytes(StandardCharsets.US_ASCII);
        byte[] name = named(requester.requester(), Objects.toString(organization), request.request().method().name(),
                request.normalizedPath(), Objects.toString(request.request().query(), ""), key);
        this.ids = source.peppers.tags(PURPOSE, name).stream().map(IdempotentRequest::id).toList();
    }

    /** The id under which the request is noted. */
    UUID id() {
        return ids.get(0);
    }

    /** Every id under which it may be noted while peppers rotate. */
    List<UUID> ids() {
        return ids;
    }

    /** A new row for this request, without its times. */
    IdempotencyRecord record(@Nullable UUID object) {
        IdempotencyRecord row = new IdempotencyRecord();
        row.id = id();
        row.organizationId = organization;
        row.bodyMac = source.peppers.tag(PURPOSE + "-body", body(row.id));
        row.objectId = object;
        return row;
    }

    /** Whether the row was written for the same body. */
    boolean hasBodyOf(IdempotencyRecord row) {
        return source.peppers.tags(PURPOSE + "-body", body(row.id)).stream()
                .anyMatch(tag -> MessageDigest.isEqual(tag, row.bodyMac));
    }

    byte[] seal(KeptAnswer answer, UUID row) {
        return source.sealer.seal(answer.bytes(), place(row), secret());
    }

    /** @throws SealBrokenException when the master key is gone, or the answer is another one's */
    KeptAnswer open(byte[] sealed, UUID row) {
        return KeptAnswer.parse(source.sealer.open(sealed, place(row), secret()));
    }

    /** How this request is refused. */
    RestResponse<Problem> answer(ProblemException refusal) {
        return Problems.answer(refusal, request);
    }

    private Sealer.Place place(UUID row) {
        return new Sealer.Place(organization == null ? NO_ORGANIZATION : organization, row, "idempotency.answer", 1);
    }

    private Sealer.Secret secret() {
        return new Sealer.Secret(PURPOSE, key);
    }

    // With the id, so that equal bodies of different requests don't look alike.
    private byte[] body(UUID row) {
        byte[] body = IdempotentBody.of(request);
        return ByteBuffer.allocate(16 + body.length).putLong(row.getMostSignificantBits())
                .putLong(row.getLeastSignificantBits()).put(body).array();
    }

    /** Each part with its length, so that no two requests share a name. */
    private static byte[] named(String... parts) {
        List<byte[]> bytes = Stream.of(parts).map(part -> part.getBytes(StandardCharsets.UTF_8)).toList();
        ByteBuffer name = ByteBuffer.allocate(bytes.stream().mapToInt(part -> Integer.BYTES + part.length).sum());
        bytes.forEach(part -> name.putInt(part.length).put(part));
        return name.array();
    }

    private static UUID id(byte[] tag) {
        ByteBuffer buffer = ByteBuffer.wrap(tag);
        return new UUID(buffer.getLong(), buffer.getLong());
    }

    @Override
    public String toString() {
        return "IdempotentRequest[id=" + id() + "]";
    }

    /** Reads it from the request that is being answered. */
    @Singleton
    static final class Source {

        private final Peppers peppers;
        private final Sealer sealer;
        private final SecurityIdentity identity;
        private final RoutingContext request;

        Source(Peppers peppers, Sealer sealer, SecurityIdentity identity, RoutingContext request) {
            this.peppers = peppers;
            this.sealer = sealer;
            this.identity = identity;
            this.request = request;
        }

        /**
         * Null for a request without the header.
         *
         * @throws ProblemException 422 for a key that is none
         */
        @Nullable
        IdempotentRequest current() {
            List<String> keys = request.request().headers().getAll(Idempotency.HEADER);
            if (keys.isEmpty()) {
                return null;
            }
            if (keys.size() > 1 || !KEY.matcher(keys.get(0)).matches()) {
                throw ProblemException.invalid(Idempotency.HEADER, "must be one value of 1 to 255 visible ASCII characters");
            }
            // The request itself: what stands for it here ends with this thread's turn.
            return new IdempotentRequest(this, ClientProxy.unwrap(request), Requester.of(identity), keys.get(0));
        }
    }
}
