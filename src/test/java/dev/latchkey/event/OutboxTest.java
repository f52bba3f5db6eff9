package dev.latchkey.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

import jakarta.inject.Inject;

import javax.sql.DataSource;

import dev.latchkey.testing.Api;
import dev.latchkey.testing.Behind;
import dev.latchkey.testing.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@NullUnmarked
class OutboxTest {

    private static final long LONG_MILLIS = 300;

    @Inject
    DataSource source;
    @Inject
    Events events;
    @Inject
    Outbox outbox;

    /** However long its transaction takes: nobody waits until somebody looks. */
    @Test
    void anEventOfThisServiceIsToldOfWhenItsTransactionHasCommitted() {
        UUID organization = new Behind(source).organization(Api.ofNewOrganization());
        List<Long> told = new CopyOnWriteArrayList<>();
        AtomicLong begun = new AtomicLong();
        AtomicLong done = new AtomicLong();
        outbox.onArrival(() -> told.add(System.nanoTime()));

        Behind.inTransaction(() -> events.publish(organization, Event.of("key.created", new JsonObject()))
                .invoke(() -> begun.set(System.nanoTime()))
                .call(OutboxTest::aLongTime).invoke(() -> done.set(System.nanoTime())));

        assertThat(told).noneMatch(at -> at > begun.get() && at < done.get()).anyMatch(at -> at > done.get());
    }

    private static Uni<Void> aLongTime() {
        return Uni.createFrom()
                .emitter(over -> Vertx.currentContext().owner().setTimer(LONG_MILLIS, now -> over.complete(null)));
    }
}
