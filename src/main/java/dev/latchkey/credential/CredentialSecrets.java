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
import io.vertx.core.json.JsonObject;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/**
 * The secrets of credentials, sealed.
 *
 * <p>
 * <b>Invariant:</b> a sealed secret opens as that field of that credential, and as no other, and only the one that was set
 * last. Its place is the organization, the credential, the field's name and the material version of the credential under which
 * its plaintext was set, which every change of a secret raises ({@code Credentials}). Which fields are sealed, each under which
 * version, stands in the row of the credential, written in the same transaction: what is copied to another row, field or
 * organization, or put back into {@code credential_secret} from a backup, does not open, and neither does a credential of which
 * a row is missing or one is too many. A field that was removed and comes again has a new version too, since the counter is the
 * credential's. A plaintext that stays the same is not sealed anew.
 *
 * <p>
 * What this does not keep: whoever writes both tables can put both back, and have an older secret used; and where secrets are
 * sent (base URL, addresses, tests) is not sealed at all, so whoever writes the database can have them sent elsewhere, within
 * the policy of {@code net} and the hosts of the provider's entry. He never reads them out of the database.
 *
 * <p>
 * Data keys are asked for before the transaction ({@link DataKeys}).
 */
@Singleton
class CredentialSecrets {

    private static final String TABLE = "credential_secret.";

    private final DataKeys dataKeys;
    private final SealAlarm alarm;

    CredentialSecrets(DataKeys dataKeys, SealAlarm alarm) {
        this.dataKeys = dataKeys;
        this.alarm = alarm;
    }

    /**
     * What secrets of an organization are sealed with, made when there is nothing yet. Outside of transactions.
     *
     * @throws ProblemException 503 where this replica cannot open it, 404 where the organization is gone
     */
    Uni<DataKey> key(UUID organization) {
        return dataKeys.of(organization).onFailure(SealBrokenException.class)
                .transform(broken -> unavailable(organization, broken.getMessage()))
                .map(found -> found.orElseThrow(ProblemException::notFound));
    }

    /**
     * What secrets of an organization were sealed with. It is never made: where it is missing, a new one would open nothing,
     * and stand in the way of the one that is restored.
     *
     * @throws ProblemException 503 where there is none, or this replica cannot open it
     */
    Uni<DataKey> keyToOpen(UUID organization) {
        return dataKeys.find(organization).onFailure(SealBrokenException.class)
                .transform(broken -> unavailable(organization, broken.getMessage()))
                .map(found -> found.orElseGet(() -> missing(organization)));
    }

    /**
     * The same of a row that was read.
     *
     * @param id of the row
     * @throws ProblemException 503 as above
     */
    DataKey keyToOpen(UUID organization, UUID id, byte[] wrapped) {
        try {
            return dataKeys.unwrapped(organization, id, wrapped);
        } catch (SealBrokenException broken) {
            throw unavailable(organization, broken.getMessage());
        }
    }

    /** @throws ProblemException 503, always */
    DataKey missing(UUID organization) {
        throw unavailable(organization, "it is not there");
    }

    private ProblemException unavailable(UUID organization, @Nullable String cause) {
        alarm.noDataKey(organization, cause);
        return new ProblemException(ProblemCode.UNAVAILABLE,
                "Credentials cannot be used now: what they are sealed with does not open here.");
    }

    /** The names of what is sealed, each with the material version under which it was set: those that stay keep theirs. */
    static JsonObject versions(Credential credential, Map<String, Secret> before, Map<String, Secret> wanted) {
        JsonObject versions = new JsonObject();
        wanted.forEach((name, secret) -> versions.put(name,
                secret.equals(before.get(name)) ? credential.sealed.getLong(name) : credential.materialVersion));
        return versions;
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
                insert into credential_secret (credential_id, field, organization_id, sealed, updated_at)
                values (:id, :field, :organization, :sealed, :now)
                on conflict (credential_id, field)
                   do update set sealed = excluded.sealed, updated_at = excluded.updated_at
                """).setParameter("id", credential.id).setParameter("field", field)
                .setParameter("organization", credential.organizationId).setParameter("sealed", sealed)
                .setParameter("now", now).executeUpdate();
    }

    /** @throws SealBrokenException when it is damaged, or was sealed for another place or with another key */
    static Secret open(DataKey key, UUID organization, UUID credential, String field, long version, byte[] sealed) {
        return Secret.of(new String(key.open(sealed, place(organization, credential, field, version)),
                StandardCharsets.UTF_8));
    }

    /** Where a field of a credential is sealed to. */
    static Place place(UUID organization, UUID credential, String field, long version) {
        return new Place(organization, credential, TABLE + field, version);
    }
}
