package dev.latchkey.crypto;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.configuration.ConfigurationException;

/** Makes the key rings of this process from its configuration, or stops its start with a line that names the setting. */
@Singleton
final class KeyRings {

    @Produces
    @Singleton
    Sealer sealer(CryptoConfig config, SecureRandom random, MeterRegistry metrics) {
        return new Sealer(ring("LATCHKEY_MASTER_KEY", config.masterKey(), config.masterKeyFile()), random, metrics);
    }

    @Produces
    @Singleton
    Peppers peppers(CryptoConfig config) {
        KeyRing ring = ring("LATCHKEY_PEPPER", config.pepper(), config.pepperFile());
        // Whoever came by the one would have the other, and the two leave the house on different ways.
        if (ring.sharesKeyWith(ring("LATCHKEY_MASTER_KEY", config.masterKey(), config.masterKeyFile()))) {
            throw new ConfigurationException("LATCHKEY_PEPPER and LATCHKEY_MASTER_KEY hold the same key: make one for each,"
                    + " 'openssl rand -base64 32' does");
        }
        return new Peppers(ring);
    }

    private static KeyRing ring(String setting, Optional<String> value, Optional<String> file) {
        try {
            if (value.isPresent()) {
                return KeyRing.parse(setting, value.get());
            }
            String path = file.orElseThrow(() -> new IllegalArgumentException(setting + " is not set"));
            return KeyRing.parse(setting + "_FILE (" + path + ")", Files.readString(Path.of(path)));
        } catch (IllegalArgumentException malformed) {
            throw new ConfigurationException(malformed.getMessage());
        } catch (IOException unreadable) {
            throw new ConfigurationException(setting + "_FILE: cannot read " + file.orElseThrow());
        }
    }
}
