package dev.latchkey.credential;

import java.time.Duration;
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

    /**
     * A credential whose turn it is.
     *
     * @param host that it has been given; nobody else asks there meanwhile
     */
    record Due(UUID organization, UUID credential, String host) {
    }

    /** Says when a credential is tested next. In the transaction that has written how it is. */
    Uni<Void> schedule(CredentialState state) {
        return Panache.getSession().flatMap(session -> plan(session, state)
                .chain(() -> state.host.isEmpty() ? Uni.createFrom().item(0) : know(session, state.host))).replaceWithVoid();
    }

    // A tenth more or less, so that what was made at once is not tested at once for ever. What was never connected, and what has
    // to be authorized anew, no test mends. By primary keys.
    private Uni<Integer> plan(Mutiny.Session session, CredentialState state) {
        return session.createNativeQuery("""
                update credential_state s
                   set due_at = case when s.host <> '' and s.reason not in ('not-connected', 'reauthorization-required')
                                     then now() + coalesce(o.credential_test_seconds, :seconds) * (0.9 + 0.2 * random())
                                                  * interval '1 second' end
                  from organization o where o.id = s.organization_id and s.credential_id = :id
                """).setParameter("seconds", config.testInterval().toSeconds()).setParameter("id", state.credentialId)
                .executeUpdate();
    }

    // By primary key.
    private static Uni<Integer> know(Mutiny.Session session, String host) {
        return session.createNativeQuery("""
                insert into tested_host (host, free_at) values (:host, now()) on conflict do nothing
                """).setParameter("host", host).executeUpdate();
    }

    // Which hosts have something due, the longest due first, comes from the index on (due_at, host), and costs as much as there
    // is due; of these, the hosts that are free and that no other replica is at; of each, what is due first, by the index on
    // (host, due_at). One statement, so that a host is taken and its credential claimed, or neither: whoever comes at the same
    // time finds the row of the host locked, or the host not free. Credentials of organizations that are suspended or being
    // deleted wait. A claim moves the credential ahead: should its replica die, it is due again then.
    private static final String CLAIM = """
            with wanted as (
                select host, min(due_at) as due_at from credential_state where due_at <= now() group by host
            ), free as (
                select h.host from tested_host h join wanted w on w.host = h.host
                 where h.free_at <= now() order by w.due_at limit $1
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
            returning s.organization_id, s.credential_id, s.host
            """;

    /** Claims what is due, one credential for each host that is free. */
    Uni<List<Due>> claim() {
        return database.preparedQuery(CLAIM)
                .execute(Tuple.of(config.testBatch(), config.hostPause().toMillis(), config.testClaim().toMillis()))
                .map(rows -> rows.stream().map(RetestTable::due).toList());
    }

    private static Due due(Row row) {
        return new Due(row.getUUID("organization_id"), row.getUUID("credential_id"), row.getString("host"));
    }

    // By primary key.
    /** Lets a host rest that has asked for it. */
    Uni<Void> rest(String host, Duration rest) {
        return database.preparedQuery("""
                update tested_host set free_at = greatest(free_at, now() + $2 * interval '1 millisecond') where host = $1
                """).execute(Tuple.of(host, rest.toMillis())).replaceWithVoid();
    }
}
