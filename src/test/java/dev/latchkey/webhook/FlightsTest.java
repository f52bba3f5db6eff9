package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

import com.github.benmanes.caffeine.cache.Ticker;
import com.github.f4b6a3.uuid.UuidCreator;
import dev.latchkey.net.OutboundAnswer;
import dev.latchkey.net.OutboundOutcome;
import dev.latchkey.net.Phases;
import dev.latchkey.testing.Beside;
import dev.latchkey.testing.Eventually;
import dev.latchkey.webhook.ClaimTable.Terms;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.vertx.core.buffer.Buffer;
import io.vertx.pgclient.PgException;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What this replica has claimed is its own until its fate is written, and takes its room for as long. */
@Beside
@NullUnmarked
class FlightsTest extends FlightCase {

    private static final Duration LEASE = Duration.ofSeconds(2);

    private Slots slots;
    private Flights flights;
    private final Receivers receivers = new Receivers();
    private final AtomicInteger renewals = new AtomicInteger();
    private final AtomicInteger returns = new AtomicInteger();
    private final AtomicInteger faults = new AtomicInteger();
    private volatile boolean isUnwritable;

    @BeforeEach
    void aReplica() {
        slots = new Slots(1000, 1000, 1 << 20);
        DeliveryMetrics metrics = new DeliveryMetrics(new SimpleMeterRegistry());
        flights = new Flights(new Flights.Tools(new Known(), receivers, new Counting(scene), new Failing(scene),
                new Settings(LEASE, Duration.ofMinutes(1), 1000, 1000), null, metrics, scene.vertx(), new SecureRandom(),
                InstantSource.system(), Ticker.systemTicker()), slots, () -> {
                });
    }

    @Test
    void whatTakesLongerThanItsLeaseIsTakenOverByNobody() {
        scene.queue(organization, 20);
        begin(20);
        scene.vertx().setPeriodic(LEASE.toMillis() / 3, again -> context.runOnContext(now -> flights.renew()));
        Instant begun = Instant.now();

        List<Claimed> byAnother = new ArrayList<>();

        Eventually.holds(() -> {
            byAnother.addAll(scene.claim(QueueScene.plenty()));
            assertThat(Duration.between(begun, Instant.now())).isGreaterThan(LEASE.multipliedBy(2));
        });

        assertThat(byAnother).isEmpty();

        receivers.answerAll(200);
        awaitDone();
        assertThat(scene.count("select count(*) from delivery where state = 'delivered' and attempts = 1")).isEqualTo(20);
    }

    /** At each third of the lease half of it is left, and a renewal that fails is not left until the next third. */
    @Test
    void aClaimIsRenewedWhileHalfOfItIsLeftAndAgainSoonAfterAFault() {
        scene.queue(organization, 1);
        long lease = LEASE.toNanos();
        List<Claimed> claimed = claim(1);
        on(() -> {
            flights.begin(claimed, System.nanoTime() - lease / 5);
            return true;
        });
        faults.set(1);

        scene.execute("update webhook_queue set due = now() + interval '0.9 seconds'");
        on(() -> {
            flights.renew();
            return true;
        });

        Eventually.within(LEASE, () -> assertThat(renewals).as("one that failed, and the next").hasValue(2));
        Eventually.holds(() -> assertThat(scene.count(
                "select count(*) from webhook_queue where due > now() + interval '1 second'")).isEqualTo(1));
    }

    @Test
    void renewalsThatFailAreTriedAgainByOneTimerHoweverManyFail() {
        scene.queue(organization, 1);
        List<Claimed> claimed = claim(1);
        faults.set(100);
        on(() -> {
            flights.begin(claimed, System.nanoTime() - LEASE.toNanos() / 5);
            for (int i = 0; i < 10; i++) {
                flights.renew();
            }
            return true;
        });
        Instant begun = Instant.now();

        Eventually.holds(() -> assertThat(renewals).hasValueGreaterThanOrEqualTo(10 + 5));

        assertThat(Duration.between(begun, Instant.now())).isGreaterThan(Duration.ofMillis(700));
    }

    @Test
    void whatWasAnsweredTakesItsRoomUntilItIsWritten() {
        scene.queue(organization, 50);
        long all = slots.room().total().bytes();
        begin(50);
        faults.set(2);

        receivers.answerAll(200);

        Eventually.holds(() -> assertThat(faults).hasNonPositiveValue());
        awaitDone();
        assertThat(receivers.freeAtFault).as("as long as it cannot be written").isNotEmpty().containsOnly(50);
        assertThat(on(slots::taken)).isZero();
        assertThat(slots.room().total().bytes()).isEqualTo(all);
    }

    @Test
    void whatFindsAllConnectionsTakenIsGivenBackAtOnceAndByOneStatement() {
        scene.queue(organization, 200);
        begin(200);

        receivers.busyAll();

        awaitDone();
        assertThat(returns).hasValueLessThan(5);
        assertThat(on(slots::taken)).isZero();
        assertThat(scene.count("select count(*) from webhook_queue where claim is null and attempt = 0")).isEqualTo(200);
    }

    @Test
    void othersHaveTheirTurnWhileMuchIsSent() {
        scene.queue(organization, 200);
        List<Claimed> claimed = claim(200);
        List<Integer> seen = Collections.synchronizedList(new ArrayList<>());
        on(() -> {
            flights.begin(claimed, System.nanoTime());
            scene.vertx().setPeriodic(1, tick -> seen.add(receivers.asked.size()));
            return true;
        });

        Eventually.holds(() -> assertThat(receivers.asked).hasSize(200));

        assertThat(seen.stream().filter(sent -> sent > 0 && sent < 200).distinct().count()).isGreaterThanOrEqualTo(2);
    }

    @Test
    void aFaultOfOursWithOneKeepsNoOtherFromBeingSent() {
        scene.queue(organization, 10);
        receivers.faulty = 3;
        begin(7);

        receivers.answerAll(200);

        awaitDone();
        assertThat(scene.count("select count(*) from delivery where state = 'delivered'")).isEqualTo(7);
        assertThat(scene.count("select count(*) from webhook_queue where claim is null and due > now()")).isEqualTo(3);
    }

    @Test
    void whatCannotBeWrittenIsPutBackForALongTimeAndTakesNoRoom() {
        scene.queue(organization, 3);
        begin(3);
        isUnwritable = true;

        receivers.answerAll(200);

        awaitDone();
        assertThat(scene.count(
                "select count(*) from webhook_queue where claim is null and due > now() + interval '50 minutes'")).isEqualTo(3);
        assertThat(on(slots::taken)).isZero();
    }

    private void begin(int asked) {
        List<Claimed> claimed = claim(1000);
        on(() -> {
            flights.begin(claimed, System.nanoTime());
            return true;
        });
        Eventually.holds(() -> assertThat(receivers.asked).hasSize(asked));
    }

    private List<Claimed> claim(int most) {
        return QueueScene.await(scene.claims.claim(
                new Terms(UuidCreator.getTimeOrderedEpoch(), LEASE, QueueScene.room(most, most)), 1)).claimed();
    }

    private void awaitDone() {
        Eventually.holds(() -> assertThat(on(flights::isDone)).isTrue());
    }

    /** Answer when they are told to. */
    private final class Receivers extends Sender {
        private final List<UniEmitter<? super Sent>> asked = Collections.synchronizedList(new ArrayList<>());
        private final List<Integer> freeAtFault = Collections.synchronizedList(new ArrayList<>());
        private int faulty;

        Receivers() {
            super(null, InstantSource.system(), Duration.ofSeconds(15));
        }

        @Override
        Uni<Sent> send(Target target, Message message, boolean dummy) {
            if (faulty > 0) {
                faulty--;
                throw new IllegalStateException("a fault of ours");
            }
            return Uni.createFrom().emitter(asked::add);
        }

        void answerAll(int status) {
            OutboundAnswer answer = new OutboundAnswer(status, List.of(), Buffer.buffer("said"), false);
            tell(new OutboundOutcome(OutboundOutcome.Code.ANSWERED, answer, true, Phases.NONE, Duration.ZERO, null));
        }

        void busyAll() {
            tell(new OutboundOutcome(OutboundOutcome.Code.BUSY, null, false, Phases.NONE, Duration.ZERO, null));
        }

        private void tell(OutboundOutcome outcome) {
            on(() -> {
                List.copyOf(asked).forEach(one -> one.complete(new Sent(Instant.now(), Duration.ZERO, List.of(), outcome)));
                return true;
            });
        }
    }

    private final class Known extends Targets {
        Known() {
            super(null, null, null);
        }

        @Override
        Uni<Map<UUID, Target>> of(Map<UUID, Long> versions) {
            return Uni.createFrom().item(targets(versions.keySet()));
        }
    }

    private final class Counting extends HeldTable {
        Counting(QueueScene scene) {
            super(scene.pool());
        }

        @Override
        Uni<Set<UUID>> renew(Collection<Claimed> held, Duration lease) {
            renewals.incrementAndGet();
            return faults.getAndDecrement() > 0 ? Uni.createFrom().failure(new IllegalStateException("away"))
                    : super.renew(held, lease);
        }

        @Override
        Uni<Void> giveBack(Collection<Claimed> held, GivingBack.Terms terms) {
            returns.incrementAndGet();
            return super.giveBack(held, terms);
        }
    }

    private final class Failing extends CompletionTable {
        Failing(QueueScene scene) {
            super(scene.pool(), Duration.ofDays(5));
        }

        @Override
        Uni<Written> write(List<Ended> ended) {
            if (faults.getAndDecrement() > 0) {
                receivers.freeAtFault.add(slots.taken());
                return Uni.createFrom().failure(new java.io.IOException("away"));
            }
            return isUnwritable ? Uni.createFrom().failure(new PgException("violates", "ERROR", "23514", ""))
                    : super.write(ended);
        }
    }
}
