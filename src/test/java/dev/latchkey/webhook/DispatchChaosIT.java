package dev.latchkey.webhook;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.OwnPostgres;
import dev.latchkey.testing.OwnPostgres.Outage;
import dev.latchkey.testing.Pause;
import dev.latchkey.webhook.ChaosScene.Endpoint;
import dev.latchkey.webhook.ChaosScene.Merchant;
import io.restassured.response.Response;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Nothing that was accepted is lost, whatever happens meanwhile: replicas are killed (SIGKILL) in the middle of deliveries,
 * connections terminated, PostgreSQL restarted, orderly and as by a crash, and all the time an idle transaction holds back
 * vacuum, a platform publishes on, and twelve of twenty endpoints are of no use. {@link ReckoningTest} shows that a lost event
 * and a dispatcher that sends everything twice would be seen.
 */
@Tag("chaos")
class DispatchChaosIT {

    /** In seconds: what a renewal takes, and the pause before it is tried again. */
    private static final double RENEWING = 0.5;
    /** Seconds of a claim that are left at least. */
    private static final double LEFT = ChaosScene.LEASE.toSeconds() / 2.0 - RENEWING;
    private static final boolean FULL = "full".equals(System.getProperty("latchkey.scale"));
    private static final int EVENTS = FULL ? 20_000 : 2_000;
    private static final int BATCH = 25;
    /** Each is a kill, terminated connections and a restart of PostgreSQL. */
    private static final int ROUNDS = FULL ? 6 : 2;
    /** Publishing goes on as long as the faults, and until there were that many. */
    private static final Duration BETWEEN_BATCHES = Duration.ofMillis(FULL ? 150 : 500);
    private static final Duration BATCH_PATIENCE = Duration.ofSeconds(30);
    private static final Duration RECOVERY = Duration.ofSeconds(10);
    private static final Duration REST = Duration.ofSeconds(FULL ? 120 : 60);
    private static final int SAMPLES = 20;

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private final Semaphore batches = new Semaphore(0);
    private final AtomicBoolean areFaultsOver = new AtomicBoolean();
    private final List<Double> takeovers = new ArrayList<>();
    private final List<Double> recoveries = new ArrayList<>();
    private final List<Double> outages = new ArrayList<>();
    /** By the time of each fault. */
    private final List<Long> again = new ArrayList<>();

    @Test
    void whateverIsAcceptedIsDeliveredThroughKillsAndRestarts() throws Exception {
        System.out.println("chaos: seed=" + seed);
        long begin = System.nanoTime();
        try (ChaosScene scene = new ChaosScene()) {
            StubbornPublisher publisher = new StubbornPublisher(scene::urls);
            CompletableFuture<Void> publishing = CompletableFuture.runAsync(() -> publishAll(scene, publisher));
            for (int round = 0; round < ROUNDS; round++) {
                kill(scene);
                terminateConnections(scene);
                restartPostgres(scene, publisher,
                        round % 2 == 0 ? OwnPostgres.Stop.FAST : OwnPostgres.Stop.IMMEDIATE);
            }
            kill(scene);
            areFaultsOver.set(true);
            publishing.join();

            verify(scene, publisher, begin);
        }
    }

    private void publishAll(ChaosScene scene, StubbornPublisher publisher) {
        for (int i = 0; i < EVENTS / BATCH || !areFaultsOver.get(); i++) {
            Merchant merchant = scene.merchants().get(i % scene.merchants().size());
            merchant.accepted().addAll(publisher.publish(merchant.key(), ChaosScene.TYPE, BATCH));
            batches.release();
            if (!areFaultsOver.get()) {
                Pause.of(BETWEEN_BATCHES);
            }
        }
    }

    /** Until moments after a batch was accepted: it is being delivered then. */
    private void awaitMiddleOfBatch() throws InterruptedException {
        batches.drainPermits();
        assertThat(batches.tryAcquire(BATCH_PATIENCE.toSeconds(), TimeUnit.SECONDS)).as("publishing goes on").isTrue();
        Pause.ofMillis(1 + random.nextInt(80));
    }

    private void kill(ChaosScene scene) throws InterruptedException {
        again.add(scene.reckoning().again());
        awaitMiddleOfBatch();
        scene.kill(random.nextInt(scene.replicas()));
        long killed = System.nanoTime();
        Map<Merchant, Set<String>> before = acceptedBy(scene);
        Eventually.within(RECOVERY, () -> assertThat(missing(before)).as("what was accepted before the kill").isZero());
        takeovers.add(seconds(System.nanoTime() - killed));
        scene.another();
    }

    private void terminateConnections(ChaosScene scene) {
        for (int i = 0; i < 5; i++) {
            Pause.ofMillis(1 + random.nextInt(400));
            scene.terminateConnections(0.5);
        }
        scene.terminateConnections(1);
    }

    private void restartPostgres(ChaosScene scene, StubbornPublisher publisher, OwnPostgres.Stop how) throws Exception {
        again.add(scene.reckoning().again());
        awaitMiddleOfBatch();
        Outage outage = scene.restartPostgres(how);
        outages.add(seconds(outage.took().toNanos()));
        Map<Merchant, Set<String>> probes = new HashMap<>();
        for (Merchant merchant : scene.merchants()) {
            probes.put(merchant, Set.copyOf(publisher.publish(merchant.key(), ChaosScene.TYPE, 1)));
        }
        Eventually.within(RECOVERY, () -> assertThat(missing(probes)).as("what was published after the restart").isZero());
        long over = System.nanoTime();
        probes.forEach((merchant, ids) -> merchant.accepted().addAll(ids));
        recoveries.add(seconds(over - outage.until()));
        assertThat(recoveries).as("seconds until deliveries go on").allMatch(each -> each <= RECOVERY.toSeconds());
    }

    private static Map<Merchant, Set<String>> acceptedBy(ChaosScene scene) {
        Map<Merchant, Set<String>> accepted = new HashMap<>();
        scene.merchants().forEach(merchant -> accepted.put(merchant, Set.copyOf(merchant.accepted())));
        return accepted;
    }

    /** How many of these some healthy endpoint has not got. */
    private static long missing(Map<Merchant, Set<String>> accepted) {
        return accepted.entrySet().stream().flatMap(each -> each.getKey().healthy().map(Endpoint::receiver)
                .flatMap(receiver -> each.getValue().stream().filter(id -> receiver.times(id) == 0))).count();
    }

    private void verify(ChaosScene scene, StubbornPublisher publisher, long begin) throws SQLException {
        Map<Merchant, Set<String>> accepted = acceptedBy(scene);
        int events = accepted.values().stream().mapToInt(Set::size).sum();
        assertThat(events).isGreaterThanOrEqualTo(EVENTS);
        Eventually.within(REST, () -> assertThat(missing(accepted)).isZero());
        Reckoning reckoning = scene.reckoning();
        long bound = explained(scene);
        System.out.printf(
                "chaos: events=%d endpoints=20 kills=%d restarts=%d outages=%s s, again=%d %s of %d explained, taken over after %s s,"
                        + " recovered after %s s, batches repeated=%d, events taken though nobody was told=%d, refusals=%s,"
                        + " dead rows in the queue=%d, all %.0f s%n",
                events, takeovers.size(), outages.size(), outages, reckoning.again(), again, bound, takeovers, recoveries,
                publisher.repeated(), publisher.taken(), publisher.refusals(),
                scene.postgres().number("select n_dead_tup from pg_stat_user_tables where relname = 'webhook_queue'"),
                seconds(System.nanoTime() - begin));

        reckoning.requireAllCame();
        reckoning.requireAgainAtMost(bound);
        assertThat(publisher.refusals().keySet()).as("a database that is away is told as such").isSubsetOf("503", "unanswered");
        assertThat(scene.merchants().stream().flatMap(each -> each.endpoints().stream())
                .mapToLong(each -> each.receiver().unverified()).sum()).as("not signed by its webhook's secret").isZero();
        fatesAddUp(scene, accepted);
    }

    /**
     * How many deliveries the faults may have made twice: one claimed batch for each kill; and where PostgreSQL was away for
     * longer than a claim lasts that was just about to be renewed, which is half of a lease, one for each replica. A crash of
     * PostgreSQL as such explains none: it comes back with all claims that anybody sends by.
     */
    private long explained(ChaosScene scene) {
        long outlasted = outages.stream().filter(seconds -> seconds > LEFT).count();
        return (long) ChaosScene.SLOTS * (takeovers.size() + scene.replicas() * outlasted);
    }

    private static void fatesAddUp(ChaosScene scene, Map<Merchant, Set<String>> accepted) {
        Eventually.within(REST, () -> assertThat(scene.merchants()).allSatisfy(merchant -> assertThat(merchant.healthy())
                .allSatisfy(each -> assertThat(count(scene, each, "delivered"))
                        .isEqualTo(accepted.getOrDefault(merchant, Set.of()).size()))));
        assertThat(scene.postgres().number("select count(*) from events_without_fate()")).as("events without a fate").isZero();
        accepted.forEach((merchant, ids) -> merchant.endpoints().forEach(each -> {
            long delivered = count(scene, each, "delivered");
            assertThat(count(scene, each, "delivered", "pending", "exhausted"))
                    .as("fates of what goes to the one that is " + each.mood()).isEqualTo(ids.size());
            assertThat(delivered).as("delivered to the one that is " + each.mood())
                    .isLessThanOrEqualTo(each.mood().takes() ? each.receiver().messages() : 0);
        }));
        accepted.forEach(
                (merchant, ids) -> ids.stream().limit(SAMPLES / accepted.size()).forEach(id -> toldByTheApi(merchant, id)));
    }

    private static long count(ChaosScene scene, Endpoint endpoint, String... states) {
        return scene.postgres().number("select count(*) from delivery where webhook_id = '%s' and state in ('%s')",
                endpoint.webhook(), String.join("', '", states));
    }

    private static void toldByTheApi(Merchant merchant, String id) {
        Response event = merchant.api().asOwner().get("/api/v1/events/" + id);
        event.then().statusCode(200);
        List<String> webhooks = event.path("deliveries.webhookId");
        List<String> states = event.path("deliveries.state");
        assertThat(webhooks).containsExactlyInAnyOrderElementsOf(
                merchant.endpoints().stream().map(Endpoint::webhook).toList());
        Collection<String> healthy = merchant.healthy().map(Endpoint::webhook).collect(toSet());
        for (int i = 0; i < states.size(); i++) {
            assertThat(states.get(i)).isIn(healthy.contains(webhooks.get(i)) ? Set.of("delivered")
                    : Set.of("delivered", "pending", "exhausted"));
        }
    }

    private static double seconds(long nanos) {
        return Math.round(nanos / 1e8) / 10.0;
    }
}
