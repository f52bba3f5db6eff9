package dev.latchkey.key;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.vertx.pgclient.PgException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Writes what was counted, every few seconds and at an orderly stop.
 *
 * <p>
 * <b>Invariant:</b> what {@link Usage} gave away is held here until it is known to be in the database, and is in there once. A
 * batch is a transaction with a number, which stands in the database if and only if the batch does. Where nobody answers for a
 * commit, the same batch with the same number is tried again, and finds out; what is counted meanwhile waits behind it. A kill
 * loses what is held: one flush, or where very many keys are used the half minute that their counts may wait.
 *
 * <p>
 * While the database is away counts add up per key, in memory that is bounded by the number of keys; keys beyond it are
 * dropped and counted. Last uses go apart, before the counts: to repeat them does no harm, and they may not wait.
 */
@Singleton
class UsageFlush {

    private static final Logger LOG = Logger.getLogger(UsageFlush.class);
    private static final int LAST_USES = 5_000;
    private static final int MOST_SAMPLES = 4_000;
    private static final int MOST_REFUSALS = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration PATIENCE_AT_THE_END = Duration.ofSeconds(3);

    private final Usage usage;
    private final UsageTable table;
    private final UsageConfig config;
    private final InstantSource clock;
    private final UUID replica = UUID.randomUUID();
    /** Whoever has it may touch what follows; handed from thread to thread. */
    private final Semaphore turn = new Semaphore(1);
    /** What waits longest comes first. */
    private final Map<UUID, Tally> held = new LinkedHashMap<>();
    private final Map<UUID, LastUse> lastUses = new HashMap<>();
    private @Nullable UsageBatch unknown;
    private long batches;

    private final AtomicBoolean failing = new AtomicBoolean();
    private volatile int heldKeys;
    private final Timer duration;
    private final Counter rows;
    private final Counter full;
    private final Counter gone;
    private final Counter refused;

    UsageFlush(Usage usage, UsageTable table, UsageConfig config, InstantSource clock, MeterRegistry metrics) {
        this.usage = usage;
        this.table = table;
        this.config = config;
        this.clock = clock;
        this.duration = metrics.timer("latchkey.usage.flush");
        this.rows = metrics.counter("latchkey.usage.rows");
        this.full = metrics.counter("latchkey.usage.dropped", "reason", "full");
        this.gone = metrics.counter("latchkey.usage.dropped", "reason", "key-deleted");
        this.refused = metrics.counter("latchkey.usage.dropped", "reason", "refused");
        metrics.gauge("latchkey.usage.held.keys", Tags.empty(), this, flush -> flush.heldKeys);
    }

    @Scheduled(every = "${latchkey.usage.flush-every:5s}", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> flush() {
        // Not on an event loop, where verifications would wait while tens of thousands of tallies are put together.
        return turn.tryAcquire() ? Uni.createFrom().item(this::gather)
                .runSubscriptionOn(Infrastructure.getDefaultExecutor()).flatMap(done -> write(false)).onTermination()
                .invoke(turn::release) : Uni.createFrom().voidItem();
    }

    /** The last counts of an orderly stop. Blocks the thread that stops the application, which has nothing else to do. */
    void flushAtTheEnd(@Observes ShutdownEvent stopping) {
        try {
            if (turn.tryAcquire(PATIENCE_AT_THE_END.toMillis(), TimeUnit.MILLISECONDS)) {
                gather();
                write(true).subscribeAsCompletionStage().orTimeout(PATIENCE_AT_THE_END.toMillis(), TimeUnit.MILLISECONDS)
                        .join();
            }
        } catch (CompletionException away) {
            LOG.warnf("counts of key uses since the last flush are lost: cause=%s", away.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean gather() {
        long now = clock.millis();
        int samples = held.values().stream().mapToInt(Tally::samplesHeld).sum();
        for (Tally tally : usage.drain(full::increment).values()) {
            tally.lastUses().forEach(this::note);
            if (samples > MOST_SAMPLES) {
                tally.forgetSamples();
            }
            samples += tally.samplesHeld();
            Tally known = held.get(tally.keyId());
            if (known != null) {
                full.increment(known.merge(tally));
            } else if (held.size() < config.maxKeys()) {
                held.put(tally.keyId(), tally.heldSince(now));
            } else {
                full.increment(tally.sum());
            }
        }
        heldKeys = held.size() + (unknown == null ? 0 : unknown.size());
        return true;
    }

    private void note(LastUse use) {
        LastUse known = lastUses.get(use.materialId());
        if (known != null) {
            known.merge(use);
        } else if (lastUses.size() < 2 * config.maxKeys()) {
            lastUses.put(use.materialId(), use);
        }
    }

    /** @param everything also what may wait; else one batch, and what has waited long enough */
    private Uni<Void> write(boolean everything) {
        Timer.Sample begun = Timer.start();
        return writeLastUses().chain(() -> Uni.createFrom().deferred(() -> writeBatch(everything)).repeat().whilst(more -> more)
                .collect().last()).invoke(() -> {
                    begun.stop(duration);
                    if (failing.getAndSet(false)) {
                        LOG.info("counts of key uses are written again");
                    }
                }).onFailure().invoke(fault -> {
                    // Once, not every few seconds.
                    if (!failing.getAndSet(true)) {
                        LOG.warnf("counts of key uses cannot be written, and are held: keys=%d cause=%s", heldKeys, fault);
                    }
                }).onFailure(fault -> !everything).recoverWithNull().replaceWithVoid();
    }

    private Uni<Void> writeLastUses() {
        List<LastUse> all = List.copyOf(lastUses.values());
        List<List<LastUse>> chunks = new ArrayList<>();
        for (int from = 0; from < all.size(); from += LAST_USES) {
            chunks.add(all.subList(from, Math.min(all.size(), from + LAST_USES)));
        }
        return Multi.createFrom().iterable(chunks).onItem()
                .transformToUniAndConcatenate(chunk -> table.writeLastUses(chunk).ifNoItem().after(PATIENCE).fail()
                        .invoke(written -> {
                            rows.increment(written);
                            chunk.forEach(use -> lastUses.remove(use.materialId()));
                        }))
                .collect().last()
                // An answer that is no: a key went at this moment, and is passed over the next time.
                .onFailure(PgException.class).recoverWithNull().replaceWithVoid();
    }

    /** Writes one batch; true where another one should follow at once. */
    private Uni<Boolean> writeBatch(boolean everything) {
        boolean again = unknown != null;
        UsageBatch batch = again ? unknown : take();
        if (batch == null) {
            return Uni.createFrom().item(false);
        }
        unknown = batch;
        heldKeys = held.size() + batch.size();
        return table.write(replica, batch).ifNoItem().after(PATIENCE).fail().invoke(written -> {
            rows.increment(written.rows());
            gone.increment(written.lost());
            unknown = null;
            heldKeys = held.size();
        }).onFailure().invoke(fault -> giveUpWhatCannotBe(batch, fault)).map(written -> again || everything || isLate());
    }

    private @Nullable UsageBatch take() {
        List<Tally> tallies = new ArrayList<>();
        Iterator<Tally> oldest = held.values().iterator();
        while (oldest.hasNext() && tallies.size() < config.batch()) {
            tallies.add(oldest.next());
            oldest.remove();
        }
        return tallies.isEmpty() ? null : new UsageBatch(++batches, tallies, config.settle());
    }

    private boolean isLate() {
        Iterator<Tally> oldest = held.values().iterator();
        return oldest.hasNext() && clock.millis() - oldest.next().since() >= config.maxWait().toMillis();
    }

    /** What the database refuses for its content it would refuse for ever, with everything behind it. */
    private void giveUpWhatCannotBe(UsageBatch batch, Throwable fault) {
        boolean isContent = fault instanceof PgException answer && answer.getSqlState() != null
                && (answer.getSqlState().startsWith("22") || answer.getSqlState().startsWith("23"));
        if (isContent && batch.refusedOnceMore() >= MOST_REFUSALS) {
            unknown = null;
            refused.increment(batch.sum());
            LOG.errorf(fault, "counts of key uses are dropped, the database refuses them: verdicts=%d", batch.sum());
        }
    }
}
