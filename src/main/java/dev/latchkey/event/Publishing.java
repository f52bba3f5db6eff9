package dev.latchkey.event;

import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

import jakarta.inject.Singleton;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.latchkey.event.PublishResource.Accepted;
import dev.latchkey.event.PublishResource.Form;
import dev.latchkey.event.PublishResource.Item;
import dev.latchkey.event.PublishTable.Draft;
import dev.latchkey.event.PublishTable.Drafts;
import dev.latchkey.event.PublishTable.Written;
import dev.latchkey.identity.Caller;
import dev.latchkey.web.Problem.FieldError;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/**
 * Publishes what the platform tells, one or many: what can be judged here is judged first, the stores by the statement that
 * writes ({@link PublishTable}). All of a batch are in, or none.
 */
@Singleton
class Publishing {

    /** Events at once. */
    static final int MOST = 500;
    /** Unknown types of a batch for which near ones are looked for. */
    static final int MOST_COMPARED = 5;

    private final EventTypes types;
    private final PublishTable table;
    private final InstantSource clock;
    private final Counter published;

    Publishing(EventTypes types, PublishTable table, InstantSource clock, MeterRegistry metrics) {
        this.types = types;
        this.table = table;
        this.clock = clock;
        this.published = metrics.counter("latchkey.events.published");
    }

    /**
     * What a caller publishes.
     *
     * @param isBatch whether faults are told with the entry's place
     * @param trace W3C traceparent of the request
     */
    record Publication(List<Form> events, boolean isBatch, @Nullable String trace) {

        /** The field as the caller knows it. */
        String field(int place, String name) {
            return isBatch ? "events[" + place + "]." + name : name;
        }
    }

    /**
     * @param inTransaction whether it becomes part of the one that is open; otherwise it is committed when it is answered
     * @throws ProblemException 422 for types and stores that there are not, 403 for stores that the key does not reach, 413
     *         for too large data; each names what is meant, and nothing was published
     */
    Uni<Accepted> publish(Caller caller, Publication publication, boolean inTransaction) {
        requireTypes(publication);
        requireSizes(publication);
        requireStores(caller, publication);
        List<Draft> given = publication.events().stream().map(Publishing::draft).toList();
        Map<String, Draft> drafts = new LinkedHashMap<>();
        given.forEach(draft -> drafts.putIfAbsent(draft.publicId(), draft));
        Drafts batch = new Drafts(caller.tenant().id(), clock.instant().truncatedTo(ChronoUnit.MICROS), publication.trace(),
                caller.reachesAllStores() ? null : UUID.fromString(caller.id()), List.copyOf(drafts.values()));
        return (inTransaction ? table.writeInSession(batch) : table.write(batch)).map(written -> {
            requireReached(caller, publication, written);
            published.increment(written.published().size());
            return accepted(given, written);
        });
    }

    /** Ids grow from one to the next, so that lists show events in the order in which they came. */
    private static Draft draft(Form event) {
        UUID id = UuidCreator.getTimeOrderedEpoch();
        return new Draft(id, Objects.requireNonNullElse(event.id(), id.toString()), event.type(), event.store(),
                event.data().text());
    }

    private static Accepted accepted(List<Draft> given, Written written) {
        return new Accepted(given.stream()
                .map(draft -> new Item(draft.publicId(), !written.published().contains(draft.id()))).toList());
    }

    private void requireTypes(Publication publication) {
        List<FieldError> errors = new ArrayList<>();
        Map<String, String> meant = new HashMap<>();
        for (int i = 0; i < publication.events().size(); i++) {
            String type = publication.events().get(i).type();
            EventType known = types.find(type).orElse(null);
            if (known == null) {
                errors.add(new FieldError(publication.field(i, "type"),
                        "is not an event type, see GET /api/v1/event-types" + didYouMean(type, meant)));
            } else if (known.own()) {
                errors.add(new FieldError(publication.field(i, "type"), "is published by this service alone"));
            }
        }
        if (!errors.isEmpty()) {
            throw ProblemException.invalid(errors);
        }
    }

    /**
     * Once for each name, and for few of them: comparing takes its time, and a batch of wrong names has one cause as a rule.
     */
    private String didYouMean(String unknown, Map<String, String> meant) {
        String known = meant.get(unknown);
        if (known == null) {
            known = meant.size() < MOST_COMPARED ? types.didYouMean(unknown) : "";
            meant.put(unknown, known);
        }
        return known;
    }

    private static void requireSizes(Publication publication) {
        List<FieldError> errors = new ArrayList<>();
        for (int i = 0; i < publication.events().size(); i++) {
            if (publication.events().get(i).data().weighsMoreThan(Events.MAX_BYTES)) {
                errors.add(new FieldError(publication.field(i, "data"), "weighs more than 256 KiB"));
            }
        }
        if (!errors.isEmpty()) {
            throw new ProblemException(ProblemCode.TOO_LARGE, "An event may weigh 256 KiB: "
                    + String.join(", ", errors.stream().map(FieldError::field).toList()) + ".", errors);
        }
    }

    /** A key that is limited to stores speaks for none but these. */
    private static void requireStores(Caller caller, Publication publication) {
        if (!caller.reachesAllStores()) {
            refuse(caller, places(publication, null).stream()
                    .map(place -> new FieldError(publication.field(place, "store"),
                            "is required of a key that is limited to stores"))
                    .toList());
        }
    }

    private static void requireReached(Caller caller, Publication publication, Written written) {
        refuse(caller, written.missing().stream().flatMap(store -> places(publication, store).stream()).sorted()
                .map(place -> new FieldError(publication.field(place, "store"), caller.reachesAllStores()
                        ? "is not a store of this organization"
                        : "is not a store of your key"))
                .toList());
    }

    private static void refuse(Caller caller, List<FieldError> errors) {
        if (!errors.isEmpty()) {
            throw caller.reachesAllStores() ? ProblemException.invalid(errors)
                    : new ProblemException(ProblemCode.STORE_FORBIDDEN,
                            "Your key publishes events of its stores only.", errors);
        }
    }

    private static List<Integer> places(Publication publication, @Nullable String store) {
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < publication.events().size(); i++) {
            if (Objects.equals(publication.events().get(i).store(), store)) {
                places.add(i);
            }
        }
        return places;
    }
}
