package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import jakarta.enterprise.inject.Vetoed;

import dev.latchkey.replica.Invalidated;
import dev.latchkey.replica.Lease;
import dev.latchkey.replica.Leases;
import dev.latchkey.replica.Scope;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which texts are taken for foreign tokens, and when memory is believed; the database's answers are in the test's hand. */
@NullUnmarked
class ForeignPrefixesTest {

    private static final UUID ORGANIZATION = UUID.randomUUID();

    private final Lease lease = Leases.holding();
    private final Answering table = new Answering();
    private final ForeignPrefixes prefixes = new ForeignPrefixes(table, lease);

    @Test
    void whatBeginsWithADeclaredPrefixIsAToken() {
        know("acme_", "sk-", "sk_live_", "sk_live_more_", "z~!");

        for (String token : List.of("acme_x", "sk-proj-1.2.3", "sk_live_more_1", "sk_live_a", "z~!~")) {
            assertThat(ask(token)).as(token).containsExactly("token");
        }
        for (String other : List.of("acme_", "acm", "acmf_x", "ACME_x", "sk_test_a", "sk-", "z", "zz~x", "a", "~~~~")) {
            assertThat(ask(other)).as(other).containsExactly("malformed");
        }
        assertThat(table.reads).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = { "", "acm", "acme_ x", "acme_\u00f1", "acme_\n", "acme_\u007f", "acme_\0" })
    void whatNoTokenCanBeCostsNothingWhateverIsKnown(String junk) {
        Leases.end(lease);

        assertThat(ask(junk)).containsExactly("malformed");
        assertThat(ask("acme_" + "x".repeat(8_188))).containsExactly("malformed");
        assertThat(table.reads).isEmpty();
    }

    @Test
    void junkCostsNothingWhileMemoryIsBelieved() {
        know("acme_");
        for (int i = 0; i < 1_000; i++) {
            assertThat(ask("junk" + i)).containsExactly("malformed");
        }

        assertThat(table.reads).hasSize(1);
    }

    @Test
    void whoAsksAfterADeclarationWaitsForAReadThatBeganAfterIt() {
        List<String> before = ask("acme_x");
        prefixes.forget(new Invalidated(Scope.whatWasUnknown()));
        List<String> after = ask("acme_x");
        assertThat(table.reads).hasSize(1);
        table.answer(0);

        assertThat(before).containsExactly("malformed");
        assertThat(after).as("waits for its own read").isEmpty();
        assertThat(table.reads).hasSize(2);
        table.answer(1, "acme_");
        assertThat(after).containsExactly("token");
    }

    @Test
    void aReadThatADeclarationOvertookIsBelievedNoLonger() {
        ask("acme_x");
        prefixes.forget(new Invalidated(Scope.whatWasUnknown()));
        table.answer(0);

        List<String> after = ask("acme_x");
        assertThat(after).isEmpty();
        table.answer(1, "acme_");
        assertThat(after).containsExactly("token");
    }

    @Test
    void aNewConnectionAsksAnewAndChangesOfWhatIsKnownDoNot() {
        know();
        prefixes.forget(new Invalidated(Scope.key(ORGANIZATION, UUID.randomUUID())));
        prefixes.forget(new Invalidated(Scope.organization(ORGANIZATION)));
        assertThat(ask("acme_x")).containsExactly("malformed");
        prefixes.forget(new Invalidated(Scope.everything()));

        assertThat(ask("acme_x")).isEmpty();
        assertThat(table.reads).hasSize(2);
    }

    @Test
    void withoutALeaseWhatIsKnownIsATokenAndTheRestAsksOneReadAtATime() {
        know("acme_");
        Leases.end(lease);
        List<List<String>> waiting = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            waiting.add(ask("junk" + i));
        }

        assertThat(ask("acme_x")).containsExactly("token");
        assertThat(waiting).allSatisfy(each -> assertThat(each).isEmpty());
        assertThat(table.reads).hasSize(2);
        table.answer(1, "acme_");
        table.answer(2, "acme_");
        assertThat(waiting).allSatisfy(each -> assertThat(each).containsExactly("malformed"));
        assertThat(table.reads).hasSize(3);
    }

    @Test
    void aFailedReadIsToldAndTheNextOneTriesAgain() {
        List<String> failed = ask("acme_x");
        table.reads.get(0).fail(new java.io.IOException("away"));
        assertThat(failed).containsExactly("failed");

        List<String> after = ask("acme_x");
        table.answer(1, "acme_");
        assertThat(after).containsExactly("token");
    }

    @Test
    void aForeignTokenIsNeverPrintedBeyondItsPrefix() {
        know("acme_");
        List<String> printed = new ArrayList<>();
        prefixes.read("acme_verysecret", token -> {
            printed.add(token.toString());
            return Uni.createFrom().item(true);
        }, () -> Uni.createFrom().item(false)).subscribe().with(done -> {
        });

        assertThat(printed).containsExactly("acme_***");
    }

    @ParameterizedTest
    @ValueSource(strings = { "l", "lk", "lk_", "lk_l", "lk_live_", "lk_test_", "lk_live_4fTz", "lk_t" })
    void aPrefixOfOurOwnExemptsNothing(String prefix) {
        assertThat(ForeignPrefixes.isOurs(prefix)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = { "lk-", "lk_prod_", "lkx", "lk_lives", "acme_live_", "k_live_" })
    void whatOnlyLooksLikeItMayBeDeclared(String prefix) {
        assertThat(ForeignPrefixes.isOurs(prefix)).isFalse();
    }

    private void know(String... declared) {
        ask("something-else");
        table.answer(table.reads.size() - 1, declared);
    }

    private List<String> ask(String text) {
        List<String> answers = new ArrayList<>();
        prefixes.read(text, token -> Uni.createFrom().item("token"), () -> Uni.createFrom().item("malformed")).subscribe()
                .with(answers::add, fault -> answers.add("failed"));
        return answers;
    }

    @Vetoed
    private static final class Answering extends ForeignPrefixTable {

        private final List<UniEmitter<? super List<String>>> reads = new ArrayList<>();

        Answering() {
            super(null);
        }

        @Override
        Uni<List<String>> all() {
            return Uni.createFrom().emitter(reads::add);
        }

        void answer(int read, String... declared) {
            ((UniEmitter<List<String>>) reads.get(read)).complete(List.of(declared));
        }
    }
}
