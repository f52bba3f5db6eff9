package dev.latchkey.webhook;

import java.time.Duration;
import java.util.stream.Collectors;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;

import dev.latchkey.webhook.Alone.ElsewhereException;
import io.quarkus.runtime.Startup;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jboss.logging.Logger;

/**
 * Ends what is older than {@code LATCHKEY_RETENTION}: gives up what is not delivered by then, and drops the days that lie
 * wholly before it.
 *
 * <p>
 * <b>Invariant:</b> a day is dropped only when nothing of it is in the queue or in the outbox any more, and when its events'
 * identities are gone: nothing is left that leads to what was dropped ({@link OldDays}). Each batch is a transaction of its
 * own, and who finds another replica at one leaves everything to it ({@link Alone}), so a kill leaves what the next run goes
 * on with. In the default partitions, which are never dropped, rows are deleted one by one.
 */
@Startup
@Singleton
class Retention {

    private static final Logger LOG = Logger.getLogger(Retention.class);
    private static final Duration SHORTEST = Duration.ofDays(1);
    private static final int MANY = 5_000;

    // Of the queue, which is small as a rule: what is so old waits for a webhook that is paused, mostly. No index leads to it,
    // since every delivery would have to keep it. The deliveries by primary key, in days that are still there; what counts is
    // what leaves the queue, whether there is a delivery or not.
    private static final String GIVE_UP = """
            with rows as (
                select delivery_id from webhook_queue where at < now() - make_interval(secs => $1) limit $2
                   for update skip locked
            ), over as (
                delete from webhook_queue q using rows r where q.delivery_id = r.delivery_id
                returning q.delivery_id, q.at, q.webhook_id
            ), told as (
                update delivery d set state = 'exhausted', reason = 'retention', finished_at = now(), failed_at = now()
                  from over o
                 where d.id = o.delivery_id and d.at = o.at and d.webhook_id = o.webhook_id and d.state = 'pending'
            )
            select cast(count(*) as int) as rows from over
            """;

    // What nobody has fanned out: the dispatcher was away for all that time. By event_outbox_by_organization at most once.
    private static final String FORGET = """
            with gone as (
                delete from event_outbox where event_id in (
                    select event_id from event_outbox where at < now() - make_interval(secs => $1) limit $2
                       for update skip locked)
                returning event_id
            )
            select cast(count(*) as int) as rows from gone
            """;

    // By the place of the row; what lies in a default partition is little, and only as long as a day is missing.
    private static final String STRAY = """
            with gone as (
                delete from %1$s d using (
                    select ctid as place from %1$s where at < now() - make_interval(secs => $1) limit $2) batch
                 where d.ctid = batch.place returning d.%2$s
            )
            select cast(count(*) as int) as rows from gone
            """;

    // The same, with the identity.
    private static final String STRAY_EVENTS = """
            with batch as (
                select ctid as place, organization_id, public_id, id
                  from event_default where at < now() - make_interval(secs => $1) limit $2
            ), forgotten as (
                delete from event_identity i using batch b
                 where i.organization_id = b.organization_id and i.public_id = b.public_id and i.event_id = b.id
            ), gone as (
                delete from event_default d using batch b where d.ctid = b.place returning d.id
            )
            select cast(count(*) as int) as rows from gone
            """;

    // What stayed for the log, a day longer than the last delivery that tells of it; by webhook_deleted.
    private static final String WEBHOOKS = """
            with gone as (
                delete from webhook where id in (
                    select id from webhook where deleted_at < now() - make_interval(secs => $1) - interval '1 day' limit $2)
                returning id
            )
            select cast(count(*) as int) as rows from gone
            """;

    private final Alone alone;
    private final OldDays days;
    private final Duration retention;

    @Inject
    Retention(Pool database, RetentionConfig config) {
        this(database, config.retention());
    }

    /** @throws ConfigurationException for less than a day */
    Retention(Pool database, Duration retention) {
        if (retention.compareTo(SHORTEST) < 0) {
            throw new ConfigurationException("LATCHKEY_RETENTION must be at least P1D.");
        }
        this.alone = new Alone(database, "latchkey.retention");
        this.days = new OldDays(database, alone);
        this.retention = retention;
    }

    @Scheduled(every = "${latchkey.retention-every:1h}", delayed = "1m", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> run() {
        return giveUp().chain(() -> step(repeated("events that were never fanned out", FORGET)))
                .chain(() -> step(days.drop(seconds()))).chain(this::clearStrays)
                .chain(() -> step(repeated("deleted webhooks", WEBHOOKS)))
                .onFailure(ElsewhereException.class).recoverWithNull();
    }

    /** What is still open of then. */
    Uni<Void> giveUp() {
        return step(repeated("deliveries given up", GIVE_UP));
    }

    private Uni<Void> clearStrays() {
        return step(repeated("attempts of no day", STRAY.formatted("attempt_default", "delivery_id")))
                .chain(() -> step(repeated("deliveries of no day", STRAY.formatted("delivery_default", "id"))))
                .chain(() -> step(repeated("events of no day", STRAY_EVENTS)));
    }

    /** One that fails keeps none of the others from being done; the whole ends where another replica is at it. */
    private static Uni<Void> step(Uni<Void> step) {
        return step.onFailure(fault -> !(fault instanceof ElsewhereException)).recoverWithUni(fault -> {
            LOG.warnf("what is too old cannot be dropped now, tried again: cause=%s", fault);
            return Uni.createFrom().voidItem();
        });
    }

    /** Batch by batch, until there is none. */
    private Uni<Void> repeated(String what, String sql) {
        return alone.batch(connection -> connection.preparedQuery(sql).execute(Tuple.of(seconds(), MANY))
                .map(rows -> rows.iterator().next().getInteger("rows")))
                .repeat().until(rows -> rows == 0).collect().with(Collectors.summingInt(rows -> rows))
                .invoke(rows -> {
                    if (rows > 0) {
                        LOG.infof("%s after %s: rows=%d", what, retention, rows);
                    }
                }).replaceWithVoid();
    }

    private double seconds() {
        return retention.toMillis() / 1000.0;
    }
}
