package dev.latchkey.credential;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

import jakarta.inject.Singleton;

import dev.latchkey.web.Id;
import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/** The reads of credentials for people: one statement brings all that an answer shows, and nothing that is sealed. */
@Singleton
class CredentialQueries {

    // Sub-selects and joins by primary keys. Times of secrets as PostgreSQL writes them in JSON, in UTC.
    private static final String SELECT = """
            select c.id, c.name, c.provider, c.variables, c.base_url, c.store_id, st.key as store_key, c.type, c.data, c.test,
                   c.created_by_type, c.created_by_id, c.created_by_name, c.created_at, c.updated_at, c.version,
                   s.status, s.reason, s.http_status, s.checked_at, s.expires_at, s.last_renewed_at, u.last_used_at,
                   r.credential_id is not null and r.host <> '' as renewed, r.due_at, r.failing_since, r.error, r.attempt,
                   (select coalesce(json_agg(json_build_array(x.field, x.updated_at at time zone 'UTC') order by x.field), '[]')
                      from credential_secret x where x.credential_id = c.id) as secrets
              from credential c
              join credential_state s on s.credential_id = c.id
              left join store st on st.id = c.store_id
              left join credential_last_use u on u.credential_id = c.id
              left join credential_renewal r on r.credential_id = c.id
            """;

    private final Pool database;
    private final CredentialFields fields;
    private final CredentialConfig config;

    CredentialQueries(Pool database, CredentialFields fields, CredentialConfig config) {
        this.config = config;
        this.database = database;
        this.fields = fields;
    }

    /**
     * What a list is narrowed to; null: not.
     *
     * @param store a store's id: what is for it alone, and what is for all
     */
    record Filter(@Nullable CredentialType type, @Nullable CredentialStatus status, @Nullable UUID store,
            @Nullable String provider) {
    }

    /** By the database's clock. */
    Uni<Instant> now() {
        return database.query("select now()").execute()
                .map(rows -> rows.iterator().next().getOffsetDateTime(0).toInstant());
    }

    /** One credential; empty when the organization has none of that id. */
    Uni<Optional<CredentialView>> find(UUID organization, UUID id, Locale locale) {
        return database.preparedQuery(SELECT + " where c.organization_id = $1 and c.id = $2")
                .execute(Tuple.of(organization, id))
                .map(rows -> rows.stream().map(row -> view(row, locale)).findFirst());
    }

    // By the index on (organization_id, id desc), walked through from there: organizations have tens of credentials.
    /** Up to {@code limit} credentials after one, newest first. */
    Uni<List<CredentialView>> list(UUID organization, Filter filter, @Nullable UUID after, int limit, Locale locale) {
        CredentialType type = filter.type();
        CredentialStatus status = filter.status();
        return database.preparedQuery(SELECT + """
                 where c.organization_id = $1 and ($2::uuid is null or c.id < $2)
                   and ($3::text is null or c.type = $3) and ($4::text is null or s.status = $4)
                   and ($5::uuid is null or c.store_id = $5 or c.store_id is null) and ($6::text is null or c.provider = $6)
                 order by c.organization_id, c.id desc limit $7
                """).execute(Tuple.tuple().addValue(organization).addValue(after).addValue(type == null ? null : type.text())
                .addValue(status == null ? null : status.text()).addValue(filter.store()).addValue(filter.provider())
                .addValue(limit)).map(rows -> rows.stream().map(row -> view(row, locale)).toList());
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

    /**
     * What can be said of a creation before anybody is asked anything. Some that come at the same time may go beyond the
     * maximum together: it bounds what tests cost, and need not be exact. By the index on organization.
     *
     * @throws ProblemException 422 for an unknown store, 409 where the organization has as many credentials as it may have
     */
    Uni<Void> requireRoom(UUID organization, @Nullable String store) {
        return storeId(organization, store).flatMap(known -> database
                .preparedQuery("select count(*) from credential where organization_id = $1").execute(Tuple.of(organization)))
                .invoke(rows -> {
                    if (rows.iterator().next().getLong(0) >= config.maxPerOrganization()) {
                        throw ProblemException.conflict("Your organization has " + config.maxPerOrganization()
                                + " credentials, which is the most that it may have. Delete some that nothing uses.");
                    }
                }).replaceWithVoid();
    }

    private CredentialView view(Row row, Locale locale) {
        CredentialType type = CredentialType.of(row.getString("type"));
        ProbeReason reason = ProbeReason.stored(row.getString("reason"));
        UUID store = row.getUUID("store_id");
        String provider = row.getString("provider");
        return new CredentialView(row.getUUID("id"), row.getString("name"), provider,
                OpenCredentials.variables((JsonObject) row.getValue("variables")), row.getString("base_url"),
                store == null ? null : new CredentialView.StoreReference(store, row.getString("store_key")), type,
                fields.shown(type, fields.tree((JsonObject) row.getValue("data")), since((JsonArray) row.getValue("secrets"))),
                test((JsonObject) row.getValue("test")),
                CredentialStatus.stored(row.getString("status")), reason, reason.detail(locale),
                row.getInteger("http_status"), reason.nextStep(locale), instant(row, "checked_at"),
                instant(row, "expires_at"), instant(row, "last_renewed_at"), renewal(row), instant(row, "last_used_at"),
                new CredentialView.CreatedBy(row.getString("created_by_type"), row.getString("created_by_id"),
                        row.getString("created_by_name")),
                row.getOffsetDateTime("created_at").toInstant(), row.getOffsetDateTime("updated_at").toInstant(),
                row.getLong("version"));
    }

    private static CredentialView.@Nullable Renewal renewal(Row row) {
        return !row.getBoolean("renewed") ? null
                : new CredentialView.Renewal(instant(row, "due_at"), instant(row, "failing_since"), row.getInteger("attempt"),
                        row.getString("error"));
    }

    private static Map<String, String> since(JsonArray secrets) {
        Map<String, String> since = new LinkedHashMap<>();
        for (Object each : secrets) {
            JsonArray secret = (JsonArray) each;
            since.put(secret.getString(0), Instant.parse(secret.getString(1) + "Z").toString());
        }
        return since;
    }

    private static CredentialForm.@Nullable Test test(@Nullable JsonObject test) {
        return test == null ? null
                : new CredentialForm.Test(CredentialForm.Test.Method.valueOf(test.getString("method")), test.getString("url"),
                        test.getInteger("expectStatus"), test.getString("bodyContains"));
    }

    private static @Nullable Instant instant(Row row, String column) {
        return row.getOffsetDateTime(column) == null ? null : row.getOffsetDateTime(column).toInstant();
    }
}
