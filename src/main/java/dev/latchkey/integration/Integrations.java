package dev.latchkey.integration;

import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;

import jakarta.enterprise.context.ApplicationScoped;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.latchkey.activity.Activities;
import dev.latchkey.activity.Actor;
import dev.latchkey.activity.Changes;
import dev.latchkey.activity.Target;
import dev.latchkey.identity.Caller;
import dev.latchkey.integration.IntegrationResource.Edit;
import dev.latchkey.integration.IntegrationResource.Warning;
import dev.latchkey.web.EntityTags;
import dev.latchkey.web.ProblemException;
import io.quarkus.hibernate.reactive.panache.common.WithTransaction;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/** The writes of integrations: one public method, one transaction. */
@ApplicationScoped
class Integrations {

    private final Activities activities;
    private final InstantSource clock;

    Integrations(Activities activities, InstantSource clock) {
        this.activities = activities;
        this.clock = clock;
    }

    /** @param warnings what was accepted and likely does not do what it is meant to */
    record Written(UUID id, List<Warning> warnings) {
    }

    /**
     * @throws ProblemException 422 for keys and credentials that the organization does not have, 403 where a key binds what
     *         it could not use itself
     */
    @WithTransaction
    public Uni<Written> create(Caller caller, Edit wanted) {
        Integration made = new Integration();
        made.id = UuidCreator.getTimeOrderedEpoch();
        made.organizationId = caller.tenant().id();
        made.createdAt = clock.instant().truncatedTo(ChronoUnit.MICROS);
        return Named.in(made.organizationId, wanted).call(named -> Reach.require(caller, named, null, wanted))
                .flatMap(named -> {
                    write(made, wanted);
                    made.updatedAt = made.createdAt;
                    return made.<Integration> persistAndFlush()
                            .call(() -> record(caller, "integration.created", made,
                                    Changes.none().note("kind", made.kind).note("keyIds", wanted.inOrder().keyIds())
                                            .note("credentialIds", wanted.inOrder().credentialIds())
                                            .note("active", made.active)))
                            .replaceWith(new Written(made.id, named.warnings()));
                });
    }

    /** @throws ProblemException 404, 412 when it has changed since it was read, 422 and 403 as above */
    @WithTransaction
    public Uni<Written> edit(Caller caller, UUID id, @Nullable String ifMatch, UnaryOperator<Edit> patch) {
        return existing(caller.tenant().id(), id, ifMatch).flatMap(integration -> {
            Edit before = Edit.of(integration);
            Edit wanted = patch.apply(before);
            return Named.in(integration.organizationId, wanted).call(named -> Reach.require(caller, named, before, wanted))
                    .flatMap(named -> change(caller, integration, before, wanted.inOrder())
                            .replaceWith(new Written(id, named.warnings())));
        });
    }

    /** @throws ProblemException 404, 412 when it has changed since it was read */
    @WithTransaction
    public Uni<Void> delete(Caller caller, UUID id, @Nullable String ifMatch) {
        return existing(caller.tenant().id(), id, ifMatch)
                .call(integration -> record(caller, "integration.deleted", integration, Changes.none()))
                // By statement: Hibernate Reactive (4.2) confuses two deletions of entities that run at the same time.
                .call(integration -> Integration.delete("id", integration.id)).replaceWithVoid();
    }

    /** What stays as it is gets no new version, and nothing is written down. */
    private Uni<Void> change(Caller caller, Integration integration, Edit before, Edit wanted) {
        Changes changes = Changes.none().field("name", before.name(), wanted.name())
                .field("kind", before.kind(), wanted.kind()).field("keyIds", before.keyIds(), wanted.keyIds())
                .field("credentialIds", before.credentialIds(), wanted.credentialIds())
                .field("active", before.active(), wanted.active());
        if (changes.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        write(integration, wanted);
        integration.updatedAt = clock.instant().truncatedTo(ChronoUnit.MICROS);
        return integration.<Integration> persistAndFlush()
                .flatMap(written -> record(caller, "integration.updated", integration, changes));
    }

    private static void write(Integration integration, Edit wanted) {
        integration.name = wanted.name();
        integration.kind = wanted.kind();
        integration.active = wanted.active();
        integration.keyIds.retainAll(wanted.keyIds());
        integration.keyIds.addAll(wanted.keyIds());
        integration.credentialIds.retainAll(wanted.credentialIds());
        integration.credentialIds.addAll(wanted.credentialIds());
    }

    private static Uni<Integration> existing(UUID organization, UUID id, @Nullable String ifMatch) {
        return Integration.findToChange(organization, id).onItem().ifNull().failWith(ProblemException::notFound)
                .invoke(integration -> EntityTags.requireMatch(ifMatch, integration.version));
    }

    private Uni<Void> record(Caller caller, String what, Integration integration, Changes changes) {
        return activities.record(integration.organizationId, Actor.of(caller), what,
                new Target("integration", integration.id, integration.name), changes);
    }
}
