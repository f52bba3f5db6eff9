package dev.latchkey.credential;

import dev.latchkey.identity.Caller;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import io.quarkus.security.identity.SecurityIdentity;

/** Who reads and writes credentials: those who reach every store, as most credentials are for all of them. */
final class CredentialCallers {

    private CredentialCallers() {
    }

    /** @throws ProblemException 400 where the platform has to name an organization, 403 for a key that is limited to stores */
    static Caller of(SecurityIdentity identity) {
        Caller caller = Caller.of(identity);
        if (!caller.reachesAllStores()) {
            throw new ProblemException(ProblemCode.STORE_FORBIDDEN,
                    "A key that is limited to stores cannot read or write credentials.");
        }
        caller.tenant();
        return caller;
    }
}
