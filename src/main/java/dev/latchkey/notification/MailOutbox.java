package dev.latchkey.notification;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

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
     * @param createdAt when it was told
     */
    record Claimed(Told told, String address, int attempt, Instant createdAt) {
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
                returning m.address, m.attempts, m.created_at,
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
        return new Claimed(Told.of(row), row.getString("address"), row.getInteger("attempts"),
                row.getOffsetDateTime("created_at").toInstant());
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }
}
