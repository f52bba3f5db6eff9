package dev.latchkey.boot;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * The key files that are made for an embedded database whose user configured none: {@code master.key} seals, {@code
 * pepper.key} digests.
 *
 * <p>
 * Made only while there is no database yet: beside an existing one a new key would start without a word and open nothing.
 * One that is there without a database (the first start was interrupted, or someone moved the database away) is kept.
 */
final class GeneratedKeys {

    static final String MASTER_KEY = "master.key";
    static final String PEPPER = "pepper.key";

    private static final int KEY_BYTES = 32;

    private GeneratedKeys() {
    }

    /** The file with the key that seals credentials. */
    static Path masterKey(DataDirectory data, SecureRandom random) {
        return keyFile(data, MASTER_KEY, "m1", "the credentials and secrets sealed in the database cannot be opened", random);
    }

    /** The file with the key of the digests of API keys. */
    static Path pepper(DataDirectory data, SecureRandom random) {
        return keyFile(data, PEPPER, "p1", "no API key issued so far can be verified", random);
    }

    private static Path keyFile(DataDirectory data, String name, String id, String loss, SecureRandom random) {
        Path file = data.resolve(name);
        if (Files.exists(file)) {
            return file;
        }
        if (data.hasDatabase()) {
            throw new StartRefused("The key file " + file + " is missing, and without it " + loss
                    + ": restore it from a backup, or move " + data.resolve(Cluster.DIRECTORY)
                    + " away to begin with an empty database.");
        }
        byte[] key = new byte[KEY_BYTES];
        random.nextBytes(key);
        data.writePrivate(name, id + ":" + Base64.getEncoder().encodeToString(key) + "\n");
        return file;
    }
}
