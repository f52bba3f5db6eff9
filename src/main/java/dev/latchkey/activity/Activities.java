package dev.latchkey.activity;

import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.UUID;

import jakarta.inject.Singleton;

import com.github.f4b6a3.uuid.UuidCreator;
import io.smallrye.mutiny.Uni;

/** Writes down what is done. */
@Singleton
public class Activities {

    private final InstantSource clock;

    Activities(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * Writes an entry in the transaction of the change that it tells of: both stand, or neither.
     *
     * @param action {@code noun.verb} in the past tense, as {@code key.revoked}
     */
    public Uni<Void> record(UUID organization, Actor actor, String action, Target target, Changes changes) {
        ActivityEntry entry = new ActivityEntry();
        entry.id = UuidCreator.getTimeOrderedEpoch();
        entry.organizationId = organization;
        entry.at = clock.instant().truncatedTo(ChronoUnit.MICROS);
        entry.actorType = actor.type().name().toLowerCase(Locale.ROOT);
        entry.actorId = actor.id();
        entry.actorName = actor.name();
        entry.action = action;
        entry.targetType = target.type();
        entry.targetId = target.id();
        entry.targetName = target.name();
        entry.changes = changes.text();
        entry.ip = actor.origin().ip();
        entry.requestId = actor.origin().requestId();
        return entry.persist().replaceWithVoid();
    }
}
