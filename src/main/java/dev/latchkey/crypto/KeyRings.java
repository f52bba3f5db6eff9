package dev.latchkey.crypto;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

import io.quarkus.runtime.configuration.ConfigurationException;

/** Makes the key rings of this process from its configuration, or stops its start with a line that names the setting. */
@Singleton
final class KeyRings {

    @Produces
    @Singleton
    Sealer sealer(CryptoConfig config, SecureRandom random) {
        return new Sealer(ring("LATCHKEY_MASTER_KEY", config.masterKey(), config.masterKeyFile()), random);
    }

    @Produces
    @Singleton
    Peppers peppers(CryptoConfig config) {
        return new Peppers(ring("LATCHKEY_PEPPER", config.pepper(), config.pepperFile()));
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
