package dev.latchkey.testing;

import java.time.Duration;
import java.util.UUID;

/**
 * The packaged application beside a real {@link Keycloak}, whose realm knows it as a client, and someone who has an account
 * there.
 */
public final class Marketplace implements AutoCloseable {

    public static final String CLIENT = "shop";
    public static final String USER = "ana";

    private final Keycloak keycloak;
    private final LatchkeyProcess latchkey;
    private final String clientSecret = UUID.randomUUID().toString();
    private final String password = UUID.randomUUID().toString();

    private Marketplace(Keycloak keycloak, LatchkeyProcess latchkey) {
        this.keycloak = keycloak;
        this.latchkey = latchkey;
    }

    /** Starts both; access tokens of the realm live that long. */
    public static Marketplace start(Duration accessTokenLifetime) {
        Marketplace started = new Marketplace(Keycloak.start(),
                LatchkeyProcess.on(Databases.create()).with("LATCHKEY_EGRESS_ALLOW", "127.0.0.0/8").ready());
        started.keycloak.createRealm(accessTokenLifetime);
        started.keycloak.createClient(CLIENT, started.clientSecret, started.callback());
        started.keycloak.createUser(USER, started.password);
        return started;
    }

    public Keycloak keycloak() {
        return keycloak;
    }

    public LatchkeyProcess latchkey() {
        return latchkey;
    }

    public String clientSecret() {
        return clientSecret;
    }

    /** Of the {@link #USER}. */
    public String password() {
        return password;
    }

    /** Where the realm sends people back to. */
    public String callback() {
        return latchkey.baseUrl() + "/oauth2/callback";
    }

    @Override
    public void close() {
        try {
            latchkey.close();
        } finally {
            keycloak.close();
        }
    }
}
