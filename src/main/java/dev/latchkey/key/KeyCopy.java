package dev.latchkey.key;

import java.util.UUID;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import org.jspecify.annotations.Nullable;

/** A recoverable key as it was handed out last, sealed. Made with its key or never. */
@Entity
@Table(name = "key_copy")
class KeyCopy extends PanacheEntityBase {

    @Id
    @Column(name = "key_id")
    public UUID keyId;
    @Column(name = "organization_id")
    public UUID organizationId;
    @Column(name = "sealed_key")
    public byte[] sealedKey;
    @Column(name = "key_version")
    public long keyVersion;
    @Column(name = "sealed_secret")
    public byte @Nullable [] sealedSecret;
    @Column(name = "secret_version")
    public long secretVersion;
}
