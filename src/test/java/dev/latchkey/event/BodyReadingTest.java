package dev.latchkey.event;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

import dev.latchkey.web.Pieces;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who is given up while he sends a large body, to the nanosecond, and who is not. */
class BodyReadingTest {

    private static final int MIB = 1024 * 1024;
    private static final int FREE = MIB / 4;
    private static final int LONGEST = 8 * MIB;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration PROGRESS = Duration.ofMillis(1500);
    private static final String SLOW = "request-timeout: The body came slowly while others waited for room; send it faster,"
            + " or in smaller batches.";
    private static final String LATE = "request-timeout: The body did not arrive in time; send it again.";

    private final Vertx vertx = Vertx.vertx();
    /** One, so that all comes in the order of the test. */
    private final Context context = vertx.getOrCreateContext();
    private final AtomicLong nanos = new AtomicLong();
    /** For one of the longest bodies at a time. */
    private final BodyRoom room = new BodyRoom(LONGEST, LONGEST, FREE, Duration.ofMinutes(1));

    @AfterEach
    void close() {
        vertx.close();
    }

    @Test
    void aBodyIsReadWhole() {
        Publisher one = new Publisher();
        one.sends(FREE);
        one.sends(MIB);
        one.ends();

        assertThat(one.read).succeedsWithin(Duration.ofSeconds(10)).extracting(Buffer::length).isEqualTo(FREE + MIB);
    }

    @Test
    void whoeverComesSlowlyWhileOthersWaitIsGivenUp() {
        Publisher slow = new Publisher();
        slow.sends(LONGEST);
        new Publisher().sends(LONGEST);

        passes(PROGRESS);
        slow.isReadOn();
        passes(Duration.ofNanos(1));
        slow.isGivenUp(SLOW);
    }

    @Test
    void progressIsAMebibyteFromTheFirstPieceOnThatTookRoom() {
        Publisher steady = new Publisher(LONGEST / 2);
        Publisher slow = new Publisher(LONGEST / 2);
        steady.sends(FREE);
        slow.sends(FREE);
        passes(Duration.ofSeconds(10));
        steady.sends(LONGEST / 2);
        slow.sends(LONGEST / 2 - FREE);
        new Publisher().sends(LONGEST);

        passes(PROGRESS);
        steady.sends(MIB);
        slow.sends(MIB - 1);
        steady.isReadOn();
        slow.isReadOn();
        passes(Duration.ofNanos(1));
        steady.isReadOn();
        slow.isGivenUp(SLOW);
    }

    @Test
    void whoeverKeepsNobodyWaitingHasTheWholePatience() {
        Publisher alone = new Publisher();
        alone.sends(LONGEST);
        Publisher small = new Publisher();
        small.sends(FREE);

        passes(PATIENCE);
        alone.isReadOn();
        small.isReadOn();
        passes(Duration.ofNanos(1));
        alone.isGivenUp(LATE);
        small.isGivenUp(LATE);
    }

    @Test
    void whoeverHoldsNothingHasTheWholePatienceThoughOthersWait() {
        new Publisher().sends(LONGEST);
        Publisher small = new Publisher();
        small.sends(FREE);
        new Publisher().sends(LONGEST);

        passes(PATIENCE);
        small.isReadOn();
        passes(Duration.ofNanos(1));
        small.isGivenUp(LATE);
    }

    @Test
    void theTimeForWhichOneWaitsForRoomDoesNotCount() {
        Publisher before = new Publisher();
        before.sends(LONGEST);
        Publisher waiting = new Publisher();
        waiting.sends(LONGEST);
        new Publisher().sends(LONGEST);
        passes(PATIENCE.multipliedBy(2));
        waiting.isReadOn();

        before.ends();
        waiting.isReadOn();
        passes(PROGRESS);
        waiting.isReadOn();
        passes(Duration.ofNanos(1));
        waiting.isGivenUp(SLOW);
    }

    @Test
    void whoeverHangsUpWhileHeWaitsLeavesItsTurnToTheNext() {
        Publisher first = new Publisher();
        first.sends(FREE + MIB);
        Publisher gone = new Publisher();
        gone.sends(LONGEST);
        Publisher next = new Publisher(MIB);
        next.sends(FREE + MIB);
        assertThat(next.isAskedForMore()).as("it waits behind").isFalse();

        gone.hangsUp();

        assertThat(gone.read).isCompletedExceptionally();
        assertThat(next.isAskedForMore()).isTrue();
        first.isReadOn();
    }

    @Test
    void whoeverHangsUpWhileHeWaitsForMoreGivesBackWhatHeHolds() {
        Publisher gone = new Publisher(5 * MIB);
        gone.sends(FREE + MIB);
        Publisher other = new Publisher(5 * MIB);
        other.sends(FREE + 4 * MIB);
        gone.sends(3 * MIB);
        assertThat(gone.isAskedForMore()).as("it waits for the other one's end").isFalse();
        Publisher next = new Publisher(3 * MIB + FREE);
        next.sends(3 * MIB + 2 * FREE);
        assertThat(next.isAskedForMore()).as("it waits for what both hold").isFalse();

        gone.hangsUp();

        assertThat(next.isAskedForMore()).isTrue();
        other.isReadOn();
    }

    private void passes(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    /** All that has been begun has been done when it returns. */
    private void here(Runnable work) {
        for (Runnable each : new Runnable[] { work, () -> {
        }, () -> {
        } }) {
            CompletableFuture<Void> done = new CompletableFuture<>();
            context.runOnContext(turn -> {
                each.run();
                done.complete(null);
            });
            assertThat(done).succeedsWithin(Duration.ofSeconds(10));
        }
    }

    /** Somebody of an organization of his own, who sends a body of any length. */
    private final class Publisher implements Pieces {

        private final CompletableFuture<Buffer> read = new CompletableFuture<>();
        private final BodyReading reading;
        private @Nullable UniEmitter<? super Optional<Buffer>> asked;
        private @Nullable UniEmitter<? super Void> watch;

        Publisher() {
            this(LONGEST);
        }

        /** @param most that needs room */
        Publisher(long most) {
            BodyRoom.Place place = room.place(UUID.randomUUID(), most);
            reading = new BodyReading(this, place, new BodyReading.Limits(FREE, 2 * LONGEST, PATIENCE), nanos::get);
            here(() -> reading.whole(vertx).onTermination().invoke(place::leave).subscribe().with(read::complete,
                    read::completeExceptionally));
        }

        @Override
        public Uni<Optional<Buffer>> next() {
            return Uni.createFrom().emitter(emitter -> asked = emitter);
        }

        @Override
        public Uni<Void> broken() {
            return Uni.createFrom().emitter(emitter -> watch = emitter);
        }

        @Override
        public void giveUp(ProblemException why) {
            UniEmitter<? super Optional<Buffer>> waiting = asked;
            if (waiting != null) {
                waiting.fail(why);
            }
        }

        void sends(int bytes) {
            answers(Optional.of(Buffer.buffer(new byte[bytes])));
        }

        void ends() {
            answers(Optional.empty());
        }

        private void answers(Optional<Buffer> piece) {
            here(() -> {
                UniEmitter<? super Optional<Buffer>> waiting = requireNonNull(asked, "asked for more");
                asked = null;
                waiting.complete(piece);
            });
        }

        void hangsUp() {
            here(() -> requireNonNull(watch, "waiting").fail(new ProblemException(ProblemCode.MALFORMED_REQUEST, "gone")));
        }

        /** Whether what it has sent is taken in, and not waiting for room. */
        boolean isAskedForMore() {
            here(() -> {
            });
            return asked != null;
        }

        void isReadOn() {
            here(reading::judge);
            assertThat(read).isNotDone();
        }

        void isGivenUp(String why) {
            here(reading::judge);
            assertThat(read).isCompletedExceptionally();
            assertThat(read.handle((body, refusal) -> refusal.getMessage())).isCompletedWithValue(why);
        }
    }
}
