package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import jakarta.enterprise.inject.Vetoed;
import jakarta.inject.Inject;

import dev.latchkey.replica.Configs;
import dev.latchkey.replica.Invalidated;
import dev.latchkey.replica.Lease;
import dev.latchkey.replica.Leases;
import dev.latchkey.replica.Scope;
import dev.latchkey.replica.Times;
import dev.latchkey.testing.Api;
import dev.latchkey.testing.TestDatabase;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The limit of one key over several replicas, each of them a limiter of its own on the real database. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class LimiterTest {

    @Inject
    Pool database;

    private final Api api = Api.ofNewOrganization();
    private final AtomicLong nanos = new AtomicLong();

    @Test
    void overSeveralReplicasAWindowAdmitsItsLimitAndNoMore() {
        KeySnapshot key = aKey(100, "P31D");
        List<Replica> replicas = List.of(new Replica(), new Replica(), new Replica());
        List<CompletableFuture<Boolean>> asked = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            asked.add(replicas.get(i % 3).admits(key, 1));
        }
        long admitted = asked.stream().filter(CompletableFuture::join).count();
        assertThat(admitted).isLessThanOrEqualTo(100);

        for (int round = 0; round < 20 && admitted < 100; round++) {
            nanos.addAndGet(TimeUnit.SECONDS.toNanos(2));
            replicas.forEach(replica -> replica.limiter.giveBackIdle().await().indefinitely());
            admitted += replicas.get(0).admits(key, 1).join() ? 1 : 0;
        }
        assertThat(admitted).as("what was idle came back").isEqualTo(100);
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(2));
        assertThat(replicas).noneMatch(replica -> replica.admits(key, 1).join());
    }

    @Test
    void aKilledReplicaStrandsFewAndNothingIsAdmittedTwice() {
        KeySnapshot key = aKey(100, "P31D");
        Replica killed = new Replica();
        int before = 0;
        for (int i = 0; i < 40; i++) {
            before += killed.admits(key, 1).join() ? 1 : 0;
        }
        Replica other = new Replica();
        int after = 0;
        for (int i = 0; i < 100; i++) {
            nanos.addAndGet(TimeUnit.SECONDS.toNanos(2));
            after += other.admits(key, 1).join() ? 1 : 0;
        }
        assertThat(before).isEqualTo(40);
        assertThat(after).isBetween(60 - 100 / 8, 60);
    }

    @Test
    void costsAreTakenWholeOrNotAtAllAndZeroOnlyLooks() {
        KeySnapshot key = aKey(10, "P31D");
        Replica replica = new Replica();

        assertThat(replica.ask(key, 7)).returns(true, Quota::admitted).returns(3, Quota::remaining);
        assertThat(replica.ask(key, 4)).returns(false, Quota::admitted).returns(3, Quota::remaining);
        assertThat(replica.ask(key, 0)).returns(true, Quota::admitted).returns(3, Quota::remaining);
        assertThat(replica.ask(key, 3)).returns(true, Quota::admitted).returns(0, Quota::remaining);
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(2));
        assertThat(replica.ask(key, 0)).returns(false, Quota::admitted);
    }

    @Test
    void whatIsHeldIsSpentFromMemoryAndWhatIsUsedUpIsRefusedFromMemory() {
        KeySnapshot key = aKey(5, "P31D");
        Replica replica = new Replica();
        replica.ask(key, 5);

        assertThat(replica.fromMemory(key, 1)).isPresent().get().returns(false, Quota::admitted);
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(2));
        assertThat(replica.fromMemory(key, 1)).as("asked again after a while").isEmpty();

        KeySnapshot roomy = aKey(10_000, "P31D");
        replica.ask(roomy, 1);
        assertThat(replica.fromMemory(roomy, 1)).isPresent().get().returns(true, Quota::admitted).returns(9_998,
                Quota::remaining);
    }

    @Test
    void aTokenIsSpentOnlyWhereTheDatabaseIsCertainToBeInItsWindow() {
        KeySnapshot key = aKey(10_000, "P1D");
        Instant today = Instant.now();
        Replica replica = new Replica(today);
        replica.ask(key, 1);
        assertThat(replica.fromMemory(key, 1)).isPresent();

        long toMidnight = TimeUnit.DAYS.toMicros(1)
                - Math.floorMod(TimeUnit.SECONDS.toMicros(today.getEpochSecond()), TimeUnit.DAYS.toMicros(1));
        nanos.addAndGet(TimeUnit.MICROSECONDS.toNanos(toMidnight));
        assertThat(replica.fromMemory(key, 1)).as("the clock has moved on without a heartbeat").isEmpty();
    }

    @Test
    void whatIsHeldIsDroppedBeforeAChangeIsAcknowledged() {
        KeySnapshot key = aKey(10_000, "P31D");
        Replica replica = new Replica();
        replica.ask(key, 1);
        replica.limiter.forget(new Invalidated(Scope.key(key.organizationId(), UUID.randomUUID())));
        assertThat(replica.fromMemory(key, 1)).as("another key's change does not matter").isPresent();

        replica.limiter.forget(new Invalidated(Scope.key(key.organizationId(), key.keyId())));
        assertThat(replica.fromMemory(key, 1)).isEmpty();
        replica.limiter.giveBackIdle().await().indefinitely();
        assertThat(replica.ask(key, 1)).as("two were spent before").returns(9_997, Quota::remaining);
    }

    @Test
    void aGrantInFlightWhenTheLimitIsLoweredGivesNothing() {
        KeySnapshot key = aKey(100, "P31D");
        Replica replica = new Replica();
        replica.table.hold();
        CompletableFuture<Quota> waiting = replica.later(key, 1);
        replica.table.awaitHeld();
        lower(key, 2);
        replica.limiter.forget(new Invalidated(Scope.key(key.organizationId(), key.keyId())));
        replica.table.release();

        assertThat(waiting.join()).returns(2, Quota::limit);
        assertThat(replica.fromMemory(key, 1)).as("nothing of the old limit is held")
                .satisfies(quota -> assertThat(quota.filter(Quota::admitted)).isEmpty());
    }

    @ParameterizedTest
    @ValueSource(longs = { 0, 1, 1_999_999, 2_000_000, 2_000_001, 2_999_999, 3_000_000 })
    void aStatementIsSentHoweverSoonItFollowsTheLast(long laterNanos) {
        KeySnapshot key = aKey(10, "P31D");
        Replica replica = new Replica();
        Leases.end(replica.lease);
        replica.ask(key, 1);
        nanos.addAndGet(laterNanos);

        assertThat(replica.later(key, 1).orTimeout(5, TimeUnit.SECONDS).join()).returns(8, Quota::remaining);
    }

    @Test
    void aStatementThatCannotBeSentIsAFaultOfThatRequestAlone() {
        KeySnapshot key = aKey(10, "P31D");
        Replica replica = new Replica();
        replica.table.refuseNext();

        assertThat(replica.later(key, 1).orTimeout(5, TimeUnit.SECONDS)).failsWithin(Duration.ofSeconds(6));
        assertThat(replica.later(key, 1).orTimeout(5, TimeUnit.SECONDS).join()).returns(true, Quota::admitted);
    }

    @Test
    void withoutALeaseNothingIsHeldAndEachRequestTakesForItself() {
        KeySnapshot key = aKey(3, "P31D");
        Replica replica = new Replica();
        Leases.end(replica.lease);

        assertThat(replica.ask(key, 1)).returns(true, Quota::admitted).returns(2, Quota::remaining);
        assertThat(replica.fromMemory(key, 1)).isEmpty();
        assertThat(new Replica().ask(key, 2)).returns(true, Quota::admitted);
        assertThat(replica.ask(key, 1)).returns(false, Quota::admitted);
    }

    @Test
    void aWindowThatIsShortenedCountsWhatTheOneThatRunsHasUsed() {
        KeySnapshot key = aKey(10, "P31D");
        Replica replica = new Replica();
        replica.ask(key, 10);
        database.query("update api_key set rate_window_seconds = 3600 where id = '" + key.keyId() + "'").executeAndAwait();
        replica.limiter.forget(new Invalidated(Scope.key(key.organizationId(), key.keyId())));

        assertThat(replica.ask(key, 1)).returns(false, Quota::admitted).returns(3600, Quota::windowSeconds);
    }

    @Test
    void theWaitIsToldInWholeSecondsThatSuffice() {
        Instant start = Instant.parse("2027-01-01T00:00:00Z");
        Quota quota = new Quota(true, 3, 60, 2, start.plusSeconds(60), start.plusMillis(500));

        assertThat(quota.secondsToReset()).isEqualTo(60);
        assertThat(quota.limitField()).isEqualTo("\"key\";r=2;t=60");
        assertThat(quota.policyField()).isEqualTo("\"key\";q=3;w=60");
    }

    private KeySnapshot aKey(int limit, String window) {
        UUID id = UUID.fromString(api.aKey().rateLimit(limit, window).create().id());
        return Snapshots.of(id, UUID.randomUUID())
                .limit(new KeySnapshot.Limit(limit, (int) Duration.parse(window).toSeconds(), true)).build();
    }

    private void lower(KeySnapshot key, int limit) {
        database.query("update api_key set rate_limit = " + limit + " where id = '" + key.keyId() + "'").executeAndAwait();
    }

    /** A limiter of its own, with clocks in the test's hand. */
    private final class Replica {

        private final Lease lease = Leases.holding();
        private final Held table = new Held(database);
        private final Limiter limiter;

        Replica() {
            this(Instant.now());
        }

        Replica(Instant shown) {
            limiter = new Limiter(table, Times.at(nanos::get, shown), lease, nanos::get, Configs.defaults(),
                    new SimpleMeterRegistry());
        }

        Optional<Quota> fromMemory(KeySnapshot key, int cost) {
            return Optional.ofNullable(limiter.take(key, key.limit(), cost));
        }

        CompletableFuture<Quota> later(KeySnapshot key, int cost) {
            return limiter.ask(key, cost).map(Optional::orElseThrow).subscribeAsCompletionStage();
        }

        Quota ask(KeySnapshot key, int cost) {
            return later(key, cost).join();
        }

        CompletableFuture<Boolean> admits(KeySnapshot key, int cost) {
            Quota known = limiter.take(key, key.limit(), cost);
            return known != null ? CompletableFuture.completedFuture(known.admitted())
                    : later(key, cost).thenApply(Quota::admitted);
        }
    }

    /** Lets the test hold an answer of the database back. */
    @Vetoed
    private static final class Held extends GrantTable {

        private boolean refusing;
        private CompletableFuture<Void> gate = CompletableFuture.completedFuture(null);
        private final CompletableFuture<Void> arrived = new CompletableFuture<>();

        Held(Pool database) {
            super(database);
        }

        void refuseNext() {
            refusing = true;
        }

        void hold() {
            gate = new CompletableFuture<>();
        }

        void release() {
            gate.complete(null);
        }

        void awaitHeld() {
            arrived.join();
        }

        @Override
        Uni<List<Grant>> take(List<Ask> asks) {
            if (refusing) {
                refusing = false;
                throw new IllegalStateException("refused by the test");
            }
            CompletableFuture<Void> open = gate;
            return super.take(asks).invoke(() -> arrived.complete(null))
                    .call(() -> Uni.createFrom().completionStage(open));
        }
    }
}
