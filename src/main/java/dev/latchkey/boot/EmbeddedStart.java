package dev.latchkey.boot;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;

/**
 * A start without an external database: everything that is missing is made, and told to Quarkus as system properties.
 *
 * <p>
 * What the user has set is left alone, one by one: own keys, an own identity provider, an own public URL. The database is
 * started last, so that no failure leaves it running, and the keys are made before it, so that an interrupted first start
 * never leaves a database without its keys.
 */
final class EmbeddedStart {

    static final String DEFAULT_DATA_DIR = ".latchkey";

    /** Whoever tries it on one machine has what it calls there, too. */
    static final String THIS_MACHINE = "127.0.0.0/8,[::1]";

    private final Settings settings;
    private final SecureRandom random;
    private final InstantSource time;

    EmbeddedStart(Settings settings, SecureRandom random, InstantSource time) {
        this.settings = settings;
        this.random = random;
        this.time = time;
    }

    /**
     * Blocks until the database accepts connections; it then holds the data directory until it is closed.
     *
     * @throws StartRefused with the reason and what to do
     */
    EmbeddedDatabase start() {
        DataDirectory data = DataDirectory.open(Path.of(settings.get(Settings.DATA_DIR).orElse(DEFAULT_DATA_DIR)));
        try {
            makeKeys(data);
            makeIssuer(data);
            EmbeddedDatabase database = EmbeddedDatabase.start(data, random);
            System.setProperty(Settings.DATABASE_URL, database.reactiveUrl());
            System.setProperty(Settings.USERNAME, database.username());
            System.setProperty(Settings.PASSWORD, database.password());
            if (!settings.hasAny(Settings.JSON_LOGS)) {
                // A person reads these; what collects logs stands beside an external database.
                System.setProperty(Settings.JSON_LOGS, "false");
            }
            System.setProperty(Settings.ALONE, "true");
            if (!settings.hasAny(Settings.PUBLIC_URL)) {
                System.setProperty(Settings.PUBLIC_URL, "http://localhost:${" + Settings.HTTP_PORT + "}");
            }
            if (!settings.hasAny(Settings.EGRESS_ALLOW)) {
                System.setProperty(Settings.EGRESS_ALLOW, THIS_MACHINE);
            }
            return database;
        } catch (RuntimeException e) {
            data.close();
            throw e;
        }
    }

    private void makeKeys(DataDirectory data) {
        if (!settings.hasAny(Settings.MASTER_KEY, Settings.MASTER_KEY_FILE)) {
            System.setProperty(Settings.MASTER_KEY_FILE, GeneratedKeys.masterKey(data, random).toString());
        }
        if (!settings.hasAny(Settings.PEPPER, Settings.PEPPER_FILE)) {
            System.setProperty(Settings.PEPPER_FILE, GeneratedKeys.pepper(data, random).toString());
        }
    }

    private void makeIssuer(DataDirectory data) {
        boolean ownKey = settings.hasAny(Settings.PUBLIC_KEY_LOCATION);
        boolean ownIssuer = settings.hasAny(Settings.ISSUER);
        if (ownKey != ownIssuer) {
            throw new StartRefused((ownKey ? "MP_JWT_VERIFY_ISSUER" : "MP_JWT_VERIFY_PUBLICKEY_LOCATION") + " is missing: an"
                    + " identity provider needs both its public key's location and its issuer; with neither, Latchkey brings"
                    + " its own.");
        }
        if (!ownKey) {
            LocalIssuer issuer = LocalIssuer.in(data, random, time);
            System.setProperty(Settings.PUBLIC_KEY_LOCATION, issuer.publicKeyLocation());
            System.setProperty(Settings.ISSUER, LocalIssuer.NAME);
            System.setProperty(Welcome.OWNER_TOKEN_FILE, issuer.writeOwnerToken(data).toString());
        }
    }
}
