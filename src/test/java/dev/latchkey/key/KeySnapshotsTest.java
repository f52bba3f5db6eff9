package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import jakarta.enterprise.inject.Vetoed;

import dev.latchkey.net.CidrSet;
import dev.latchkey.tenant.OrganizationChanged;
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
    private final KeySnapshots snapshots = new KeySnapshots(database, new Config(), new SimpleMeterRegistry());

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
        snapshots.forget(KEY);

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
        snapshots.forget(KEY);
        ask();
        database.answer(1, REVOKED);
        database.answer(0, OLD);

        assertThat(ask()).containsExactly(Optional.of(REVOKED));
    }

    @Test
    void aChangedKeyOrOrganizationIsReadAgain() {
        ask();
        database.answer(0, OLD);
        snapshots.forget(KEY);
        ask();
        database.answer(1, OLD);
        snapshots.forget(new OrganizationChanged(ORGANIZATION));
        ask();
        assertThat(database.reads).hasSize(3);
        database.answer(2, OLD);

        snapshots.forget(UUID.randomUUID());
        snapshots.forget(new OrganizationChanged(UUID.randomUUID()));
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
        snapshots.find(token).subscribe().with(found -> {
        }, failures::add);
        database.reads.get(0).fail(new java.io.IOException("away"));
        assertThat(failures).hasSize(1);

        ask();
        assertThat(database.reads).hasSize(2);
    }

    private List<Optional<KeySnapshot>> ask() {
        List<Optional<KeySnapshot>> found = new ArrayList<>();
        snapshots.find(token).subscribe().with(found::add, fault -> {
            throw new AssertionError(fault);
        });
        return found;
    }

    private static KeySnapshot snapshot(boolean revoked) {
        return new KeySnapshot(KEY, KEY, ORGANIZATION, "acme", true, "ERP", "live", List.of(), null, CidrSet.none(), true,
                revoked,
                null, false, null, null, "{}", false, false);
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
    }

    private static final class Config implements KeyConfig {
        @Override
        public long maxSnapshots() {
            return 100;
        }

        @Override
        public long maxUnknown() {
            return 100;
        }

        @Override
        public Duration maxAge() {
            return Duration.ofMinutes(1);
        }

        @Override
        public String lastUseFlush() {
            return "1h";
        }
    }
}
