package dev.latchkey.credential;

import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;

import jakarta.inject.Singleton;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.latchkey.crypto.DataKey;
import dev.latchkey.crypto.SealBrokenException;
import dev.latchkey.crypto.Secret;
import dev.latchkey.integration.Bindings;
import dev.latchkey.integration.Bindings.Binding;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/** Opens stored credentials, for those who use or test them. Holds no connection when it answers, and remembers nothing. */
@Singleton
public class OpenCredentials {

    // Secrets as one JSON object, their bytes in hexadecimal. By primary keys.
    private static final String COLUMNS = """
            c.id, c.name, c.store_id, c.provider, c.variables, c.base_url, c.type, c.data, c.test, c.sealed, c.version,
            c.material_version, s.status, s.reason, s.expires_at,
            (select coalesce(json_object_agg(x.field, encode(x.sealed, 'hex')), '{}')
               from credential_secret x where x.credential_id = c.id) as secrets
            """;

    // One row where the organization has the credential. By primary keys, and as Bindings says.
    private static final String BOUND = "select " + COLUMNS + ", " + Bindings.COLUMNS + """
            , d.id as data_key_id, d.wrapped as data_key
              from credential c join credential_state s on s.credential_id = c.id
              left join data_key d on d.organization_id = c.organization_id
            """ + Bindings.JOIN + """
             where c.organization_id = $2 and c.id = $3
            """;

    private final Pool database;
    private final CredentialSecrets secrets;
    private final CredentialFields fields;
    private final SealAlarm alarm;

    OpenCredentials(Pool database, CredentialSecrets secrets, CredentialFields fields, SealAlarm alarm) {
        this.database = database;
        this.secrets = secrets;
        this.fields = fields;
        this.alarm = alarm;
    }

    /**
     * A credential as it stands now.
     *
     * @throws ProblemException 404 where the organization has none of that id, 409 where a secret of it is missing, was
     *         altered or moved and does not open, 503 where no master key of this process opens what it is sealed with
     */
    public Uni<OpenCredential> of(UUID organization, UUID id) {
        return database.preparedQuery("select " + COLUMNS + """
                  from credential c join credential_state s on s.credential_id = c.id
                 where c.organization_id = $1 and c.id = $2
                """).execute(Tuple.of(organization, id)).flatMap(rows -> {
            for (Row row : rows) {
                return isSealed(row) ? secrets.keyToOpen(organization).map(key -> opened(organization, row, key))
                        : Uni.createFrom().item(() -> opened(organization, row, null));
            }
            throw ProblemException.notFound();
        });
    }

    /**
     * What binds a key to a credential, and the credential as it stands at that moment.
     *
     * @param credential null unless it is bound: no secret is opened for others
     */
    record Bound(Binding binding, @Nullable OpenCredential credential) {
    }

    /**
     * A credential for a key, in one statement: {@link Bindings} says why. Hence the data key, too, which is asked for each
     * time: one that were kept in memory would outlive its organization there.
     *
     * @throws ProblemException as above
     */
    Uni<Bound> bound(UUID organization, UUID key, UUID id) {
        return database.preparedQuery(BOUND).execute(Tuple.of(key, organization, id)).map(rows -> {
            for (Row row : rows) {
                Binding binding = Bindings.of(row);
                return new Bound(binding, switch (binding.code()) {
                    case BOUND -> opened(organization, row, keyIn(organization, row));
                    case UNBOUND, STORE_FORBIDDEN -> null;
                });
            }
            throw ProblemException.notFound();
        });
    }

    private @Nullable DataKey keyIn(UUID organization, Row row) {
        if (!isSealed(row)) {
            return null;
        }
        UUID id = row.getUUID("data_key_id");
        return id == null ? secrets.missing(organization)
                : secrets.keyToOpen(organization, id, row.get(Buffer.class, "data_key").getBytes());
    }

    /** A public client that nobody has connected has no secret, and nothing may have been sealed for it. */
    private static boolean isSealed(Row row) {
        return !((JsonObject) row.getValue("sealed")).isEmpty();
    }

    private OpenCredential opened(UUID organization, Row row, @Nullable DataKey key) {
        UUID id = row.getUUID("id");
        CredentialType type = CredentialType.of(row.getString("type"));
        ObjectNode open = fields.tree((JsonObject) row.getValue("data"));
        Map<String, Secret> secrets = secrets(organization, row, key);
        CredentialData data = fields.join(type, open, secrets)
                .orElseThrow(() -> broken(organization, id, "its fields are those of no " + type.text()));
        return new OpenCredential(id, organization, row.getString("name"), row.getUUID("store_id"), row.getString("provider"),
                variables((JsonObject) row.getValue("variables")), row.getString("base_url"), data, secrets,
                test((JsonObject) row.getValue("test")), row.getLong("version"), row.getLong("material_version"),
                CredentialStatus.stored(row.getString("status")), ProbeReason.stored(row.getString("reason")),
                row.getOffsetDateTime("expires_at") == null ? null : row.getOffsetDateTime("expires_at").toInstant());
    }

    /** Exactly those that the credential names, each as it was set last; one too many is no accident either. */
    private Map<String, Secret> secrets(UUID organization, Row row, @Nullable DataKey key) {
        UUID id = row.getUUID("id");
        JsonObject named = (JsonObject) row.getValue("sealed");
        JsonObject sealed = (JsonObject) row.getValue("secrets");
        if (!sealed.fieldNames().equals(named.fieldNames())) {
            throw broken(organization, id, "a sealed field is missing, or one too many");
        }
        Map<String, Secret> opened = new LinkedHashMap<>();
        for (String field : named.fieldNames()) {
            try {
                opened.put(field, CredentialSecrets.open(Objects.requireNonNull(key, "key"), organization, id, field,
                        named.getLong(field), HexFormat.of().parseHex(sealed.getString(field))));
            } catch (SealBrokenException notIt) {
                throw broken(organization, id, notIt.getMessage());
            }
        }
        return opened;
    }

    /** Whether that is what {@link #of} has failed with where a secret does not open, for anybody and for good. */
    static boolean isBroken(Throwable failure) {
        return failure instanceof ProblemException problem && problem.code() == ProblemCode.CONFLICT;
    }

    private ProblemException broken(UUID organization, UUID id, @Nullable String cause) {
        alarm.broken(organization, id, cause);
        return ProblemException
                .conflict("A sealed secret of the credential does not open. Delete the credential, and store it again.");
    }

    static Map<String, String> variables(JsonObject variables) {
        return variables.stream().collect(Collectors.toMap(Map.Entry::getKey, entry -> String.valueOf(entry.getValue())));
    }

    static @Nullable ProbeTest test(@Nullable JsonObject test) {
        return test == null ? null
                : new ProbeTest("HEAD".equals(test.getString("method")), test.getString("url"),
                        test.getInteger("expectStatus"), test.getString("bodyContains"));
    }
}
