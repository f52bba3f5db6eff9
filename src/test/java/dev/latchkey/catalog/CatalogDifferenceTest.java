package dev.latchkey.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

import dev.latchkey.catalog.Catalog.Group;
import dev.latchkey.catalog.Catalog.Operation;
import dev.latchkey.catalog.Catalog.Scope;
import dev.latchkey.testing.Beside;
import org.junit.jupiter.api.Test;

/** A pattern that lets do more than before is found, whatever else has changed; and the search for it ends. */
@Beside
class CatalogDifferenceTest {

    private static final String READ = "orders:read";

    @Test
    void aPatternOpensWhereWhatItReachesIsGuardedNoMore() {
        Catalog before = catalog(guarded("GET /orders/*"), guarded("DELETE /orders/*"));
        Catalog after = catalog(guarded("GET /orders/*"));

        assertThat(
                outcome(before, after, "* /orders/**", "DELETE /orders/*", "DELETE /orders/5", "GET /orders/*", "* /baskets/**")
                        .opened())
                .containsExactly("* /orders/**", "DELETE /orders/*", "DELETE /orders/5");
        assertThat(outcome(before, after, "* /orders/**", "DELETE /orders/*").vanished()).containsExactly("DELETE /orders/*");
    }

    @Test
    void whatIsStillGuardedUnderAnotherNameDoesNotOpen() {
        Catalog before = catalog(guarded("GET /v*/orders/**"), guarded("* /v*/orders/**"));
        Catalog after = catalog(guarded("GET /v2/orders/*"), guarded("POST /v2/orders/*"));

        assertThat(
                outcome(before, after, "GET /v2/orders/*", "POST /v2/orders/new", "GET /v1/orders/*", "GET /v2/orders/*/lines")
                        .opened())
                .containsExactly("GET /v1/orders/*", "GET /v2/orders/*/lines");
    }

    @Test
    void aPatternOpensWhereItsOperationDemandsNothingAnyMore() {
        Catalog before = catalog(guarded("GET /orders/*"), open("GET /status"));
        Catalog after = catalog(guarded("GET /orders/*"), open("GET /orders/count"), open("GET /status"), open("GET /news"));

        assertThat(outcome(before, after, "GET /orders/*", "GET /orders/count", "GET /orders/5", "GET /status", "GET /news")
                .opened()).containsExactly("GET /orders/*", "GET /orders/count");
        assertThat(outcome(catalog(guarded("GET /orders/*")), catalog(open("GET /orders/*")), "GET /orders/5").opened())
                .containsExactly("GET /orders/5");
    }

    @Test
    void whatDemandedNothingOpensNothing() {
        Catalog before = catalog(open("GET /status"), guarded("GET /orders"));

        CatalogDifference difference = difference(before, catalog(guarded("GET /orders")));

        assertThat(difference.isNone()).isFalse();
        assertThat(difference.of(List.of("GET /status", "* /**")).opened()).isEmpty();
        assertThat(difference.of(List.of("GET /status", "* /**")).vanished()).containsExactly("GET /status");
    }

    @Test
    void whatOnlyGrowsNeedsNoSearch() {
        Catalog before = catalog(guarded("GET /orders"), open("GET /status"));

        assertThat(difference(before, before).isNone()).isTrue();
        assertThat(difference(before, catalog(guarded("GET /orders"), open("GET /status"), guarded("GET /baskets"))).isNone())
                .isTrue();
    }

    @Test
    void aDifferenceThatTakesTooLongIsSaidToBeIncomplete() {
        String odd = "*a".repeat(100);
        Catalog before = catalog(IntStream.range(0, 10_000).mapToObj(i -> guarded("GET /" + i + "/" + odd + "b" + i))
                .toArray(Operation[]::new));
        Catalog after = catalog(guarded("GET /none"));
        List<String> patterns = IntStream.range(0, HeldGrants.MOST_PATTERNS).mapToObj(i -> "* /*/" + odd + "c" + i).toList();
        long end = System.nanoTime() + Duration.ofMillis(500).toNanos();

        CatalogDifference.Outcome outcome = assertTimeoutPreemptively(Duration.ofSeconds(20),
                () -> new CatalogDifference(before, after, () -> System.nanoTime() > end).of(patterns));

        assertThat(outcome.complete()).isFalse();
        assertThat(outcome(before, after, patterns.get(0)).complete()).isTrue();
    }

    private static CatalogDifference.Outcome outcome(Catalog before, Catalog after, String... patterns) {
        return difference(before, after).of(List.of(patterns));
    }

    private static CatalogDifference difference(Catalog before, Catalog after) {
        return new CatalogDifference(before, after, () -> false);
    }

    private static Operation guarded(String pattern) {
        return new Operation(MethodPattern.of(pattern), Text.untranslated(pattern), Set.of(READ));
    }

    private static Operation open(String pattern) {
        return new Operation(MethodPattern.of(pattern), Text.untranslated(pattern), Set.of());
    }

    private static Catalog catalog(Operation... operations) {
        return new Catalog(List.of(new Group(Text.untranslated("Shop"), null,
                List.of(new Scope(READ, Text.untranslated(READ))), new ArrayList<>(Arrays.asList(operations)))));
    }
}
