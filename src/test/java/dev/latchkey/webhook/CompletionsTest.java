package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ConnectException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Stream;

import dev.latchkey.testing.Beside;
import dev.latchkey.testing.Eventually;
import dev.latchkey.webhook.Claimed.Happened;
import dev.latchkey.webhook.CompletionTable.Written;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgException;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What has an answer is written, whatever the database says meanwhile, and nothing keeps the rest from it. */
@Beside
@NullUnmarked
class CompletionsTest {

    private final Vertx vertx = Vertx.vertx();
    private final Context context = vertx.getOrCreateContext();
    private final Table table = new Table();
    private final Told told = new Told();
    private final Completions completions = new Completions(table, vertx, told);

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void manyAreWrittenAtOnceAndEachOnce() {
        List<Ended> all = add(1200);

        Eventually.holds(() -> assertThat(told.written()).hasSize(1200));

        assertThat(told.written()).containsExactlyInAnyOrderElementsOf(ids(all));
        assertThat(table.batches).hasSizeLessThan(6).allMatch(batch -> batch.size() <= 500);
        assertThat(isDone()).isTrue();
    }

    @Test
    void whatTheDatabaseIsAwayForIsKeptUntilItIsWritten() {
        table.fault = () -> new ConnectException("refused");
        List<Ended> all = add(600);
        awaitTries(3);
        assertThat(told.written()).isEmpty();
        assertThat(told.given).isEmpty();
        assertThat(isDone()).as("so a stop waits for it").isFalse();
        assertThat(table.batches).as("tried now and then, and none is blamed").hasSizeLessThan(6)
                .allMatch(batch -> batch.size() >= 100);

        table.fault = null;

        Eventually.holds(() -> assertThat(told.written()).containsExactlyInAnyOrderElementsOf(ids(all)));
        assertThat(table.stripped).isEmpty();
        assertThat(isDone()).isTrue();
    }

    /** The answer to the first try may be what was lost. */
    @Test
    void whatWasTriedBeforeIsWrittenUnderTheSameIdAsWhatMayStandAlready() {
        table.fault = () -> new ConnectException("refused");
        List<Ended> all = add(3);
        awaitTries(1);
        table.fault = null;
        Eventually.holds(() -> assertThat(told.written()).hasSize(3));
        add(2);
        Eventually.holds(() -> assertThat(told.written()).hasSize(5));
        assertThat(table.again).containsExactlyInAnyOrderElementsOf(all.stream().map(Ended::attempt).toList());
    }

    /** That is no fault of a connection, nor of a class that says so: it is no reason to give anything up. */
    @Test
    void whatConcernsEverythingIsBlamedOnNobody() {
        table.fault = () -> new PgException("permission denied for table attempt", "ERROR", "42501", "");
        List<Ended> all = add(20);
        awaitTries(40);
        assertThat(told.given).isEmpty();

        table.fault = null;

        Eventually.holds(() -> assertThat(told.written()).containsExactlyInAnyOrderElementsOf(ids(all)));
        assertThat(table.stripped).isEmpty();
        assertThat(told.given).isEmpty();
    }

    @Test
    void whatCannotBeWrittenIsGivenUpAloneAndTheOthersAreWritten() {
        for (Supplier<Throwable> fault : List.<Supplier<Throwable>> of(
                () -> new PgException("invalid byte sequence", "ERROR", "22021", ""),
                () -> new PgException("internal error", "ERROR", "XX000", ""),
                () -> new ClassCastException("of the client"))) {
            List<Ended> all = ended(500);
            table.poisonFault = fault;
            table.poison.addAll(Set.of(id(all.get(123)), id(all.get(124)), id(all.get(499))));
            table.batches.clear();
            told.clear();

            addAll(all);
            Eventually.holds(() -> assertThat(told.written()).hasSize(497));
            // Whatever is blamed only once others can be written waits for these.
            addAll(ended(1));
            addAll(ended(1));
            Eventually.holds(() -> {
                addAll(ended(1));
                assertThat(told.given).hasSize(3);
            });

            assertThat(told.given).containsExactlyInAnyOrderElementsOf(table.poison);
            assertThat(told.written()).doesNotHaveDuplicates().doesNotContainAnyElementsOf(table.poison);
            assertThat(table.batches.stream().filter(batch -> batch.stream().anyMatch(table.poison::contains)).count())
                    .as("statements in vain").isLessThan(60);
            Eventually.holds(() -> assertThat(isDone()).isTrue());
            table.poison.clear();
        }
    }

    @Test
    void whatTheReceiverHasSaidIsLeftOutBeforeAnOutcomeIsGivenUp() {
        table.poisonFault = () -> new PgException("invalid byte sequence", "ERROR", "22021", "");
        table.isOfTheAnswer = true;
        List<Ended> all = ended(50);
        table.poison.add(id(all.get(7)));

        addAll(all);

        Eventually.holds(() -> assertThat(told.written()).hasSize(50));
        assertThat(table.stripped).containsExactly(id(all.get(7)));
        assertThat(told.given).isEmpty();
    }

    @Test
    void oneThatWasClaimedAgainIsNotWrittenTwiceByOneStatement() {
        List<Ended> all = ended(10);
        addAll(all);
        addAll(all);
        Eventually.holds(() -> assertThat(told.written()).hasSize(20));
        assertThat(table.batches).hasSize(2).allSatisfy(batch -> assertThat(batch).doesNotHaveDuplicates().hasSize(10));
    }

    private void awaitTries(int tries) {
        Eventually.holds(() -> assertThat(table.batches).hasSizeGreaterThanOrEqualTo(tries));
    }

    private List<Ended> add(int number) {
        List<Ended> all = ended(number);
        addAll(all);
        return all;
    }

    private void addAll(List<Ended> all) {
        on(() -> {
            all.forEach(completions::add);
            return true;
        });
    }

    private boolean isDone() {
        return on(completions::isDone);
    }

    private <T> T on(Supplier<T> work) {
        CompletableFuture<T> done = new CompletableFuture<>();
        context.runOnContext(now -> done.complete(work.get()));
        return done.join();
    }

    private static List<Ended> ended(int number) {
        return Stream.generate(CompletionsTest::claimed).limit(number).map(Endings::delivered).toList();
    }

    private static Claimed claimed() {
        Happened event = new Happened("e", "order.create", Instant.EPOCH, null, null, "{}", null);
        return new Claimed(UUID.randomUUID(), UUID.randomUUID(), 1, UUID.randomUUID(), event, 0, 2, 0, UUID.randomUUID());
    }

    private static UUID id(Ended ended) {
        return ended.delivery().id();
    }

    private static List<UUID> ids(List<Ended> all) {
        return all.stream().map(CompletionsTest::id).toList();
    }

    /** A database that takes everything, or nothing, or all but some. */
    private final class Table extends CompletionTable {
        private final List<List<UUID>> batches = java.util.Collections.synchronizedList(new ArrayList<>());
        private final Set<UUID> stripped = java.util.Collections.synchronizedSet(new HashSet<>());
        private final Set<UUID> again = java.util.Collections.synchronizedSet(new HashSet<>());
        private final Set<UUID> poison = java.util.Collections.synchronizedSet(new HashSet<>());
        private volatile Supplier<Throwable> fault;
        private volatile Supplier<Throwable> poisonFault;
        private volatile boolean isOfTheAnswer;

        Table() {
            super(null, Duration.ofDays(5));
        }

        @Override
        Uni<Written> write(List<Ended> ended) {
            batches.add(ids(ended));
            return Uni.createFrom().emitter(answer -> context.runOnContext(later -> answer(ended, answer)));
        }

        private void answer(List<Ended> ended, UniEmitter<? super Written> answer) {
            Supplier<Throwable> forAll = fault;
            if (forAll != null) {
                answer.fail(forAll.get());
            } else if (ended.stream()
                    .anyMatch(each -> poison.contains(id(each)) && !(isOfTheAnswer && each.answer() == null))) {
                answer.fail(poisonFault.get());
            } else {
                ended.stream().filter(Ended::isAgain).forEach(each -> again.add(each.attempt()));
                ended.stream().filter(each -> each.answer() == null).forEach(each -> stripped.add(id(each)));
                answer.complete(new Written(0, Set.of()));
            }
        }
    }

    private static final class Told implements Completions.Listener {
        private final List<UUID> written = java.util.Collections.synchronizedList(new ArrayList<>());
        private final List<UUID> given = java.util.Collections.synchronizedList(new ArrayList<>());

        @Override
        public void written(List<Ended> batch, Written result) {
            written.addAll(ids(batch));
        }

        @Override
        public void given(Ended lost) {
            given.add(id(lost));
        }

        List<UUID> written() {
            synchronized (written) {
                return List.copyOf(written);
            }
        }

        void clear() {
            written.clear();
            given.clear();
        }
    }
}
