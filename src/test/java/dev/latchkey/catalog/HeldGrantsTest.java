package dev.latchkey.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

import jakarta.inject.Inject;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.latchkey.catalog.Catalog.Group;
import dev.latchkey.catalog.Catalog.Operation;
import dev.latchkey.catalog.Catalog.Scope;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Vertx;
import org.junit.jupiter.api.Test;

/** A search among all keys comes to its end, however the clock on the wall is set meanwhile. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class HeldGrantsTest {

    private static final String READ = "orders:read";

    @Inject
    HeldGrantsTable table;
    @Inject
    Vertx vertx;

    @Test
    void comparingEndsByTheMonotonicClock() {
        AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1);

        assertThat(isComplete(nanos::get)).isTrue();
        assertThat(isComplete(() -> nanos.addAndGet(Duration.ofSeconds(21).toNanos()))).isFalse();
    }

    private boolean isComplete(Ticker ticker) {
        return Behind.await(
                () -> new HeldGrants(table, vertx, ticker).effect(catalog("GET /orders"), catalog("GET /baskets")))
                .vanished().complete();
    }

    private static Catalog catalog(String operation) {
        return new Catalog(List.of(new Group(Text.untranslated("Shop"), null,
                List.of(new Scope(READ, Text.untranslated(READ))), new ArrayList<>(List.of(
                        new Operation(MethodPattern.of(operation), Text.untranslated(operation), Set.of(READ)))))));
    }
}
