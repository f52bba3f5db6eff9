package dev.latchkey.integration;

import java.util.UUID;

import jakarta.inject.Singleton;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * Which key may use which credential.
 *
 * <p>
 * <b>Invariant:</b> no use of a credential begins after a change that ended its binding was answered. Nothing is remembered:
 * each use asks the database, which takes it a fraction of a millisecond beside a call to somebody else's service, and no
 * replica has to be told of anything.
 */
@Singleton
public class Bindings {

    private static final Binding NO_CREDENTIAL = new Binding(Code.NO_CREDENTIAL, null, null);

    private final Pool database;

    Bindings(Pool database) {
        this.database = database;
    }

    /** Whether a key may use a credential. */
    public enum Code {
        BOUND,
        /** The organization has no such credential. */
        NO_CREDENTIAL,
        /** No active integration names both. */
        UNBOUND,
        /** One does, and the credential is of a store that the key does not reach. */
        STORE_FORBIDDEN
    }

    /**
     * What binds a key to a credential.
     *
     * @param integrationId of several, the oldest; null where there is none
     * @param integration its name
     */
    public record Binding(Code code, @Nullable UUID integrationId, @Nullable String integration) {
    }

    // One row where the organization has the credential, by primary key. A credential is in a handful of integrations: they are
    // found by the index on integration_credential.credential_id, and the key in each by the primary key of integration_key.
    /** Whether a key of an organization may use a credential, and by what. */
    public Uni<Binding> of(UUID organization, UUID keyId, UUID credentialId) {
        return database.preparedQuery("""
                select b.id, b.name,
                       c.store_id is null or (select k.all_stores from api_key k where k.id = $2)
                           or exists (select from api_key_store s where s.key_id = $2 and s.store_id = c.store_id) as reached
                  from credential c
                  left join lateral (
                    select i.id, i.name
                      from integration_credential ic
                      join integration_key ik on ik.integration_id = ic.integration_id and ik.key_id = $2
                      join integration i on i.id = ic.integration_id
                     where ic.credential_id = c.id and i.organization_id = $1 and i.active
                     order by i.id limit 1) b on true
                 where c.id = $3 and c.organization_id = $1
                """).execute(Tuple.of(organization, keyId, credentialId)).map(rows -> {
            for (Row row : rows) {
                return of(row);
            }
            return NO_CREDENTIAL;
        });
    }

    private static Binding of(Row row) {
        UUID integration = row.getUUID("id");
        boolean isReached = Boolean.TRUE.equals(row.getBoolean("reached"));
        return new Binding(integration == null ? Code.UNBOUND : isReached ? Code.BOUND : Code.STORE_FORBIDDEN, integration,
                row.getString("name"));
    }
}
