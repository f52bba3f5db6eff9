package dev.latchkey.crypto;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;

import jakarta.inject.Singleton;

import javax.crypto.spec.SecretKeySpec;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.latchkey.crypto.Sealer.Place;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;

/**
 * The data keys of organizations, each wrapped by a master key.
 *
 * <p>
 * <b>Invariant:</b> whatever was sealed with a data key opens for as long as its organization is there: a data key that was
 * ever handed out stands in the database. What could break it is a key that is made within the transaction that first seals
 * with it, and goes with its rollback, while another has sealed with it, too; or two that are made at once, of which one
 * stays. So it is made in a transaction of its own, the second to make one does nothing, and what is handed out is what was
 * read back after the commit.
 *
 * <p>
 * Hence data keys are asked for <em>before</em> a transaction is begun: both need a connection, and transactions that held
 * theirs while they waited for another could wait for each other.
 *
 * <p>
 * Why not the master keys themselves: those are replaced by sealing one row for each organization anew, however much has been
 * sealed for it.
 */
@Singleton
public class DataKeys {

    private static final String FIELD = "data_key.wrapped";
    /** The plaintext never changes: what is sealed anew is the same key. */
    private static final int VERSION = 1;

    private final Pool database;
    private final Sealer sealer;
    private final SecureRandom random;

    DataKeys(Pool database, Sealer sealer, SecureRandom random) {
        this.database = database;
        this.sealer = sealer;
        this.random = random;
    }

    /**
     * The data key of an organization, which is made when there is none; empty when there is no such organization.
     *
     * @throws SealBrokenException when no master key of this process opens it
     */
    public Uni<Optional<DataKey>> of(UUID organization) {
        return find(organization)
                .flatMap(found -> found.isPresent() ? Uni.createFrom().item(found)
                        : make(organization).flatMap(made -> find(organization)));
    }

    /**
     * The data key of an organization; empty when nothing was ever sealed for it.
     *
     * @throws SealBrokenException when no master key of this process opens it
     */
    public Uni<Optional<DataKey>> find(UUID organization) {
        // By primary key.
        return database.preparedQuery("select id, wrapped from data_key where organization_id = $1")
                .execute(Tuple.of(organization)).map(rows -> {
                    for (Row row : rows) {
                        return Optional
                                .of(unwrapped(organization, row.getUUID("id"), row.get(Buffer.class, "wrapped").getBytes()));
                    }
                    return Optional.empty();
                });
    }

    // The second one at once does nothing, and reads the first one's. By primary keys.
    private Uni<Void> make(UUID organization) {
        UUID id = UuidCreator.getTimeOrderedEpoch();
        byte[] key = new byte[KeyRing.KEY_BYTES];
        random.nextBytes(key);
        byte[] wrapped = sealer.seal(key, place(organization, id));
        Arrays.fill(key, (byte) 0);
        return database.preparedQuery("""
                insert into data_key (organization_id, id, wrapped)
                select id, $2, $3 from organization where id = $1
                on conflict do nothing
                """).execute(Tuple.of(organization, id, Buffer.buffer(wrapped))).replaceWithVoid();
    }

    /**
     * A data key whose row was read along with what it has sealed.
     *
     * @param id of the row
     * @throws SealBrokenException when no master key of this process opens it
     */
    public DataKey unwrapped(UUID organization, UUID id, byte[] wrapped) {
        byte[] key = sealer.open(wrapped, place(organization, id));
        try {
            return new DataKey(id, organization, new SecretKeySpec(key, "AES"), sealer);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private static Place place(UUID organization, UUID id) {
        return new Place(organization, id, FIELD, VERSION);
    }
}
