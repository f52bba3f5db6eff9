package dev.latchkey.webhook;

import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import jakarta.inject.Singleton;

import io.quarkus.reactive.datasource.ReactiveDataSource;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;

/** Keeps what is claimed, and gives it back, under the claims of whoever holds it. Each statement is one transaction. */
@Singleton
class HeldTable {

    // By primary key, under the claims by which they were taken.
    private static final String ADOPT = """
            update webhook_queue q set claim = h.mine, due = now() + $4 * interval '1 millisecond'
              from unnest($1::uuid[], $2::uuid[], $3::uuid[]) h (delivery_id, claim, mine)
             where q.delivery_id = any (array[h.delivery_id]) and q.claim = h.claim
            """;

    // By primary key, under the claim; in the order of the ids, as everywhere.
    private static final String HELD = """
            with held as (
                select q.delivery_id, q.webhook_id
                  from unnest($1::uuid[], $2::uuid[]) h (delivery_id, claim) cross join lateral (
                    select q.delivery_id, q.webhook_id from webhook_queue q
                     where q.delivery_id = h.delivery_id and q.claim = h.claim for update) q
            )""";

    private static final String RENEW = HELD + """

            update webhook_queue q set due = now() + $3 * interval '1 millisecond'
             where q.delivery_id = any (array(select h.delivery_id from held h))
            returning q.delivery_id
            """;

    // The lane is kept warm, so that claims look at it from now on (LaneTable).
    private static final String GIVE_BACK = HELD + """
            , cold as (
                %s
            ), warmed as (
                %s
            )
            update webhook_queue q set due = now() + $3 * interval '1 millisecond', claim = null
             where q.delivery_id = any (array(select h.delivery_id from held h))
            """.formatted(LaneTable.COLD.formatted("select h.webhook_id from held h"), LaneTable.WARM);

    // The same. Deliveries by the primary keys of their days, in which the webhook stands so that the other index will do, too.
    private static final String TELL = HELD + """

            update delivery d set error = $5 from unnest($1::uuid[], $3::uuid[], $4::timestamptz[]) as t (id, webhook_id, at)
             where d.id = any (array[t.id]) and d.webhook_id = any (array[t.webhook_id]) and d.at = any (array[t.at])
               and t.id = any (array(select h.delivery_id from held h))
            """;

    // What is left of an event that somebody has deleted: nothing can be sent. By the same keys.
    private static final String END = HELD + """
            , ended as (
                delete from webhook_queue q where q.delivery_id = any (array(select h.delivery_id from held h))
                returning q.delivery_id, q.webhook_id, q.at
            )
            update delivery d set state = 'exhausted', reason = 'retention', finished_at = now(), failed_at = now()
              from ended e
             where d.id = any (array[e.delivery_id]) and d.webhook_id = any (array[e.webhook_id]) and d.at = any (array[e.at])
               and d.state = 'pending'
            """;

    private final Pool database;

    HeldTable(@ReactiveDataSource(DispatchConnections.NAME) Pool database) {
        this.database = database;
    }

    /**
     * Puts what was claimed once more back under the claim under which it is under way here.
     *
     * @param again by what is under way
     */
    Uni<Void> adopt(Map<Claimed, Claimed> again, Duration lease) {
        List<Map.Entry<Claimed, Claimed>> inOrder = again.entrySet().stream()
                .sorted(Comparator.comparing(one -> one.getKey().id())).toList();
        Tuple values = ids(inOrder.stream().map(Map.Entry::getValue).toList())
                .addValue(inOrder.stream().map(one -> one.getKey().claim()).toArray(UUID[]::new))
                .addValue((double) lease.toMillis());
        return database.preparedQuery(ADOPT).execute(values).replaceWithVoid();
    }

    /** @return those that are still held; the others have been taken over, or are gone */
    Uni<Set<UUID>> renew(Collection<Claimed> held, Duration lease) {
        return database.preparedQuery(RENEW).execute(ids(held).addValue((double) lease.toMillis())).map(rows -> {
            Set<UUID> kept = new HashSet<>();
            rows.forEach(row -> kept.add(row.getUUID("delivery_id")));
            return kept;
        });
    }

    /** Gives back what has come to nothing: it counts as no attempt, and the log may say why. */
    Uni<Void> giveBack(Collection<Claimed> held, GivingBack.Terms terms) {
        String error = terms.error();
        Uni<?> told = error == null ? Uni.createFrom().voidItem() : tell(held, error);
        return told.chain(() -> database.preparedQuery(GIVE_BACK)
                .execute(ids(held).addValue((double) terms.pause().toMillis()))).replaceWithVoid();
    }

    /** Gives up what nothing can be sent of, since its event is gone. */
    Uni<Void> end(Collection<UUID> bare, UUID claim) {
        UUID[] inOrder = bare.stream().sorted().toArray(UUID[]::new);
        UUID[] claims = new UUID[inOrder.length];
        Arrays.fill(claims, claim);
        return database.preparedQuery(END).execute(Tuple.tuple().addValue(inOrder).addValue(claims)).replaceWithVoid();
    }

    private Uni<?> tell(Collection<Claimed> held, String error) {
        List<Claimed> inOrder = inOrder(held);
        return database.preparedQuery(TELL)
                .execute(ids(held).addValue(inOrder.stream().map(Claimed::webhook).toArray(UUID[]::new))
                        .addValue(inOrder.stream().map(each -> each.event().at().atOffset(ZoneOffset.UTC))
                                .toArray(OffsetDateTime[]::new))
                        .addValue(error));
    }

    private static Tuple ids(Collection<Claimed> held) {
        List<Claimed> inOrder = inOrder(held);
        return Tuple.tuple().addValue(inOrder.stream().map(Claimed::id).toArray(UUID[]::new))
                .addValue(inOrder.stream().map(Claimed::claim).toArray(UUID[]::new));
    }

    private static List<Claimed> inOrder(Collection<Claimed> held) {
        return held.stream().sorted(Comparator.comparing(Claimed::id)).toList();
    }
}
