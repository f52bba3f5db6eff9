package dev.latchkey.credential;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

import jakarta.inject.Singleton;

import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.crypto.Peppers;
import dev.latchkey.crypto.Secret;

/**
 * What an OAuth app is called in rows: credentials that sign in as the same client with the same secret at the same token host.
 * One whose secret is entered anew is another app, which nobody has refused yet.
 */
@Singleton
class RenewalApps {

    private static final int BYTES = 16;

    private final Peppers peppers;

    RenewalApps(Peppers peppers) {
        this.peppers = peppers;
    }

    /** A tag that tells nothing of either, nor lets anyone try secrets. */
    String of(String host, OAuth2 data) {
        Secret secret = data.clientSecret();
        String text = host + "\n" + data.clientId() + "\n" + (secret == null ? "" : secret.reveal());
        return HexFormat.of().formatHex(peppers.tag("renewal-app", text.getBytes(StandardCharsets.UTF_8)), 0, BYTES);
    }
}
