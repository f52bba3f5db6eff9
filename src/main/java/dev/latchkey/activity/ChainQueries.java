package dev.latchkey.activity;

import java.util.List;
import java.util.UUID;

import jakarta.inject.Singleton;

import dev.latchkey.crypto.Peppers.Digest;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlClient;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/** The statements of the chain. */
@Singleton
class ChainQueries {

    /** What JSON numbers hold exactly. A row that someone moved beyond is nobody's successor. */
    static final long MAX_POSITION = (1L << 53) - 1;

    private static final int COUNTED = 10_000;

    private final Pool database;

    ChainQueries(Pool database) {
        this.database = database;
    }

    /**
     * How a chain ends, in one snapshot.
     *
     * @param head as recorded; null: no record
     * @param headSeal of the record
     * @param last the linked row of the highest position; null: none
     * @param linkAtRemembered the link of the row at the position that was asked for
     */
    record End(@Nullable Head head, @Nullable Digest headSeal, @Nullable Head last, byte @Nullable [] linkAtRemembered) {
    }

    /**
     * @param count unlinked rows, up to 10,000
     * @param seconds the age of the oldest of them
     */
    record Backlog(long count, double seconds) {
    }

    /**
     * Locks a chain until the transaction ends. Held by transactions only, so that a replica that dies lets go of it.
     *
     * @param wait false: says no when another one holds it
     */
    Uni<Boolean> lock(SqlClient connection, UUID organization, boolean wait) {
        String lock = wait
                ? "select true as locked from (select pg_advisory_xact_lock(hashtextextended('latchkey.activity/' || $1, 0))) l"
                : "select pg_try_advisory_xact_lock(hashtextextended('latchkey.activity/' || $1, 0)) as locked";
        return connection.preparedQuery(lock).execute(Tuple.of(organization.toString()))
                .map(rows -> rows.iterator().next().getBoolean("locked"));
    }

    /**
     * Keeps an organization from being deleted until the transaction ends; false where it is gone.
     *
     * @param wait false: says no where a batch of it is being deleted right now
     */
    // Before any row of its log is locked: whoever deletes has the organization's row first and its rows then, and the head
    // that is written for the first time would want them the other way round. By primary key.
    Uni<Boolean> keep(SqlClient connection, UUID organization, boolean wait) {
        return connection
                .preparedQuery("select 1 from organization where id = $1 for key share" + (wait ? "" : " skip locked"))
                .execute(Tuple.of(organization)).map(rows -> rows.size() == 1);
    }

    // One statement, hence one snapshot: the head and the rows of one moment. By the primary key of activity_head, and two
    // probes of the unique index on (organization_id, position).
    Uni<End> end(SqlClient connection, UUID organization, @Nullable Head remembered) {
        return connection.preparedQuery("""
                select h.position, h.link, h.seal_key_id, h.seal, t.position as last_position, t.link as last_link,
                       (select a.link from activity a
                         where a.organization_id = $1 and a.position = $2) as link_at_remembered
                  from (values (1)) as one (row)
                  left join activity_head h on h.organization_id = $1
                  left join lateral (select a.position, a.link from activity a
                                      where a.organization_id = $1 and a.position <= $3
                                      order by a.position desc limit 1) t on true
                """).execute(Tuple.of(organization, remembered == null ? 0 : remembered.position(), MAX_POSITION))
                .map(rows -> {
                    Row row = rows.iterator().next();
                    Head head = head(row, "position", "link");
                    return new End(head,
                            head == null ? null : new Digest(row.getString("seal_key_id"), bytes(row, "seal")),
                            head(row, "last_position", "last_link"), nullableBytes(row, "link_at_remembered"));
                });
    }

    Uni<End> end(UUID organization, @Nullable Head remembered) {
        return end(database, organization, remembered);
    }

    /** Rows that wait for their place, in the order of their ids; those that commit later come after, whatever their id. */
    // By the partial index activity_unlinked.
    Uni<List<ActivityEntry>> unlinked(SqlClient connection, UUID organization, int limit) {
        return connection.preparedQuery("""
                select %s from activity where organization_id = $1 and position is null order by id limit $2
                """.formatted(ActivityEntry.COLUMNS)).execute(Tuple.of(organization, limit)).map(ChainQueries::entries);
    }

    /** A stretch of the chain after a position. */
    // By the unique index on (organization_id, position).
    Uni<List<ActivityEntry>> linked(UUID organization, long after, long upTo, int limit) {
        return database.preparedQuery("""
                select %s from activity where organization_id = $1 and position > $2 and position <= $3
                 order by position limit $4
                """.formatted(ActivityEntry.COLUMNS)).execute(Tuple.of(organization, after, upTo, limit))
                .map(ChainQueries::entries);
    }

    /**
     * Writes the places of a batch; fails, and with it the transaction, when one of the rows has its place already or is gone.
     */
    // One statement for the batch, by primary key; the lock on the chain keeps other linkers away, "position is null" holds
    // even against whoever does not take it.
    Uni<Void> place(SqlClient connection, List<ActivityEntry> entries) {
        return connection.preparedQuery("""
                update activity a set position = l.position, link_key_id = l.link_key_id, link = l.link
                  from unnest($1::uuid[], $2::bigint[], $3::text[], $4::bytea[]) as l (id, position, link_key_id, link)
                 where a.id = l.id and a.position is null
                """).execute(Tuple.of(entries.stream().map(entry -> entry.id).toArray(UUID[]::new),
                entries.stream().map(entry -> entry.position).toArray(Long[]::new),
                entries.stream().map(entry -> entry.linkKeyId).toArray(String[]::new),
                entries.stream().map(entry -> Buffer.buffer(entry.link)).toArray(Buffer[]::new))).invoke(written -> {
                    if (written.rowCount() != entries.size()) {
                        throw new IllegalStateException(
                                "of " + entries.size() + " entries " + written.rowCount() + " still waited for their place");
                    }
                }).replaceWithVoid();
    }

    // By primary key.
    Uni<Void> record(SqlClient connection, UUID organization, Head head, Digest seal) {
        return connection.preparedQuery("""
                insert into activity_head (organization_id, position, link, seal_key_id, seal) values ($1, $2, $3, $4, $5)
                on conflict (organization_id) do update set position = excluded.position, link = excluded.link,
                       seal_key_id = excluded.seal_key_id, seal = excluded.seal
                """).execute(Tuple.of(organization, head.position(), Buffer.buffer(head.link()), seal.pepperId(),
                Buffer.buffer(seal.bytes()))).replaceWithVoid();
    }

    /** Organizations with rows that wait, after one of them. */
    // Steps from organization to organization through the partial index activity_unlinked: what it costs is their number, not
    // that of the rows, which "select distinct" would read all.
    Uni<List<UUID>> waiting(UUID after, int limit) {
        return database.preparedQuery("""
                with recursive waiting (organization_id) as (
                    (select a.organization_id from activity a where a.position is null and a.organization_id > $1
                      order by a.organization_id limit 1)
                    union all
                    select (select a.organization_id from activity a
                             where a.position is null and a.organization_id > w.organization_id
                             order by a.organization_id limit 1)
                      from waiting w where w.organization_id is not null
                )
                select organization_id from waiting where organization_id is not null limit $2
                """).execute(Tuple.of(after, limit))
                .map(rows -> rows.stream().map(row -> row.getUUID("organization_id")).toList());
    }

    // By the partial index activity_unlinked, and no further than is worth telling.
    Uni<Backlog> backlog() {
        return database.preparedQuery("""
                select count(*) as waiting, coalesce(extract(epoch from now() - min(at)), 0)::float8 as seconds
                  from (select at from activity where position is null limit $1) a
                """).execute(Tuple.of(COUNTED)).map(rows -> {
            Row row = rows.iterator().next();
            return new Backlog(row.getLong("waiting"), Math.max(0, row.getDouble("seconds")));
        });
    }

    private static List<ActivityEntry> entries(RowSet<Row> rows) {
        return rows.stream().map(ActivityEntry::of).toList();
    }

    private static @Nullable Head head(Row row, String position, String link) {
        byte[] bytes = nullableBytes(row, link);
        return bytes == null ? null : new Head(row.getLong(position), bytes);
    }

    private static byte[] bytes(Row row, String column) {
        return row.get(Buffer.class, column).getBytes();
    }

    private static byte @Nullable [] nullableBytes(Row row, String column) {
        Buffer buffer = row.get(Buffer.class, column);
        return buffer == null ? null : buffer.getBytes();
    }
}
