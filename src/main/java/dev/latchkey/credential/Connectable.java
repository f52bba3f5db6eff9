package dev.latchkey.credential;

import dev.latchkey.credential.CredentialData.OAuth2;

/**
 * A credential that a person may agree to, as it stands.
 *
 * @param pairVersion of its tokens, read before they were
 * @param address where the person is sent to
 */
record Connectable(OpenCredential stored, long pairVersion, CredentialMaterial material, OAuth2 data,
        AuthorizationAddress address) {

    /** Whether it has tokens. */
    boolean hasTokens() {
        return data.accessToken() != null || data.refreshToken() != null;
    }

    /** Whether there is something to lose: tokens of which nobody has said that they are refused. */
    boolean lives() {
        return hasTokens() && switch (stored.reason()) {
            case INVALID, REAUTHORIZATION_REQUIRED, NOT_CONNECTED -> false;
            case VALID, EXPIRING, LIMITED, UNREACHABLE, PROVIDER_ERROR, TLS, TIMEOUT, RATE_LIMITED, BLOCKED_ADDRESS,
                    MISCONFIGURED, NOT_VERIFIABLE ->
                true;
        };
    }

    /** The generated one would print more than its name. */
    @Override
    public String toString() {
        return "Connectable[" + stored + "]";
    }
}
