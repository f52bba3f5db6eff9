package dev.latchkey.replica;

import java.time.Instant;

import jakarta.inject.Singleton;

import com.github.benmanes.caffeine.cache.Ticker;
import org.jspecify.annotations.Nullable;

/**
 * What time it is in the database, without asking it: each heartbeat says what its clock showed somewhere between sending and
 * answer, which leaves two bounds that drift apart until the next one. Where both bounds lie in the same window of a rate
 * limit, the database is certain to be in that window too.
 */
@Singleton
public class DatabaseTime {

    /** Two clocks of a machine may differ by this much of the time that passes: twice what NTP lets the kernel correct. */
    private static final double DRIFT = 1e-3;

    private final Ticker monotonic;
    private volatile @Nullable Sample last;

    DatabaseTime(Ticker monotonic) {
        this.monotonic = monotonic;
    }

    /** The bounds now; null before the first heartbeat. */
    public @Nullable Bounds bounds() {
        Sample sample = last;
        return sample == null ? null : sample.bounds(monotonic.read());
    }

    /**
     * @param sentNanos when the question was sent, on the monotonic clock
     * @param shown what the database's clock showed
     */
    void sample(long sentNanos, Instant shown) {
        last = new Sample(sentNanos, monotonic.read(), micros(shown));
    }

    private static long micros(Instant instant) {
        return instant.getEpochSecond() * 1_000_000 + instant.getNano() / 1_000;
    }

    /**
     * @param earliestMicros microseconds since the Unix epoch
     * @param latestMicros not before {@code earliestMicros}
     */
    public record Bounds(long earliestMicros, long latestMicros) {

        /** The start of the window that the database is in, in seconds since the epoch; -1 when it may be in two. */
        public long window(int seconds) {
            long length = seconds * 1_000_000L;
            long first = Math.floorDiv(earliestMicros, length);
            return first == Math.floorDiv(latestMicros, length) ? first * seconds : -1;
        }

        /** The best guess, for what is told. */
        public Instant middle() {
            return instant(earliestMicros + (latestMicros - earliestMicros) / 2);
        }

        /** What has not come by then has not come. */
        public Instant latest() {
            return instant(latestMicros);
        }

        private static Instant instant(long micros) {
            return Instant.ofEpochSecond(Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000);
        }
    }

    private record Sample(long sentNanos, long receivedNanos, long shownMicros) {

        Bounds bounds(long nowNanos) {
            long sinceAnswer = Math.max(0, nowNanos - receivedNanos) / 1_000;
            long sinceQuestion = Math.max(0, nowNanos - sentNanos) / 1_000;
            return new Bounds(shownMicros + sinceAnswer - (long) (sinceAnswer * DRIFT),
                    shownMicros + sinceQuestion + 1 + (long) (sinceQuestion * DRIFT));
        }
    }
}
