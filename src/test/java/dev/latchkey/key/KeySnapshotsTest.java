package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;

import jakarta.enterprise.inject.Vetoed;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.latchkey.net.IpAddress;
import dev.latchkey.replica.Configs;
import dev.latchkey.replica.Invalidated;
import dev.latchkey.replica.Lease;
import dev.latchkey.replica.Leases;
import dev.latchkey.replica.Scope;
import dev.latchkey.web.ProblemException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** The races between reading a key and changing it, with the database's answers in the test's hand. */
@NullUnmarked
class KeySnapshotsTest {

    private static final UUID KEY = UUID.randomUUID();
    private static final UUID ORGANIZATION = UUID.randomUUID();
    private static final KeySnapshot OLD = snapshot(false);
    private static final KeySnapshot REVOKED = snapshot(true);

    private final KeyToken token = KeyToken.generate("lk", "live", new SecureRandom());
    private final Answering database = new Answering();
    private final Lease lease = Leases.holding();
    private final KeySnapshots snapshots = new KeySnapshots(database,
            new LookUps(new SmallMemory(), Ticker.disabledTicker(), new SecureRandom()), lease, new SmallMemory(),
            Configs.defaults(), new SimpleMeterRegistry());

    @Test
    void whatIsRememberedIsNotReadAgain() {
        List<Optional<KeySnapshot>> found = ask();
        database.answer(0, OLD);

        assertThat(ask()).containsExactly(Optional.of(OLD));
        assertThat(found).containsExactly(Optional.of(OLD));
        assertThat(database.reads).hasSize(1);
    }

    @Test
    void requestsForTheSameTokenShareOneRead() {
        List<Optional<KeySnapshot>> first = ask();
        List<Optional<KeySnapshot>> second = ask();
        database.answer(0, OLD);

        assertThat(first).containsExactly(Optional.of(OLD));
        assertThat(second).containsExactly(Optional.of(OLD));
        assertThat(database.reads).hasSize(1);
    }

    @Test
    void aReadThatBeganBeforeAChangeIsNeitherJoinedNorRemembered() {
        ask();
        forget(Scope.key(ORGANIZATION, KEY));

        List<Optional<KeySnapshot>> after = ask();
        database.answer(0, OLD);
        assertThat(after).as("waits for its own read").isEmpty();
        assertThat(database.reads).hasSize(2);

        database.answer(1, REVOKED);
        assertThat(after).containsExactly(Optional.of(REVOKED));
        assertThat(ask()).containsExactly(Optional.of(REVOKED));
    }

    @Test
    void aVoidReadThatEndsLastDoesNotReplaceTheNewState() {
        ask();
        forget(Scope.key(ORGANIZATION, KEY));
        ask();
        database.answer(1, REVOKED);
        database.answer(0, OLD);

        assertThat(ask()).containsExactly(Optional.of(REVOKED));
    }

    @Test
    void aChangedKeyOrOrganizationIsReadAgain() {
        ask();
        database.answer(0, OLD);
        forget(Scope.key(ORGANIZATION, KEY));
        ask();
        database.answer(1, OLD);
        forget(Scope.organization(ORGANIZATION));
        ask();
        assertThat(database.reads).hasSize(3);
        database.answer(2, OLD);

        forget(Scope.key(ORGANIZATION, UUID.randomUUID()));
        forget(Scope.organization(UUID.randomUUID()));
        assertThat(ask()).as("others' changes do not matter").containsExactly(Optional.of(OLD));
        assertThat(database.reads).hasSize(3);
    }

    @Test
    void anUnknownTokenIsNotReadAgain() {
        ask();
        database.answer(0, null);
        assertThat(ask()).containsExactly(Optional.empty());
        assertThat(database.reads).hasSize(1);

    }

    @Test
    void aFailedReadIsNotRemembered() {
        List<Throwable> failures = new ArrayList<>();
        snapshots.find(token, null, null).subscribe().with(found -> {
        }, failures::add);
        database.reads.get(0).fail(new java.io.IOException("away"));
        assertThat(failures).hasSize(1);

        ask();
        assertThat(database.reads).hasSize(2);
    }

    @Test
    void whatWasForgottenStaysForgottenWhenMemoryHasBeenSwept() {
        ask();
        database.answer(0, OLD);
        forget(Scope.key(ORGANIZATION, KEY));
        snapshots.sweep();
        snapshots.sweep();

        ask();
        assertThat(database.reads).hasSize(2);
        database.answer(1, REVOKED);
        snapshots.sweep();
        assertThat(ask()).containsExactly(Optional.of(REVOKED));
        assertThat(database.reads).hasSize(2);
    }

    @Test
    void aNewConnectionForgetsEverything() {
        ask();
        database.answer(0, OLD);
        forget(Scope.everything());
        ask();

        assertThat(database.reads).hasSize(2);
    }

    @Test
    void withoutALeaseNothingIsBelievedJoinedOrRemembered() {
        ask();
        database.answer(0, OLD);
        Leases.end(lease);

        ask();
        ask();
        assertThat(database.reads).as("each reads for itself").hasSize(3);
        database.answer(1, REVOKED);
        database.answer(2, REVOKED);
        ask();
        assertThat(database.reads).as("and nothing is kept").hasSize(4);
    }

    @Test
    void withoutALeaseABoundedNumberAsksAndTheRestAreToldToComeBack() {
        Leases.end(lease);
        ask();
        ask();

        assertThat(failureOf(token)).isInstanceOf(ProblemException.class);
        database.answer(0, OLD);
        assertThat(ask()).as("there is room again").isEmpty();
        assertThat(database.reads).hasSize(3);
    }

    @Test
    void readsAtATimeAreBounded() {
        for (int i = 0; i < 200; i++) {
            snapshots.find(aToken(), null, new IpAddress(i << 16, 1)).subscribe().with(found -> {
            }, fault -> {
            });
        }
        assertThat(database.reads).hasSize(new SmallMemory().maxReads());
        database.reads.forEach(read -> read.complete(Optional.of(OLD)));

        ask();
        assertThat(database.reads).as("there is room again").hasSize(new SmallMemory().maxReads() + 1);
    }

    @Test
    void aKeyThatIsForgottenInTheMidstOfAnAttackIsReadAgain() {
        ask();
        database.answer(0, OLD);
        int live = database.reads.size();
        for (int i = 0; i < 1_000; i++) {
            snapshots.find(aToken(), ORGANIZATION, null).subscribe().with(found -> {
            }, fault -> {
            });
            database.answerAll(null);
        }
        assertThat(database.reads).as("junk").hasSizeBetween(live + 1, live + 100);
        assertThat(failureOf(aToken())).as("what was never seen").isInstanceOf(ProblemException.class);
        assertThat(ask()).as("from memory").containsExactly(Optional.of(OLD));

        forget(Scope.everything());
        List<Optional<KeySnapshot>> found = ask();
        database.answerAll(REVOKED);
        assertThat(found).containsExactly(Optional.of(REVOKED));
    }

    private static KeyToken aToken() {
        return KeyToken.generate("lk", "live", new SecureRandom());
    }

    private Throwable failureOf(KeyToken asked) {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        snapshots.find(asked, ORGANIZATION, null).subscribe().with(found -> {
        }, failure::set);
        return failure.get();
    }

    private void forget(Scope scope) {
        snapshots.forget(new Invalidated(scope));
    }

    private List<Optional<KeySnapshot>> ask() {
        List<Optional<KeySnapshot>> found = new ArrayList<>();
        snapshots.find(token, null, null).subscribe().with(found::add, fault -> {
            throw new AssertionError(fault);
        });
        return found;
    }

    private static KeySnapshot snapshot(boolean revoked) {
        return Snapshots.of(KEY, ORGANIZATION).revoked(revoked).build();
    }

    /** Answers a read when the test says so. */
    @Vetoed
    private static final class Answering extends KeySnapshotQuery {

        private final List<UniEmitter<? super Optional<KeySnapshot>>> reads = new ArrayList<>();

        Answering() {
            super(null, null);
        }

        @Override
        Uni<Optional<KeySnapshot>> read(byte[] fingerprint) {
            return Uni.createFrom().emitter(reads::add);
        }

        void answer(int read, KeySnapshot snapshot) {
            reads.get(read).complete(Optional.ofNullable(snapshot));
        }

        /** Answers what has not been answered yet. */
        void answerAll(KeySnapshot snapshot) {
            reads.forEach(read -> read.complete(Optional.ofNullable(snapshot)));
        }
    }
}
