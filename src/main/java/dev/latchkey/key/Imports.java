package dev.latchkey.key;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

import jakarta.enterprise.context.ApplicationScoped;

import dev.latchkey.activity.Activities;
import dev.latchkey.activity.Actor;
import dev.latchkey.activity.Changes;
import dev.latchkey.activity.Target;
import dev.latchkey.event.Event;
import dev.latchkey.event.Events;
import dev.latchkey.web.Faults;
import dev.latchkey.web.Problem.FieldError;
import dev.latchkey.web.ProblemException;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.hibernate.reactive.panache.common.WithTransaction;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * The writes of imports: one batch, one transaction, with one activity entry and one event. Not one for each key: a million
 * entries would bury what people look for in the log, and hold up its chain for minutes; who imported a key, and when, stands
 * in the key. And not one for the whole file, which would be lost with the process, though its keys stand.
 *
 * <p>
 * A token is imported once in the installation: its digest is unique. That another organization has it is not told, only that
 * it cannot be imported. Of two who import the same token at once the second fails in the unique index, and is to be tried
 * again: then it finds what is there.
 */
@ApplicationScoped
class Imports {

    private final Activities activities;
    private final Events events;
    private final VerdictTime time;

    Imports(Activities activities, Events events, VerdictTime time) {
        this.activities = activities;
        this.events = events;
        this.time = time;
    }

    /** What a row has come to, in the order of the summary. */
    enum Status {
        IMPORTED,
        DUPLICATE,
        INVALID
    }

    /**
     * @param id of the key that has this token; null for an invalid row
     * @param errors why a row is invalid
     */
    record Outcome(Status status, @Nullable UUID id, List<FieldError> errors) {

        static Outcome invalid(List<FieldError> errors) {
            return new Outcome(Status.INVALID, null, errors);
        }
    }

    /**
     * Some rows of a file.
     *
     * @param id the import's, by which its entries are found
     * @param drafts by line, in their order
     */
    record Batch(Keys.Actor actor, UUID id, Map<Long, ImportRow.Draft> drafts) {
    }

    /** Whether a batch that failed so may succeed when it is tried again: it met another one, or what it refers to went. */
    static boolean isRace(Throwable fault) {
        String state = Faults.sqlState(fault);
        return state != null && (state.startsWith("40") || state.equals("23505") || state.equals("23503"));
    }

    /** Whether PostgreSQL refused a value: whichever row has it fails each time, and its neighbours with it. */
    static boolean isUnstorable(Throwable fault) {
        String state = Faults.sqlState(fault);
        return state != null && (state.startsWith("22") || state.equals("23514"));
    }

    /** @return what each line has come to */
    @WithTransaction
    public Uni<Map<Long, Outcome>> write(Batch batch) {
        return ImportTable.roomForNewKeys().chain(() -> ImportTable.stores(batch)).flatMap(stores -> {
            Map<Long, Outcome> outcomes = new HashMap<>();
            Map<Long, ImportRow.Draft> wanted = new LinkedHashMap<>();
            Map<String, Long> first = new HashMap<>();
            batch.drafts.forEach((line, draft) -> {
                List<FieldError> unknown = unknown(draft, stores);
                if (!unknown.isEmpty()) {
                    outcomes.put(line, Outcome.invalid(unknown));
                } else if (first.putIfAbsent(draft.digest(), line) == null) {
                    wanted.put(line, draft);
                }
            });
            return ImportTable.known(batch, wanted).invoke(known -> {
                outcomes.putAll(known);
                wanted.keySet().removeAll(known.keySet());
            }).chain(() -> refused(batch, wanted)).invoke(refused -> {
                outcomes.putAll(refused);
                wanted.keySet().removeAll(refused.keySet());
            }).chain(() -> ImportTable.insert(batch, wanted, stores, time)).map(done -> {
                wanted.forEach((line, draft) -> outcomes.put(line, new Outcome(Status.IMPORTED, draft.id(), List.of())));
                batch.drafts.forEach((line, draft) -> outcomes.computeIfAbsent(line,
                        again -> repeated(outcomes.get(first.get(draft.digest())))));
                return outcomes;
            });
        }).call(outcomes -> tell(batch, outcomes));
    }

    /**
     * Drops a prefix that no token begins with.
     *
     * @throws ProblemException 422 without one
     */
    @WithTransaction
    public Uni<ForeignPrefixTable.Dropped> drop(Keys.Actor actor, @Nullable String prefix) {
        UUID organization = actor.organization();
        if (prefix == null) {
            throw ProblemException.invalid("prefix", "is required");
        }
        return ForeignPrefixTable.drop(organization, prefix)
                .call(dropped -> dropped != ForeignPrefixTable.Dropped.DROPPED ? Uni.createFrom().voidItem()
                        : activities.record(organization, Actor.of(actor.caller()), "key.import-prefix.dropped",
                                new Target("organization", organization, prefix), Changes.none()));
    }

    /** Declares the prefixes of new keys; what has come to those for which there is no room. */
    private Uni<Map<Long, Outcome>> refused(Batch batch, Map<Long, ImportRow.Draft> fresh) {
        List<String> prefixes = fresh.values().stream().map(ImportRow.Draft::prefix).filter(Objects::nonNull).distinct()
                .toList();
        return (prefixes.isEmpty() ? Uni.createFrom().item(List.<String> of())
                : ForeignPrefixTable.declare(batch.actor.organization(), prefixes)).map(declared -> {
                    Map<Long, Outcome> refused = new HashMap<>();
                    fresh.forEach((line, draft) -> {
                        if (draft.prefix() != null && !declared.contains(draft.prefix())) {
                            refused.put(line,
                                    Outcome.invalid(List.of(new FieldError("prefix", "is one too many: an organization"
                                            + " declares at most " + ForeignPrefixTable.MOST + "; see GET "
                                            + ForeignPrefixResource.PATH
                                            + ", and drop one that no key has"))));
                        }
                    });
                    return refused;
                });
    }

    /** The same token once more in one batch. */
    private static Outcome repeated(@Nullable Outcome first) {
        if (first == null) {
            throw new IllegalStateException("whatever was not written has a predecessor that was");
        }
        return first.status == Status.IMPORTED ? new Outcome(Status.DUPLICATE, first.id, List.of()) : first;
    }

    private static List<FieldError> unknown(ImportRow.Draft draft, Map<String, String> stores) {
        List<FieldError> errors = new ArrayList<>();
        for (int i = 0; i < draft.stores().size(); i++) {
            if (!stores.containsKey(ImportTable.name(draft.stores().get(i)))) {
                errors.add(new FieldError("access.stores[" + i + "]", "is not a store of this organization"));
            }
        }
        return errors;
    }

    /** Replicas, the log and the outbox; of a batch that changed nothing, nobody. */
    private Uni<Void> tell(Batch batch, Map<Long, Outcome> outcomes) {
        List<Long> imported = batch.drafts.keySet().stream()
                .filter(line -> outcomes.getOrDefault(line, Outcome.invalid(List.of())).status == Status.IMPORTED).toList();
        if (imported.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        long first = imported.get(0);
        long last = imported.get(imported.size() - 1);
        UUID organization = batch.actor.organization();
        Actor actor = Actor.of(batch.actor.caller());
        JsonObject data = new JsonObject().put("import", batch.id.toString()).put("imported", imported.size())
                .put("firstLine", first).put("lastLine", last)
                .put("actor", new JsonObject().put("type", actor.type().name().toLowerCase(Locale.ROOT)).put("id", actor.id())
                        .put("name", actor.name()));
        return Panache.getSession()
                .flatMap(session -> session.createNativeQuery("select cast(tell_of_unknown() as text)", String.class)
                        .getResultList())
                .flatMap(told -> activities.record(organization, actor, "key.imported",
                        new Target("import", batch.id, "lines " + first + " to " + last),
                        Changes.none().note("imported", imported.size())))
                .call(() -> events.publish(organization, Event.of("key.imported", data))).replaceWithVoid();
    }
}
