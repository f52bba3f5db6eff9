package dev.latchkey.key;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

import jakarta.inject.Singleton;

import dev.latchkey.key.KeyForm.Access;
import dev.latchkey.web.Id;
import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/** The reads of keys for people: one statement brings all that an answer shows. */
@Singleton
class KeyQueries {

    // A key with its current and previous material, its stores and its last use. Sub-selects by primary keys and the
    // partial unique indexes of key_material: for a page of keys cheaper than joins that are grouped again. Not exists() for
    // the copy, which may be planned as one look through the copies of everybody.
    static final String SELECT = """
            select k.id, k.name, k.description, k.active, k.environment, k.scopes, k.methods, k.all_stores, k.expires_at,
                   k.limit_source, k.rate_limit, k.rate_window_seconds, k.ip_allow_list, k.metadata, k.revoked_at,
                   k.revoked_reason, k.created_by_type, k.created_by_id, k.created_by_name, k.created_at, k.updated_at, k.version,
                   now() as read_at, c.start, c.secret_digest is not null as has_secret,
                   (select true from key_copy kc where kc.key_id = k.id) is not null as recoverable,
                   p.start as previous_start, p.dies_at as previous_dies_at,
                   p.digest is not null as previous_key, p.secret_digest is distinct from c.secret_digest as previous_secret,
                   pu.last_used_at as previous_last_used_at,
                   u.last_used_at, u.last_used_ip, o.default_limit, o.default_window_seconds,
                   """
            + Rows.STORES + """
                      from api_key k
                      join organization o on o.id = k.organization_id
                      join key_material c on c.key_id = k.id and c.state = 'current'
                      left join key_material p on p.key_id = k.id and p.state = 'previous' and p.dies_at > now()
                      left join key_last_use pu on pu.material_id = p.id
                      left join lateral (select lu.last_used_at, lu.last_used_ip
                                           from key_material m join key_last_use lu on lu.material_id = m.id
                                          where m.key_id = k.id order by lu.last_used_at desc limit 1) u on true
                    """;

    private final Pool database;

    KeyQueries(Pool database) {
        this.database = database;
    }

    /**
     * What a list is narrowed to; null: not.
     *
     * @param store a store's id: the keys that reach it
     * @param scope by name
     * @param text in name, description or start, or how an id begins, whatever the case; blank: not narrowed
     */
    record Filter(KeyView.@Nullable Status status, Access.@Nullable Type access, @Nullable UUID store,
            @Nullable String scope, @Nullable String text) {
    }

    /** One key; empty when the organization has none of that id. */
    Uni<Optional<KeyView>> find(UUID organization, UUID id) {
        return database.preparedQuery(SELECT + " where k.organization_id = $1 and k.id = $2")
                .execute(Tuple.of(organization, id)).map(rows -> views(rows).stream().findFirst());
    }

    /** Up to {@code limit} keys after one, newest first. */
    Uni<List<KeyView>> list(UUID organization, Filter filter, @Nullable UUID after, int limit) {
        KeySearch.Statement search = KeySearch.of(SELECT, organization, filter, after, limit);
        return database.preparedQuery(search.sql()).execute(search.parameters()).map(KeyQueries::views);
    }

    /**
     * The id of the store that a filter names by id or key; empty for no filter. By the indexes on both.
     *
     * @throws ProblemException 422 when the organization has no such store: an empty list would look like an answer
     */
    Uni<Optional<UUID>> storeId(UUID organization, @Nullable String idOrKey) {
        if (idOrKey == null) {
            return Uni.createFrom().item(Optional.empty());
        }
        UUID id = Id.parse(idOrKey);
        return database
                .preparedQuery("select id from store where organization_id = $1 and ($2::uuid = id or $2 is null and key = $3)")
                .execute(Tuple.of(organization, id, idOrKey)).map(rows -> {
                    for (Row row : rows) {
                        return Optional.of(row.getUUID("id"));
                    }
                    throw ProblemException.invalid("store", "is not a store of this organization");
                });
    }

    private static List<KeyView> views(RowSet<Row> rows) {
        return rows.stream().map(KeyQueries::view).toList();
    }

    private static KeyView view(Row row) {
        Instant expiresAt = Rows.instant(row, "expires_at");
        Instant revokedAt = Rows.instant(row, "revoked_at");
        boolean active = row.getBoolean("active");
        KeyView.Status status = KeyView.Status.of(active, revokedAt, expiresAt, row.getOffsetDateTime("read_at").toInstant());
        return new KeyView(row.getUUID("id"), row.getString("name"), row.getString("description"),
                row.getString("start"), row.getBoolean("has_secret"), row.getBoolean("recoverable"),
                List.of(row.getArrayOfStrings("scopes")), access(row), methods(row), status, active,
                row.getString("environment"), row.getOffsetDateTime("created_at").toInstant(),
                new KeyView.CreatedBy(row.getString("created_by_type"), row.getString("created_by_id"),
                        row.getString("created_by_name")),
                row.getOffsetDateTime("updated_at").toInstant(), expiresAt, revokedAt, row.getString("revoked_reason"),
                Rows.instant(row, "last_used_at"), row.getString("last_used_ip"), rateLimit(row),
                LimitSource.of(row.getString("limit_source")), Arrays.asList(row.getArrayOfStrings("ip_allow_list")),
                metadata(row), previous(row), row.getLong("version"),
                null, null, List.of());
    }

    private static @Nullable List<String> methods(Row row) {
        String[] methods = row.getArrayOfStrings("methods");
        return methods == null ? null : Arrays.asList(methods);
    }

    private static KeyView.Access access(Row row) {
        return new KeyView.Access(row.getBoolean("all_stores") ? Access.Type.ALL : Access.Type.STORES, Rows.stores(row));
    }

    private static @Nullable RateLimit rateLimit(Row row) {
        return switch (LimitSource.of(row.getString("limit_source"))) {
            case UNLIMITED -> null;
            case ORGANIZATION -> RateLimit.of(row.getInteger("default_limit"), row.getInteger("default_window_seconds"));
            case KEY -> RateLimit.of(row.getInteger("rate_limit"), row.getInteger("rate_window_seconds"));
        };
    }

    private static Map<String, Object> metadata(Row row) {
        return ((JsonObject) row.getValue("metadata")).getMap();
    }

    private static KeyView.@Nullable Previous previous(Row row) {
        String start = row.getString("previous_start");
        return start == null ? null
                : new KeyView.Previous(start, row.getOffsetDateTime("previous_dies_at").toInstant(),
                        Rows.instant(row, "previous_last_used_at"), Stream.of(KeyPart.values())
                                .filter(part -> row.getBoolean("previous_" + part.text())).toList());
    }
}
