package dev.latchkey.credential;

import jakarta.inject.Singleton;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;

/**
 * The circuit of each token host: after some failures in a row nobody asks it for a while, and then one does, as a trial, over
 * all replicas. Claims look at it ({@link RenewalTable}).
 */
@Singleton
class TokenHosts {

    private final Pool database;
    private final RenewalConfig config;

    TokenHosts(Pool database, RenewalConfig config) {
        this.database = database;
        this.config = config;
    }

    // By primary key. Of many that fail at once those count that came before the circuit opened.
    /** Notes that a token host has failed. */
    Uni<Void> failed(String host) {
        return database.preparedQuery("""
                insert into token_host as h (host, failures, open_until, failed_at) values ($1, 1, now(), now())
                on conflict (host) do update
                   set failures = h.failures + 1, failed_at = now(),
                       open_until = case when h.failures + 1 < $2 then now()
                                         else now() + interval '1 millisecond' * (0.75 + 0.5 * random())
                                              * least($3 * 2 ^ least(h.failures + 1 - $2, 20), $4) end
                 where h.open_until <= now() or h.failures >= $2 and h.failed_at < now() - interval '1 second'
                """).execute(Tuple.of(host, config.circuitAfter(), (double) config.circuitPause().toMillis(),
                (double) config.circuitPauseAtMost().toMillis())).replaceWithVoid();
    }

    // By a scan: there are as many rows as hosts that fail.
    /** Forgets hosts that nobody asks any more. */
    Uni<Void> forget() {
        return database.query("delete from token_host where failed_at < now() - interval '1 day' and open_until < now()")
                .execute().replaceWithVoid();
    }

    /** Notes that a token host answers again. By primary key. */
    Uni<Void> answered(String host) {
        return database.preparedQuery("delete from token_host where host = $1").execute(Tuple.of(host)).replaceWithVoid();
    }
}
