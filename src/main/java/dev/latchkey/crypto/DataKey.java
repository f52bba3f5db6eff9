package dev.latchkey.crypto;

import java.util.UUID;

import javax.crypto.spec.SecretKeySpec;

/** What the secrets of one organization are sealed with. Seals and opens, and shows its bytes to nobody. */
public final class DataKey {

    private final UUID id;
    private final UUID organization;
    private final SecretKeySpec key;
    private final Sealer sealer;

    DataKey(UUID id, UUID organization, SecretKeySpec key, Sealer sealer) {
        this.id = id;
        this.organization = organization;
        this.key = key;
        this.sealer = sealer;
    }

    /** @throws IllegalArgumentException for a place of another organization */
    public byte[] seal(byte[] plaintext, Sealer.Place place) {
        if (!place.organization().equals(organization)) {
            throw new IllegalArgumentException("the place belongs to another organization than the data key");
        }
        return sealer.seal(this, plaintext, place);
    }

    /** @throws SealBrokenException when the value is damaged, or was sealed for another place or with another key */
    public byte[] open(byte[] sealed, Sealer.Place place) {
        return sealer.open(this, sealed, place);
    }

    UUID id() {
        return id;
    }

    SecretKeySpec key() {
        return key;
    }

    @Override
    public String toString() {
        return "DataKey[" + id + "]";
    }
}
