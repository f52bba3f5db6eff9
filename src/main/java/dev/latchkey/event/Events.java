package dev.latchkey.event;

import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.UUID;

import jakarta.inject.Singleton;

import com.github.f4b6a3.uuid.UuidCreator;
import io.smallrye.mutiny.Uni;

/** Publishes events. */
@Singleton
public class Events {

    private final InstantSource clock;

    Events(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * Lays an event into the outbox, in the transaction of what it tells of: both stand, or neither.
     *
     * @return the event's id, which receivers see as {@code webhook-id}
     */
    public Uni<UUID> publish(UUID organization, Event event) {
        EventRow row = new EventRow();
        row.id = UuidCreator.getTimeOrderedEpoch();
        row.organizationId = organization;
        row.type = event.type();
        row.storeId = event.storeId();
        row.data = event.data();
        row.at = clock.instant().truncatedTo(ChronoUnit.MICROS);
        return row.persist().replaceWith(row.id);
    }
}
