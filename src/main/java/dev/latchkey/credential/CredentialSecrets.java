package dev.latchkey.credential;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

import jakarta.inject.Singleton;

import dev.latchkey.crypto.DataKey;
import dev.latchkey.crypto.DataKeys;
import dev.latchkey.crypto.SealBrokenException;
import dev.latchkey.crypto.Sealer.Place;
import dev.latchkey.crypto.Secret;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/**
 * The secrets of credentials, sealed.
 *
 * <p>
 * <b>Invariant:</b> a sealed secret opens as that field of that credential, and as no other, and only the one that was set
 * last. Its place is the organization, the credential, the field's name and the material version of the credential under which
 * its plaintext was set, which every change of a secret raises ({@code Credentials}): what is copied to another row, field or
 * organization, or put back from a backup, does not open. A field that was removed and comes again has a new version too, since
 * the counter is the credential's. A plaintext that stays the same is not sealed anew.
 *
 * <p>
 * Data keys are asked for before the transaction ({@link DataKeys}).
 */
@Singleton
class CredentialSecrets {

    private static final Logger LOG = Logger.getLogger(CredentialSecrets.class);
    private static final String TABLE = "credential_secret.";

    private final DataKeys dataKeys;

    CredentialSecrets(DataKeys dataKeys) {
        this.dataKeys = dataKeys;
    }

    /**
     * What secrets of an organization are sealed with. Outside of transactions.
     *
     * @throws ProblemException 503 where this replica cannot open it, 404 where the organization is gone
     */
    Uni<DataKey> key(UUID organization) {
        return dataKeys.of(organization).onFailure(SealBrokenException.class)
                .transform(broken -> doesNotOpen(organization, broken))
                .map(found -> found.orElseThrow(ProblemException::notFound));
    }

    /**
     * The same of a row that was read.
     *
     * @param id of the row
     * @throws ProblemException 503 as above
     */
    DataKey key(UUID organization, UUID id, byte[] wrapped) {
        try {
            return dataKeys.unwrapped(organization, id, wrapped);
        } catch (SealBrokenException broken) {
            throw doesNotOpen(organization, broken);
        }
    }

    private static ProblemException doesNotOpen(UUID organization, Throwable broken) {
        LOG.errorf("the data key of an organization does not open, it was altered, or its master key is not in the ring: "
                + "org=%s cause=%s", organization, broken.getMessage());
        return new ProblemException(ProblemCode.UNAVAILABLE,
                "Credentials cannot be used now: what they are sealed with does not open here.");
    }

    /**
     * Seals what has changed under the material version that the credential has now. In the transaction that raised it.
     *
     * @param before what is sealed already; empty for a new credential, and for one whose secrets are all replaced
     */
    Uni<Void> write(Credential credential, Map<String, Secret> before, Map<String, Secret> wanted, DataKey key) {
        return Panache.getSession().flatMap(session -> keep(session, credential.id, wanted.keySet())
                .chain(() -> Multi.createFrom().iterable(wanted.entrySet())
                        .filter(field -> !field.getValue().equals(before.get(field.getKey()))).onItem()
                        .transformToUniAndConcatenate(
                                field -> put(session, credential, field.getKey(), field.getValue(), key))
                        .collect().last()))
                .replaceWithVoid();
    }

    /** The names of those that are new, changed or gone. */
    static Set<String> changed(Map<String, Secret> before, Map<String, Secret> wanted) {
        Set<String> names = new TreeSet<>(before.keySet());
        names.addAll(wanted.keySet());
        names.removeIf(name -> before.containsKey(name) && before.get(name).equals(wanted.get(name)));
        return names;
    }

    // What is no field of it any more goes. No name has a comma: headers' names are tokens. By primary key.
    private static Uni<Integer> keep(Mutiny.Session session, UUID id, Set<String> fields) {
        return session.createNativeQuery("""
                delete from credential_secret where credential_id = :id and field <> all (string_to_array(:fields, ','))
                """).setParameter("id", id).setParameter("fields", String.join(",", fields)).executeUpdate();
    }

    // By primary key.
    private static Uni<Integer> put(Mutiny.Session session, Credential credential, String field, Secret secret, DataKey key) {
        byte[] sealed = key.seal(secret.reveal().getBytes(StandardCharsets.UTF_8),
                place(credential.organizationId, credential.id, field, credential.materialVersion));
        Instant now = credential.updatedAt;
        return session.createNativeQuery("""
                insert into credential_secret (credential_id, field, organization_id, sealed, version, updated_at)
                values (:id, :field, :organization, :sealed, :version, :now)
                on conflict (credential_id, field)
                   do update set sealed = excluded.sealed, version = excluded.version, updated_at = excluded.updated_at
                """).setParameter("id", credential.id).setParameter("field", field)
                .setParameter("organization", credential.organizationId).setParameter("sealed", sealed)
                .setParameter("version", credential.materialVersion).setParameter("now", now).executeUpdate();
    }

    /** @throws SealBrokenException when it is damaged, or was sealed for another place or with another key */
    static Secret open(DataKey key, UUID organization, UUID credential, String field, long version, byte[] sealed) {
        return Secret.of(new String(key.open(sealed, place(organization, credential, field, version)),
                StandardCharsets.UTF_8));
    }

    private static Place place(UUID organization, UUID credential, String field, long version) {
        return new Place(organization, credential, TABLE + field, version);
    }
}
