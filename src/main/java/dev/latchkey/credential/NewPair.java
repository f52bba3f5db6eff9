package dev.latchkey.credential;

import java.util.HashMap;
import java.util.Map;

import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.crypto.Secret;

/** A credential as it is with tokens that it was just given. */
final class NewPair {

    private NewPair() {
    }

    /**
     * The same with these tokens.
     *
     * @param keeps whether a refresh token that the answer does not name is the one that there is: of a renewal it is (RFC 6749
     *        section 6); what a person has agreed to is a grant of its own, and has none then (section 4.1.4)
     */
    static OAuth2 in(OAuth2 data, Granted granted, boolean keeps) {
        Secret refreshToken = granted.refreshToken() == null && keeps ? data.refreshToken() : granted.refreshToken();
        return new OAuth2(data.grant(), data.clientId(), data.clientSecret(), data.tokenUrl(), data.authorizeUrl(),
                data.revokeUrl(), data.scopes(), granted.accessToken(), refreshToken, granted.expiresAt(), data.clientAuth(),
                data.pkce(), data.issuer());
    }

    /** The same with these tokens, which are sealed like those before. */
    static CredentialMaterial in(CredentialMaterial material, OAuth2 data, Granted granted, boolean keeps) {
        OAuth2 wanted = in(data, granted, keeps);
        Map<String, Secret> secrets = new HashMap<>(material.secrets());
        secrets.put("accessToken", granted.accessToken());
        if (wanted.refreshToken() == null) {
            secrets.remove("refreshToken");
        } else {
            secrets.put("refreshToken", wanted.refreshToken());
        }
        return new CredentialMaterial(material.provider(), material.variables(), material.baseUrl(), wanted, secrets,
                material.test(), material.places());
    }
}
