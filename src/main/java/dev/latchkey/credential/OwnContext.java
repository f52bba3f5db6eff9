package dev.latchkey.credential;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

import jakarta.inject.Singleton;

import io.quarkus.vertx.core.runtime.context.VertxContextSafetyToggle;
import io.smallrye.common.vertx.VertxContext;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;

/**
 * Runs work in a context of Vert.x that is its own. Sessions of Hibernate stand in the context: two that run at once in that of
 * a job would be one transaction, and one that goes on after a request would be in a context that has ended.
 */
@Singleton
class OwnContext {

    private final Vertx vertx;

    OwnContext(Vertx vertx) {
        this.vertx = vertx;
    }

    /** What it comes to, in the context of whoever it runs for; who gives up waiting does not end it. */
    <T> Uni<T> run(Supplier<Uni<T>> work) {
        return Uni.createFrom().emitter(emitter -> {
            Context asking = vertx.getOrCreateContext();
            Context own = VertxContext.createNewDuplicatedContext(asking);
            VertxContextSafetyToggle.setContextSafe(own, true);
            own.runOnContext(begun -> Uni.createFrom().deferred(work::get).subscribe().with(
                    done -> asking.runOnContext(over -> emitter.complete(done)),
                    fault -> asking.runOnContext(over -> emitter.fail(fault))));
        });
    }

    /** Waits for what others carry out, and goes on in the context of whoever waits. */
    <T> Uni<T> await(CompletionStage<T> work) {
        return Uni.createFrom().emitter(emitter -> {
            Context asking = vertx.getOrCreateContext();
            work.whenComplete((done, fault) -> asking.runOnContext(over -> {
                if (fault == null) {
                    emitter.complete(done);
                } else {
                    emitter.fail(fault);
                }
            }));
        });
    }

    /** In the context of whoever waits. */
    Uni<Void> pause(Duration time) {
        return Uni.createFrom()
                .emitter(emitter -> vertx.setTimer(Math.max(1, time.toMillis()), over -> emitter.complete(null)));
    }
}
