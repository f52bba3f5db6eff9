package dev.latchkey.event;

import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Pattern;

import jakarta.inject.Singleton;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import org.hibernate.FlushMode;

/**
 * Publishes events: an insert in the caller's transaction, so that what happened and the news of it both stand, or neither.
 *
 * <p>
 * Three rows: the payload in the partition of its day; its identity, which is what makes an id unique within an organization,
 * since no constraint of a partitioned table reaches over its days; and its place in the outbox, from which it goes to
 * webhooks. One statement writes them, so that an id that is taken writes nothing, and two publishers of the same id meet in
 * the primary key of {@code event_identity}: the second waits until the first has committed, and is told that it is no news,
 * or has rolled back, and takes its place.
 */
@Singleton
public class Events {

    /** What an event may weigh, in bytes of JSON. */
    public static final int MAX_BYTES = 256 * 1024;

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_:-]{1,100}");

    // By the primary key of event_identity. Named parameters, hence casts by name; text into JSON by PostgreSQL, which keeps
    // it as it is.
    private static final String PUBLISH = """
            with identity as (
                insert into event_identity (organization_id, public_id, event_id, at)
                values (:organization, :publicId, :id, :at)
                on conflict (organization_id, public_id) do nothing
                returning event_id, at, organization_id
            ), payload as (
                insert into event (id, at, organization_id, public_id, type, store_id, data)
                select event_id, at, organization_id, :publicId, :type, cast(cast(:store as text) as uuid),
                       cast(cast(:data as text) as json)
                  from identity
            )
            insert into event_outbox (event_id, at, organization_id) select event_id, at, organization_id from identity
            """;

    private final EventTypes types;
    private final InstantSource clock;

    Events(EventTypes types, InstantSource clock) {
        this.types = types;
        this.clock = clock;
    }

    /**
     * What publishing under a given id has come to.
     *
     * @param id as receivers see it
     * @param isNew false: the organization has had an event of this id, and this one was dropped
     */
    public record Published(String id, boolean isNew) {
    }

    /**
     * Lays an event of this service into the outbox, in the transaction of what it tells of: both stand, or neither.
     *
     * @return the event's id, which receivers see as {@code webhook-id}
     * @throws IllegalArgumentException for a type that is not one of this service's own, which is a programming error
     */
    public Uni<UUID> publish(UUID organization, Event event) {
        if (types.find(event.type()).filter(EventType::own).isEmpty()) {
            throw new IllegalArgumentException("no event type of this service: " + event.type());
        }
        UUID id = UuidCreator.getTimeOrderedEpoch();
        return insert(organization, event, id, id.toString()).replaceWith(id);
    }

    /**
     * Lays an event with an id of its publisher's choosing into the outbox, once for each id and organization.
     *
     * @param id 1 to 100 of letters, digits and {@code _ : -}: no dots, which part the id from the rest in what is
     *        signed (Standard Webhooks)
     * @throws IllegalArgumentException for an unknown type or another form of id; the caller has checked both
     * @throws ProblemException 413 beyond 256 KiB
     */
    public Uni<Published> publish(UUID organization, Event event, String id) {
        if (types.find(event.type()).isEmpty() || !isId(id)) {
            throw new IllegalArgumentException("unknown event type or malformed id: " + event.type());
        }
        return insert(organization, event, UuidCreator.getTimeOrderedEpoch(), id)
                .map(inserted -> new Published(id, inserted > 0));
    }

    /** Whether a text can be the id of an event. */
    public static boolean isId(String text) {
        return ID.matcher(text).matches();
    }

    private Uni<Integer> insert(UUID organization, Event event, UUID id, String publicId) {
        String data = event.data().encode();
        if (data.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            throw new ProblemException(ProblemCode.TOO_LARGE, "An event may weigh 256 KiB.");
        }
        return Panache.getSession().flatMap(session -> session.createNativeQuery(PUBLISH)
                // The caller's own changes are flushed when the caller says so: they may be half made.
                .setFlushMode(FlushMode.MANUAL)
                .setParameter("organization", organization).setParameter("publicId", publicId).setParameter("id", id)
                .setParameter("at", clock.instant().truncatedTo(ChronoUnit.MICROS)).setParameter("type", event.type())
                .setParameter("store", Objects.toString(event.storeId(), null)).setParameter("data", data).executeUpdate());
    }
}
