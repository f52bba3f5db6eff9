package dev.latchkey.key;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
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
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import org.jboss.logging.Logger;

/**
 * The sealed copies of recoverable keys.
 *
 * <p>
 * <b>Invariant:</b> there is a copy of a key only while its organization allows it, and only of the current key and secret of
 * one that is not revoked. What the organization switches off, and what is revoked, the database destroys in that very
 * transaction, whoever makes the change (V9). What could break it is a copy that is made at the same moment: it is not seen by
 * who destroys, and committed later. So whoever makes or replaces a copy first takes a share of the organization's row, under
 * which the switch cannot be turned, and looks at the switch then. A regeneration and a revocation of one key wait for each
 * other by the key's row.
 *
 * <p>
 * Data keys are asked for before the transaction ({@link DataKeys}). Whether a key has a copy is decided at its creation:
 * what is learnt before the transaction still stands in it, or less.
 */
@Singleton
class KeyCopies {

    private static final Logger LOG = Logger.getLogger(KeyCopies.class);
    private static final String KEY = "key_copy.sealed_key";
    private static final String SECRET = "key_copy.sealed_secret";

    private final DataKeys dataKeys;
    private final Pool database;

    KeyCopies(DataKeys dataKeys, Pool database) {
        this.dataKeys = dataKeys;
        this.database = database;
    }

    /**
     * What the copy of a new key is to be sealed with; empty where none is wanted.
     *
     * @throws ProblemException 503 where this replica cannot open it
     */
    Uni<Optional<DataKey>> keyForNew(UUID organization, boolean wanted) {
        return wanted ? dataKeys.of(organization).onFailure(SealBrokenException.class).transform(broken -> {
            complain(organization, broken);
            return new ProblemException(ProblemCode.UNAVAILABLE,
                    "Keys cannot be made recoverable now: what copies are sealed with does not open here.");
        }) : Uni.createFrom().item(Optional.empty());
    }

    /**
     * What the copy of a key was sealed with, and is to be again; empty where it has none. Where it does not open, too: a
     * token that has to be replaced is replaced, and its copy goes.
     */
    Uni<Optional<DataKey>> keyOf(UUID organization, UUID key) {
        // By primary key.
        return database.preparedQuery("select 1 from key_copy where key_id = $1 and organization_id = $2")
                .execute(Tuple.of(key, organization))
                .flatMap(rows -> rows.size() == 0 ? Uni.createFrom().item(Optional.empty())
                        : dataKeys.find(organization).onFailure(SealBrokenException.class)
                                .invoke(broken -> complain(organization, broken))
                                .onFailure(SealBrokenException.class).recoverWithItem(Optional.empty()));
    }

    /**
     * Whether the organization allows copies, which stays so until the transaction ends.
     *
     * @throws ProblemException 422 when it does not
     */
    Uni<Void> requireAllowed(UUID organization) {
        return mayCopy(organization).invoke(allowed -> {
            if (!allowed) {
                throw ProblemException.invalid("recoverable",
                        "is not allowed: the organization has switched recoverableKeys off");
            }
        }).replaceWithVoid();
    }

    /** Seals what a new key hands out. In the transaction of its creation. */
    Uni<Void> make(Key key, Keys.Issued issued, DataKey dataKey) {
        KeyCopy copy = new KeyCopy();
        copy.keyId = key.id;
        copy.organizationId = key.organizationId;
        copy.keyVersion = 1;
        copy.secretVersion = 1;
        seal(copy, issued, dataKey);
        return copy.persistAndFlush().replaceWithVoid();
    }

    /**
     * Replaces what a regeneration replaces, where there is a copy; one that cannot be sealed goes, since it would show what
     * works no more. In its transaction, which holds the key's row.
     */
    Uni<Void> replace(Key key, Keys.Issued issued, Optional<DataKey> dataKey) {
        if (dataKey.isEmpty()) {
            return KeyCopy.delete("keyId", key.id).replaceWithVoid();
        }
        return mayCopy(key.organizationId).flatMap(allowed -> allowed ? KeyCopy.<KeyCopy> findById(key.id)
                : Uni.createFrom().nullItem()).flatMap(copy -> {
                    if (copy == null) {
                        return Uni.createFrom().voidItem();
                    }
                    copy.keyVersion += issued.token() == null ? 0 : 1;
                    copy.secretVersion += issued.secret() == null ? 0 : 1;
                    seal(copy, issued, dataKey.get());
                    return copy.flush();
                });
    }

    /**
     * What was handed out last.
     *
     * @throws ProblemException 409 where there is no copy, or none that opens
     */
    Uni<Keys.Revealed> open(Key key, Optional<DataKey> dataKey) {
        return KeyCopy.<KeyCopy> findById(key.id).map(copy -> {
            if (copy == null) {
                throw ProblemException.conflict(
                        "The key is not recoverable: it was not made so, or its organization has destroyed the copies.");
            }
            if (dataKey.isEmpty()) {
                throw doesNotOpen();
            }
            byte[] secret = copy.sealedSecret;
            try {
                return new Keys.Revealed(key.id, open(dataKey.get(), copy.sealedKey, keyPlace(copy)),
                        secret == null ? null : open(dataKey.get(), secret, secretPlace(copy)));
            } catch (SealBrokenException broken) {
                LOG.errorf("the sealed copy of a key does not open, it was altered or moved: org=%s keyId=%s cause=%s",
                        key.organizationId, key.id, broken.getMessage());
                throw doesNotOpen();
            }
        });
    }

    private static ProblemException doesNotOpen() {
        return ProblemException.conflict("The sealed copy does not open; regenerate the key, which has an end of it.");
    }

    private static void complain(UUID organization, Throwable broken) {
        LOG.errorf("the data key of an organization does not open, it was altered, or its master key is not in the ring: "
                + "org=%s cause=%s", organization, broken.getMessage());
    }

    // A share: creations at the same time do not wait for each other, and the switch waits for them. By primary key.
    private static Uni<Boolean> mayCopy(UUID organization) {
        return Panache.getSession()
                .flatMap(session -> session
                        .createNativeQuery("select recoverable_keys from organization where id = :id for share", Boolean.class)
                        .setParameter("id", organization).getSingleResultOrNull())
                .map(Boolean.TRUE::equals);
    }

    private static void seal(KeyCopy copy, Keys.Issued issued, DataKey dataKey) {
        KeyToken token = issued.token();
        KeySecret secret = issued.secret();
        if (token != null) {
            copy.sealedKey = dataKey.seal(bytes(token.text()), keyPlace(copy));
        }
        if (secret != null) {
            copy.sealedSecret = dataKey.seal(bytes(secret.text()), secretPlace(copy));
        }
    }

    private static Secret open(DataKey dataKey, byte[] sealed, Place place) {
        return Secret.of(new String(dataKey.open(sealed, place), StandardCharsets.UTF_8));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Place keyPlace(KeyCopy copy) {
        return new Place(copy.organizationId, copy.keyId, KEY, copy.keyVersion);
    }

    private static Place secretPlace(KeyCopy copy) {
        return new Place(copy.organizationId, copy.keyId, SECRET, copy.secretVersion);
    }
}
