package dev.latchkey.tenant;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

import jakarta.inject.Singleton;

import io.quarkus.runtime.Startup;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.SqlResult;
import io.vertx.mutiny.sqlclient.Tuple;
import io.vertx.pgclient.PgException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Deletes organizations whose deletion was requested, with all of their data.
 *
 * <p>
 * <b>Invariant:</b> whatever is killed whenever, an organization is either still there as being deleted, or gone with every
 * row of it. The request is a column of the organization's row, which is the last to go; each batch is a transaction of its
 * own that holds that row locked ({@code skip locked} for all others), so any replica goes on where another one ended, and no
 * two work on the same organization. A batch that fails changes nothing and is tried again by the next run.
 *
 * <p>
 * What belongs to an organization is asked of the database, not listed here: every table that references {@code organization},
 * and what references those and goes with them. The latter go first, since one key may have thousands of rows, and a statement
 * that takes them along by cascade would take as long as nobody lets it. A table whose rows are still held by others (a store
 * that keys name) is put behind them. That nobody writes meanwhile is the work of {@link Tenants} and of the delay before the
 * first batch; should someone, the last statement takes his rows along. Made at the start, so that settings that cannot work
 * stop it.
 */
@Startup
@Singleton
class OrganizationDeletion {

    private static final Logger LOG = Logger.getLogger(OrganizationDeletion.class);
    private static final int MANY = 10;
    private static final String FOREIGN_KEY_VIOLATION = "23503";
    private static final String RESTRICT_VIOLATION = "23001";

    private final Pool database;
    private final TenantConfig config;

    OrganizationDeletion(Pool database, TenantConfig config) {
        this.database = database;
        this.config = config;
        if (config.deletionBatch() < 1 || config.deletionPause().isNegative()) {
            throw new ConfigurationException(
                    "LATCHKEY_TENANT_DELETION_BATCH must be at least 1, and LATCHKEY_TENANT_DELETION_PAUSE not negative.");
        }
    }

    @Scheduled(every = "${latchkey.tenant.deletion-every:5s}", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> run() {
        Run run = new Run();
        Uni<Boolean> batch = Uni.createFrom().deferred(run::batch);
        // Mutiny refuses a delay of nothing.
        Uni<Boolean> paused = config.deletionPause().isZero() ? batch
                : batch.onItem().delayIt().by(config.deletionPause());
        return paused.repeat().whilst(more -> more).collect().last()
                .onFailure().invoke(fault -> LOG.warnf("no organization can be deleted now, tried again: cause=%s", fault))
                .onFailure().recoverWithNull().replaceWithVoid();
    }

    /**
     * @param id the organization
     * @param key the organization's key, for the log
     */
    private record Claimed(UUID id, String key) {
    }

    /**
     * @param table with its schema where it needs one, quoted
     * @param batch the statement that deletes up to $2 of the organization $1
     * @param rows in a batch: of what goes with others anyway many, since nothing hangs on them as a rule
     */
    private record Dependent(String table, String batch, int rows) {
    }

    /** One run through what there is to delete; a new one begins with no memory. */
    final class Run {

        private final List<String> heldBack = new ArrayList<>();
        private final List<UUID> leftForNextRun = new ArrayList<>();
        private @Nullable Claimed current;
        private String table = "";

        /** Deletes one batch; false when there is nothing left to do in this run. */
        Uni<Boolean> batch() {
            current = null;
            return database.withTransaction(connection -> claim(connection).flatMap(claimed -> {
                current = claimed;
                return claimed == null ? Uni.createFrom().item(false)
                        : dependents(connection).flatMap(dependents -> deleteFrom(connection, claimed, dependents, 0));
            })).onFailure(fault -> current != null).recoverWithItem(this::passOver);
        }

        private boolean passOver(Throwable fault) {
            Claimed claimed = current;
            if (isHeld(fault) && !heldBack.contains(table)) {
                heldBack.add(table);
            } else if (claimed != null) {
                leftForNextRun.add(claimed.id());
                LOG.warnf("a batch of a deletion failed, tried again: org=%s table=%s cause=%s", claimed.key(), table, fault);
            }
            return true;
        }

        // The oldest that no other replica is at. Locked for as long as a batch takes. By the partial index on
        // deletion_requested_at.
        private Uni<@Nullable Claimed> claim(SqlConnection connection) {
            return connection.preparedQuery("""
                    select id, key from organization
                     where deletion_requested_at <= now() - make_interval(secs => $1) and id <> all ($2)
                     order by deletion_requested_at limit 1 for update skip locked
                    """).execute(Tuple.of(seconds(config.deletionDelay()), leftForNextRun.toArray(UUID[]::new))).map(rows -> {
                for (Row row : rows) {
                    return new Claimed(row.getUUID("id"), row.getString("key"));
                }
                return null;
            });
        }

        // Every table with a foreign key to organization, and before them those that have none, but one to such a table by
        // which they are deleted; a partition counts as part of its table. A handful of rows of the catalogue, asked anew for
        // each batch: a newer replica may have migrated meanwhile.
        private Uni<List<Dependent>> dependents(SqlConnection connection) {
            return connection.preparedQuery("""
                    with direct as (
                        select c.conrelid, quote_ident(a.attname) as column_name
                          from pg_constraint c
                          join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
                         where c.contype = 'f' and c.confrelid = 'organization'::regclass and c.conparentid = 0)
                    select d.conrelid::regclass::text as table_name, quote_ident(a.attname) as column_name,
                           format('in (select %s from %s where %s = $1)', quote_ident(k.attname), p.conrelid::regclass,
                                  p.column_name) as owners, true as goes_with
                      from direct p
                      join pg_constraint d on d.contype = 'f' and d.confrelid = p.conrelid and d.conparentid = 0
                                          and d.confdeltype = 'c' and cardinality(d.conkey) = 1
                      join pg_attribute a on a.attrelid = d.conrelid and a.attnum = d.conkey[1]
                      join pg_attribute k on k.attrelid = d.confrelid and k.attnum = d.confkey[1]
                     where d.conrelid not in (select conrelid from direct)
                    union all
                    select conrelid::regclass::text, column_name, '= $1', false from direct
                     order by goes_with desc, table_name, column_name
                    """).execute().map(rows -> rows.stream()
                    .map(row -> new Dependent(row.getString("table_name"),
                            batchOf(row.getString("table_name"), row.getString("column_name"), row.getString("owners")),
                            config.deletionBatch() * (row.getBoolean("goes_with") ? MANY : 1))))
                    .map(referring -> Stream.concat(ofWebhooks(), referring)
                            .sorted(Comparator.comparingInt(dependent -> heldBack.indexOf(dependent.table()))).toList());
        }

        /** From the first table that has rows; from that of organizations when none has. */
        private Uni<Boolean> deleteFrom(SqlConnection connection, Claimed claimed, List<Dependent> dependents, int next) {
            if (next == dependents.size()) {
                return deleteItself(connection, claimed);
            }
            Dependent dependent = dependents.get(next);
            table = dependent.table();
            return connection.preparedQuery(dependent.batch())
                    .execute(Tuple.of(claimed.id(), dependent.rows())).map(SqlResult::rowCount)
                    .flatMap(rows -> rows == 0 ? deleteFrom(connection, claimed, dependents, next + 1)
                            : count(connection, claimed, rows));
        }

        // By the table's index on its organization, or on what belongs to it, then by the place of the row, which repeats in
        // partitions. A join rather than ctid = any (array): where statistics are old, that was compared with each row.
        // The column references the organization or what belongs to it; owners says what, as a condition on it.
        private static String batchOf(String table, String column, String owners) {
            return """
                    delete from %1$s d
                     using (select tableoid as part, ctid as place from %1$s where %2$s %3$s limit $2) batch
                     where d.ctid = batch.place and d.tableoid = batch.part
                    """.formatted(table, column, owners);
        }

        // What is delivered references nothing, since checking that would cost more than the rest of a delivery (V18). It goes
        // by the webhooks of the organization, and so before them: the queue by webhook_queue_due, deliveries by
        // delivery_by_webhook of each day, each with its attempts by their primary key.
        private Stream<Dependent> ofWebhooks() {
            int rows = config.deletionBatch() * MANY;
            return Stream.of(new Dependent("webhook_queue",
                    batchOf("webhook_queue", "webhook_id", "in (select id from webhook where organization_id = $1)"), rows),
                    new Dependent("delivery", """
                            with batch as (
                                select d.tableoid as part, d.ctid as place, d.id, d.at
                                  from webhook w join delivery d on d.webhook_id = w.id
                                 where w.organization_id = $1 limit $2
                            ), attempts as (
                                delete from attempt a using batch b where a.delivery_id = b.id and a.at = b.at
                            )
                            delete from delivery d using batch b where d.ctid = b.place and d.tableoid = b.part
                            """, rows));
        }

        // What GET tells; a new version, since what stands behind the ETag is no longer the same. By primary key.
        private Uni<Boolean> count(SqlConnection connection, Claimed claimed, int rows) {
            return connection.preparedQuery("""
                    update organization set deleted_rows = deleted_rows + $2, version = version + 1 where id = $1
                    """).execute(Tuple.of(claimed.id(), rows)).replaceWith(true);
        }

        // Takes along whatever came meanwhile, by the cascades. By primary key.
        private Uni<Boolean> deleteItself(SqlConnection connection, Claimed claimed) {
            table = "organization";
            return connection.preparedQuery("delete from organization where id = $1 returning deleted_rows")
                    .execute(Tuple.of(claimed.id()))
                    .invoke(rows -> rows.forEach(row -> LOG.infof("organization deleted: org=%s id=%s rows=%d", claimed.key(),
                            claimed.id(), row.getLong("deleted_rows"))))
                    .replaceWith(true);
        }
    }

    private static boolean isHeld(Throwable fault) {
        return fault instanceof PgException answer && (FOREIGN_KEY_VIOLATION.equals(answer.getSqlState())
                || RESTRICT_VIOLATION.equals(answer.getSqlState()));
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }
}
