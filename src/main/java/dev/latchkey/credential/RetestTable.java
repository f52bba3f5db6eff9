package dev.latchkey.credential;

import java.util.List;
import java.util.UUID;

import jakarta.inject.Singleton;

import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import org.hibernate.reactive.mutiny.Mutiny;

/** The rows by which credentials are tested again: {@code credential_state.due_at} and {@code tested_host}. */
@Singleton
class RetestTable {

    private final Pool database;
    private final CredentialConfig config;

    RetestTable(Pool database, CredentialConfig config) {
        this.database = database;
        this.config = config;
    }

    /** A credential whose turn it is. */
    record Due(UUID organization, UUID credential) {
    }

    /** Says when a credential is tested next. In the transaction that has written how it is. */
    Uni<Void> schedule(CredentialState state) {
        return Panache.getSession().flatMap(session -> plan(session, state)
                .chain(() -> state.host.isEmpty() ? Uni.createFrom().item(0) : know(session, state.host))).replaceWithVoid();
    }

    // A tenth more or less, so that what was made at once is not tested at once for ever. After a test that has said nothing the
    // next one follows in 5 minutes, 15, 45 and so on; what its provider goes on refusing is asked half as often each time,
    // since some lock the account. What was never connected, and what has to be authorized anew, no test mends. By primary keys.
    private Uni<Integer> plan(Mutiny.Session session, CredentialState state) {
        return session.createNativeQuery("""
                update credential_state s
                   set due_at = case when s.host <> '' and s.reason not in ('not-connected', 'reauthorization-required')
                                     then now() + (0.9 + 0.2 * random()) * interval '1 second' * case
                                         when s.silent > 0 then least(p.seconds, 300 * 3 ^ least(s.silent - 1, 10))
                                         when s.refused > 1
                                         then greatest(p.seconds, least(p.seconds * 2 ^ least(s.refused - 1, 10), 604800))
                                         else p.seconds end end
                  from organization o
                 cross join lateral (select coalesce(o.credential_test_seconds, :seconds) * 1.0 as seconds) p
                 where o.id = s.organization_id and s.credential_id = :id
                """).setParameter("seconds", config.testInterval().toSeconds())
                .setParameter("id", state.credentialId).executeUpdate();
    }

    // By primary key. The time is moved, so that a host that is being forgotten stays.
    private static Uni<Integer> know(Mutiny.Session session, String host) {
        return session.createNativeQuery("""
                insert into tested_host as h (host, free_at) values (:host, now())
                on conflict (host) do update set free_at = greatest(h.free_at, excluded.free_at)
                """).setParameter("host", host).executeUpdate();
    }

    // Which hosts have something due and are free, each with what is due longest there, comes from the index on (due_at, host),
    // and costs as much as there is due. Organizations take turns, so that the slow hosts of one take no more of a batch than is
    // left by the others; those that are suspended or being deleted wait, and keep nobody waiting. Of these hosts those that no
    // other replica is at; of each, what is due first, by the index on (host, due_at). One statement, so that a host is taken and
    // its credential claimed, or neither: whoever comes at the same time finds the row of the host locked, or the host not free.
    // A claim moves the credential ahead: should its replica die, it is due again then.
    private static final String CLAIM = """
            with wanted as (
                select w.host, w.due_at, row_number() over (partition by w.organization_id order by w.due_at) as turn
                  from (select distinct on (s.host) s.host, s.organization_id, s.due_at
                          from credential_state s
                          join organization o on o.id = s.organization_id
                          join tested_host h on h.host = s.host
                         where s.due_at <= now() and o.active and o.deletion_requested_at is null and h.free_at <= now()
                         order by s.host, s.due_at) w
            ), free as (
                select h.host from tested_host h join wanted w on w.host = h.host
                 where h.free_at <= now() order by w.turn, w.due_at limit $1
                   for update of h skip locked
            ), due as (
                select d.credential_id, f.host from free f
                 cross join lateral (
                    select s.credential_id from credential_state s join organization o on o.id = s.organization_id
                     where s.host = f.host and s.due_at <= now() and o.active and o.deletion_requested_at is null
                     order by s.due_at limit 1
                       for update of s skip locked) d
            ), busy as (
                update tested_host h set free_at = now() + $2 * interval '1 millisecond' from due d where h.host = d.host
            )
            update credential_state s set due_at = now() + $3 * interval '1 millisecond'
              from due d where s.credential_id = d.credential_id
            returning s.organization_id, s.credential_id
            """;

    /** Claims what is due, one credential for each host that is free. */
    Uni<List<Due>> claim() {
        return database.preparedQuery(CLAIM)
                .execute(Tuple.of(config.testBatch(), config.hostPause().toMillis(), config.testClaim().toMillis()))
                .map(rows -> rows.stream().map(RetestTable::due).toList());
    }

    private static Due due(Row row) {
        return new Due(row.getUUID("organization_id"), row.getUUID("credential_id"));
    }

    // By primary key. A host that no stored credential is tested at is not known, and need not be.
    /** Lets a host rest that has asked for it, whoever has heard that. */
    Uni<Void> rest(String host) {
        return database.preparedQuery("""
                update tested_host set free_at = greatest(free_at, now() + $2 * interval '1 millisecond') where host = $1
                """).execute(Tuple.of(host, config.hostRest().toMillis())).replaceWithVoid();
    }

    // By the index on (host, due_at), which leaves out what is not tested by itself: such a host is known again when it is. Who
    // is just naming one moves its time, which the deletion looks at again.
    /** Forgets hosts that no credential is tested at any more; how many it were. */
    Uni<Integer> forgetHosts() {
        return database.query("""
                delete from tested_host h
                 where h.free_at < now() - interval '1 day'
                   and not exists (select from credential_state s where s.host = h.host and s.due_at is not null)
                """).execute().map(rows -> rows.rowCount());
    }
}
