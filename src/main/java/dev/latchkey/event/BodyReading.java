package dev.latchkey.event;

import java.time.Duration;
import java.util.Optional;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.latchkey.web.Pieces;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;

/**
 * Reads one body whole, and takes room for it as it grows. What every operation takes into memory needs none. While others wait
 * for room, who holds some has to send: what comes too slowly is given up. Whoever hangs up while he waits leaves the queue
 * at once. Not thread safe; to be used in the request's context.
 */
final class BodyReading {

    /**
     * Of whom others wait for: so much has to come in such a time, which is more than twice what the general patience asks of
     * the longest.
     */
    private static final int PROGRESS = 1024 * 1024;
    private static final long PROGRESS_NANOS = Duration.ofMillis(1500).toNanos();
    private static final long LOOK_MILLIS = 250;

    private final Pieces body;
    private final BodyRoom.Place place;
    private final Limits limits;
    private final Ticker ticker;
    private final Buffer all = Buffer.buffer();
    private final long begun;
    /** For room, so far. */
    private long waitedNanos;
    private boolean isWaiting;
    /** Since it holds room: when it had last made progress, and how much had come by then. */
    private long progressNanos = -1;
    private int progressBytes;

    /**
     * @param free bytes that need no room
     * @param most bytes
     * @param patience for all of it, but for the time that it waits for room
     */
    record Limits(long free, long most, Duration patience) {
    }

    BodyReading(Pieces body, BodyRoom.Place place, Limits limits, Ticker ticker) {
        this.body = body;
        this.place = place;
        this.limits = limits;
        this.ticker = ticker;
        this.begun = ticker.read();
    }

    /**
     * All of it; the place is left to who has asked.
     *
     * @throws ProblemException 408 where it comes too slowly, 413 where it is longer, 503 where there is no room
     */
    Uni<Buffer> whole(Vertx vertx) {
        long timer = vertx.setPeriodic(LOOK_MILLIS, look -> judge());
        return Uni.createFrom().deferred(body::next)
                .call(piece -> piece.isPresent() ? take(piece.get()) : Uni.createFrom().voidItem()).repeat()
                .whilst(Optional::isPresent).collect().last().map(last -> all).onTermination()
                .invoke(() -> vertx.cancelTimer(timer));
    }

    private Uni<Void> take(Buffer piece) {
        if (all.length() + piece.length() > limits.most()) {
            throw new ProblemException(ProblemCode.TOO_LARGE, "The body is longer than this operation takes.");
        }
        all.appendBuffer(piece);
        if (all.length() <= limits.free()) {
            return Uni.createFrom().voidItem();
        }
        long asked = ticker.read();
        isWaiting = true;
        return Uni.combine().any().<Void> of(place.hold(all.length() - limits.free()), body.broken()).invoke(() -> {
            isWaiting = false;
            waitedNanos += ticker.read() - asked;
            if (progressNanos < 0) {
                progress();
            }
        });
    }

    /** Gives up what comes too slowly; to be asked now and then. */
    void judge() {
        if (isWaiting) {
            return;
        }
        if (all.length() - progressBytes >= PROGRESS) {
            progress();
        }
        if (progressNanos >= 0 && readNanos() - progressNanos > PROGRESS_NANOS && place.isInTheWay()) {
            body.giveUp(late("The body came slowly while others waited for room; send it faster, or in smaller batches."));
        } else if (readNanos() > limits.patience().toNanos()) {
            body.giveUp(late("The body did not arrive in time; send it again."));
        }
    }

    private void progress() {
        progressNanos = readNanos();
        progressBytes = all.length();
    }

    private static ProblemException late(String detail) {
        return new ProblemException(ProblemCode.REQUEST_TIMEOUT, detail);
    }

    private long readNanos() {
        return ticker.read() - begun - waitedNanos;
    }
}
