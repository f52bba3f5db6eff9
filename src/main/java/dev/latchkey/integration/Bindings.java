package dev.latchkey.integration;

import java.util.UUID;

import io.vertx.mutiny.sqlclient.Row;
import org.jspecify.annotations.Nullable;

/**
 * Which key may use which credential: a part of the one statement by which a credential is read for its use.
 *
 * <p>
 * <b>Invariant:</b> no use of a credential begins after a change that ended its binding was answered, and what is used is what
 * the credential was while it was bound. Nothing is remembered: each use asks the database, one round trip beside a call to
 * somebody else's service, and no replica has to be told of anything. What could break it is a binding that is read before
 * the secret, in a snapshot of its own: between the two somebody unbinds the key and then replaces the secret, is answered
 * both times, and the new secret is used by the key that was unbound. So both are read by one statement.
 */
public final class Bindings {

    // A credential is in a handful of integrations: they are found by the index on integration_credential.credential_id, and
    // the key in each by the primary key of integration_key.
    /**
     * Joins what binds a key, $1, to the {@code credential c} of a statement. Has no row more, or less, for it: of several
     * integrations the oldest, nulls where there is none.
     */
    public static final String JOIN = """
            left join lateral (
              select i.id, i.name
                from integration_credential ic
                join integration_key ik on ik.integration_id = ic.integration_id and ik.key_id = $1
                join integration i on i.id = ic.integration_id
               where ic.credential_id = c.id and i.organization_id = c.organization_id and i.active
               order by i.id limit 1) b on true
            """;

    /** What {@link #of} reads of it. */
    public static final String COLUMNS = """
            b.id as integration_id, b.name as integration_name,
            c.store_id is null or (select k.all_stores from api_key k where k.id = $1)
                or exists (select from api_key_store s where s.key_id = $1 and s.store_id = c.store_id) as reached
            """;

    private Bindings() {
    }

    /** Whether a key may use a credential. */
    public enum Code {
        BOUND,
        /** No active integration names both. */
        UNBOUND,
        /** One does, and the credential is of a store that the key does not reach. */
        STORE_FORBIDDEN
    }

    /**
     * What binds a key to a credential.
     *
     * @param integration name of the oldest that does; null where there is none
     */
    public record Binding(Code code, @Nullable String integration) {
    }

    /** Of a row that has the columns. */
    public static Binding of(Row row) {
        UUID integration = row.getUUID("integration_id");
        boolean isReached = Boolean.TRUE.equals(row.getBoolean("reached"));
        return new Binding(integration == null ? Code.UNBOUND : isReached ? Code.BOUND : Code.STORE_FORBIDDEN,
                row.getString("integration_name"));
    }
}
