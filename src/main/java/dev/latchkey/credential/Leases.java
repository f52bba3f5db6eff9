package dev.latchkey.credential;

import jakarta.enterprise.context.ApplicationScoped;

import dev.latchkey.activity.Activities;
import dev.latchkey.activity.Actor;
import dev.latchkey.activity.Changes;
import dev.latchkey.activity.Target;
import dev.latchkey.identity.Caller;
import io.quarkus.hibernate.reactive.panache.common.WithTransaction;
import io.smallrye.mutiny.Uni;

/** Writes down that a credential is handed out, before it is. */
@ApplicationScoped
class Leases {

    private final Activities activities;

    Leases(Activities activities) {
        this.activities = activities;
    }

    @WithTransaction
    public Uni<CredentialUse> record(Caller caller, CredentialUse use) {
        return activities.record(caller.tenant().id(), Actor.of(caller), "credential.leased",
                new Target("credential", use.id(), use.name()), Changes.none().note("integration", use.integration()))
                .replaceWith(use);
    }
}
