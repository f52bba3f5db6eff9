package dev.latchkey.replica;

import java.util.Collection;
import java.util.Comparator;
import java.util.Objects;
import java.util.function.Predicate;

import jakarta.inject.Singleton;

import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;

/**
 * Answers changes when they are in force on every replica. Where a replica does not confirm in time, the answer is 202
 * instead, with {@code effectiveBy}: when the change will be in force at the latest.
 */
@Singleton
public class InForce {

    private final Barrier barrier;
    private final RoutingContext request;

    InForce(Barrier barrier, RoutingContext request) {
        this.barrier = barrier;
        this.request = request;
    }

    /**
     * The change, waited for: when it stands, and when nobody knows whether it does. What was refused was refused before the
     * commit, and need not be waited for.
     *
     * @param change ends with its transaction
     */
    public <T> Uni<T> everywhere(Scope scope, Uni<T> change) {
        return everywhere(scope, change, done -> true);
    }

    /** @param matters whether what the change did can alter a verdict; if not, nothing is waited for */
    public <T> Uni<T> everywhere(Scope scope, Uni<T> change, Predicate<T> matters) {
        return change.onFailure(fault -> !(fault instanceof ProblemException)).call(() -> settle(scope)).onItem()
                .call(done -> matters.test(done) ? settle(scope) : Uni.createFrom().voidItem());
    }

    /** A change of several things at once, each of which may be another organization's. */
    public <T> Uni<T> everywhere(Collection<Scope> scopes, Uni<T> change) {
        return change.onFailure(fault -> !(fault instanceof ProblemException)).call(() -> settle(scopes))
                .call(() -> settle(scopes));
    }

    private Uni<Void> settle(Collection<Scope> scopes) {
        return scopes.isEmpty() ? Uni.createFrom().voidItem()
                : Uni.join().all(scopes.stream().map(barrier::settle).toList()).andFailFast().invoke(all -> all.stream()
                        .map(Barrier.Settled::effectiveBy).filter(Objects::nonNull).max(Comparator.naturalOrder())
                        .ifPresent(last -> request.put(EffectiveBy.KEY, last))).replaceWithVoid();
    }

    private Uni<Barrier.Settled> settle(Scope scope) {
        return barrier.settle(scope).invoke(settled -> {
            if (settled.effectiveBy() != null) {
                request.put(EffectiveBy.KEY, settled.effectiveBy());
            }
        });
    }
}
