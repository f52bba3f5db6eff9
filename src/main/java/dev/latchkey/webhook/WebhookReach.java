package dev.latchkey.webhook;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

import dev.latchkey.identity.Caller;
import dev.latchkey.tenant.Store;
import dev.latchkey.web.Problem.FieldError;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/**
 * Which webhooks a caller sees and changes: people and unlimited keys all of their organization, a key that is limited to
 * stores those that get the events of its stores and of no other. What reaches further does not exist for it, and it makes
 * none that does.
 *
 * @param stores null: all
 */
record WebhookReach(@Nullable Set<UUID> stores) {

    /** The id of the key whose stores bound what is read; null for a caller who reads all. */
    static @Nullable UUID limitedKey(Caller caller) {
        return caller.reachesAllStores() ? null : UUID.fromString(caller.id());
    }

    // By the primary keys of webhook_store and api_key_store.
    /**
     * A condition on {@code webhook w}: within the stores of the key of {@link #limitedKey}, or there is none. A deleted
     * webhook may have lost all of its stores, and is within nobody's then.
     */
    static String within(int parameter) {
        String key = "$" + parameter + "::uuid";
        return " (" + key + " is null or not w.all_stores"
                + " and exists (select from webhook_store ws where ws.webhook_id = w.id) and not exists (select from webhook_store ws"
                + " where ws.webhook_id = w.id and not exists (select from api_key_store ks where ks.key_id = " + key
                + " and ks.store_id = ws.store_id))) ";
    }

    // By the primary key of api_key_store.
    /** A condition on the store of an event: one of that key's, or there is no such key. */
    static String tellsOf(String store, int parameter) {
        String key = "$" + parameter + "::uuid";
        return " (" + key + " is null or exists (select from api_key_store ko where ko.key_id = " + key + " and ko.store_id = "
                + store + ")) ";
    }

    /** In the transaction of the caller. */
    static Uni<WebhookReach> of(Caller caller) {
        UUID key = limitedKey(caller);
        return key == null ? Uni.createFrom().item(new WebhookReach(null))
                : Panache.getSession()
                        // By the primary key. A statement, since keys live on a higher floor.
                        .flatMap(session -> session.createNativeQuery(
                                "select cast(store_id as text) from api_key_store where key_id = :key", String.class)
                                .setParameter("key", key).getResultList())
                        .map(ids -> new WebhookReach(new HashSet<>(ids.stream().map(UUID::fromString).toList())));
    }

    boolean includes(Webhook webhook) {
        return stores == null || !webhook.allStores && !webhook.storeIds.isEmpty() && stores.containsAll(webhook.storeIds);
    }

    /**
     * @param wanted as they were named; null: all
     * @throws ProblemException 403, naming each that goes beyond
     */
    void require(@Nullable List<Store> wanted) {
        if (stores == null) {
            return;
        }
        List<FieldError> errors = new ArrayList<>();
        if (wanted == null) {
            errors.add(new FieldError("stores", "must name stores of your key, since left out it means all"));
        } else {
            beyond(wanted)
                    .forEach(store -> errors.add(new FieldError("stores", "goes beyond your key's stores: " + store.key)));
        }
        if (!errors.isEmpty()) {
            throw new ProblemException(ProblemCode.ESCALATION, "Nobody can have events sent of stores that he does not reach.",
                    errors);
        }
    }

    private List<Store> beyond(Collection<Store> wanted) {
        return wanted.stream().filter(store -> stores != null && !stores.contains(store.id)).toList();
    }
}
