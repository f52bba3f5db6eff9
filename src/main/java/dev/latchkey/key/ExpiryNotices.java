package dev.latchkey.key;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

import jakarta.inject.Singleton;

import dev.latchkey.activity.Target;
import dev.latchkey.event.Event;
import dev.latchkey.event.Events;
import dev.latchkey.notification.Notice;
import dev.latchkey.notification.NoticeKind;
import dev.latchkey.notification.Notifications;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/**
 * Tells 14, 3 and 1 days ahead that a key is about to expire: an event for each key, and notifications.
 *
 * <p>
 * <b>Invariant:</b> each of the three is told at most once for each key and expiry, by one replica, and with the record of it.
 * {@code key_expiry} holds a row for each key that expires, which triggers begin anew whenever its expiry changes, with the
 * instant of the next one that still lies ahead (V12). A replica takes rows that are due, skipping what another one is at,
 * moves them on, and writes events, notifications and mails in the same transaction: what is rolled back is due again. Nobody
 * was there when several were due: only the nearest is told, the others would be wrong by then.
 *
 * <p>
 * Of keys that are inactive, and of organizations that are suspended or being deleted, nothing is told; they are looked at
 * again each hour, so that the nearest is told once they are active again. Of what has been revoked or has expired there is
 * nothing to tell any more. Time is the database's, which is also by which keys expire ({@link VerdictTime}).
 */
@Singleton
class ExpiryNotices {

    private static final Logger LOG = Logger.getLogger(ExpiryNotices.class);
    /** More than these of an organization in one batch are one notification: a thousand mails tell nobody anything. */
    private static final int APART = 5;
    private static final int NAMED = 3;
    private static final int HOURS_OF_DAY = 24;
    /** Where each of several is mended. */
    private static final String ALL = "/review?reason=expiring-soon";

    private final Notifications notifications;
    private final Events events;
    private final ExpiryConfig config;

    ExpiryNotices(Notifications notifications, Events events, ExpiryConfig config) {
        this.notifications = notifications;
        this.events = events;
        this.config = config;
    }

    /** A minute, for what is days ahead. */
    @Scheduled(every = "${latchkey.key-expiry.every:1m}", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> tell() {
        return Uni.createFrom().deferred(() -> Panache.withTransaction(this::tellSome)).repeat()
                .whilst(taken -> taken >= config.batch()).collect().last().onFailure()
                .invoke(fault -> LOG.warnf("keys that expire cannot be told of, tried again: cause=%s", fault)).onFailure()
                .recoverWithNull().replaceWithVoid();
    }

    /** A row that was due. */
    private record Taken(boolean isToBeTold, Expiring key) {
    }

    /**
     * A key to tell of.
     *
     * @param hours 336, 72 or 24
     */
    private record Expiring(UUID organization, UUID id, String name, String start, String environment, Instant expiresAt,
            int hours) {
    }

    private Uni<Integer> tellSome() {
        return Panache.getSession().flatMap(this::take)
                .call(taken -> publish(taken.stream().filter(Taken::isToBeTold).map(Taken::key).toList())).map(List::size);
    }

    // Due rows, moved on in this transaction, the longest due first; what another replica is at is passed over, and so are keys
    // and organizations that are being deleted: whoever deletes waits for rows that are locked here, and must not be waited
    // for. By the partial index on due_at, the rest by primary keys and the index on current material. Ids as text and times as
    // numbers, which come as they are.
    private static final String TAKE = """
            with due as (
                select e.key_id, e.expires_at, k.organization_id, k.name, k.environment,
                       k.revoked_at is not null or e.expires_at <= now() as is_over,
                       k.active and o.active and o.deletion_requested_at is null as is_in_use,
                       (select min(h) from unnest(array[336, 72, 24]) h
                         where e.expires_at <= now() + make_interval(hours => h)) as hours
                  from key_expiry e
                  join api_key k on k.id = e.key_id
                  join organization o on o.id = k.organization_id
                 where e.due_at <= now()
                 order by e.due_at, e.key_id limit :most
                   for update of e skip locked for key share of k skip locked for key share of o skip locked),
            moved as (
                update key_expiry e
                   set told_hours = case when d.is_over or not d.is_in_use then e.told_hours else d.hours end,
                       due_at = case when d.is_over then null
                                     when not d.is_in_use then now() + make_interval(hours => 1)
                                     else next_expiry_notice(d.expires_at, now()) end
                  from due d where e.key_id = d.key_id
                returning d.*)
            select not m.is_over and m.is_in_use and m.hours is not null as is_to_be_told,
                   cast(m.organization_id as text) as organization_id, cast(m.key_id as text) as key_id, m.name,
                   (select c.start from key_material c where c.key_id = m.key_id and c.state = 'current') as start,
                   m.environment, cast(extract(epoch from m.expires_at) * 1000000 as bigint) as expires_at,
                   coalesce(m.hours, 0) as hours
              from moved m order by m.expires_at, m.key_id
            """;

    private Uni<List<Taken>> take(Mutiny.Session session) {
        return session.createNativeQuery(TAKE, Object[].class).setParameter("most", config.batch()).getResultList()
                .map(rows -> rows.stream().map(ExpiryNotices::taken).toList());
    }

    private static Taken taken(Object[] row) {
        Instant expiresAt = Instant.EPOCH.plus(((Number) row[6]).longValue(), ChronoUnit.MICROS);
        return new Taken((Boolean) row[0], new Expiring(UUID.fromString((String) row[1]), UUID.fromString((String) row[2]),
                (String) row[3], (String) row[4], (String) row[5], expiresAt, ((Number) row[7]).intValue()));
    }

    /** One after the other, as a session runs its statements; organizations in order, as their rows are locked. */
    private Uni<Void> publish(List<Expiring> keys) {
        Map<List<Object>, List<Expiring>> alike = keys.stream().sorted(Comparator.comparing(Expiring::organization))
                .collect(Collectors.groupingBy(key -> List.of(key.organization(), key.hours()), LinkedHashMap::new,
                        Collectors.toList()));
        return Multi.createFrom().iterable(keys).onItem().transformToUniAndConcatenate(this::publish)
                .collect().last().chain(() -> Multi.createFrom().iterable(alike.values()).onItem()
                        .transformToUniAndConcatenate(this::tell).collect().last())
                .replaceWithVoid();
    }

    private Uni<UUID> publish(Expiring key) {
        return events.publish(key.organization(),
                Event.of("key.expiring",
                        new JsonObject().put("id", key.id().toString()).put("name", key.name()).put("start", key.start())
                                .put("environment", key.environment()).put("expiresAt", key.expiresAt().toString())
                                .put("days", key.hours() / HOURS_OF_DAY)));
    }

    private Uni<Void> tell(List<Expiring> alike) {
        if (alike.size() > APART) {
            String names = alike.stream().limit(NAMED).map(Expiring::name).collect(Collectors.joining(", "));
            return tell(alike.get(0), names + ", … (+" + (alike.size() - NAMED) + ")",
                    Map.of("expiry", alike.get(0).expiresAt() + " – " + alike.get(alike.size() - 1).expiresAt(), Notice.PAGE,
                            ALL));
        }
        return Multi.createFrom().iterable(alike).onItem()
                .transformToUniAndConcatenate(key -> tell(key, key.name(), Map.of("expiry", key.expiresAt().toString())))
                .collect().last()
                .replaceWithVoid();
    }

    /** @param more beside what is told of each */
    private Uni<Void> tell(Expiring key, String names, Map<String, String> more) {
        Map<String, String> parameters = new HashMap<>(more);
        parameters.put("expiresAt", key.expiresAt().toString());
        parameters.put("days", Integer.toString(key.hours() / HOURS_OF_DAY));
        return notifications.tell(key.organization(),
                Notice.once(NoticeKind.KEY_EXPIRING, new Target("key", key.id(), names), parameters));
    }
}
