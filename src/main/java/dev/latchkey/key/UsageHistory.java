package dev.latchkey.key;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

import jakarta.inject.Singleton;

import dev.latchkey.activity.Activities;
import dev.latchkey.activity.Actor;
import dev.latchkey.activity.Changes;
import dev.latchkey.activity.Target;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Tells the activity log what was found about the use of keys: the first use of a key, a network that it had not been used
 * from, and once an hour what it was refused. Findings are rows with a primary key, so that of all replicas that find the same
 * one inserts it; here they are claimed, written down and marked as told in one transaction, by whichever replica comes first.
 */
@Singleton
class UsageHistory {

    private static final Logger LOG = Logger.getLogger(UsageHistory.class);
    private static final int BATCH = 100;
    private static final Actor ACTOR = Actor.system("usage");

    private final Activities activities;

    UsageHistory(Activities activities) {
        this.activities = activities;
    }

    @Scheduled(every = "${latchkey.usage.tell-every:5s}", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> tell() {
        return Uni.createFrom().deferred(() -> Panache.withTransaction(this::tellSome)).repeat()
                .whilst(told -> told == BATCH).collect().last().onFailure()
                .invoke(fault -> LOG.warnf("uses of keys cannot be written to the activity log, tried again: cause=%s", fault))
                .onFailure().recoverWithNull().replaceWithVoid();
    }

    private Uni<Integer> tellSome() {
        return claim().flatMap(findings -> Multi.createFrom().iterable(findings).onItem()
                .transformToUniAndConcatenate(this::tell).collect().last().replaceWith(findings.size()));
    }

    // Due findings, marked as told in this transaction; what another replica is at, and keys and organizations that are being
    // deleted, are passed over: whoever deletes waits for rows that are locked here, and must not be waited for. By the partial
    // index on due_at; the refusals of the hour by the primary key of key_usage.
    private static Uni<List<Object[]>> claim() {
        return Panache.getSession()
                .flatMap(session -> session.createNativeQuery(
                        """
                                with due as (
                                    select f.key_id, f.kind, f.subject, k.organization_id, k.name
                                      from key_finding f
                                      join api_key k on k.id = f.key_id
                                      join organization o on o.id = k.organization_id
                                     where f.told_at is null and f.due_at <= now() and o.deletion_requested_at is null
                                     order by f.due_at, f.key_id, f.kind limit :batch
                                       for update of f skip locked for key share of k skip locked for key share of o skip locked),
                                told as (
                                    update key_finding f set told_at = now() from due d
                                     where f.key_id = d.key_id and f.kind = d.kind and f.subject = d.subject
                                    returning d.organization_id, f.key_id, d.name, f.kind, f.subject, f.at, f.ip)
                                select cast(t.organization_id as text) as organization, cast(t.key_id as text) as key, t.name, t.kind, t.subject,
                                       cast(extract(epoch from t.at) * 1000 as bigint) as millis, t.ip,
                                       (select cast(json_object_agg(u.name, u.count order by u.name) as text) from key_usage u
                                         where t.kind = 'refused' and u.key_id = t.key_id and u.kind = 'verdict' and u.hour = t.at
                                           and u.name <> 'VALID') as codes
                                  from told t order by t.at
                                """,
                        Object[].class).setParameter("batch", BATCH).getResultList());
    }

    private Uni<Void> tell(Object[] row) {
        UUID organization = UUID.fromString((String) row[0]);
        Target target = new Target("key", UUID.fromString((String) row[1]), (String) row[2]);
        String kind = (String) row[3];
        Instant at = Instant.ofEpochMilli(((Number) row[5]).longValue());
        return switch (kind) {
            case "first-used" -> record(organization, "key.first_used", target, used(at, row[6]));
            case "new-network" -> record(organization, "key.used_from_new_network", target,
                    used(at, row[6]).note("network", row[4]));
            case "refused" -> record(organization, "key.refused", target, refused(at, (String) row[7]));
            default -> throw new IllegalStateException("the table allows no other kind");
        };
    }

    private static Changes used(Instant at, @Nullable Object ip) {
        return Changes.none().note("at", at).note("ip", ip);
    }

    private static Changes refused(Instant hour, @Nullable String counts) {
        JsonObject byCode = counts == null ? new JsonObject() : new JsonObject(counts);
        long sum = byCode.stream().mapToLong(code -> ((Number) code.getValue()).longValue()).sum();
        return Changes.none().note("hour", hour).note("count", sum).note("codes", byCode);
    }

    private Uni<Void> record(UUID organization, String action, Target target, Changes changes) {
        return activities.record(organization, ACTOR, action, target, changes);
    }
}
