package dev.latchkey.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import jakarta.enterprise.inject.Vetoed;

import dev.latchkey.catalog.Catalog.Group;
import dev.latchkey.catalog.Catalog.Operation;
import dev.latchkey.replica.Invalidated;
import dev.latchkey.replica.Lease;
import dev.latchkey.replica.Leases;
import dev.latchkey.replica.Scope;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The races between reading the catalogue and replacing it, with the database's answers in the test's hand. */
@NullUnmarked
class CatalogsTest {

    private final Vertx vertx = Vertx.vertx();
    private final Answering database = new Answering();
    private final Lease lease = Leases.holding();
    private final Catalogs catalogs = new Catalogs(database, lease, vertx);

    @AfterEach
    void stop() {
        vertx.close();
    }

    @Test
    void nothingIsBelievedBeforeItHasBeenRead() {
        assertThat(catalogs.believed()).isNull();
        assertThat(catalogs.inMemory()).isSameAs(Catalog.builtIn());
        CompletableFuture<Catalog> first = ask();
        CompletableFuture<Catalog> joined = ask();
        database.answer(0, 3, "three");

        assertThat(knows(first)).isEqualTo("three");
        assertThat(knows(joined)).isEqualTo("three");
        assertThat(catalogs.believed()).isSameAs(first.join());
        assertThat(database.reads).hasSize(1);
    }

    @Test
    void whatIsBelievedIsNotReadAgain() {
        read("one");

        assertThat(knows(ask())).isEqualTo("one");
        assertThat(database.reads).hasSize(1);
    }

    @Test
    void fromAChangeOnNothingIsBelievedUntilItHasBeenReadAnew() {
        read("one");
        catalogs.forget(new Invalidated(Scope.catalog()));

        assertThat(catalogs.believed()).isNull();
        CompletableFuture<Catalog> after = ask();
        assertThat(database.reads).as("read at once, and joined").hasSize(2);
        assertThat(after).isNotDone();
        database.answer(1, 2, "two");
        assertThat(knows(after)).isEqualTo("two");
        assertThat(catalogs.believed()).isSameAs(after.join());
    }

    @Test
    void aReadThatBeganBeforeAChangeIsNeitherJoinedNorBelieved() {
        CompletableFuture<Catalog> before = ask();
        catalogs.forget(new Invalidated(Scope.catalog()));
        CompletableFuture<Catalog> after = ask();
        assertThat(database.reads).hasSize(2);
        database.answer(0, 1, "one");

        assertThat(knows(before)).isEqualTo("one");
        assertThat(catalogs.believed()).isNull();
        assertThat(after).isNotDone();
        database.answer(1, 2, "two");
        assertThat(knows(after)).isEqualTo("two");
        assertThat(knows(ask())).isEqualTo("two");
    }

    @Test
    void aVoidReadThatEndsLastDoesNotReplaceTheNewOne() {
        CompletableFuture<Catalog> before = ask();
        catalogs.forget(new Invalidated(Scope.catalog()));
        database.answer(1, 2, "two");
        assertThat(knows(ask())).isEqualTo("two");
        database.answer(0, 1, "one");

        assertThat(knows(before)).isEqualTo("one");
        assertThat(knows(ask())).isEqualTo("two");
        assertThat(patternOf(catalogs.inMemory())).isEqualTo("two");
    }

    @Test
    void theSameVersionIsNotReadTwice() {
        read("one");
        Catalog one = catalogs.believed();
        catalogs.forget(new Invalidated(Scope.everything()));
        database.reads.get(1).complete(new CatalogTable.Content(1, null));

        assertThat(ask().join()).isSameAs(one);
        assertThat(database.known).containsExactly(-1L, 1L);
    }

    @Test
    void changesOfKeysDoNotConcernIt() {
        read("one");
        catalogs.forget(new Invalidated(Scope.organization(UUID.randomUUID())));
        catalogs.forget(new Invalidated(Scope.key(UUID.randomUUID(), UUID.randomUUID())));

        assertThat(catalogs.believed()).isNotNull();
        assertThat(database.reads).hasSize(1);
    }

    @Test
    void withoutALeaseEachOneAsksTheDatabaseAndNobodyIsJoined() {
        read("one");
        Leases.end(lease);

        assertThat(catalogs.believed()).isNull();
        CompletableFuture<Catalog> first = ask();
        CompletableFuture<Catalog> second = ask();
        assertThat(database.reads).hasSize(3);
        database.answer(1, 2, "two");
        database.reads.get(2).complete(new CatalogTable.Content(1, null));
        assertThat(knows(first)).isEqualTo("two");
        assertThat(knows(second)).isEqualTo("one");
        assertThat(catalogs.believed()).isNull();
        assertThat(patternOf(catalogs.inMemory())).as("what is given is known, also to those who only count").isEqualTo("two");
    }

    @Test
    void aReadThatFailsIsTriedAgainByWhoeverAsksNext() {
        CompletableFuture<Catalog> failed = ask();
        database.reads.get(0).completeExceptionally(new IllegalStateException("away"));
        assertThatThrownBy(failed::join).hasRootCauseMessage("away");

        CompletableFuture<Catalog> next = ask();
        database.answer(1, 1, "one");
        assertThat(knows(next)).isEqualTo("one");
    }

    @Test
    void whatCannotBeReadIsNotJudgedBy() {
        CompletableFuture<Catalog> broken = ask();
        database.reads.get(0)
                .complete(new CatalogTable.Content(1, "[{\"name\": \"x\", \"methods\": [[\"no pattern\", \"x\"]]}]"));

        assertThatThrownBy(broken::join).hasMessageContaining("cannot be read");
        assertThat(catalogs.believed()).isNull();
    }

    private void read(String name) {
        CompletableFuture<Catalog> read = ask();
        database.answer(database.reads.size() - 1, 1, name);
        assertThat(knows(read)).isEqualTo(name);
    }

    private CompletableFuture<Catalog> ask() {
        return catalogs.now().subscribeAsCompletionStage();
    }

    private static String knows(CompletableFuture<Catalog> asked) {
        return patternOf(asked.orTimeout(10, TimeUnit.SECONDS).join());
    }

    private static String patternOf(Catalog catalog) {
        return catalog.groups().get(0).operations().get(0).path().substring(1);
    }

    @Vetoed
    private static final class Answering extends CatalogTable {

        private final List<CompletableFuture<Content>> reads = new ArrayList<>();
        private final List<Long> known = new ArrayList<>();

        Answering() {
            super(null, null);
        }

        @Override
        Uni<Content> read(long version) {
            return Uni.createFrom().deferred(() -> {
                CompletableFuture<Content> read = new CompletableFuture<>();
                reads.add(read);
                known.add(version);
                return Uni.createFrom().completionStage(read);
            });
        }

        void answer(int read, long version, String name) {
            reads.get(read).complete(new Content(version, CatalogText.write(List.of(new Group(Text.untranslated("Group"), null,
                    List.of(), List.of(new Operation(MethodPattern.of("GET /" + name), Text.untranslated(name), Set.of())))))));
        }
    }
}
