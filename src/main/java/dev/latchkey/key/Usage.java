package dev.latchkey.key;

import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import jakarta.inject.Singleton;

import dev.latchkey.catalog.Demand;
import dev.latchkey.key.Verdict.Code;
import org.jspecify.annotations.Nullable;

/**
 * Counts what is asked of keys and what became of it, on the path of every verification: in memory, without waiting.
 *
 * <p>
 * <b>Invariant:</b> each counted verdict is in exactly one place, a stripe here, the tallies that {@link UsageFlush} holds, or
 * the database; none is in two, and none is lost between them. A stripe is a plain map behind a lock of its own. Each thread
 * counts in its own stripe, so the lock is free whenever it is asked for, but for the moment in which the flush takes the whole
 * map and leaves an empty one. Nobody can have found a tally before and count in it afterwards, which is what counters that are
 * read and reset would have to be guarded against one by one.
 *
 * <p>
 * <b>Bounds.</b> A key has a tally in each stripe at most; the number of keys, the names within a tally and the examples are
 * bounded. What does not fit is not counted here, and counted as dropped: a full buffer costs statistics, never an answer.
 */
@Singleton
class Usage {

    private static final int STRIPES_PER_CORE = 4;
    /** Examples that one flush brings along, over all keys: people look at a few, and each is a row. */
    private static final int MOST_SAMPLES = 4_000;

    private final Stripe[] stripes;
    private final AtomicInteger next = new AtomicInteger();
    // Handed out in turn: event loops are few and get one each, whatever their ids are.
    private final ThreadLocal<Stripe> own;

    Usage(UsageConfig config) {
        int count = Integer.highestOneBit(Runtime.getRuntime().availableProcessors() * STRIPES_PER_CORE);
        stripes = new Stripe[count];
        for (int i = 0; i < count; i++) {
            stripes[i] = new Stripe(config.maxKeys(), Math.max(1, MOST_SAMPLES / count));
        }
        own = ThreadLocal.withInitial(() -> stripes[Math.floorMod(next.getAndIncrement(), count)]);
    }

    /**
     * Counts one verdict on a key. A question that only looks ({@code cost} 0) is no use of the key.
     *
     * @param demand what the catalogue demands for the operation that is asked about; null where none is
     */
    void count(KeySnapshot key, Code code, Question question, @Nullable Demand demand, Instant at) {
        if (question.cost() > 0) {
            own.get().count(key, code, question, demand, at.toEpochMilli());
        }
    }

    /**
     * Takes away all that was counted since it was last called.
     *
     * @param dropped is told how many verdicts did not fit
     */
    Map<UUID, Tally> drain(Consumer<Long> dropped) {
        Map<UUID, Tally> all = new LinkedHashMap<>();
        for (Stripe stripe : stripes) {
            Stripe.Content content = stripe.drain();
            long tooMany = content.dropped;
            for (Tally tally : content.tallies.values()) {
                Tally known = all.putIfAbsent(tally.keyId(), tally);
                tooMany += known == null ? 0 : known.merge(tally);
            }
            dropped.accept(tooMany);
        }
        return all;
    }

    /** What one thread has counted. */
    private static final class Stripe {

        private final int maxKeys;
        private final int maxSamples;
        private Content content = new Content();

        Stripe(int maxKeys, int maxSamples) {
            this.maxKeys = maxKeys;
            this.maxSamples = maxSamples;
        }

        synchronized void count(KeySnapshot key, Code code, Question question, @Nullable Demand demand, long at) {
            Tally tally = content.tallies.get(key.keyId());
            if (tally == null) {
                if (content.tallies.size() >= maxKeys) {
                    content.dropped++;
                    return;
                }
                tally = new Tally(key.keyId());
                content.tallies.put(key.keyId(), tally);
            }
            tally.count(key, code, question, demand, at);
            if (content.samples < maxSamples && tally.sample(code, question, at)) {
                content.samples++;
            }
        }

        synchronized Content drain() {
            Content taken = content;
            content = new Content();
            return taken;
        }

        private static final class Content {
            private final Map<UUID, Tally> tallies = new HashMap<>();
            private int samples;
            private long dropped;
        }
    }
}
