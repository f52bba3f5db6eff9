package dev.latchkey.webhook;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Singleton;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.latchkey.webhook.Claimed.Happened;
import dev.latchkey.webhook.CompletionTable.Written;
import dev.latchkey.webhook.DeliveryOutcome.Code;
import dev.latchkey.webhook.GivingBack.Terms;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What this replica has claimed, from then until it is written down what became of it: sends it, keeps its claim, and has the
 * outcome written. On one context of Vert.x.
 */
final class Flights implements Completions.Listener {

    private static final Logger LOG = Logger.getLogger(Flights.class);
    /** Nobody was asked: other deliveries have all connections to that address. */
    private static final Duration BUSY = Duration.ofSeconds(1);
    /** Attempts that take longer are counted with those that fail, until they end. */
    private static final Duration SLOW = Duration.ofSeconds(5);
    /** The part of a lease within which a request still goes out: one of as many are left for its way. */
    private static final int MARGIN = 6;
    /** The same, while more than half of the slots are taken. */
    private static final Duration SLOW_IN_A_CROWD = Duration.ofSeconds(1);
    /** What does not open here may open elsewhere, or later. */
    private static final Duration SHUT = Duration.ofMinutes(1);
    /** As the log tells it of a delivery: what its webhook is signed with, or carries, does not open. */
    static final String SEALED = "webhook-sealed";
    /** Of which nobody can write what becomes of it: it is sent again all the same, since it must not be lost. */
    private static final Duration UNWRITABLE = Duration.ofHours(1);
    /** After which others have their turn: what is signed, and how many requests are made. */
    private static final int SLICE_BYTES = 256 * 1024;
    private static final int SLICE = 32;
    private static final long BREATH_MILLIS = 1;

    private final Tools tools;
    private final Slots slots;
    private final Duration lease;
    private final FlightEnds ends;
    private final Completions completions;
    private final GivingBack givingBack;
    private final FlightRenewals renewals;
    private final Runnable onFreed;
    private final Map<Claimed, Flight> flights = new IdentityHashMap<>();
    private boolean isClosed;

    /** What deliveries are sent and written with. */
    @Singleton
    record Tools(Targets targets, Sender sender, HeldTable held, CompletionTable table, WebhookConfig config,
            Disabling disabling, DeliveryMetrics metrics, Vertx vertx, SecureRandom random, InstantSource clock,
            Ticker ticker) {
    }

    /** @param onFreed told when there is more room than before */
    Flights(Tools tools, Slots slots, Runnable onFreed) {
        this.tools = tools;
        this.slots = slots;
        this.lease = tools.config().lease();
        this.ends = new FlightEnds(tools);
        this.onFreed = onFreed;
        this.completions = new Completions(tools.table(), tools.vertx(), this);
        this.givingBack = new GivingBack(tools.held(), tools.vertx(), this::free);
        this.renewals = new FlightRenewals(tools, flights, completions);
    }

    /** @param begun when the claim was asked for, by the monotonic clock: its lease runs from then */
    void begin(List<Claimed> claimed, long begun) {
        List<Claimed> anew = renewals.withoutOurs(claimed, begun);
        if (anew.isEmpty()) {
            return;
        }
        Map<UUID, Long> versions = new HashMap<>();
        for (Claimed delivery : anew) {
            slots.take(delivery);
            flights.put(delivery, new Flight(begun));
            versions.merge(delivery.webhook(), delivery.version(), Math::max);
        }
        if (isClosed) {
            giveBack(anew, Terms.AT_ONCE);
            return;
        }
        Uni.createFrom().deferred(() -> tools.targets().of(versions)).subscribe().with(targets -> send(anew, targets),
                fault -> {
                    LOG.warnf("webhooks cannot be read now, deliveries to them wait: deliveries=%d cause=%s", anew.size(),
                            fault);
                    giveBack(anew, Terms.after(BUSY));
                });
    }

    private void send(List<Claimed> claimed, Map<UUID, Target> targets) {
        int next = 0;
        for (long bytes = 0; next < claimed.size() && next < SLICE && bytes < SLICE_BYTES; next++) {
            bytes += claimed.get(next).bytes();
            send(claimed.get(next), targets.get(claimed.get(next).webhook()));
        }
        if (next < claimed.size()) {
            List<Claimed> rest = claimed.subList(next, claimed.size());
            tools.vertx().setTimer(BREATH_MILLIS, breathed -> send(rest, targets));
        }
    }

    private void send(Claimed delivery, @Nullable Target target) {
        Flight flight = flights.get(delivery);
        if (flight == null) {
            return;
        }
        if (flight.isLost || tools.ticker().read() - flight.keptAt > lease.toNanos() - lease.toNanos() / MARGIN) {
            // Its claim may be another's by now, who has it then; if it is not, it is free at once.
            giveBack(List.of(delivery), Terms.AT_ONCE);
            return;
        }
        if (target == null) {
            withoutTarget(delivery);
            return;
        }
        flight.sending = Uni.createFrom().deferred(() -> tools.sender().send(target, message(delivery.event()), false))
                .subscribe().with(sent -> sent(delivery, target, sent), fault -> failed(delivery, fault));
    }

    private void failed(Claimed delivery, Throwable fault) {
        LOG.errorf(fault, "a delivery could not be sent: org=%s webhookId=%s deliveryId=%s", delivery.organization(),
                delivery.webhook(), delivery.id());
        giveBack(List.of(delivery), Terms.after(SHUT));
    }

    /**
     * What is left for a deleted webhook is cancelled soon. What does not open here is left alone for a while by this replica
     * alone, and free for others, which may have the key.
     */
    private void withoutTarget(Claimed delivery) {
        UUID webhook = delivery.webhook();
        if (!tools.targets().isShut(webhook)) {
            giveBack(List.of(delivery), Terms.after(SHUT));
            return;
        }
        tools.metrics().sealed();
        boolean isNew = !slots.isShut(webhook);
        boolean isShut = slots.shut(webhook);
        if (isNew && isShut) {
            tools.vertx().setTimer(SHUT.toMillis(), over -> {
                slots.open(webhook);
                onFreed.run();
            });
        }
        giveBack(List.of(delivery), new Terms(isShut ? Duration.ZERO : SHUT, SEALED));
    }

    /** Tells which endpoints have not answered for some time. */
    void suspect() {
        long now = tools.ticker().read();
        long patience = (slots.isCrowded() ? SLOW_IN_A_CROWD : SLOW).toNanos();
        flights.forEach((delivery, flight) -> {
            if (!flight.isSent && now - flight.begun > patience) {
                slots.slow(delivery);
            }
        });
    }

    private static Message message(Happened event) {
        Message.Store store = event.storeId() == null ? null : new Message.Store(event.storeId(), event.storeKey());
        return Message.of(new Message.Head(event.id(), event.type(), event.at(), store, event.trace()), event.data());
    }

    private void sent(Claimed delivery, Target target, Sent sent) {
        Flight flight = flights.get(delivery);
        if (flight == null || flight.isSent) {
            return;
        }
        DeliveryOutcome outcome = sent.delivery();
        if (outcome.error() == DeliveryError.BUSY) {
            giveBack(List.of(delivery), Terms.after(BUSY));
            return;
        }
        Ended ended;
        try {
            ended = ends.of(delivery, target, sent);
        } catch (RuntimeException fault) {
            failed(delivery, fault);
            return;
        }
        flight.isSent = true;
        if (outcome.code() == Code.DELIVERED) {
            slots.succeeded(delivery.webhook());
            tools.metrics().delivered(Duration.between(delivery.event().at(), tools.clock().instant()));
        } else {
            slots.failed(delivery.webhook());
        }
        completions.add(ended);
    }

    /** A slot is taken until then: what has been answered and cannot be written is in memory as much as what is under way. */
    @Override
    public void written(List<Ended> batch, Written written) {
        tools.metrics().lost(written.lost());
        batch.forEach(this::landed);
        ends.written(batch, written.dead());
        onFreed.run();
    }

    @Override
    public void given(Ended lost) {
        if (flights.remove(lost.delivery()) != null) {
            givingBack.add(List.of(lost.delivery()), Terms.after(UNWRITABLE));
        }
    }

    private void landed(Ended ended) {
        if (flights.remove(ended.delivery()) != null) {
            slots.free(ended.delivery());
        }
    }

    private void free(List<Claimed> given) {
        given.forEach(slots::free);
        onFreed.run();
    }

    /** Nobody else is to send them, too. */
    void renew() {
        renewals.renew();
    }

    /** What has not been sent, or nobody waits for any more, as if it had not been claimed. */
    private void giveBack(Collection<Claimed> deliveries, Terms terms) {
        List<Claimed> given = new ArrayList<>();
        for (Claimed delivery : deliveries) {
            Flight flight = flights.get(delivery);
            if (flight != null && !flight.isSent) {
                flights.remove(delivery);
                given.add(delivery);
                if (flight.sending != null) {
                    flight.sending.cancel();
                }
            }
        }
        givingBack.add(given, terms);
    }

    /** At the stop: nothing is begun any more, and what is claimed all the same is given back. */
    void close() {
        isClosed = true;
    }

    /** Whoever goes on may have them at once. */
    void giveBackAll() {
        giveBack(List.copyOf(flights.keySet()), Terms.AT_ONCE);
    }

    /** Whether nothing is under way and everything is written. */
    boolean isDone() {
        return flights.isEmpty() && givingBack.isDone() && completions.isDone();
    }
}
