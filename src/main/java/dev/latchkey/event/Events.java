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
 * Publishes this service's own events: an insert in the caller's transaction, so that what happened and the news of it both
 * stand, or neither. The platform's are published by {@link Publishing}.
 *
 * <p>
 * Three rows: the payload in the partition of its day; its identity, which is what makes an id unique within an organization,
 * since no constraint of a partitioned table reaches over its days; and its place in the outbox, from which it goes to
 * webhooks.
 */
@Singleton
public class Events {

    /** What an event may weigh, in bytes of JSON. */
    public static final int MAX_BYTES = 256 * 1024;

    /** What an id is made of: no dots, which part the id from the rest in what is signed (Standard Webhooks). */
    static final String ID = "[A-Za-z0-9_:-]{1,100}";

    private static final Pattern ID_PATTERN = Pattern.compile(ID);

    // Named parameters, hence casts by name; text into JSON by PostgreSQL, which keeps it as it is. The store's key as it is
    // now, by primary key.
    private static final String PUBLISH = """
            with identity as (
                insert into event_identity (organization_id, public_id, event_id, at)
                values (:organization, :publicId, :id, :at)
            ), payload as (
                insert into event (id, at, organization_id, public_id, type, store_id, store_key, data)
                values (:id, :at, :organization, :publicId, :type, cast(cast(:store as text) as uuid),
                        (select s.key from store s where s.id = cast(cast(:store as text) as uuid)),
                        cast(cast(:data as text) as json))
            )
            insert into event_outbox (event_id, at, organization_id, bytes) values (:id, :at, :organization, :bytes)
            """;

    private final EventTypes types;
    private final Outbox outbox;
    private final InstantSource clock;

    Events(EventTypes types, Outbox outbox, InstantSource clock) {
        this.types = types;
        this.outbox = outbox;
        this.clock = clock;
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
        return insert(organization, event, id).replaceWith(id);
    }

    /** Whether a text can be the id of an event. */
    public static boolean isId(String text) {
        return ID_PATTERN.matcher(text).matches();
    }

    private Uni<Integer> insert(UUID organization, Event event, UUID id) {
        String data = event.data().encode();
        int bytes = data.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_BYTES) {
            throw new ProblemException(ProblemCode.TOO_LARGE, "An event may weigh 256 KiB.");
        }
        return Panache.getSession().flatMap(session -> session.createNativeQuery(PUBLISH)
                // The caller's own changes are flushed when the caller says so: they may be half made.
                .setFlushMode(FlushMode.MANUAL)
                .setParameter("organization", organization).setParameter("id", id).setParameter("publicId", id.toString())
                .setParameter("at", clock.instant().truncatedTo(ChronoUnit.MICROS)).setParameter("type", event.type())
                .setParameter("store", Objects.toString(event.storeId(), null)).setParameter("data", data)
                .setParameter("bytes", bytes).executeUpdate().invoke(() -> outbox.onCommit(session)));
    }
}
