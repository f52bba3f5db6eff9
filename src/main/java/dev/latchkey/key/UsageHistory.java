package dev.latchkey.key;

import java.time.Instant;
import java.util.List;

import jakarta.inject.Singleton;

import dev.latchkey.activity.Activities;
import dev.latchkey.activity.Actor;
import dev.latchkey.activity.Changes;
import dev.latchkey.activity.Target;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
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
    private static final int BATCH = 500;
    private static final Actor ACTOR = Actor.system("usage");

    private final Pool database;
    private final Activities activities;

    UsageHistory(Pool database, Activities activities) {
        this.database = database;
        this.activities = activities;
    }

    @Scheduled(every = "${latchkey.usage.tell-every:5s}", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> tell() {
        return Uni.createFrom().deferred(() -> database.withTransaction(this::tellSome)).repeat()
                .whilst(told -> told == BATCH).collect().last().onFailure()
                .invoke(fault -> LOG.warnf("uses of keys cannot be written to the activity log, tried again: cause=%s", fault))
                .onFailure().recoverWithNull().replaceWithVoid();
    }

    private Uni<Integer> tellSome(SqlConnection connection) {
        return claim(connection).flatMap(found -> activities.recordAll(connection, found).replaceWith(found.size()));
    }

    // Due findings, marked as told in this transaction; what another replica is at, and keys and organizations that are being
    // deleted, are passed over: whoever deletes waits for rows that are locked here, and must not be waited for. By the partial
    // index on due_at; the refusals of the hour by the primary key of key_usage.
    private static Uni<List<Activities.Entry>> claim(SqlConnection connection) {
        return connection.preparedQuery("""
                with due as (
                    select f.key_id, f.kind, f.subject, k.organization_id, k.name
                      from key_finding f
                      join api_key k on k.id = f.key_id
                      join organization o on o.id = k.organization_id
                     where f.told_at is null and f.due_at <= now() and o.deletion_requested_at is null
                     order by f.due_at, f.key_id, f.kind limit $1
                       for update of f skip locked for key share of k skip locked for key share of o skip locked),
                told as (
                    update key_finding f set told_at = now() from due d
                     where f.key_id = d.key_id and f.kind = d.kind and f.subject = d.subject
                    returning d.organization_id, f.key_id, d.name, f.kind, f.subject, f.at, f.ip)
                select t.organization_id, t.key_id, t.name, t.kind, t.subject, t.at, t.ip,
                       (select json_object_agg(u.name, u.count order by u.name) from key_usage u
                         where t.kind = 'refused' and u.key_id = t.key_id and u.kind = 'verdict' and u.hour = t.at
                           and u.name <> 'VALID') as codes
                  from told t order by t.at
                """).execute(Tuple.of(BATCH)).map(rows -> rows.stream().map(UsageHistory::entry).toList());
    }

    private static Activities.Entry entry(Row row) {
        Instant at = row.getOffsetDateTime("at").toInstant();
        String ip = row.getString("ip");
        String kind = row.getString("kind");
        return switch (kind) {
            case "first-used" -> entry(row, "key.first_used", used(at, ip));
            case "new-network" ->
                entry(row, "key.used_from_new_network", used(at, ip).note("network", row.getString("subject")));
            case "refused" -> entry(row, "key.refused", refused(at, row.getJsonObject("codes")));
            default -> throw new IllegalStateException("the table allows no other kind");
        };
    }

    private static Activities.Entry entry(Row row, String action, Changes changes) {
        return new Activities.Entry(row.getUUID("organization_id"), ACTOR, action,
                new Target("key", row.getUUID("key_id"), row.getString("name")), changes);
    }

    private static Changes used(Instant at, @Nullable String ip) {
        return Changes.none().note("at", at).note("ip", ip);
    }

    private static Changes refused(Instant hour, @Nullable JsonObject counts) {
        JsonObject byCode = counts == null ? new JsonObject() : counts;
        long sum = byCode.stream().mapToLong(code -> ((Number) code.getValue()).longValue()).sum();
        return Changes.none().note("hour", hour).note("count", sum).note("codes", byCode);
    }
}
