package dev.latchkey.credential;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.latchkey.credential.RenewalTable.Claim;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.Startup;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import org.jboss.logging.Logger;

/**
 * Renews OAuth 2 tokens before they end, on every replica: claims what is due, as much as there is room for, and has each
 * renewed by itself ({@link Renewal}).
 *
 * <p>
 * <b>How much at once.</b> A replica has a number of renewals under way, and at one host fewer. It claims as many as it has
 * done within the last second, so that there is always one to go on with, and never so many that they would wait for a third of
 * their lease; what has waited so long all the same is given back. Claims follow each other as long as something is due, so
 * that thousands are done as fast as their hosts answer; the poll of a second finds what comes due otherwise, and what a
 * replica that died has left behind. Hosts and organizations take turns in the claim ({@link RenewalTable}), and hosts that
 * fail are asked by one at a time.
 *
 * <p>
 * <b>The end.</b> An orderly stop claims no more and waits for what is under way: an answer that nobody reads any more would be
 * a lost one; what has not begun is given back. A kill leaves leases, which run out.
 *
 * <p>
 * <b>A database that was away.</b> Whoever holds a pair that was given tries to write it until it is written. When the database
 * comes back, leases have run out meanwhile, and others would present the old token once more; so a replica that could not
 * claim waits some seconds after the first success, and leaves them the time.
 */
@Startup
@Singleton
class Renewals {

    private static final Logger LOG = Logger.getLogger(Renewals.class);
    private static final Duration SHORTEST_LEASE = Duration.ofSeconds(3);
    private static final Duration HEAD_START = Duration.ofSeconds(5);
    /** Between two claims: what ends meanwhile is filled by one. */
    private static final Duration BREATH = Duration.ofMillis(200);
    /** Before others that wait for their connections at the stop. */
    private static final int EARLY = 2;

    private final RenewalTable table;
    private final Renewal renewal;
    private final OwnContext contexts;
    private final RenewalConfig config;
    private final Ticker ticker;

    private final Lanes lanes;
    private final Map<UUID, CompletableFuture<Void>> underWay = new ConcurrentHashMap<>();
    /** Those that wait for their host here and for which somebody waits. */
    private final Map<UUID, CompletableFuture<Void>> awaited = new ConcurrentHashMap<>();
    private final AtomicBoolean claiming = new AtomicBoolean();
    private final AtomicBoolean comingBack = new AtomicBoolean();
    private volatile boolean hasBacklog;
    private volatile boolean isStopping;
    private volatile boolean wasAway;
    private volatile long quietUntil;

    Renewals(RenewalTable table, Renewal renewal, OwnContext contexts, RenewalConfig config, Ticker ticker,
            MeterRegistry metrics) {
        this.table = table;
        this.renewal = renewal;
        this.contexts = contexts;
        this.config = config;
        this.ticker = ticker;
        this.quietUntil = ticker.read();
        this.lanes = new Lanes(config.atOnce(), config.atOncePerHost(), ticker);
        if (config.atOnce() < 1 || config.atOncePerHost() < 1 || config.tellAfter() < 1 || config.circuitAfter() < 1
                || config.lead().isNegative() || config.stale().isNegative() || config.join().isNegative()) {
            throw new ConfigurationException(
                    "LATCHKEY_RENEWAL_AT_ONCE, _AT_ONCE_PER_HOST, _TELL_AFTER and _CIRCUIT_AFTER must be positive, _LEAD, _STALE and _JOIN not negative.");
        }
        if (config.lease().compareTo(SHORTEST_LEASE) < 0 || config.retry().toMillis() < 1
                || config.retryAtMost().compareTo(config.retry()) < 0 || config.circuitPause().toMillis() < 1
                || config.circuitPauseAtMost().compareTo(config.circuitPause()) < 0) {
            throw new ConfigurationException("LATCHKEY_RENEWAL_LEASE must be at least " + SHORTEST_LEASE
                    + ", _RETRY and _CIRCUIT_PAUSE positive, and no longer than _RETRY_AT_MOST and _CIRCUIT_PAUSE_AT_MOST.");
        }
        Gauge.builder("latchkey.renewals.under.way", underWay, Map::size)
                .description("Renewals of OAuth 2 tokens that this replica is at").register(metrics);
    }

    /** A second: what could not be found by a renewal that has ended is found by it. */
    @Scheduled(every = "${latchkey.renewal.every:1s}", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> run() {
        if (isStopping || !wasAway && isQuiet()) {
            return Uni.createFrom().voidItem();
        }
        if (wasAway) {
            // The database answers again: those who hold a pair come first.
            return table.claim(0, Map.of()).invoke(back -> {
                wasAway = false;
                quietUntil = ticker.read() + HEAD_START.toNanos();
            }).onFailure().recoverWithNull().replaceWithVoid();
        }
        return fill().onFailure().invoke(fault -> {
            wasAway = true;
            LOG.warnf("renewals cannot be claimed now, tried again: cause=%s", fault);
        }).onFailure().recoverWithNull().replaceWithVoid();
    }

    /** Claims as much as can be done soon, and begins what there is room for; how much was claimed. */
    Uni<Integer> fill() {
        int most = lanes.most();
        if (isStopping || most < 1 || !claiming.compareAndSet(false, true)) {
            return Uni.createFrom().item(0);
        }
        long begun = ticker.read();
        return table.claim(most, lanes.room()).invoke(claims -> {
            hasBacklog = !claims.isEmpty();
            claims.forEach(claim -> lanes.add(new Lanes.Waiting(claim, begun)));
        }).map(List::size).onTermination().invoke(() -> {
            claiming.set(false);
            pump();
        });
    }

    private void pump() {
        for (Lanes.Waiting next = lanes.next(); next != null; next = lanes.next()) {
            carryOut(next.claim(), next.begun());
        }
    }

    /**
     * Begins one that was claimed and is waited for, before those that nobody waits for, and as soon as there is room at its
     * host: it goes on whoever waits.
     *
     * @param begun when the claim was asked for, by the monotonic clock
     */
    CompletableFuture<Void> begin(Claim claim, long begun) {
        CompletableFuture<Void> end = new CompletableFuture<>();
        awaited.put(claim.credential(), end);
        lanes.addFirst(new Lanes.Waiting(claim, begun));
        pump();
        return end;
    }

    private void carryOut(Claim claim, long begun) {
        CompletableFuture<Void> waiting = awaited.remove(claim.credential());
        CompletableFuture<Void> end = waiting == null ? new CompletableFuture<>() : waiting;
        CompletableFuture<Void> former = underWay.putIfAbsent(claim.credential(), end);
        if (former != null) {
            // Its lease has run out, and it goes on: it may hold the new pair by now, and then the old one need not be presented.
            lanes.end(claim);
            giveBack(claim, HEAD_START);
            former.thenRun(() -> end.complete(null));
            return;
        }
        contexts.run(() -> isStopping ? table.giveBack(claim, Duration.ZERO).replaceWith(true)
                : renewal.carryOut(claim, begun)).subscribe().with(answers -> {
                    if (!answers) {
                        lanes.giveUp(claim.host()).forEach(left -> giveBack(left.claim(), Duration.ZERO));
                    }
                    end(claim, end);
                }, fault -> {
                    LOG.warnf("a renewal could not be carried out; it is tried again when its lease has run out: org=%s "
                            + "credentialId=%s cause=%s", claim.organization(), claim.credential(), fault);
                    end(claim, end);
                });
    }

    /** A host that fails need not be asked by all that were claimed for it; where it does not, they are claimed again. */
    private void giveBack(Claim claim, Duration pause) {
        CompletableFuture<Void> waiting = awaited.remove(claim.credential());
        if (waiting != null) {
            waiting.complete(null);
        }
        table.giveBack(claim, pause).subscribe().with(done -> {
        }, fault -> LOG.warnf("a renewal could not be given back; its lease runs out: org=%s credentialId=%s cause=%s",
                claim.organization(), claim.credential(), fault));
    }

    private void end(Claim claim, CompletableFuture<Void> end) {
        underWay.remove(claim.credential(), end);
        lanes.end(claim);
        end.complete(null);
        pump();
        if (hasBacklog && !isStopping && lanes.isShort() && comingBack.compareAndSet(false, true)) {
            contexts.pause(BREATH).onItem().transformToUni(over -> {
                comingBack.set(false);
                return fill();
            }).subscribe().with(more -> {
            }, fault -> LOG.warnf("renewals cannot be claimed now, tried again: cause=%s", fault));
        }
    }

    /** Whether those who may hold a pair are given time to write it, and nobody else claims. */
    boolean isQuiet() {
        return wasAway || ticker.read() - quietUntil < 0;
    }

    /** Whether nothing is under way. */
    boolean isIdle() {
        return underWay.isEmpty();
    }

    /** Blocks the thread that stops the application, which has nothing else to do. */
    void finish(@Observes @Priority(EARLY) ShutdownEvent stopping) {
        isStopping = true;
        pump();
        List<CompletableFuture<Void>> left = List.copyOf(underWay.values());
        try {
            CompletableFuture.allOf(left.toArray(CompletableFuture[]::new)).get(config.lease().toMillis(),
                    TimeUnit.MILLISECONDS);
        } catch (Exception late) {
            LOG.warnf("renewals are left unfinished, their answers may be lost: credentials=%d", underWay.size());
            if (late instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
