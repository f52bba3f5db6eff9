package dev.latchkey.credential;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import jakarta.inject.Singleton;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/** The reads of renewals: how one stands, and what has to be told. */
@Singleton
class RenewalQueries {

    private final Pool database;

    RenewalQueries(Pool database) {
        this.database = database;
    }

    /**
     * How the renewal of one stands, for whoever waits for it.
     *
     * @param isLeased whether some replica is at it
     * @param isOver whether somebody has to authorize it anew
     * @param pause until it is tried next; null: not by itself
     */
    record Standing(long pairVersion, boolean isLeased, boolean isOver, @Nullable Duration pause) {
    }

    /**
     * How a renewal has gone, for people.
     *
     * @param issuedAt when the pair that stands was given
     * @param nextAttemptAt null: it is not tried by itself
     */
    record Shown(CredentialStatus status, ProbeReason reason, @Nullable String error, @Nullable Integer httpStatus,
            Instant issuedAt, @Nullable Instant expiresAt, @Nullable Instant lastRenewedAt, @Nullable Instant nextAttemptAt,
            boolean isOver, long pairVersion) {
    }

    // By primary keys.
    Uni<Optional<Shown>> shown(UUID organization, UUID credential) {
        return database.preparedQuery("""
                select s.status, s.reason, r.error, r.http_status, r.issued_at, s.expires_at, s.last_renewed_at, r.due_at,
                       coalesce(s.renewal = 'ended', false) as over, p.pair_version
                  from credential p
                  join credential_state s on s.credential_id = p.id
                  join credential_renewal r on r.credential_id = p.id
                 where p.organization_id = $1 and p.id = $2
                """).execute(Tuple.of(organization, credential)).map(rows -> rows.stream().findFirst().map(row -> new Shown(
                CredentialStatus.stored(row.getString("status")), ProbeReason.stored(row.getString("reason")),
                row.getString("error"), row.getInteger("http_status"), instant(row, "issued_at"), at(row, "expires_at"),
                at(row, "last_renewed_at"), at(row, "due_at"), row.getBoolean("over"), row.getLong("pair_version"))));
    }

    private static @Nullable Instant at(Row row, String column) {
        return row.getOffsetDateTime(column) == null ? null : instant(row, column);
    }

    private static Instant instant(Row row, String column) {
        return row.getOffsetDateTime(column).toInstant();
    }

    // By primary keys.
    Uni<Optional<Standing>> standing(UUID organization, UUID credential) {
        return database.preparedQuery("""
                select p.pair_version, coalesce(r.lease_until > now(), false) as leased,
                       coalesce(s.renewal = 'ended', false) as over,
                       extract(epoch from greatest(r.due_at, h.open_until, a.retry_at) - now())::float8 as wait
                  from credential p
                  join credential_state s on s.credential_id = p.id
                  join credential_renewal r on r.credential_id = p.id
                  left join token_host h on h.host = r.host
                  left join renewal_app a on a.organization_id = r.organization_id and a.app = r.app
                 where p.organization_id = $1 and p.id = $2
                """).execute(Tuple.of(organization, credential)).map(rows -> rows.stream().findFirst().map(row -> {
            Double wait = row.getDouble("wait");
            return new Standing(row.getLong("pair_version"), row.getBoolean("leased"), row.getBoolean("over"),
                    wait == null ? null : Duration.ofMillis(Math.max(0, Math.round(wait * 1000))));
        }));
    }

    // What has failed, by the index of what has trouble; and what could not even be tried, since its host or its app is left
    // alone, by the index on due_at. The rest by primary keys.
    /** Credentials that are called good though their token has ended unrenewed. */
    Uni<List<Overdue>> overdue(int most) {
        return database.preparedQuery("""
                (select r.organization_id, r.credential_id, coalesce(a.failures > 0, false) as of_app
                   from credential_state s
                   join credential_renewal r on r.credential_id = s.credential_id
                   left join renewal_app a on a.organization_id = r.organization_id and a.app = r.app
                  where s.renewal = 'failing' and s.expires_at <= now() and s.status <> 'red'
                    and (r.lease_until is null or r.lease_until <= now()) limit $1)
                union all
                (select r.organization_id, r.credential_id, coalesce(a.failures > 0, false)
                   from credential_renewal r
                   join credential_state s on s.credential_id = r.credential_id
                   left join renewal_app a on a.organization_id = r.organization_id and a.app = r.app
                   left join token_host h on h.host = r.host
                  where r.due_at <= now() and s.expires_at <= now() and s.renewal is null
                    and (a.retry_at > now() or h.open_until > now())
                  order by r.due_at limit $1)
                """).execute(Tuple.of(most)).map(rows -> rows.stream().map(row -> new Overdue(row.getUUID("organization_id"),
                row.getUUID("credential_id"), row.getBoolean("of_app"))).toList());
    }

    /**
     * One of them.
     *
     * @param isOfApp whether its app is refused
     */
    record Overdue(UUID organization, UUID credential, boolean isOfApp) {
    }

    // From the index of those that have trouble, and by primary keys: whoever wrote the pair was killed before he could tell.
    /** Credentials that were renewed, and are still said to fail: as organization and id. */
    Uni<List<Named>> unsettled(int most) {
        return database.preparedQuery("""
                select r.organization_id, r.credential_id
                  from credential_state s join credential_renewal r on r.credential_id = s.credential_id
                 where s.renewal is not null and r.failing_since is null limit $1
                """).execute(Tuple.of(most)).map(rows -> rows.stream()
                .map(row -> new Named(row.getUUID("organization_id"), row.getUUID("credential_id"))).toList());
    }

    // By the index on due_at, a bounded number of what is due. What waits for a host or an app that is left alone, or for an
    // organization that is suspended, is not late; what somebody is at, is.
    /** For how long what is due, and could be renewed, has waited at most. */
    Uni<Duration> lateness(int most) {
        return database.preparedQuery("""
                select coalesce(extract(epoch from now() - min(d.due_at)), 0)::float8 as late
                  from (select r.organization_id, r.host, r.app, r.due_at
                          from credential_renewal r where r.due_at <= now() order by r.due_at limit $1) d
                  join organization o on o.id = d.organization_id
                  left join token_host h on h.host = d.host
                  left join renewal_app a on a.organization_id = d.organization_id and a.app = d.app
                 where o.active and o.deletion_requested_at is null and (h.host is null or h.open_until <= now())
                   and (a.app is null or a.retry_at <= now())
                """).execute(Tuple.of(most))
                .map(rows -> Duration.ofMillis(Math.round(rows.iterator().next().getDouble("late") * 1000)));
    }

    // By the index on ends_at of what has one: of what is renewed, a refresh token that stays until it ends.
    /** Credentials that are called good and end soon. */
    Uni<List<Named>> endingSoon(int most) {
        return database.preparedQuery("""
                select r.organization_id, r.credential_id
                  from credential_state s join credential_renewal r on r.credential_id = s.credential_id
                 where s.ends_at <= now() + $2 * interval '1 second' and s.status = 'green' and r.due_at is not null
                 limit $1
                """).execute(Tuple.of(most, (double) Ending.SOON.toSeconds())).map(rows -> rows.stream()
                .map(row -> new Named(row.getUUID("organization_id"), row.getUUID("credential_id"))).toList());
    }

    // By the index on type is not worth its while: there is none, and few are OAuth 2; the anti-join ends at the first hundred.
    /** OAuth 2 credentials that were stored before anything was planned for them. */
    Uni<List<Named>> unplanned(int most) {
        return database.preparedQuery("""
                select c.organization_id, c.id as credential_id
                  from credential c
                 where c.type = 'oauth2' and not exists (select from credential_renewal r where r.credential_id = c.id)
                 limit $1
                """).execute(Tuple.of(most)).map(rows -> rows.stream()
                .map(row -> new Named(row.getUUID("organization_id"), row.getUUID("credential_id"))).toList());
    }

    /** An app. */
    record App(UUID organization, String app) {
    }

    // By a scan of the few apps that fail, and the index on organization.
    /** Apps that were refused, and that no credential signs in as any more. */
    Uni<List<App>> appsOfNobody(int most) {
        return database
                .preparedQuery(
                        """
                                select a.organization_id, a.app
                                  from renewal_app a
                                 where not exists (select from credential_renewal r where r.organization_id = a.organization_id and r.app = a.app)
                                 limit $1
                                """)
                .execute(Tuple.of(most)).map(
                        rows -> rows.stream().map(row -> new App(row.getUUID("organization_id"), row.getString("app")))
                                .toList());
    }

    /** A credential. */
    record Named(UUID organization, UUID credential) {
    }
}
