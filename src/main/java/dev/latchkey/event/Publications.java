package dev.latchkey.event;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import java.util.function.Function;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

import dev.latchkey.web.BodyLimit;
import dev.latchkey.web.Idempotency;
import dev.latchkey.web.IdempotentBody;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import dev.latchkey.web.StreamedBody;
import dev.latchkey.web.StrictReader;
import dev.latchkey.web.WebConfig;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;

/**
 * Takes in what is published: by callers who are known, so many large ones at a time as memory has room for ({@link BodyRoom}),
 * and away from the event loop where reading takes long.
 */
@Singleton
class Publications {

    /** Bound of a batch, in bytes: that of the contract. */
    static final int MAX_BYTES = 8 * 1024 * 1024;

    /** What every operation takes into memory; reading it takes about a millisecond. */
    private static final int SMALL_BYTES = 256 * 1024;
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private final StrictReader reader;
    private final Duration patience;
    private final Vertx vertx;
    private final BodyRoom room = new BodyRoom(2L * MAX_BYTES, MAX_BYTES);

    Publications(StrictReader reader, WebConfig config, Vertx vertx) {
        this.reader = reader;
        this.patience = config.bodyPatience();
        this.vertx = vertx;
    }

    @Produces
    @Singleton
    static BodyLimit limit() {
        return new BodyLimit(HttpMethod.POST, PublishResource.PATH, MAX_BYTES);
    }

    /**
     * Reads a request's body and has something done with it, while it has its place in memory.
     *
     * @throws ProblemException 400, 408, 413, 422; 503 where too many large ones come at once
     */
    <T> Uni<T> with(RoutingContext request, UUID organization, Function<PublishResource.Body, Uni<T>> work) {
        long bytes = mostBytes(request.request());
        if (bytes <= SMALL_BYTES) {
            return read(request).flatMap(work::apply);
        }
        return room.take(organization, bytes).flatMap(admitted -> read(request).flatMap(work::apply).onTermination()
                .invoke(() -> room.give(organization, bytes)));
    }

    /** What does not tell its length may be as long as any. */
    private static long mostBytes(HttpServerRequest request) {
        String announced = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        return announced == null ? request.isEnded() ? 0 : MAX_BYTES : Long.parseLong(announced);
    }

    private Uni<PublishResource.Body> read(RoutingContext request) {
        return StreamedBody.of(request, patience).whole(MAX_BYTES).invoke(body -> {
            if (request.request().headers().contains(Idempotency.HEADER)) {
                IdempotentBody.keep(request, body.getBytes());
            }
        }).flatMap(body -> body.length() <= SMALL_BYTES ? Uni.createFrom().item(() -> parse(body))
                : Uni.createFrom()
                        .completionStage(() -> vertx.executeBlocking(() -> parse(body), false).toCompletionStage()));
    }

    /** The text is decoded first, and strictly: what is kept as it came must be text. */
    private PublishResource.Body parse(Buffer body) {
        CharBuffer text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body.getBytes()));
        } catch (CharacterCodingException notText) {
            throw new ProblemException(ProblemCode.MALFORMED_REQUEST, "The body is not UTF-8.");
        }
        if (text.hasRemaining() && text.get(0) == BYTE_ORDER_MARK) {
            text = text.position(1).slice();
        }
        char[] characters = text.hasArray() && text.arrayOffset() == 0 ? text.array() : text.toString().toCharArray();
        return reader.read(characters, text.remaining(), PublishResource.Body.class);
    }
}
