package dev.latchkey.webhook;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

import com.github.benmanes.caffeine.cache.Ticker;
import com.github.f4b6a3.uuid.UuidCreator;
import dev.latchkey.event.Outbox;
import dev.latchkey.webhook.ClaimTable.Due;
import dev.latchkey.webhook.ClaimTable.Terms;
import dev.latchkey.webhook.Slots.Room;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.Startup;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import org.jboss.logging.Logger;

/**
 * Delivers events to webhooks, on every replica.
 *
 * <p>
 * <b>Invariant:</b> an event that was accepted stands in the outbox, or every delivery of it has a fate: a row of the queue, or
 * one of the states that end it. Delivered is what somebody has answered with 200 to 299, and nothing else. No delivery has two
 * claims at one time.
 *
 * <p>
 * <b>How.</b> {@link FanOut} takes events out of the outbox and puts deliveries into the queue in one statement: a kill is
 * before it or after it. What is sent is claimed first: the row names the claim and ends in six seconds unless it is renewed
 * ({@link FlightRenewals}), by the database's clock. What became of it is written under the claim in one statement that takes
 * the row off the queue or puts it back ({@link CompletionTable}).
 *
 * <p>
 * <b>Who may break it.</b> A replica that was killed or held up, of which claims run out: another one claims what it had,
 * and sends it once more. So a receiver gets a delivery at least once, and twice only where an answer was lost or came late.
 * Its failures no longer count then, since the other one is at it; a success does, since it was delivered. A database that
 * was away: answers that have come stay in memory until they are written ({@link Completions}), and claims run out where that
 * took longer than what was left of them, half a lease at least ({@link FlightRenewals}). One that crashed has all that
 * anybody acts upon: nothing is sent before its claim is on disk. A transaction that took so long that nobody looks where its
 * rows lie: {@link Housekeeping} finds them.
 *
 * <p>
 * <b>Turns.</b> All of it runs on one context of Vert.x, so nothing here needs a lock. A turn claims what is due, then fans
 * out what has arrived, with what room the claim has left, and begins to send what has come of both. There is one turn at a
 * time; what wakes the dispatcher meanwhile leads to exactly one more, so that turns are the larger the more there is to do.
 * A turn follows a publication on this replica once it is committed, what a person or a replay has put back here, an answer
 * that makes room where something waits for it, and the clock, once a second: that finds what comes due, what other replicas
 * have published and cannot deliver, since they have no room or are about to stop, and what those had that are gone. No
 * replica is told by another one: the one that has accepted an event mostly has room for it, and a notification would cost
 * each publication more than it is worth to the few others. Only the clock looks at all lanes; an answer, at those of which
 * it is known that something waits. {@link Rounds} says where in the outbox a turn looks.
 *
 * <p>
 * <b>How much.</b> {@link Slots} says to whom how much is sent at once; what it does not allow stays in the database, where
 * every replica finds it. So memory is bounded, and one who hangs takes room from nobody else, nor do hundreds.
 */
@Startup
@Singleton
class Dispatcher {

    private static final Logger LOG = Logger.getLogger(Dispatcher.class);
    /** Room that the largest event needs. */
    private static final long LARGEST = 256L * 1024;
    /** Of webhooks that wait for room, as many are remembered; the clock finds the others. */
    private static final int MOST_LEFT = 1_000;
    private static final Duration SHORTEST_LEASE = Duration.ofSeconds(1);
    /** Before others that wait for their connections at the stop. */
    private static final int EARLY = 2;
    private static final long LOOK_MILLIS = 20;

    private final FanOut fanOut;
    private final ClaimTable claims;
    private final DeliveryMetrics metrics;
    private final WebhookConfig config;
    private final InstantSource clock;
    private final Ticker ticker;
    private final SecureRandom random;
    private final Vertx vertx;
    private final Context context;

    private final Slots slots;
    private final Flights flights;
    private final Map<UUID, UUID> left = new HashMap<>();
    private final AtomicBoolean isWoken = new AtomicBoolean();
    private boolean isNudged;
    private boolean isTaking;
    private boolean isStopping;
    private boolean wantsClaim;
    private boolean wantsFanOut;
    private final Rounds rounds = new Rounds();

    Dispatcher(FanOut fanOut, ClaimTable claims, Flights.Tools tools, Outbox outbox) {
        this.fanOut = fanOut;
        this.claims = claims;
        this.metrics = tools.metrics();
        this.config = tools.config();
        this.clock = tools.clock();
        this.ticker = tools.ticker();
        this.random = tools.random();
        this.vertx = tools.vertx();
        check(config);
        this.context = vertx.getOrCreateContext();
        this.slots = new Slots(config.slots(), config.slotsPerEndpoint(), config.memory().asLongValue());
        this.flights = new Flights(tools, slots, this::nudge);
        metrics.underWay(slots);
        outbox.onArrival(this::wake);
        context.runOnContext(begun -> vertx.setPeriodic(config.lease().toMillis() / 3, again -> flights.renew()));
    }

    private static void check(WebhookConfig config) {
        if (config.slots() < 1 || config.slotsPerEndpoint() < 1 || config.memory().asLongValue() < LARGEST) {
            throw new ConfigurationException(
                    "LATCHKEY_WEBHOOK_SLOTS and _SLOTS_PER_ENDPOINT must be at least 1, and _MEMORY 256K.");
        }
        if (config.lease().compareTo(SHORTEST_LEASE) < 0 || config.stop().isNegative() || config.disableAfter().isNegative()
                || config.retries().stream().anyMatch(Duration::isNegative)) {
            throw new ConfigurationException("LATCHKEY_WEBHOOK_LEASE must be at least " + SHORTEST_LEASE
                    + ", and _STOP, _DISABLE_AFTER and each of _RETRIES not negative.");
        }
    }

    /** Events have arrived. From any thread; many at once are one. */
    void wake() {
        if (isWoken.compareAndSet(false, true)) {
            context.runOnContext(woken -> {
                isWoken.set(false);
                wantsFanOut = true;
                turn();
            });
        }
    }

    /** Something has been put back into the queue of a webhook, and that is committed. From any thread. */
    void due(UUID webhook, UUID organization) {
        context.runOnContext(now -> {
            remember(webhook, organization);
            nudge();
        });
    }

    /** Looks at everything that nobody is woken for. */
    @Scheduled(every = "${latchkey.webhook.poll:1s}", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> poll() {
        context.runOnContext(now -> {
            wantsClaim = true;
            wantsFanOut = true;
            rounds.tick(ticker.read());
            flights.suspect();
            turn();
        });
        return Uni.createFrom().voidItem();
    }

    /** Something has ended. Of many that do at the same time, one is enough. */
    private void nudge() {
        if (!isNudged) {
            isNudged = true;
            context.runOnContext(nudged -> {
                isNudged = false;
                turn();
            });
        }
    }

    private void turn() {
        if (isTaking || isStopping || !wantsClaim && !wantsFanOut && left.isEmpty()) {
            return;
        }
        Room room = slots.room();
        if (isFull(room)) {
            return;
        }
        List<UUID> named = wantsClaim ? List.of()
                : left.entrySet().stream()
                        .filter(one -> room.isFor(one.getKey(), one.getValue())).map(Map.Entry::getKey).toList();
        if (!wantsClaim && !wantsFanOut && named.isEmpty()) {
            return;
        }
        isTaking = true;
        Uni.createFrom().deferred(() -> claim(room, named)).chain(this::fanOut).subscribe().with(done -> {
            isTaking = false;
            turn();
        }, fault -> {
            isTaking = false;
            LOG.warnf("deliveries cannot be claimed now, tried again: cause=%s", fault);
        });
    }

    private static boolean isFull(Room room) {
        return room.total().slots() == 0 || room.total().bytes() < LARGEST;
    }

    /** Of all, where the clock says so; else of those for which something waits, which is a look at few lanes. */
    private Uni<Void> claim(Room room, List<UUID> named) {
        if (!wantsClaim && named.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        boolean isOfAll = wantsClaim;
        wantsClaim = false;
        long begun = ticker.read();
        // Forgotten before it is asked: what is put back meanwhile may come too late for this look.
        Map<UUID, UUID> asked = new HashMap<>(left);
        asked.keySet().retainAll(named);
        left.keySet().removeAll(named);
        Uni<Due> due = isOfAll ? claims.claim(terms(room), random.nextLong()) : claims.claimOf(named, terms(room));
        return due.onFailure().invoke(fault -> asked.forEach(this::remember)).invoke(some -> {
            some.left().forEach(this::remember);
            wantsClaim = wantsClaim || isOfAll && some.claimed().size() >= room.total().slots();
            begin(some.claimed(), begun);
        }).replaceWithVoid();
    }

    private void remember(UUID webhook, UUID organization) {
        if (!slots.isShut(webhook) && (left.size() < MOST_LEFT || left.containsKey(webhook))) {
            left.put(webhook, organization);
        }
    }

    private Uni<Void> fanOut() {
        Room room = slots.room();
        if (!wantsFanOut || isFull(room)) {
            return Uni.createFrom().voidItem();
        }
        wantsFanOut = false;
        long begun = ticker.read();
        return rounds.take(fanOut, clock.instant(), terms(room)).invoke(taken -> {
            metrics.published(taken.events());
            taken.left().forEach(this::remember);
            wantsFanOut |= rounds.goOn(taken, ticker.read());
            begin(taken.claimed(), begun);
        }).onFailure().invoke(rounds::failed).replaceWithVoid();
    }

    private void begin(List<Claimed> claimed, long begun) {
        if (!claimed.isEmpty()) {
            metrics.claimed(claimed.size());
            flights.begin(claimed, begun);
        }
    }

    private Terms terms(Room room) {
        return new Terms(UuidCreator.getTimeOrderedEpoch(), config.lease(), room);
    }

    /** Blocks the thread that stops the application, which has nothing else to do. */
    void finish(@Observes @Priority(EARLY) ShutdownEvent stopping) {
        context.runOnContext(now -> {
            isStopping = true;
            flights.close();
        });
        if (!isDoneWithin(config.stop())) {
            LOG.warn("deliveries are given back that were not answered in time, and will be sent again");
            context.runOnContext(now -> flights.giveBackAll());
            isDoneWithin(Duration.ofSeconds(2));
        }
    }

    private boolean isDoneWithin(Duration patience) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        context.runOnContext(now -> vertx.setPeriodic(LOOK_MILLIS, look -> {
            if (!isTaking && flights.isDone()) {
                vertx.cancelTimer(look);
                done.complete(null);
            }
        }));
        try {
            done.get(patience.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (Exception late) {
            if (late instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            return false;
        }
    }
}
