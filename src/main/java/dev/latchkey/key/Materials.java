package dev.latchkey.key;

import java.security.SecureRandom;
import java.time.Instant;

import jakarta.inject.Singleton;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.latchkey.crypto.Peppers;
import dev.latchkey.tenant.Organization;
import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/**
 * Makes what is handed out of keys, and keeps its digests: one row for each pair ({@link KeyPairs}). In a transaction of
 * {@link Keys}.
 */
@Singleton
class Materials {

    private final Peppers peppers;
    private final KeyPairs pairs;
    private final SecureRandom random;

    Materials(Peppers peppers, KeyPairs pairs, SecureRandom random) {
        this.peppers = peppers;
        this.pairs = pairs;
        this.random = random;
    }

    /** The first material of a key. */
    Uni<Keys.Issued> issue(Key key, boolean withSecret, Instant now) {
        return prefix(key).flatMap(prefix -> {
            KeyMaterial made = material(key, now);
            return keep(key, made, put(key, made, token(key, prefix), withSecret ? secret(prefix) : null));
        });
    }

    /**
     * Replaces a part of the current material, or all of it. An earlier predecessor dies now.
     *
     * @param part null: all
     * @param diesAt when the replaced pair dies; now or before: at once
     * @throws ProblemException 409 for the secret of a key that has none
     */
    Uni<Keys.Issued> replace(Key key, @Nullable KeyPart part, Instant diesAt, Instant now) {
        return KeyMaterial.endPrevious(key.id, now).flatMap(ended -> prefix(key))
                .flatMap(prefix -> KeyMaterial.currentOf(key.id).flatMap(old -> {
                    boolean isPair = old.secretDigest != null;
                    if (part == KeyPart.SECRET && !isPair) {
                        throw ProblemException.conflict("The key has no secret, and gets none: that is decided at creation.");
                    }
                    KeyMaterial made = material(key, now);
                    made.pepperId = old.pepperId;
                    made.start = old.start;
                    made.secretDigest = old.secretDigest;
                    made.secretPepperId = old.secretPepperId;
                    Keys.Issued issued = put(key, made, part == KeyPart.SECRET ? null : token(key, prefix),
                            isPair && part != KeyPart.KEY ? secret(prefix) : null);
                    if (issued.token() == null) {
                        // A token leads to one row, the current one.
                        made.digest = old.digest;
                        old.digest = null;
                    }
                    old.state = diesAt.isAfter(now) ? KeyMaterial.PREVIOUS : KeyMaterial.REPLACED;
                    old.diesAt = diesAt;
                    return old.flush().flatMap(done -> keep(key, made, issued));
                }));
    }

    /** The key first, so that its new version is in what is read of it; a new one only now, as all of it is known. */
    private static Uni<Keys.Issued> keep(Key key, KeyMaterial made, Keys.Issued issued) {
        return key.persistAndFlush().flatMap(done -> made.persistAndFlush()).replaceWith(issued);
    }

    private Keys.Issued put(Key key, KeyMaterial made, @Nullable KeyToken token, @Nullable KeySecret secret) {
        if (token != null) {
            Peppers.Digest digest = peppers.digest(Peppers.fingerprint(token.text()));
            made.digest = digest.bytes();
            made.pepperId = digest.pepperId();
            made.start = token.start();
            key.start = token.start();
        }
        if (secret != null) {
            Peppers.Digest digest = pairs.digest(key.id, secret);
            made.secretDigest = digest.bytes();
            made.secretPepperId = digest.pepperId();
        }
        return new Keys.Issued(key.id, made.start, token, secret);
    }

    private static KeyMaterial material(Key key, Instant now) {
        KeyMaterial material = new KeyMaterial();
        material.id = UuidCreator.getTimeOrderedEpoch();
        material.keyId = key.id;
        material.state = KeyMaterial.CURRENT;
        material.createdAt = now;
        return material;
    }

    private static Uni<String> prefix(Key key) {
        return Organization.<Organization> findById(key.organizationId).onItem().ifNull()
                .failWith(ProblemException::notFound).map(organization -> organization.keyPrefix);
    }

    private KeyToken token(Key key, String prefix) {
        return KeyToken.generate(prefix, key.environment, random);
    }

    private KeySecret secret(String prefix) {
        return KeySecret.generate(prefix, random);
    }
}
