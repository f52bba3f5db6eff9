package dev.latchkey.proxy;

import java.util.function.IntConsumer;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import org.jspecify.annotations.Nullable;

/** A body, of which somebody is told how much passes. */
final class Watched implements ReadStream<Buffer> {

    private final ReadStream<Buffer> body;
    private final IntConsumer moved;

    /** @param moved is given the bytes of each piece, before it is passed on */
    Watched(ReadStream<Buffer> body, IntConsumer moved) {
        this.body = body;
        this.moved = moved;
    }

    @Override
    public Watched handler(@Nullable Handler<Buffer> handler) {
        body.handler(handler == null ? null : piece -> {
            moved.accept(piece.length());
            handler.handle(piece);
        });
        return this;
    }

    @Override
    public Watched exceptionHandler(@Nullable Handler<Throwable> handler) {
        body.exceptionHandler(handler);
        return this;
    }

    @Override
    public Watched endHandler(@Nullable Handler<Void> handler) {
        body.endHandler(handler);
        return this;
    }

    @Override
    public Watched pause() {
        body.pause();
        return this;
    }

    @Override
    public Watched resume() {
        body.resume();
        return this;
    }

    @Override
    public Watched fetch(long amount) {
        body.fetch(amount);
        return this;
    }
}
