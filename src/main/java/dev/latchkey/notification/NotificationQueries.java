package dev.latchkey.notification;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;

import jakarta.inject.Singleton;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlResult;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/** What a person finds in the panel, and what he has read of it. Kinds of later versions are passed over. */
@Singleton
class NotificationQueries {

    private final Pool database;

    NotificationQueries(Pool database) {
        this.database = database;
    }

    /**
     * Whose list it is.
     *
     * @param organization the organization
     * @param person subject of the reader's token
     */
    record Reader(UUID organization, String person) {
    }

    /**
     * @param told the notice
     * @param at when it was told
     * @param resolvedAt when its episode ended; null while it stands
     * @param readAt when this person read it; null: not yet
     */
    record Item(Told told, Instant at, @Nullable Instant resolvedAt, @Nullable Instant readAt) {
    }

    /** Up to {@code limit} after one, newest first: by the index on (organization_id, id desc), read state by primary key. */
    Uni<List<Item>> list(Reader reader, @Nullable NoticeKind kind, @Nullable Boolean unread, @Nullable UUID after, int limit) {
        return database.preparedQuery("select" + Told.COLUMNS + """
                     , n.at, n.resolved_at, r.read_at
                  from notification n
                  join organization o on o.id = n.organization_id
                  left join notification_read r on r.notification_id = n.id and r.person = $2
                 where n.organization_id = $1 and n.kind = any ($3)
                   and ($4::boolean is null or (r.read_at is null) = $4)
                   and ($5::uuid is null or n.id < $5)
                 order by n.id desc
                 limit $6
                """).execute(Tuple.tuple().addValue(reader.organization()).addValue(reader.person())
                .addValue(kind == null ? known() : new String[] { kind.kindName() }).addValue(unread).addValue(after)
                .addValue(limit)).map(rows -> rows.stream().map(NotificationQueries::item).toList());
    }

    /** How many the person has not read, of all kinds. By the index on (organization_id, id desc) and the primary key. */
    Uni<Long> unread(Reader reader) {
        return database.preparedQuery("""
                select count(*) from notification n
                 where n.organization_id = $1 and n.kind = any ($3)
                   and not exists (select from notification_read r where r.notification_id = n.id and r.person = $2)
                """).execute(Tuple.of(reader.organization(), reader.person(), known()))
                .map(rows -> rows.iterator().next().getLong(0));
    }

    // In one statement, so that what is marked has been there. By primary keys.
    /** Marks one as read, once; false when the organization has none of that id. */
    Uni<Boolean> markRead(Reader reader, UUID id) {
        return database.preparedQuery("""
                with told as (select id from notification where id = $3 and organization_id = $1),
                     marked as (insert into notification_read (notification_id, person, organization_id, read_at)
                                select id, $2, $1, now() from told
                                on conflict do nothing)
                select count(*) from told
                """).execute(Tuple.of(reader.organization(), reader.person(), id))
                .map(rows -> rows.iterator().next().getLong(0) == 1);
    }

    // Exactly those that are there when the statement begins. By the index on (organization_id, id desc) and primary keys.
    /** Marks all as read; how many that were. */
    Uni<Integer> markAllRead(Reader reader) {
        return database.preparedQuery("""
                insert into notification_read (notification_id, person, organization_id, read_at)
                select n.id, $2, $1, now() from notification n
                 where n.organization_id = $1
                   and not exists (select from notification_read r where r.notification_id = n.id and r.person = $2)
                on conflict do nothing
                """).execute(Tuple.of(reader.organization(), reader.person())).map(SqlResult::rowCount);
    }

    private static String[] known() {
        return NoticeKind.names().toArray(String[]::new);
    }

    private static Item item(Row row) {
        return new Item(Told.of(row), row.getOffsetDateTime("at").toInstant(), instant(row, "resolved_at"),
                instant(row, "read_at"));
    }

    private static @Nullable Instant instant(Row row, String column) {
        OffsetDateTime value = row.getOffsetDateTime(column);
        return value == null ? null : value.toInstant();
    }
}
