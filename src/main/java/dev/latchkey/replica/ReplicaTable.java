package dev.latchkey.replica;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

import jakarta.inject.Singleton;

import io.quarkus.reactive.datasource.ReactiveDataSource;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;

/** The statements of the protocol: who lives, and what is said on the channel. */
@Singleton
class ReplicaTable {

    static final String CHANNEL = "latchkey";

    private final Pool database;
    private final Duration lease;

    ReplicaTable(@ReactiveDataSource(DirectConnections.NAME) Pool database, ReplicaConfig config) {
        this.database = database;
        this.lease = config.lease();
    }

    // One durable transaction, by the primary key: the row that makes changers wait for this replica stands before the
    // heartbeat can come back. The timeline is written only when it has changed, that is, after a failover.
    /** Sends a heartbeat. The answer is what the database's clock showed. */
    Uni<Instant> beat(UUID replica, String message, long generation) {
        return database
                .preparedQuery(
                        """
                                with beat as (
                                    insert into replica as r (id, generation, beat_at) values ($1, $2, clock_timestamp())
                                    on conflict (id) do update set generation = excluded.generation, beat_at = excluded.beat_at
                                ), timeline as (
                                    insert into database_timeline as t (one, timeline, since)
                                    select true, now.timeline, '-infinity' from (select left(pg_walfile_name(pg_current_wal_lsn()), 8)) as now (timeline)
                                     where not exists (select from database_timeline as known where known.timeline = now.timeline)
                                    on conflict (one) do update set timeline = excluded.timeline, since = clock_timestamp()
                                     where t.timeline <> excluded.timeline
                                )
                                select clock_timestamp() as now, pg_notify($3, $4)::text
                                """)
                .execute(Tuple.of(replica, generation, CHANNEL, message))
                .map(rows -> rows.iterator().next().getOffsetDateTime("now").toInstant());
    }

    /**
     * Who has to acknowledge a change.
     *
     * @param replicas every replica that may hold a lease
     * @param unsure whether others may hold one too: the database has come back within the last lease from a restart or a
     *        failover, in which rows may have been lost
     */
    record Audience(Set<UUID> replicas, boolean unsure) {
    }

    // In a snapshot of its own, after the commit of the change: a replica whose row is not seen here registers later, and so
    // begins its lease after the commit.
    /** Says messages, and tells who must hear them. */
    Uni<Audience> ask(List<String> messages) {
        return database.preparedQuery("""
                select array(select id from replica) as replicas,
                       array(select pg_notify($1, message)::text from unnest($2::text[]) as said (message)) as said,
                       pg_postmaster_start_time() > clock_timestamp() - make_interval(secs => $3)
                       or exists (select from database_timeline
                                   where timeline <> left(pg_walfile_name(pg_current_wal_lsn()), 8)
                                      or since > clock_timestamp() - make_interval(secs => $3)) as unsure
                """).execute(Tuple.of(CHANNEL, messages.toArray(String[]::new), seconds(lease))).map(rows -> {
            Row row = rows.iterator().next();
            return new Audience(Arrays.stream(row.getArrayOfUUIDs("replicas")).collect(Collectors.toSet()),
                    row.getBoolean("unsure"));
        });
    }

    /** Several acknowledgements in one statement. */
    Uni<Void> say(List<String> messages) {
        return database.preparedQuery("select pg_notify($1, message)::text from unnest($2::text[]) as said (message)")
                .execute(Tuple.of(CHANNEL, messages.toArray(String[]::new))).replaceWithVoid();
    }

    /** When each replica sent its last heartbeat, in database time. Few rows: no index. */
    Uni<Map<UUID, Instant>> beats() {
        return database.query("select id, beat_at from replica").execute().map(rows -> {
            Map<UUID, Instant> beats = new HashMap<>();
            rows.forEach(row -> beats.put(row.getUUID("id"), row.getOffsetDateTime("beat_at").toInstant()));
            return beats;
        });
    }

    /** Removes a replica's row, unless it has sent another heartbeat. By primary key. */
    Uni<Integer> reap(UUID replica, Instant beatAt) {
        return database.preparedQuery("delete from replica where id = $1 and beat_at = $2")
                .execute(Tuple.of(replica, beatAt.atOffset(ZoneOffset.UTC))).map(rows -> rows.rowCount());
    }

    /** Removes the rows of everyone else, where nobody else can be. */
    Uni<Void> clear(UUID replica) {
        return database.preparedQuery("delete from replica where id <> $1").execute(Tuple.of(replica)).replaceWithVoid();
    }

    Uni<Void> leave(UUID replica) {
        return database.preparedQuery("delete from replica where id = $1").execute(Tuple.of(replica)).replaceWithVoid();
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1e3;
    }
}
