package dev.latchkey.credential;

import java.util.Optional;
import java.util.UUID;

import jakarta.inject.Singleton;

import dev.latchkey.credential.CredentialData.Grant;
import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Uni;

/** Reads credentials that a person may agree to, and finds out whether they are still what he was sent away for. */
@Singleton
class Connectables {

    private static final int INTERNAL = 500;

    private final PairTable pairs;
    private final OpenCredentials open;
    private final CredentialChecks checks;
    private final ConnectTokens tokens;

    Connectables(PairTable pairs, OpenCredentials open, CredentialChecks checks, ConnectTokens tokens) {
        this.pairs = pairs;
        this.open = open;
        this.checks = checks;
        this.tokens = tokens;
    }

    /**
     * One as it stands; empty where it is deleted, altered, or none that fits its provider's entry any more.
     *
     * @throws ProblemException 503 where no master key of this process opens it
     */
    Uni<Optional<Connectable>> find(UUID organization, UUID credential) {
        // The version first: what moves between the two is found out when the new tokens are stored.
        return pairs.version(organization, credential)
                .flatMap(version -> open.of(organization, credential).map(stored -> asItStands(stored, version)))
                .onFailure(Connectables::isOther).recoverWithItem(Optional.empty());
    }

    private static boolean isOther(Throwable failure) {
        return failure instanceof ProblemException problem && problem.code().status() < INTERNAL;
    }

    private Optional<Connectable> asItStands(OpenCredential stored, long pairVersion) {
        if (!(stored.data() instanceof OAuth2 data) || data.grant() != Grant.AUTHORIZATION_CODE) {
            return Optional.empty();
        }
        CredentialMaterial material = checks.material(stored);
        return Optional
                .of(new Connectable(stored, pairVersion, material, data, AuthorizationAddress.of(material, data)));
    }

    /** Whether it is the same client at the same addresses as when someone was sent there. */
    boolean isStillFor(Authorizations.Taken taken, Connectable now) {
        AuthorizationAddress.Ends ends = now.address().ends();
        return ends != null && tokens.isClient(taken.client(), ends.parts());
    }
}
