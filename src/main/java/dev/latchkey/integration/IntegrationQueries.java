package dev.latchkey.integration;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import jakarta.inject.Singleton;

import dev.latchkey.integration.IntegrationResource.View;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/** Reads integrations with what they bind: one statement a page, where entities would take two more for each. */
@Singleton
class IntegrationQueries {

    private static final String SELECT = """
            select i.id, i.name, i.kind, i.active, i.version, i.created_at, i.updated_at,
                   array(select k.key_id from integration_key k where k.integration_id = i.id order by k.key_id) as key_ids,
                   array(select c.credential_id from integration_credential c
                          where c.integration_id = i.id order by c.credential_id) as credential_ids
              from integration i
            """;

    private final Pool database;

    IntegrationQueries(Pool database) {
        this.database = database;
    }

    /**
     * What a list is narrowed to; null: not.
     *
     * @param key bound by it
     * @param credential bound by it
     */
    record Filter(@Nullable UUID key, @Nullable UUID credential) {
    }

    /** One integration; empty when the organization has none of that id. By primary key. */
    Uni<Optional<View>> find(UUID organization, UUID id) {
        return database.preparedQuery(SELECT + " where i.organization_id = $1 and i.id = $2")
                .execute(Tuple.of(organization, id)).map(rows -> views(rows).stream().findFirst());
    }

    // By the index on (organization_id, id desc); what is bound by the primary keys of the tables that bind it.
    /** Up to {@code limit} integrations after one, newest first. */
    Uni<List<View>> list(UUID organization, Filter filter, @Nullable UUID after, int limit) {
        return database.preparedQuery(SELECT + """
                 where i.organization_id = $1 and ($2::uuid is null or i.id < $2)
                   and ($4::uuid is null or exists (select from integration_key k
                                                     where k.integration_id = i.id and k.key_id = $4))
                   and ($5::uuid is null or exists (select from integration_credential c
                                                     where c.integration_id = i.id and c.credential_id = $5))
                 order by i.id desc limit $3
                """).execute(Tuple.of(organization, after, limit, filter.key(), filter.credential()))
                .map(IntegrationQueries::views);
    }

    private static List<View> views(RowSet<Row> rows) {
        return rows.stream()
                .map(row -> new View(row.getUUID("id"), row.getString("name"), row.getString("kind"),
                        Arrays.asList(row.getArrayOfUUIDs("key_ids")), Arrays.asList(row.getArrayOfUUIDs("credential_ids")),
                        row.getBoolean("active"), row.getOffsetDateTime("created_at").toInstant(),
                        row.getOffsetDateTime("updated_at").toInstant(), List.of(), row.getLong("version")))
                .toList();
    }
}
