package dev.latchkey.web;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

import jakarta.inject.Singleton;

import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The rows behind {@link Idempotency}. */
@Singleton
class IdempotencyRecords {

    private static final Logger LOG = Logger.getLogger(IdempotencyRecords.class);

    private final Pool database;
    private final IdempotencyConfig config;

    IdempotencyRecords(Pool database, IdempotencyConfig config) {
        this.database = database;
        this.config = config;
    }

    /**
     * What stands under an Idempotency-Key, for as long as the transaction lasts.
     *
     * @param now database time
     * @param rows one at most, and one for each pepper while they rotate
     */
    record Claim(Instant now, List<IdempotencyRecord> rows) {

        /** The row that tells of an earlier request; null where this one is the first, or the earlier ones have expired. */
        @Nullable
        IdempotencyRecord earlier() {
            return rows.stream().filter(row -> row.expiresAt.isAfter(now)).findFirst().orElse(null);
        }

        /** The row to write to: an expired one of that id that the purge has not come to yet, or a new one. */
        IdempotencyRecord row(IdempotencyRecord fields) {
            return rows.stream().filter(row -> row.id.equals(fields.id)).findFirst().orElse(fields);
        }
    }

    /**
     * Takes an Idempotency-Key for the transaction that is open; empty while another one has it.
     *
     * @param ids every id that the row may have while peppers rotate
     */
    Uni<Optional<Claim>> claim(List<UUID> ids) {
        // One of them suffices, the same for everybody who knows the same peppers in whatever order.
        long lock = Collections.min(ids).getMostSignificantBits();
        // Two statements: the second one sees what was committed before the lock was given. Tried and not waited for, so
        // that a repeat costs no connection while the first one runs. Milliseconds, since the driver maps them plainly.
        return Panache.getSession().flatMap(session -> session.createNativeQuery("""
                select case when pg_try_advisory_xact_lock(:lock)
                            then cast(extract(epoch from now()) * 1000 as bigint) end
                """, Long.class).setParameter("lock", lock).getSingleResultOrNull())
                .flatMap(millis -> millis == null ? Uni.createFrom().item(Optional.empty())
                        : IdempotencyRecord.<IdempotencyRecord> find("id in ?1", ids).list()
                                .map(rows -> Optional.of(new Claim(Instant.ofEpochMilli(millis), rows))));
    }

    /**
     * Notes in the claim's transaction that the request was carried out, or refused.
     *
     * @param fields all but the times; with an answer for a refusal, without one for a change, whose answer is made after its
     *        commit
     */
    Uni<Void> write(Claim claim, IdempotencyRecord fields) {
        IdempotencyRecord row = claim.row(fields);
        row.organizationId = fields.organizationId;
        row.bodyMac = fields.bodyMac;
        row.objectId = fields.objectId;
        row.answer = fields.answer;
        row.answerDiesAt = null;
        row.createdAt = claim.now();
        row.expiresAt = claim.now().plus(config.retention());
        return row.persistAndFlush().replaceWithVoid();
    }

    /** Adds the answer after the commit: by primary key. */
    Uni<Void> keepAnswer(UUID id, byte[] sealed, boolean carriesMaterial) {
        return database.preparedQuery("""
                update idempotency
                   set answer = $2, answer_dies_at = now() + make_interval(secs => $3)
                 where id = $1
                """).execute(Tuple.of(id, Buffer.buffer(sealed),
                carriesMaterial ? seconds(config.materialRetention()) : null)).replaceWithVoid();
    }

    @Scheduled(every = "${latchkey.idempotency.purge-every:1m}", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> purge() {
        return untilDone(this::removeExpired).chain(() -> untilDone(this::removeDeadAnswers)).onFailure()
                .invoke(fault -> LOG.warnf("expired idempotency records stay until the next purge: cause=%s", fault))
                .onFailure().recoverWithNull();
    }

    private Uni<Void> untilDone(Supplier<Uni<? extends Integer>> batch) {
        return Uni.createFrom().deferred(batch).repeat().whilst(rows -> rows > 0 && rows == config.purgeBatch()).collect()
                .last()
                .replaceWithVoid();
    }

    // In batches, oldest first, by idempotency_by_expiry; replicas that purge at once pass over each other's rows.
    private Uni<Integer> removeExpired() {
        return database.preparedQuery("""
                delete from idempotency
                 where id in (select id from idempotency where expires_at <= now()
                               order by expires_at limit $1 for update skip locked)
                """).execute(Tuple.of(config.purgeBatch())).map(rows -> rows.rowCount());
    }

    // The same for secrets, by idempotency_by_death_of_answer. The row stays and tells that there was an answer.
    private Uni<Integer> removeDeadAnswers() {
        return database.preparedQuery("""
                update idempotency set answer = null
                 where id in (select id from idempotency where answer is not null and answer_dies_at <= now()
                               order by answer_dies_at limit $1 for update skip locked)
                """).execute(Tuple.of(config.purgeBatch())).map(rows -> rows.rowCount());
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }
}
