package dev.latchkey.tenant;

import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.latchkey.activity.Activities;
import dev.latchkey.activity.Actor;
import dev.latchkey.activity.Changes;
import dev.latchkey.activity.Target;
import dev.latchkey.identity.Caller;
import dev.latchkey.web.EntityTags;
import dev.latchkey.web.Id;
import dev.latchkey.web.Problem.FieldError;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.hibernate.reactive.panache.common.WithTransaction;
import io.smallrye.mutiny.Uni;
import org.hibernate.exception.ConstraintViolationException;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/** The writes of stores. */
@ApplicationScoped
public class Stores {

    private static final int NAMED = 20;

    private final Activities activities;
    private final InstantSource clock;

    Stores(Activities activities, InstantSource clock) {
        this.activities = activities;
        this.clock = clock;
    }

    /** @throws ProblemException 409 when the organization has a store of that key */
    @WithTransaction
    public Uni<Store> create(Caller caller, StoreResource.Edit wanted) {
        UUID organization = caller.tenant().id();
        Store store = new Store();
        store.id = UuidCreator.getTimeOrderedEpoch();
        store.organizationId = organization;
        store.createdAt = clock.instant().truncatedTo(ChronoUnit.MICROS);
        write(store, wanted);
        return store.<Store> persistAndFlush().onFailure(Stores::isDuplicate).transform(duplicate -> taken(wanted.key()))
                .call(() -> record(caller, "store.created", store, Changes.none().note("key", store.key)
                        .note("url", store.url).note("platform", store.platform)));
    }

    /** @throws ProblemException 404, 409 when another store has the key, 412 when it has changed since it was read */
    @WithTransaction
    public Uni<Store> edit(Caller caller, String idOrKey, @Nullable String ifMatch,
            Function<StoreResource.Edit, StoreResource.Edit> patch) {
        return existing(caller.tenant().id(), idOrKey, ifMatch).flatMap(store -> {
            StoreResource.Edit before = StoreResource.Edit.of(store);
            StoreResource.Edit wanted = patch.apply(before);
            write(store, wanted);
            return store.<Store> persistAndFlush().onFailure(Stores::isDuplicate).transform(duplicate -> taken(wanted.key()))
                    .call(() -> recordEdit(caller, before, store));
        });
    }

    /** @throws ProblemException 404, 409 with what names the store, 412 when it has changed since it was read */
    @WithTransaction
    public Uni<Void> delete(Caller caller, String idOrKey, @Nullable String ifMatch) {
        return existing(caller.tenant().id(), idOrKey, ifMatch).call(store -> refuseWhileNamed(store.id))
                .call(store -> record(caller, "store.deleted", store, Changes.none()))
                // By statement: Hibernate Reactive (4.2) confuses two deletions of entities that run at the same time.
                .call(store -> Store.delete("id", store.id).onFailure(ConstraintViolationException.class)
                        .transform(raced -> ProblemException
                                .conflict("A key or credential was given this store meanwhile; try again to see which.")))
                .replaceWithVoid();
    }

    /**
     * The stores that a caller named by id or key, in the order named; locked against deletion until the transaction ends.
     *
     * @throws ProblemException 422, naming each that the organization does not have
     */
    public static Uni<List<Store>> resolve(UUID organization, String field, Collection<String> idsOrKeys) {
        List<UUID> ids = new ArrayList<>();
        for (String idOrKey : idsOrKeys) {
            UUID id = Id.parse(idOrKey);
            if (id != null) {
                ids.add(id);
            }
        }
        return Store.<Store> find("organizationId = ?1 and (key in ?2 or id in ?3)", organization, idsOrKeys, ids)
                .withLock(LockModeType.PESSIMISTIC_READ).list().map(stores -> inOrder(field, idsOrKeys, stores));
    }

    /**
     * The store that a caller named by id or key; locked against deletion until the transaction ends.
     *
     * @throws ProblemException 422 where the organization does not have it
     */
    public static Uni<Store> resolveOne(UUID organization, String field, String idOrKey) {
        return Store.findToName(organization, idOrKey).onItem().ifNull()
                .failWith(() -> ProblemException.invalid(field, "is not a store of this organization"));
    }

    private static List<Store> inOrder(String field, Collection<String> idsOrKeys, List<Store> stores) {
        // A store's key never looks like an id, so the two ways to name a store cannot be confused.
        Map<Object, Store> byName = stores.stream().collect(Collectors.toMap(store -> store.key, Function.identity()));
        stores.forEach(store -> byName.put(store.id, store));
        List<FieldError> unknown = new ArrayList<>();
        List<Store> found = new ArrayList<>();
        int index = 0;
        for (String idOrKey : idsOrKeys) {
            UUID id = Id.parse(idOrKey);
            Store store = byName.get(id == null ? idOrKey : id);
            if (store == null) {
                unknown.add(new FieldError(field + "[" + index + "]", "is not a store of this organization"));
            } else if (!found.contains(store)) {
                found.add(store);
            }
            index++;
        }
        if (!unknown.isEmpty()) {
            throw ProblemException.invalid(unknown);
        }
        return found;
    }

    private Uni<Void> recordEdit(Caller caller, StoreResource.Edit before, Store after) {
        Changes changes = Changes.none().field("key", before.key(), after.key).field("name", before.name(), after.name)
                .field("url", before.url(), after.url).field("platform", before.platform(), after.platform);
        return changes.isEmpty() ? Uni.createFrom().voidItem() : record(caller, "store.updated", after, changes);
    }

    private Uni<Void> record(Caller caller, String what, Store store, Changes changes) {
        return activities.record(store.organizationId, Actor.of(caller), what, new Target("store", store.id, store.name),
                changes);
    }

    private Uni<Store> existing(UUID organization, String idOrKey, @Nullable String ifMatch) {
        return Store.findToChange(organization, idOrKey).onItem().ifNull().failWith(ProblemException::notFound)
                .invoke(store -> EntityTags.requireMatch(ifMatch, store.version));
    }

    /** What stays as it is gets no new version. */
    private void write(Store store, StoreResource.Edit wanted) {
        if (wanted.equals(StoreResource.Edit.of(store))) {
            return;
        }
        store.key = wanted.key();
        store.name = wanted.name();
        store.url = wanted.url();
        store.platform = wanted.platform();
        store.updatedAt = clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    // Which keys, credentials and webhooks name the store, a few of them by name. The lock on the store keeps it true until the
    // commit; the foreign keys of keys and credentials would hold even so, and those of webhooks give way, since deleted ones
    // stay in their table.
    private Uni<Void> refuseWhileNamed(UUID store) {
        return Panache.getSession().flatMap(session -> namingKeys(session, store).invoke(keys -> refuse(
                "Keys are limited to this store. Give them other stores or delete them first.", "keys", keys))
                .chain(() -> namingCredentials(session, store)).invoke(credentials -> refuse(
                        "Credentials are for this store. Give them to another one or delete them first.", "credentials",
                        credentials))
                .chain(() -> namingWebhooks(session, store)).invoke(webhooks -> refuse(
                        "Webhooks get the events of this store. Give them other stores or delete them first.", "webhooks",
                        webhooks)))
                .replaceWithVoid();
    }

    private static void refuse(String why, String field, List<Object[]> naming) {
        if (!naming.isEmpty()) {
            throw new ProblemException(ProblemCode.CONFLICT, why,
                    naming.stream().map(one -> new FieldError(field, one[0] + " (" + one[1] + ")")).toList());
        }
    }

    // By the index on credential.store_id.
    private static Uni<List<Object[]>> namingCredentials(Mutiny.Session session, UUID store) {
        return session.createNativeQuery("""
                select name, cast(id as text) from credential where store_id = :store order by id limit :most
                """, Object[].class).setParameter("store", store).setParameter("most", NAMED).getResultList();
    }

    // By the index on webhook_store.store_id. Without the query, in which people put tokens.
    private static Uni<List<Object[]>> namingWebhooks(Mutiny.Session session, UUID store) {
        return session.createNativeQuery("""
                select split_part(w.url, '?', 1), cast(w.id as text) from webhook_store s join webhook w on w.id = s.webhook_id
                where s.store_id = :store and w.deleted_at is null order by w.id limit :most
                """, Object[].class).setParameter("store", store).setParameter("most", NAMED).getResultList();
    }

    // By the index on api_key_store.store_id.
    private static Uni<List<Object[]>> namingKeys(Mutiny.Session session, UUID store) {
        return session.createNativeQuery("""
                select k.name, cast(k.id as text) from api_key_store s join api_key k on k.id = s.key_id
                where s.store_id = :store order by k.id limit :most
                """, Object[].class).setParameter("store", store).setParameter("most", NAMED).getResultList();
    }

    private static boolean isDuplicate(Throwable fault) {
        return fault instanceof ConstraintViolationException violation
                && "store_key_unique".equals(violation.getConstraintName());
    }

    private static ProblemException taken(String key) {
        return new ProblemException(ProblemCode.CONFLICT, "The organization already has a store with the key '" + key + "'.",
                List.of(new FieldError("key", "is taken")));
    }
}
