package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;

import dev.latchkey.key.Verdict.Code;
import dev.latchkey.testing.Together;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Transaction;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** What was counted comes to be in the database: all of it, once, whatever happens on the way. Replicas of the test's own. */
@QuarkusTest
@NullUnmarked
class UsageFlushTest extends UsageFlushCase {

    @Test
    void whatIsCountedIsWrittenAndAddedToWhatStands() {
        UUID key = aKey();
        UsageReplica replica = aReplica();
        replica.count(key, Code.VALID, 3);
        replica.count(key, Code.EXPIRED, 2);
        replica.flush();
        replica.count(key, Code.VALID, 1);
        replica.flush();

        assertThat(written.count(key, "VALID")).isEqualTo(4);
        assertThat(written.count(key, "EXPIRED")).isEqualTo(2);
        assertThat(written.count(key, "orders:read")).isEqualTo(4);
        assertThat(written.count(key, "GET /api/v1/orders")).isEqualTo(4);
        assertThat(written.count(key, "madrid")).isEqualTo(4);
        assertThat(replica.dropped()).isZero();
    }

    @Test
    void replicasThatWriteTheSameKeysAtOnceNeitherBlockEachOtherNorLoseAnything() throws Exception {
        List<UUID> keys = new ArrayList<>(someKeys(60));
        List<UsageReplica> replicas = List.of(aReplica(), aReplica(), aReplica());
        int rounds = 6;
        CyclicBarrier together = new CyclicBarrier(replicas.size());
        Deque<UsageReplica> left = new ArrayDeque<>(replicas);

        try (Together threads = new Together(replicas.size())) {
            threads.run(() -> {
                UsageReplica replica;
                synchronized (left) {
                    replica = left.remove();
                }
                List<UUID> order = new ArrayList<>(keys);
                for (int round = 0; round < rounds; round++) {
                    Collections.shuffle(order);
                    String network = "10." + round + ".0.1";
                    order.forEach(key -> UsageSettings.count(replica.usage, key, Code.VALID, network, now));
                    order.forEach(key -> UsageSettings.count(replica.usage, key, Code.EXPIRED, network, now));
                    meet(together);
                    replica.flush();
                }
            });
        }

        assertThat(replicas).allSatisfy(replica -> {
            assertThat(replica.dropped()).isZero();
            assertThat(replica.table.failures).as("none was the victim of a deadlock").hasValue(0);
        });
        assertThat(keys).allSatisfy(key -> {
            assertThat(written.count(key, "VALID")).isEqualTo((long) rounds * replicas.size());
            assertThat(written.count(key, "EXPIRED")).isEqualTo((long) rounds * replicas.size());
            assertThat(written.findings(key, "first-used")).hasSize(1);
            assertThat(written.findings(key, "refused")).hasSize(1);
        });
    }

    @Test
    void aKeyThatIsGoneTakesNoOtherWithIt() {
        UUID gone = aKey();
        UUID there = aKey();
        UsageReplica replica = aReplica();
        replica.count(gone, Code.VALID, 2);
        replica.count(there, Code.VALID, 1);
        api.asOwner().delete("/api/v1/keys/" + gone).then().statusCode(204);
        replica.flush();

        assertThat(written.count(there, "VALID")).isEqualTo(1);
        assertThat(written.count(gone, "VALID")).isZero();
        assertThat(replica.dropped("key-deleted")).isEqualTo(2);
        assertThat(replica.table.failures).hasValue(0);
    }

    @Test
    void aKeyThatIsBeingDeletedIsNotWaitedFor() {
        UUID going = aKey();
        UUID there = aKey();
        UsageReplica replica = aReplica();
        replica.count(going, Code.VALID, 1);
        replica.count(there, Code.VALID, 1);
        SqlConnection deleter = database.getConnectionAndAwait();
        Transaction transaction = deleter.beginAndAwait();
        try {
            deleter.preparedQuery("delete from api_key where id = $1").executeAndAwait(Tuple.of(going));
            replica.flush();

            assertThat(written.count(there, "VALID")).as("while the other deletion is under way").isEqualTo(1);
        } finally {
            transaction.commitAndAwait();
            deleter.closeAndAwait();
        }
        assertThat(replica.dropped("key-deleted")).isEqualTo(1);
    }

    @Test
    void aKeyThatIsBeingEditedIsWrittenAllTheSame() {
        UUID key = aKey();
        UsageReplica replica = aReplica();
        replica.count(key, Code.VALID, 1);
        SqlConnection editor = database.getConnectionAndAwait();
        Transaction transaction = editor.beginAndAwait();
        try {
            editor.preparedQuery("select from api_key where id = $1 for no key update").executeAndAwait(Tuple.of(key));
            editor.preparedQuery("update api_key set name = 'x' where id = $1").executeAndAwait(Tuple.of(key));
            replica.flush();
        } finally {
            transaction.commitAndAwait();
            editor.closeAndAwait();
        }
        assertThat(written.count(key, "VALID")).isEqualTo(1);
        assertThat(replica.dropped()).isZero();
    }

    @Test
    void whileTheDatabaseIsAwayCountsAddUpAndComeLater() {
        UUID key = aKey();
        UsageReplica replica = aReplica();
        replica.table.away = 4;
        for (int i = 0; i < 4; i++) {
            replica.count(key, Code.VALID, 5);
            replica.flush();
        }
        assertThat(written.count(key, "VALID")).isZero();

        replica.count(key, Code.VALID, 1);
        replica.flush();

        assertThat(written.count(key, "VALID")).isEqualTo(21);
        assertThat(replica.dropped()).isZero();
    }

    @Test
    void aBatchWhoseCommitNobodyAnsweredForIsCountedOnce() {
        UUID key = aKey();
        UsageReplica replica = aReplica();
        replica.table.unanswered = 1;
        replica.count(key, Code.VALID, 5);
        replica.flush();
        assertThat(written.count(key, "VALID")).as("it was committed").isEqualTo(5);

        replica.count(key, Code.VALID, 2);
        replica.flush();

        assertThat(written.count(key, "VALID")).isEqualTo(7);
        assertThat(replica.table.repeated).as("asked once more, and told that it stands").hasValue(1);
    }

    @Test
    void whatIsHeldIsBoundedAndWhatIsDroppedIsCounted() {
        List<UUID> keys = someKeys(8);
        UsageReplica replica = new UsageReplica(database, () -> now, new UsageSettings(5, 100));
        replica.table.away = 3;
        keys.subList(0, 4).forEach(key -> replica.count(key, Code.VALID, 1));
        replica.flush();
        // A batch that is in doubt is apart; what comes behind it is bounded.
        keys.subList(0, 4).forEach(key -> replica.count(key, Code.VALID, 2));
        replica.flush();
        keys.subList(4, 8).forEach(key -> replica.count(key, Code.VALID, 2));
        replica.flush();
        replica.flush();

        long kept = keys.stream().mapToLong(key -> written.count(key, "VALID")).sum();
        assertThat(replica.dropped("full")).isEqualTo(6);
        assertThat(kept + replica.dropped("full")).isEqualTo(4 + 16);
    }

    @Test
    void whatTheDatabaseRefusesForItsContentDoesNotBlockTheRestForEver() {
        UUID key = aKey();
        UsageReplica replica = aReplica();
        replica.count(key, Code.VALID, 1);
        replica.table.refusals = 3;
        for (int i = 0; i < 3; i++) {
            replica.flush();
        }
        replica.count(key, Code.VALID, 2);
        replica.flush();

        assertThat(written.count(key, "VALID")).isEqualTo(2);
        assertThat(replica.dropped("refused")).isEqualTo(1);
    }

    @Test
    void whereVeryManyKeysAreUsedTheOthersWaitForTheirTurnButNotForLong() {
        List<UUID> keys = someKeys(5);
        UsageReplica replica = new UsageReplica(database, () -> now, new UsageSettings(100, 2));
        keys.forEach(key -> replica.count(key, Code.VALID, 1));
        replica.flush();
        assertThat(keys.stream().filter(key -> written.count(key, "VALID") == 1)).hasSize(2);

        now = now.plus(UsageSettings.DEFAULTS.maxWait());
        replica.flush();

        assertThat(keys.stream().filter(key -> written.count(key, "VALID") == 1)).hasSize(5);
    }

    @Test
    void anOrderlyStopWritesEverything() {
        List<UUID> keys = someKeys(5);
        UsageReplica replica = new UsageReplica(database, () -> now, new UsageSettings(100, 2));
        keys.forEach(key -> replica.count(key, Code.VALID, 1));

        replica.flush.flushAtTheEnd(null);

        assertThat(keys).allSatisfy(key -> assertThat(written.count(key, "VALID")).isEqualTo(1));
    }

    private List<UUID> someKeys(int count) {
        List<UUID> keys = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            keys.add(aKey());
        }
        return keys;
    }

    private static void meet(CyclicBarrier barrier) {
        try {
            barrier.await(60, TimeUnit.SECONDS);
        } catch (Exception broken) {
            throw new IllegalStateException(broken);
        }
    }
}
