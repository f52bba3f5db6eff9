package dev.latchkey.key;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import jakarta.inject.Singleton;

import io.quarkus.reactive.datasource.ReactiveDataSource;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;

/** The statements by which replicas share the limit of a key. */
@Singleton
class GrantTable {

    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final int SWEEP_ROWS = 10_000;

    private final Pool database;

    GrantTable(@ReactiveDataSource("direct") Pool database) {
        this.database = database;
    }

    /**
     * What a replica asks for of one key.
     *
     * @param need what the requests that wait cost together
     * @param wish how much it would like to hold besides for those that may come
     */
    record Ask(UUID keyId, long need, long wish) {
    }

    /**
     * What the database gives.
     *
     * @param windowSeconds as it stands in the key's row
     * @param windowStart seconds since the epoch
     * @param used in this window, with what is granted
     * @param limit as it stands in the key's row
     * @param granted 0 or more
     * @param askedAt the database's clock before it waited for the row, seconds since the epoch
     * @param now the database's clock, when the row was its
     */
    record Grant(UUID keyId, int windowSeconds, long windowStart, int used, int limit, int granted, long askedAt,
            Instant now) {

        /**
         * Whether it waited for the row while a window began, or the database's clock went back: then it is of a window that
         * is over, or was given nothing though there may be something.
         */
        boolean isVoid() {
            return window(now.getEpochSecond()) != windowStart || window(askedAt) != windowStart;
        }

        private long window(long second) {
            return Math.floorDiv(second, (long) windowSeconds) * windowSeconds;
        }
    }

    // One statement and one transaction for many keys, sorted by id, so that two replicas never wait for each other in a
    // circle; by primary keys. The clock is read once before rows are locked, and once after: see Grant.isVoid. Rows that are in a
    // later window already stay as they are and give nothing.
    /** Takes from the limits; keys that have none, or are gone, are absent from the answer. */
    Uni<List<Grant>> take(List<Ask> asks) {
        return database
                .preparedQuery(
                        """
                                with clock as materialized (select floor(extract(epoch from clock_timestamp()))::bigint as at)
                                insert into rate_window as w (key_id, window_seconds, window_start, used, asked_at, rate_limit, need, wish, granted)
                                select a.key_id, l.seconds, c.at / l.seconds * l.seconds, rate_grant(l.requests, a.need, a.wish), c.at, l.requests,
                                       a.need, a.wish, rate_grant(l.requests, a.need, a.wish)
                                  from unnest($1::uuid[], $2::bigint[], $3::bigint[]) as a (key_id, need, wish)
                                  join api_key k on k.id = a.key_id
                                  join organization o on o.id = k.organization_id
                                 cross join clock c
                                 cross join lateral (select case k.limit_source when 'key' then k.rate_limit else o.default_limit end as requests,
                                                            case k.limit_source when 'key' then k.rate_window_seconds
                                                                 else o.default_window_seconds end as seconds) l
                                 where k.limit_source <> 'unlimited'
                                 order by a.key_id
                                on conflict (key_id) do update set
                                       window_seconds = excluded.window_seconds,
                                       window_start = case when w.window_seconds = excluded.window_seconds
                                                           then greatest(w.window_start, excluded.window_start) else excluded.window_start end,
                                       asked_at = excluded.asked_at, rate_limit = excluded.rate_limit, need = excluded.need, wish = excluded.wish,
                                       granted = case when w.window_seconds = excluded.window_seconds and w.window_start > excluded.window_start
                                                      then 0
                                                      else rate_grant(excluded.rate_limit - rate_base(w.window_seconds, w.window_start, w.used,
                                                               excluded.window_seconds, excluded.window_start),
                                                               excluded.need, excluded.wish) end,
                                       used = case when w.window_seconds = excluded.window_seconds and w.window_start > excluded.window_start
                                                   then w.used
                                                   else rate_base(w.window_seconds, w.window_start, w.used, excluded.window_seconds,
                                                                  excluded.window_start)
                                                        + rate_grant(excluded.rate_limit - rate_base(w.window_seconds, w.window_start, w.used,
                                                                         excluded.window_seconds, excluded.window_start),
                                                                     excluded.need, excluded.wish) end
                                returning key_id, window_seconds, window_start, used, rate_limit, granted, asked_at, clock_timestamp() as now
                                """)
                .execute(Tuple.of(asks.stream().map(Ask::keyId).toArray(UUID[]::new),
                        asks.stream().map(Ask::need).toArray(Long[]::new), asks.stream().map(Ask::wish).toArray(Long[]::new)))
                .ifNoItem().after(PATIENCE).fail().map(rows -> {
                    List<Grant> grants = new ArrayList<>();
                    rows.forEach(row -> grants.add(grant(row)));
                    return grants;
                });
    }

    /**
     * Tokens that nobody spent.
     *
     * @param windowSeconds and {@code windowStart}: the window that they are of; in another one they are worth nothing
     * @param tokens at least 1
     */
    record Leftover(UUID keyId, int windowSeconds, long windowStart, int tokens) {
    }

    // Locked in the order of ids before they are changed, as above; by the primary key.
    /** Gives back what was taken and not used. Whoever calls it no longer has the tokens, whatever becomes of this. */
    Uni<Void> giveBack(List<Leftover> leftovers) {
        return database.preparedQuery("""
                with back as (
                    select w.key_id, b.tokens from unnest($1::uuid[], $2::int[], $3::bigint[], $4::int[])
                               as b (key_id, seconds, start, tokens)
                      join rate_window w on w.key_id = b.key_id and w.window_seconds = b.seconds and w.window_start = b.start
                     order by w.key_id for update of w
                )
                update rate_window w set used = w.used - back.tokens from back where w.key_id = back.key_id
                """).execute(Tuple.of(leftovers.stream().map(Leftover::keyId).toArray(UUID[]::new),
                leftovers.stream().map(Leftover::windowSeconds).toArray(Integer[]::new),
                leftovers.stream().map(Leftover::windowStart).toArray(Long[]::new),
                leftovers.stream().map(Leftover::tokens).toArray(Integer[]::new))).ifNoItem().after(PATIENCE).fail()
                .replaceWithVoid();
    }

    /** Removes rows whose window ended a day ago, a bounded number: the table holds the keys of a day. Scans it. */
    Uni<Void> forgetEnded() {
        return database.preparedQuery("""
                delete from rate_window where key_id = any (array(
                    select key_id from rate_window
                     where window_start + window_seconds < extract(epoch from clock_timestamp()) - 86400
                     order by key_id limit $1 for update skip locked))
                """).execute(Tuple.of(SWEEP_ROWS)).replaceWithVoid();
    }

    private static Grant grant(Row row) {
        return new Grant(row.getUUID("key_id"), row.getInteger("window_seconds"), row.getLong("window_start"),
                row.getInteger("used"), row.getInteger("rate_limit"), row.getInteger("granted"),
                row.getLong("asked_at"), row.getOffsetDateTime("now").toInstant());
    }
}
