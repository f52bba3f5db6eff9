package dev.latchkey.notification;

import java.time.Duration;
import java.util.List;
import java.util.UUID;

import jakarta.inject.Singleton;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;

/**
 * Mails to send.
 *
 * <p>
 * <b>Invariant:</b> a mail stays until someone has sent it or given it up; at any time one replica is at it. A claim skips what
 * others have locked, raises the attempt and moves {@code due_at} to the end of its lease, in one statement; the connection is
 * given back before anything is sent. Whoever is killed or overtaken by his lease leaves the mail to the next claim, and what
 * he reports late names an attempt that is over. So a mail is sent at least once, and twice only where a replica died, or the
 * database was away, between sending and reporting.
 *
 * <p>
 * What nobody should be told any more is dropped before the next claim: what has waited too long, for whatever reason, and
 * what was over before it could be sent. A mail that is being sent at that moment still goes.
 */
@Singleton
class MailOutbox {

    private final Pool database;

    MailOutbox(Pool database) {
        this.database = database;
    }

    /**
     * A mail that this replica is at.
     *
     * @param told what it says
     * @param address to whom
     * @param attempt from 1
     */
    record Claimed(Told told, String address, int attempt) {
    }

    /**
     * A mail that is not sent any more.
     *
     * @param notification what it told of
     * @param kind its kind, perhaps one that this version does not know
     * @param attempts how often it was tried
     * @param over true: its episode has ended; false: it has waited too long
     */
    record Dropped(UUID notification, String kind, int attempts, boolean over) {
    }

    // Of all kinds: what this version has no texts for would otherwise wait for ever. What was told once for all is closed from
    // the start, with its own id for an episode; it is never over. What another replica is at is not due, and what it is
    // claiming just now is skipped. By the index on due_at, the rest by primary keys.
    Uni<List<Dropped>> drop(int most, Duration giveUp) {
        return database.preparedQuery("""
                with gone as (
                    select m.notification_id, m.address, n.kind,
                           n.resolved_at is not null and n.episode <> n.id::text as over
                      from notification_mail m
                      join notification n on n.id = m.notification_id
                     where m.due_at <= now()
                       and (m.created_at <= now() - make_interval(secs => $2)
                            or n.resolved_at is not null and n.episode <> n.id::text)
                     order by m.due_at
                     limit $1
                       for update of m skip locked)
                delete from notification_mail m
                 using gone
                 where m.notification_id = gone.notification_id and m.address = gone.address
                returning m.notification_id, gone.kind, m.attempts, gone.over
                """).execute(Tuple.of(most, seconds(giveUp))).map(rows -> rows.stream().map(MailOutbox::dropped).toList());
    }

    // The longest due first; what another replica is at is skipped, and so is what this version has no texts for. By the index
    // on due_at, the rest by primary keys.
    Uni<List<Claimed>> claim(int most, Duration lease) {
        return database.preparedQuery("""
                with due as (
                    select m.notification_id, m.address
                      from notification_mail m
                      join notification k on k.id = m.notification_id
                     where m.due_at <= now() and k.kind = any ($3)
                     order by m.due_at
                     limit $1
                       for update of m skip locked)
                update notification_mail m
                   set attempts = m.attempts + 1, due_at = now() + make_interval(secs => $2)
                  from due, notification n, organization o
                 where m.notification_id = due.notification_id and m.address = due.address
                   and n.id = m.notification_id and o.id = n.organization_id
                returning m.address, m.attempts,
                """ + Told.COLUMNS).execute(Tuple.of(most, seconds(lease), NoticeKind.names().toArray(String[]::new)))
                .map(rows -> rows.stream().map(MailOutbox::claimed).toList());
    }

    /** Sent or given up: it goes. By primary key. */
    Uni<Void> done(Claimed mail) {
        return database.preparedQuery("""
                delete from notification_mail where notification_id = $1 and address = $2 and attempts = $3
                """).execute(Tuple.of(mail.told().id(), mail.address(), mail.attempt())).replaceWithVoid();
    }

    /** Tried in vain: the next attempt may begin after that time. By primary key. */
    Uni<Void> retry(Claimed mail, Duration delay) {
        return database.preparedQuery("""
                update notification_mail set due_at = now() + make_interval(secs => $4)
                 where notification_id = $1 and address = $2 and attempts = $3
                """).execute(Tuple.of(mail.told().id(), mail.address(), mail.attempt(), seconds(delay))).replaceWithVoid();
    }

    private static Claimed claimed(Row row) {
        return new Claimed(Told.of(row), row.getString("address"), row.getInteger("attempts"));
    }

    private static Dropped dropped(Row row) {
        return new Dropped(row.getUUID("notification_id"), row.getString("kind"), row.getInteger("attempts"),
                row.getBoolean("over"));
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }
}
