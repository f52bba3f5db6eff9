package dev.latchkey.web;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/**
 * A body that is read as it comes, by someone who asks for each piece: as long as he does not, the client waits. Not thread
 * safe; to be used in the request's context.
 */
public final class StreamedBody implements Pieces {

    private static final long LINGER_MILLIS = 1_000;
    private static final String ANNOUNCED = "latchkey.announced";

    private final RoutingContext routing;
    private final Duration patience;
    private @Nullable Buffer read;
    private @Nullable CompletableFuture<Optional<Buffer>> asked;
    private @Nullable ProblemException broken;
    private @Nullable Consumer<Throwable> watch;
    private boolean ended;

    private StreamedBody(RoutingContext routing, Duration patience) {
        this.routing = routing;
        this.patience = patience;
    }

    /**
     * Begins to read; a client that asks whether it should send is told so.
     *
     * @param patience how long a piece may take
     */
    public static StreamedBody of(RoutingContext routing, Duration patience) {
        StreamedBody body = new StreamedBody(routing, patience);
        HttpServerRequest request = routing.request();
        body.read = RequestBody.of(routing);
        body.ended = request.isEnded();
        if (!body.ended) {
            request.pause();
            request.handler(body::piece).endHandler(end -> body.end())
                    .exceptionHandler(fault -> body.fail(brokenOff()));
            if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
                routing.response().writeContinue();
            }
        }
        return body;
    }

    /** @throws ProblemException 408 where it takes too long */
    @Override
    public Uni<Optional<Buffer>> next() {
        if (broken != null) {
            return Uni.createFrom().failure(broken);
        }
        Buffer before = read;
        if (before != null || ended) {
            read = null;
            return Uni.createFrom().item(Optional.ofNullable(before));
        }
        CompletableFuture<Optional<Buffer>> mine = new CompletableFuture<>();
        asked = mine;
        long timer = routing.vertx().setTimer(patience.toMillis(), late -> fail(ProblemMappers.ofStatus(408)));
        routing.request().fetch(1);
        return Uni.createFrom().completionStage(mine).onTermination().invoke(() -> routing.vertx().cancelTimer(timer));
    }

    /**
     * Of HTTP/1.1 a hang-up is seen as long as the server reads, which is until some 64 KiB lie here that nobody has asked for;
     * of HTTP/2 always.
     */
    @Override
    public Uni<Void> broken() {
        return Uni.createFrom().emitter(emitter -> {
            watch = emitter::fail;
            if (broken != null) {
                emitter.fail(broken);
            }
        });
    }

    @Override
    public void giveUp(ProblemException why) {
        fail(why);
    }

    /**
     * All of it.
     *
     * @param most bytes
     * @throws ProblemException 413 where it is longer, 408 where it takes longer than a piece may
     */
    public Uni<Buffer> whole(long most) {
        Buffer all = Buffer.buffer();
        long timer = routing.vertx().setTimer(patience.toMillis(), late -> fail(ProblemMappers.ofStatus(408)));
        return Uni.createFrom().deferred(this::next).invoke(piece -> piece.ifPresent(bytes -> {
            if (all.length() + bytes.length() > most) {
                throw ProblemMappers.ofStatus(413);
            }
            all.appendBuffer(bytes);
        })).repeat().whilst(Optional::isPresent).collect().last().replaceWith(all).onTermination()
                .invoke(() -> routing.vertx().cancelTimer(timer));
    }

    /** The {@code Content-Length} of an unbounded body, which is no longer in its head; null where it has none. */
    public static @Nullable String announced(RoutingContext routing) {
        return routing.get(ANNOUNCED);
    }

    static void announce(RoutingContext routing, @Nullable String length) {
        routing.put(ANNOUNCED, length);
    }

    /**
     * What nobody reads to its end ends with its connection, or its stream of HTTP/2. Not at once: a client that is still
     * sending would be told that the connection is gone before it has read the answer.
     */
    static void closeUnlessRead(RoutingContext routing) {
        HttpServerRequest request = routing.request();
        routing.addHeadersEndHandler(head -> {
            if (!request.isEnded() && routing.response().getStatusCode() >= 400) {
                routing.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
            }
        });
        routing.addEndHandler(sent -> {
            if (!request.isEnded()) {
                routing.vertx().setTimer(LINGER_MILLIS, over -> {
                    if (!request.isEnded() && request.version() == HttpVersion.HTTP_2) {
                        // Others have theirs on the same connection.
                        routing.response().reset();
                    } else if (!request.isEnded()) {
                        request.connection().close();
                    }
                });
                request.handler(dropped -> {
                }).resume();
            }
        });
    }

    private void piece(Buffer piece) {
        answer(Optional.of(piece));
    }

    private void end() {
        ended = true;
        answer(Optional.empty());
    }

    /** Nobody reads it as a rule; and it is no fault of ours, to be logged as one. */
    private static ProblemException brokenOff() {
        return new ProblemException(ProblemCode.MALFORMED_REQUEST, "The body broke off before its end.");
    }

    private void fail(ProblemException fault) {
        broken = fault;
        CompletableFuture<Optional<Buffer>> waiting = asked;
        asked = null;
        if (waiting != null) {
            waiting.completeExceptionally(fault);
        }
        if (watch != null) {
            watch.accept(fault);
        }
    }

    private void answer(Optional<Buffer> piece) {
        CompletableFuture<Optional<Buffer>> waiting = asked;
        asked = null;
        if (waiting != null) {
            waiting.complete(piece);
        }
    }
}
