package dev.latchkey.integration;

import java.util.Optional;
import java.util.UUID;

import jakarta.inject.Singleton;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;

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

    private final Pool database;

    Bindings(Pool database) {
        this.database = database;
    }

    /**
     * What binds a key to a credential.
     *
     * @param integrationId of several, the oldest
     * @param integration its name
     */
    public record Binding(UUID integrationId, String integration) {
    }

    // A credential is in a handful of integrations: they are found by the index on integration_credential.credential_id, and
    // the key in each by the primary key of integration_key.
    /** The active integration that binds a key to a credential; empty where there is none. */
    public Uni<Optional<Binding>> of(UUID organization, UUID keyId, UUID credentialId) {
        return database.preparedQuery("""
                select i.id, i.name
                  from integration_credential c
                  join integration_key k on k.integration_id = c.integration_id and k.key_id = $2
                  join integration i on i.id = c.integration_id
                 where c.credential_id = $3 and i.organization_id = $1 and i.active
                 order by i.id limit 1
                """).execute(Tuple.of(organization, keyId, credentialId)).map(rows -> {
            for (Row row : rows) {
                return Optional.of(new Binding(row.getUUID("id"), row.getString("name")));
            }
            return Optional.empty();
        });
    }
}
