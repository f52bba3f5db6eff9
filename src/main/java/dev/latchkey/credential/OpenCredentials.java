package dev.latchkey.credential;

import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

import jakarta.inject.Singleton;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.latchkey.crypto.DataKey;
import dev.latchkey.crypto.SealBrokenException;
import dev.latchkey.crypto.Secret;
import dev.latchkey.integration.Bindings;
import dev.latchkey.integration.Bindings.Binding;
import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Opens stored credentials, for those who use or test them. Holds no connection when it answers, and remembers nothing. */
@Singleton
public class OpenCredentials {

    private static final Logger LOG = Logger.getLogger(OpenCredentials.class);

    // Secrets as one JSON array, their bytes in hexadecimal. By primary keys.
    private static final String COLUMNS = """
            c.id, c.name, c.store_id, c.provider, c.variables, c.base_url, c.type, c.data, c.test, c.version,
            c.material_version, s.status, s.reason, s.expires_at,
            (select coalesce(json_agg(json_build_array(x.field, encode(x.sealed, 'hex'), x.version)), '[]')
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
    private final ObjectMapper json;

    OpenCredentials(Pool database, CredentialSecrets secrets, CredentialFields fields, ObjectMapper json) {
        this.database = database;
        this.secrets = secrets;
        this.fields = fields;
        this.json = json;
    }

    /**
     * A credential as it stands now.
     *
     * @throws ProblemException 404 where the organization has none of that id, 409 where a secret of it was altered or moved
     *         and does not open, 503 where no master key of this process opens what it is sealed with
     */
    public Uni<OpenCredential> of(UUID organization, UUID id) {
        return database.preparedQuery("select " + COLUMNS + """
                  from credential c join credential_state s on s.credential_id = c.id
                 where c.organization_id = $1 and c.id = $2
                """).execute(Tuple.of(organization, id)).flatMap(rows -> {
            for (Row row : rows) {
                return secrets.key(organization).map(key -> opened(organization, row, key));
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

    private DataKey keyIn(UUID organization, Row row) {
        UUID id = row.getUUID("data_key_id");
        if (id == null) {
            throw doesNotOpen();
        }
        return secrets.key(organization, id, row.get(Buffer.class, "data_key").getBytes());
    }

    private static ProblemException doesNotOpen() {
        return ProblemException
                .conflict("A sealed secret of the credential does not open. Delete the credential, and store it again.");
    }

    private OpenCredential opened(UUID organization, Row row, DataKey key) {
        UUID id = row.getUUID("id");
        CredentialType type = CredentialType.of(row.getString("type"));
        ObjectNode open = tree((JsonObject) row.getValue("data"));
        CredentialData data = fields.join(type, open, secrets(organization, id, (JsonArray) row.getValue("secrets"), key));
        return new OpenCredential(id, organization, row.getString("name"), row.getUUID("store_id"), row.getString("provider"),
                variables((JsonObject) row.getValue("variables")), row.getString("base_url"), data,
                test((JsonObject) row.getValue("test")), row.getLong("version"), row.getLong("material_version"),
                CredentialStatus.valueOf(row.getString("status").toUpperCase(Locale.ROOT)),
                ProbeReason.of(row.getString("reason")).orElse(ProbeReason.NOT_VERIFIABLE),
                row.getOffsetDateTime("expires_at") == null ? null : row.getOffsetDateTime("expires_at").toInstant());
    }

    private static Map<String, Secret> secrets(UUID organization, UUID id, JsonArray sealed, DataKey key) {
        Map<String, Secret> opened = new LinkedHashMap<>();
        for (Object each : sealed) {
            JsonArray secret = (JsonArray) each;
            String field = secret.getString(0);
            try {
                opened.put(field, CredentialSecrets.open(key, organization, id, field, secret.getLong(2),
                        HexFormat.of().parseHex(secret.getString(1))));
            } catch (SealBrokenException broken) {
                LOG.errorf("a secret of a credential does not open, it was altered or moved: org=%s credentialId=%s cause=%s",
                        organization, id, broken.getMessage());
                throw doesNotOpen();
            }
        }
        return opened;
    }

    static Map<String, String> variables(JsonObject variables) {
        return variables.stream().collect(Collectors.toMap(Map.Entry::getKey, entry -> String.valueOf(entry.getValue())));
    }

    static @Nullable ProbeTest test(@Nullable JsonObject test) {
        return test == null ? null
                : new ProbeTest("HEAD".equals(test.getString("method")), test.getString("url"),
                        test.getInteger("expectStatus"), test.getString("bodyContains"));
    }

    private ObjectNode tree(JsonObject stored) {
        try {
            return (ObjectNode) json.readTree(stored.encode());
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("PostgreSQL keeps JSON as JSON", impossible);
        }
    }
}
