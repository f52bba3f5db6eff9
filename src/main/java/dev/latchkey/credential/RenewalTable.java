package dev.latchkey.credential;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

import jakarta.inject.Singleton;

import dev.latchkey.credential.TokenRequests.Kind;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/** The rows by which renewals are planned and claimed, and hosts left alone: statements, each one transaction. */
@Singleton
class RenewalTable {

    /** Of what is due, by one claim. */
    private static final int LOOKED_AT = 2000;

    private final Pool database;
    private final RenewalApps apps;
    private final RenewalConfig config;

    RenewalTable(Pool database, RenewalApps apps, RenewalConfig config) {
        this.database = database;
        this.apps = apps;
        this.config = config;
    }

    /**
     * A renewal that is this replica's alone until its lease ends.
     *
     * @param host of the token endpoint, as it was planned
     * @param fence of this claim
     * @param attempt which one in a row, from 1
     * @param presented how often the token may have been presented already, without an answer that is known
     * @param pairVersion of the pair that it is about
     * @param at when it was claimed, by the database's clock
     * @param hasFailedHost whether its host has failed before
     * @param hasFailedApp whether its app was refused before
     */
    record Claim(UUID organization, UUID credential, String host, long fence, int attempt, int presented, long pairVersion,
            Instant at, boolean hasFailedHost, boolean hasFailedApp) {
    }

    // In the transaction that writes the credential. What is under way of the same pair goes on, and is not begun anew; another
    // pair may have been presented when it was stored, and not before. What has failed is tried at once: it may be what has just
    // been mended. By primary key.
    /**
     * Plans the renewal of a credential that people have written.
     *
     * @param isOtherPair whether its tokens are other ones than before
     * @param presented how often such a token may have been presented without an answer that is known
     * @param now when it was written
     */
    Uni<Void> plan(Credential credential, CredentialMaterial material, boolean isOtherPair, int presented, Instant now) {
        if (!(material.data() instanceof CredentialData.OAuth2 data)) {
            return Uni.createFrom().voidItem();
        }
        Kind kind = TokenRequests.kind(data, material.provider());
        RenewalPlan plan = RenewalPlan.of(kind, data, material.provider(), now, null, config.lead());
        String host = TokenRequests.host(credential.organizationId, material, data, kind);
        String app = apps.of(host, data);
        return Panache.getSession().flatMap(session -> session.createNativeQuery("""
                insert into credential_renewal as r (credential_id, organization_id, host, app, jitter, issued_at,
                                                     presented, due_at)
                select :id, :organization, :host, :app, j.share, :issued, :presented,
                       greatest(cast(nullif(cast(:at as text), '') as timestamptz) - j.share * :spread * interval '1 second',
                                cast(nullif(cast(:notBefore as text), '') as timestamptz))
                  from (select random() as share) j
                on conflict (credential_id) do update
                   set host = excluded.host, app = excluded.app, jitter = excluded.jitter,
                       due_at = case when excluded.due_at is null or :other and r.failing_since is null then excluded.due_at
                                     when r.failing_since is not null then now()
                                     else least(excluded.due_at, r.due_at) end,
                       attempt = 0, error = null, http_status = null, failing_since = null,
                       issued_at = case when :other then excluded.issued_at else r.issued_at end,
                       refresh_ends_at = case when :other then null else r.refresh_ends_at end,
                       scopes = case when :other then null else r.scopes end,
                       presented = case when :other then excluded.presented else r.presented end
                """).setParameter("id", credential.id).setParameter("organization", credential.organizationId)
                .setParameter("host", host).setParameter("app", app).setParameter("issued", now)
                .setParameter("at", text(plan.at())).setParameter("notBefore", text(plan.notBefore()))
                .setParameter("spread", plan.spread().toMillis() / 1000.0).setParameter("other", isOtherPair)
                .setParameter("presented", presented).executeUpdate())
                .replaceWithVoid();
    }

    // By primary key, in the transaction that writes what a test has shown. Not one that was just renewed: whatever ails it, that
    // is not mended by doing so again and again. Where nobody says when a token ends this is what has it renewed: due_at is null.
    /** Has a credential renewed soon whose access token was refused: it may have been withdrawn, and its grant not. */
    Uni<Void> hasten(UUID credential) {
        return Panache.getSession().flatMap(session -> session.createNativeQuery("""
                update credential_renewal set due_at = now()
                 where credential_id = :id and host <> '' and (due_at is null or due_at > now()) and failing_since is null
                   and issued_at < now() - interval '5 minutes'
                """).setParameter("id", credential).executeUpdate()).replaceWithVoid();
    }

    private static String text(@Nullable Instant at) {
        return at == null ? "" : at.toString();
    }

    // What is due longest comes from the index on due_at, a bounded number, so that a claim costs the same however much is due
    // that may be claimed. What waits for a host without room, or behind an open circuit, is passed over before it counts, so
    // that it keeps nobody waiting; each row of it that is due longer is looked at, in every claim: 98,000 behind an open
    // circuit cost about 0.1 s a claim. Of what is left, organizations take turns, and a host takes no more than has room.
    // Whose token was presented by someone whose lease has run out is left to him for a while longer: he may hold the pair that
    // was given for it, and write it as soon as the database lets him.
    // Of a host that may be tried again one renewal is the trial, rather one whose token was not presented yet; the same for
    // apps. One statement, so that it is claimed or not: whoever comes at the same time finds the rows locked, or leased, and
    // takes none. All of the claim is durable when it returns. Organizations that are suspended or being deleted wait.
    private static final String CLAIM = """
            with due as (
                select r.credential_id, r.organization_id, r.host, r.app, r.due_at, r.presented,
                       coalesce(h.failures, 0) as host_failures, coalesce(a.failures > 0, false) as has_app_fault, coalesce(f.room, $3) as room
                  from credential_renewal r
                  join organization o on o.id = r.organization_id
                  left join token_host h on h.host = r.host
                  left join renewal_app a on a.organization_id = r.organization_id and a.app = r.app
                  left join unnest($4::text[], $5::integer[]) f (host, room) on f.host = r.host
                 where r.due_at <= now()
                   and (r.lease_until is null or r.lease_until <= now() - sign(r.presented) * $8 * interval '1 millisecond')
                   and o.active and o.deletion_requested_at is null
                   and (h.host is null or h.open_until <= now()) and (a.app is null or a.retry_at <= now())
                   and coalesce(f.room, $3) > 0
                 order by r.due_at limit $7
            ), wanted as (
                select d.*, row_number() over (partition by d.organization_id order by d.due_at) as turn,
                       row_number() over (partition by d.organization_id, d.app order by d.presented, d.due_at) as turn_of_app
                  from due d
            ), ranked as (
                select w.*, row_number() over (partition by w.host order by
                                case when w.host_failures >= $6 then w.presented else 0 end, w.turn, w.due_at) as place
                  from wanted w where not w.has_app_fault or w.turn_of_app = 1
            ), chosen as (
                select * from ranked where place <= case when host_failures >= $6 then least(room, 1) else room end
                 order by turn, due_at limit $2
            ), taken as (
                select r.credential_id from credential_renewal r join chosen c on c.credential_id = r.credential_id
                 where r.due_at <= now()
                   and (r.lease_until is null or r.lease_until <= now() - sign(r.presented) * $8 * interval '1 millisecond')
                   for update of r skip locked
            ), hosts_on_trial as (
                select h.host from token_host h
                 where h.host in (select c.host from chosen c where c.host_failures >= $6) order by h.host for update
            ), trial_of_host as (
                update token_host h set open_until = now() + $1 * interval '1 millisecond'
                  from hosts_on_trial t where h.host = t.host
            ), apps_on_trial as (
                select a.organization_id, a.app from renewal_app a
                 where (a.organization_id, a.app) in (select c.organization_id, c.app from chosen c where c.has_app_fault)
                 order by a.organization_id, a.app for update
            ), trial_of_app as (
                update renewal_app a set retry_at = now() + $1 * interval '1 millisecond'
                  from apps_on_trial t where a.organization_id = t.organization_id and a.app = t.app
            )
            update credential_renewal r
               set lease_until = now() + $1 * interval '1 millisecond', fence = r.fence + 1, attempt = r.attempt + 1
              from taken t join chosen c on c.credential_id = t.credential_id join credential p on p.id = t.credential_id
             where r.credential_id = t.credential_id
            returning r.organization_id, r.credential_id, r.host, r.fence, r.attempt, r.presented, p.pair_version, now() as at,
                      c.host_failures > 0 as has_failed_host, c.has_app_fault as has_failed_app
            """;

    /**
     * Claims what is due.
     *
     * @param most how many
     * @param room how many more at hosts that have less than all of their room left
     */
    Uni<List<Claim>> claim(int most, Map<String, Integer> room) {
        List<Map.Entry<String, Integer>> hosts = List.copyOf(room.entrySet());
        return database.preparedQuery(CLAIM)
                .execute(Tuple.tuple().addValue((double) config.lease().toMillis()).addValue(most)
                        .addValue(config.atOncePerHost())
                        .addValue(hosts.stream().map(Map.Entry::getKey).toArray(String[]::new))
                        .addValue(hosts.stream().map(Map.Entry::getValue).toArray(Integer[]::new))
                        .addValue(config.circuitAfter()).addValue(LOOKED_AT).addValue(grace()))
                .map(rows -> rows.stream().map(RenewalTable::claim).toList());
    }

    // By primary keys. Who asks for it now need not wait for its turn, but for its host's and its app's, and is the trial where
    // one is due: of many that come at once the first has moved the time, and the others find it moved. A person, who takes the
    // blame, waits for neither. What is over is over, and what is younger than its provider takes waits until due_at.
    /**
     * Claims one that is wanted now, if nobody is at it.
     *
     * @param isForced whether a person wants it, due or not
     */
    Uni<Optional<Claim>> claimOne(UUID organization, UUID credential, boolean isForced) {
        return database
                .preparedQuery(
                        """
                                with wanted as (
                                    select k.credential_id, k.organization_id, k.host, k.app, h.host is not null as has_failed_host,
                                           coalesce(h.failures >= $5, false) as is_trial_of_host, coalesce(a.failures > 0, false) as has_failed_app
                                      from credential_renewal k
                                      join credential_state s on s.credential_id = k.credential_id
                                      join organization o on o.id = k.organization_id
                                      left join token_host h on h.host = k.host
                                      left join renewal_app a on a.organization_id = k.organization_id and a.app = k.app
                                     where k.credential_id = $2 and k.organization_id = $1 and o.active and o.deletion_requested_at is null
                                       and (k.lease_until is null or k.lease_until <= now() - sign(k.presented) * $6 * interval '1 millisecond')
                                       and s.renewal is distinct from 'ended'
                                       and ($4 or (k.due_at <= now() or k.failing_since is null)
                                                  and (h.host is null or h.open_until <= now()) and (a.app is null or a.retry_at <= now()))
                                ), trial_of_host as (
                                    update token_host h set open_until = now() + $3 * interval '1 millisecond'
                                      from wanted w where w.is_trial_of_host and h.host = w.host and (h.open_until <= now() or $4)
                                    returning h.host
                                ), trial_of_app as (
                                    update renewal_app a set retry_at = now() + $3 * interval '1 millisecond'
                                      from wanted w where w.has_failed_app and a.organization_id = w.organization_id and a.app = w.app
                                                      and (a.retry_at <= now() or $4)
                                    returning a.app
                                )
                                update credential_renewal r
                                   set lease_until = now() + $3 * interval '1 millisecond', fence = r.fence + 1, attempt = r.attempt + 1
                                  from wanted w join credential p on p.id = w.credential_id
                                 where r.credential_id = w.credential_id
                                   and (r.lease_until is null or r.lease_until <= now() - sign(r.presented) * $6 * interval '1 millisecond')
                                   and (not w.is_trial_of_host or exists (select from trial_of_host))
                                   and (not w.has_failed_app or exists (select from trial_of_app))
                                returning r.organization_id, r.credential_id, r.host, r.fence, r.attempt, r.presented, p.pair_version,
                                          now() as at, w.has_failed_host, w.has_failed_app
                                """)
                .execute(Tuple.of(organization, credential, (double) config.lease().toMillis(), isForced,
                        config.circuitAfter(), grace()))
                .map(rows -> first(rows).map(RenewalTable::claim));
    }

    // By primary keys. Only for who still holds the claim, about the pair that still stands: from here on it is in flight.
    /**
     * Says that the token is about to be presented. Durable before it is.
     *
     * @param isSpent whether being presented may spend it
     * @return false: another one is at it, or the pair is another one
     */
    Uni<Boolean> present(Claim claim, boolean isSpent) {
        return database.preparedQuery("""
                update credential_renewal r set presented = r.presented + $4
                  from credential p
                 where r.credential_id = $1 and r.fence = $2 and r.lease_until > now()
                   and p.id = r.credential_id and p.pair_version = $3
                """).execute(Tuple.of(claim.credential(), claim.fence(), claim.pairVersion(), isSpent ? 1 : 0))
                .map(rows -> rows.rowCount() == 1);
    }

    // By primary key. Nothing was sent, so nothing has happened.
    /**
     * Gives a claim back that has come to nothing.
     *
     * @param presented as it was when it was claimed
     * @param pause before it is claimed again
     */
    Uni<Void> giveBack(Claim claim, Duration pause) {
        return database.preparedQuery("""
                update credential_renewal
                   set lease_until = null, presented = $3, attempt = attempt - 1,
                       due_at = greatest(due_at, now() + $4 * interval '1 millisecond')
                 where credential_id = $1 and fence = $2
                """).execute(Tuple.of(claim.credential(), claim.fence(), claim.presented(), (double) pause.toMillis()))
                .replaceWithVoid();
    }

    // By primary key. The pair is another one, which is planned already.
    Uni<Void> release(Claim claim) {
        return database.preparedQuery("""
                update credential_renewal set lease_until = null where credential_id = $1 and fence = $2
                """).execute(Tuple.of(claim.credential(), claim.fence())).replaceWithVoid();
    }

    /** For whoever has presented a token and not written what came of it, in milliseconds. */
    private double grace() {
        return config.lease().toMillis() / 3.0;
    }

    private static Claim claim(Row row) {
        return new Claim(row.getUUID("organization_id"), row.getUUID("credential_id"), row.getString("host"),
                row.getLong("fence"), row.getInteger("attempt"), row.getInteger("presented"), row.getLong("pair_version"),
                instant(row, "at"),
                row.getBoolean("has_failed_host"), row.getBoolean("has_failed_app"));
    }

    private static Instant instant(Row row, String column) {
        return row.getOffsetDateTime(column).toInstant();
    }

    private static Optional<Row> first(RowSet<Row> rows) {
        return rows.stream().findFirst();
    }
}
