package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

import jakarta.inject.Inject;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.latchkey.crypto.Secret;
import dev.latchkey.testing.Eventually;
import dev.latchkey.testing.KeyBuilder.Created;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.Together;
import dev.latchkey.testing.TokenServer.Fault;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** Whoever wants a token that has ended gets the next one, and nobody asks for it twice. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class FreshTokensTest extends RenewalCase {

    @Inject
    RenewalQueries queries;
    @Inject
    Providers providers;
    @Inject
    OwnContext contexts;
    @Inject
    RenewalConfig config;
    @Inject
    Ticker ticker;

    @Test
    void aTokenThatHasEndedIsRenewedBeforeItIsLeasedHoweverManyAsk() {
        String token = server.grant();
        String id = scene.ended(token);
        Created key = scene.boundTo(id);
        server.next(Fault.slow(Duration.ofMillis(300)));

        List<String> leased;
        try (Together together = new Together(8)) {
            leased = together.call(() -> String.valueOf(scene.leased(key, id)));
        }

        assertThat(server.timesPresented()).isEqualTo(Map.of(token, 1L));
        assertThat(leased).containsOnly("Bearer " + server.last(token).access());
    }

    @Test
    void aLeaseJoinsTheRenewalThatIsUnderWay() throws Exception {
        String token = server.grant();
        String id = scene.ended(token);
        Created key = scene.boundTo(id);
        CountDownLatch answer = new CountDownLatch(1);
        server.next(Fault.held(answer));
        renewals.begin(claimed(id), ticker.read());
        Eventually.holds(() -> assertThat(server.presented()).hasSize(1));

        CompletableFuture<String> leased = CompletableFuture.supplyAsync(() -> String.valueOf(scene.leased(key, id)));
        assertThatThrownBy(() -> leased.get(1, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);
        answer.countDown();

        assertThat(leased.get(10, TimeUnit.SECONDS)).isEqualTo("Bearer " + server.last(token).access());
        assertThat(server.timesPresented()).isEqualTo(Map.of(token, 1L));
    }

    @Test
    void aTokenThatHasEndedAndCannotBeRenewedYetIsNotHandedOut() {
        String id = scene.ended(server.grant());
        Created key = scene.boundTo(id);
        server.always(Fault.answering(503, ""));

        scene.lease(key, id).then().statusCode(503).header("Retry-After", notNullValue());
        int asked = server.presented().size();
        scene.lease(key, id).then().statusCode(503);
        assertThat(server.presented()).hasSize(asked);
    }

    @Test
    void aPersonMayHaveItRenewedNow() {
        String token = server.grant();
        String id = scene.connected(token);
        api.asOwner().post("/api/v1/credentials/" + id + "/refresh").then().statusCode(200).body("renewed", equalTo(true))
                .body("status", equalTo("green")).body("error", nullValue()).body("nextAttemptAt", notNullValue());
        assertThat(pair(id).accessToken()).isEqualTo(Secret.of(server.last(token).access()));

        server.next(Fault.answering(503, ""));
        api.asOwner().post("/api/v1/credentials/" + id + "/refresh").then().statusCode(200).body("renewed", equalTo(false))
                .body("status", equalTo("yellow")).body("error", equalTo("provider-error")).body("httpStatus", equalTo(503));
        api.asOwner().get("/api/v1/activity?action=credential.refreshed").then().body("items.actor.type",
                contains("person", "person"));
        api.asOwner().post("/api/v1/credentials/" + api.aCredential().create() + "/refresh").then().statusCode(409);
        api.asOwner().post("/api/v1/credentials/" + UUID.randomUUID() + "/refresh").then().statusCode(404);
    }

    @Test
    void whoeverWaitsLooksMoreRarelyWithTime() {
        FreshTokens.Wait wait = FreshTokens.Wait.begin(UUID.randomUUID(), UUID.randomUUID(), 1);
        List<Long> pauses = new ArrayList<>();
        for (int look = 0; look < 6; look++) {
            pauses.add(wait.pause().toMillis());
            wait = wait.next(new RenewalQueries.Standing(7, true, false, null));
        }

        assertThat(pauses).containsExactly(50L, 100L, 200L, 400L, 400L, 400L);
        assertThat(wait.isOver(new RenewalQueries.Standing(7, true, false, null), 1)).isFalse();
        assertThat(wait.isOver(new RenewalQueries.Standing(7, true, false, null), 2)).isTrue();
        assertThat(wait.isOver(new RenewalQueries.Standing(7, false, false, null), 0)).isTrue();
        assertThat(wait.isOver(new RenewalQueries.Standing(8, true, false, null), 0)).isTrue();
    }

    /** Its holder may be dead, and then the lease lets the next one in. */
    @Test
    void aPersonWaitsForAsLongAsALeaseLastsAndARequestForLess() throws Exception {
        String id = scene.connected(server.grant());
        UUID organization = organization();
        claimed(id);
        Clock clock = new Clock();
        Clock other = new Clock();
        CompletableFuture<Void> person = timedBy(clock).renewedNow(organization, UUID.fromString(id))
                .subscribeAsCompletionStage();
        CompletableFuture<Void> request = timedBy(other).renewed(organization, UUID.fromString(id))
                .subscribeAsCompletionStage();
        Eventually.holds(() -> assertThat(List.of(clock.reads.get(), other.reads.get())).allMatch(reads -> reads > 1));

        clock.now = config.join().plusSeconds(1).toNanos();
        other.now = clock.now;
        request.get(10, TimeUnit.SECONDS);
        assertThatThrownBy(() -> person.get(1, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);
        clock.now = config.lease().plusSeconds(1).toNanos();
        person.get(10, TimeUnit.SECONDS);
        assertThat(server.presented()).isEmpty();
    }

    private FreshTokens timedBy(Ticker clock) {
        return new FreshTokens(table, queries, renewals, providers, contexts, config, InstantSource.system(), clock);
    }

    /** Stands still until it is set. */
    private static final class Clock implements Ticker {

        private final AtomicInteger reads = new AtomicInteger();
        private volatile long now;

        @Override
        public long read() {
            reads.incrementAndGet();
            return now;
        }
    }
}
