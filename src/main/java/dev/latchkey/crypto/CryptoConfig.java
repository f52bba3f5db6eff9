package dev.latchkey.crypto;

import java.util.Optional;

import io.smallrye.config.ConfigMapping;

/** The keys that stay outside the database. With the embedded database they are generated; otherwise they are required. */
@ConfigMapping(prefix = "latchkey")
interface CryptoConfig {

    /**
     * Sealing keys, {@code id:base64} of 32 bytes, comma-separated; the first one seals. No default: a key that everyone
     * knows protects nothing.
     */
    Optional<String> masterKey();

    /** A file that holds what {@link #masterKey()} would, as orchestrators mount secrets. */
    Optional<String> masterKeyFile();

    /** Digest keys of API keys, in the same form; the first one digests. No default, for the same reason. */
    Optional<String> pepper();

    /** A file that holds what {@link #pepper()} would. */
    Optional<String> pepperFile();
}
