package dev.latchkey.catalog;

import java.time.Duration;
import java.util.Objects;

import jakarta.inject.Singleton;

import dev.latchkey.web.EntityTags;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/** The row of the catalogue. */
@Singleton
class CatalogTable {

    /** Of a replacement: it waits for another one at most. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Pool database;
    private final CatalogHistory history;

    CatalogTable(Pool database, CatalogHistory history) {
        this.database = database;
        this.history = history;
    }

    /**
     * @param version raised by every change
     * @param content as {@link CatalogText} writes it; null: the catalogue built in, or not asked for
     */
    record Content(long version, @Nullable String content) {
    }

    /**
     * @param before what stood there
     * @param after what stands there now; the same version where nothing was changed
     */
    record Replaced(Content before, Content after) {
        boolean changed() {
            return before.version != after.version;
        }
    }

    // One row. Its content, which may be megabytes, comes only to whoever does not have it.
    /** The version, and the content unless it is of the version that is known. Without its row, it is as it was installed. */
    Uni<Content> read(long known) {
        return database.preparedQuery("select version, case when version <> $1 then content end as content from catalog")
                .execute(Tuple.of(known)).map(CatalogTable::content);
    }

    /**
     * Puts another content in the place of what stands there, unless it is the same.
     *
     * @param content null: the catalogue built in
     * @param by who, and what it is
     * @throws dev.latchkey.web.ProblemException 412 when it has changed since it was read
     */
    Uni<Replaced> replace(@Nullable String content, CatalogHistory.Replacing by, @Nullable String ifMatch) {
        return database.withTransaction(connection -> locked(connection).flatMap(before -> {
            EntityTags.requireMatch(ifMatch, before.version);
            return Objects.equals(before.content, content) ? Uni.createFrom().item(new Replaced(before, before))
                    : write(connection, content, by.caller().id())
                            .map(version -> new Replaced(before, new Content(version, content)))
                            .call(replaced -> history.record(connection, by, replaced));
        })).ifNoItem().after(PATIENCE).fail();
    }

    // Locked, so that of two replacements the second knows what the first one put there.
    private static Uni<Content> locked(SqlConnection connection) {
        return connection.query("select version, content from catalog for update").execute().map(CatalogTable::content);
    }

    // An insert where someone has removed the row.
    private static Uni<Long> write(SqlConnection connection, @Nullable String content, String by) {
        return connection.preparedQuery("""
                insert into catalog as c (one, version, content, changed_at, changed_by)
                values (true, 1, $1, clock_timestamp(), $2)
                on conflict (one) do update set version = c.version + 1, content = excluded.content,
                                                changed_at = excluded.changed_at, changed_by = excluded.changed_by
                returning version
                """).execute(Tuple.of(content, by)).map(rows -> rows.iterator().next().getLong("version"));
    }

    private static Content content(RowSet<Row> rows) {
        for (Row row : rows) {
            return new Content(row.getLong("version"), row.getString("content"));
        }
        return new Content(0, null);
    }
}
