package dev.latchkey.tenant;

import java.util.UUID;
import java.util.function.Predicate;

import jakarta.enterprise.event.Event;
import jakarta.inject.Singleton;

import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Uni;

/** Makes changes of organizations known after the transaction, before they are answered. */
@Singleton
class InForce {

    private final Event<OrganizationChanged> changed;

    InForce(Event<OrganizationChanged> changed) {
        this.changed = changed;
    }

    /**
     * Tells when the change stands and matters, and when nobody knows whether it does: a connection that broke at the commit.
     * What was refused was refused before the commit.
     *
     * @param altersVerdicts whether what was done can change how a key is judged
     */
    <T> Uni<T> once(Uni<T> change, UUID organization, Predicate<T> altersVerdicts) {
        return change.onItemOrFailure().invoke((done, fault) -> {
            if (fault == null ? altersVerdicts.test(done) : !(fault instanceof ProblemException)) {
                changed.fire(new OrganizationChanged(organization));
            }
        });
    }
}
