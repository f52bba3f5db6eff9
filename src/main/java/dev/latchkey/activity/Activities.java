package dev.latchkey.activity;

import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.UUID;

import jakarta.inject.Singleton;

import com.github.f4b6a3.uuid.UuidCreator;
import io.smallrye.mutiny.Uni;

/**
 * Writes down what is done. The entry is sealed here and linked into its organization's chain a second later, see
 * {@link Linker}: the transaction of a change only inserts, and never waits for another change of the organization.
 */
@Singleton
public class Activities {

    private final Chain chain;
    private final InstantSource clock;

    Activities(Chain chain, InstantSource clock) {
        this.chain = chain;
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
        // As the database stores it: the seal is over what is read back.
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
        chain.seal(entry);
        return entry.persist().replaceWithVoid();
    }
}
