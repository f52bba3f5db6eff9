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

import com.github.benmanes.caffeine.cache.Ticker;
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
 * Takes in what is published: by callers who are known, large ones as far as memory has room for them
 * ({@link BodyRoom}), and away from the event loop where reading takes long.
 */
@Singleton
class Publications {

    /** Bound of a batch, in bytes: that of the contract. */
    static final int MAX_BYTES = 8 * 1024 * 1024;

    /** What every operation takes into memory; reading it takes about a millisecond. */
    private static final int SMALL_BYTES = 256 * 1024;
    /** For how long a large one waits for room. */
    private static final Duration ROOM_PATIENCE = Duration.ofSeconds(10);
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private final StrictReader reader;
    private final BodyReading.Limits limits;
    private final Vertx vertx;
    private final Ticker ticker;
    private final BodyRoom room = new BodyRoom(2L * MAX_BYTES, MAX_BYTES, SMALL_BYTES, ROOM_PATIENCE);

    Publications(StrictReader reader, WebConfig config, Vertx vertx, Ticker ticker) {
        this.reader = reader;
        this.limits = new BodyReading.Limits(SMALL_BYTES, MAX_BYTES, config.bodyPatience());
        this.vertx = vertx;
        this.ticker = ticker;
    }

    @Produces
    @Singleton
    static BodyLimit limit() {
        return new BodyLimit(HttpMethod.POST, PublishResource.PATH, MAX_BYTES);
    }

    /**
     * Reads a request's body and has something done with it, while it has its place in memory.
     *
     * @throws ProblemException 400, 413, 422; 408 where it comes too slowly, 503 where too many large ones come at once
     */
    <T> Uni<T> with(RoutingContext request, UUID organization, Function<PublishResource.Body, Uni<T>> work) {
        BodyRoom.Place place = room.place(organization, Math.max(0, mostBytes(request.request()) - SMALL_BYTES));
        return Uni.createFrom().deferred(() -> read(request, place)).flatMap(work::apply).onTermination()
                .invoke(place::leave);
    }

    /** What does not tell its length may be as long as any. */
    private static long mostBytes(HttpServerRequest request) {
        String announced = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        return announced == null ? MAX_BYTES : Long.parseLong(announced);
    }

    private Uni<PublishResource.Body> read(RoutingContext request, BodyRoom.Place place) {
        StreamedBody body = StreamedBody.of(request, limits.patience());
        return new BodyReading(body, place, limits, ticker).whole(vertx).invoke(bytes -> {
            if (request.request().headers().contains(Idempotency.HEADER)) {
                IdempotentBody.keep(request, bytes.getBytes());
            }
        }).flatMap(bytes -> bytes.length() <= SMALL_BYTES ? Uni.createFrom().item(() -> parse(bytes))
                : Uni.createFrom()
                        .completionStage(() -> vertx.executeBlocking(() -> parse(bytes), false).toCompletionStage()));
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
