package dev.latchkey.credential;

import java.util.Locale;

import jakarta.inject.Singleton;

import dev.latchkey.credential.Authorizations.Taken;
import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.credential.TokenRequests.Kind;
import dev.latchkey.net.Destination;
import io.smallrye.mutiny.Uni;
import org.jboss.logging.Logger;

/**
 * Gives tokens back (RFC 7009) whose place others have taken, so that copies of them are worth nothing.
 *
 * <p>
 * That may end the new ones: many servers end all that one person has granted one client. So they are given back only where the
 * credential itself has an address for it, said or published; not at a provider's whose entry has one, which are those of which
 * it is known; not where both are of one session, nor where the new answer left the old refresh token in its place; and not at
 * a server that has done so to another credential of the organization. Then the new ones are proved once more. Where the old
 * ones were alive, by renewing the new ones at once, since an access token that is a JWT outlives its grant; else, and where
 * nothing renews them so soon, by the test. A server that has ended them is remembered, and people are asked to connect once
 * more.
 */
@Singleton
class OldTokens {

    private static final Logger LOG = Logger.getLogger(OldTokens.class);

    private final Revocations revocations;
    private final Connections connections;
    private final Providers providers;
    private final FreshTokens tokens;
    private final RenewalQueries renewals;
    private final Probes probes;
    private final OpenCredentials open;
    private final Credentials credentials;

    OldTokens(Revocations revocations, Connections connections, Providers providers, FreshTokens tokens,
            RenewalQueries renewals, Probes probes, OpenCredentials open, Credentials credentials) {
        this.revocations = revocations;
        this.connections = connections;
        this.providers = providers;
        this.tokens = tokens;
        this.renewals = renewals;
        this.probes = probes;
        this.open = open;
        this.credentials = credentials;
    }

    /**
     * Gives the old tokens back. Never fails: that it could not be done is written down.
     *
     * @param candidate the new ones, stored, with the credential as it was before
     * @param keeps whether the old refresh token is theirs, too
     * @return whether that has ended the new ones
     */
    Uni<Boolean> giveBack(Candidate candidate, boolean keeps, Locale locale) {
        String revokeUrl = candidate.before().data().revokeUrl();
        if (revokeUrl == null || !mayBeGivenBack(candidate, keeps)) {
            return Uni.createFrom().item(false);
        }
        Taken taken = candidate.taken();
        return connections.endsGrants(taken.organization(), revokeUrl)
                .flatMap(isKnown -> isKnown ? Uni.createFrom().item(false) : givenBack(candidate, revokeUrl, keeps, locale))
                .onFailure().invoke(fault -> LOG.warnf("old tokens were not given back: org=%s credentialId=%s cause=%s",
                        taken.organization(), taken.credential(), fault))
                .onFailure().recoverWithItem(false);
    }

    private boolean mayBeGivenBack(Candidate candidate, boolean keeps) {
        OAuth2 before = candidate.before().data();
        OAuth2 wanted = candidate.data(keeps);
        boolean isKept = before.refreshToken() != null && before.refreshToken().equals(wanted.refreshToken())
                || before.accessToken() != null && before.accessToken().equals(wanted.accessToken());
        return candidate.before().hasTokens() && !isKept
                && candidate.before().material().revocation().map(there -> !isOfAnEntry(there)).orElse(false)
                && !ConnectedAccount.areOfOneSession(before.refreshToken(), wanted.refreshToken())
                && !ConnectedAccount.areOfOneSession(before.accessToken(), wanted.accessToken());
    }

    /** Whoever has said the address. */
    private boolean isOfAnEntry(Destination there) {
        return providers.all().stream().anyMatch(provider -> provider.oauth2() != null
                && provider.oauth2().revokeUrl() != null && provider.admits(there));
    }

    private Uni<Boolean> givenBack(Candidate candidate, String revokeUrl, boolean keeps, Locale locale) {
        OpenCredential before = candidate.before().stored();
        Taken taken = candidate.taken();
        return revocations.revoke(before, locale).flatMap(revocation -> revocation.isEmpty() ? Uni.createFrom().item(false)
                : connections.revoked(before, taken.by(), revocation.get())
                        .chain(() -> isToBeRenewed(candidate, keeps) ? endedAsRenewed(taken)
                                : endedAsTested(candidate, keeps, locale))
                        .call(isEnded -> isEnded ? connections.rememberEnding(taken.credential(), revokeUrl)
                                : Uni.createFrom().voidItem()));
    }

    /** Of providers that renew nothing that is so young, the refresh token cannot be asked. */
    private static boolean isToBeRenewed(Candidate candidate, boolean keeps) {
        Provider provider = candidate.before().material().provider();
        boolean isTooYoung = provider != null && provider.oauth2() != null
                && provider.oauth2().renewal().earliest() != null;
        return candidate.before().lives() && !isTooYoung
                && TokenRequests.kind(candidate.data(keeps), provider) == Kind.REFRESH_TOKEN;
    }

    /** What the renewal has come to, it has written down itself. */
    private Uni<Boolean> endedAsRenewed(Taken taken) {
        return tokens.renewedNow(taken.organization(), taken.credential())
                .chain(() -> renewals.shown(taken.organization(), taken.credential()))
                .map(shown -> shown.map(RenewalQueries.Shown::isOver).orElse(false));
    }

    private Uni<Boolean> endedAsTested(Candidate candidate, boolean keeps, Locale locale) {
        Taken taken = candidate.taken();
        return probes.test(candidate.subject(keeps, locale)).flatMap(after -> {
            boolean isEnded = after.reason() == ProbeReason.INVALID || after.reason() == ProbeReason.REAUTHORIZATION_REQUIRED;
            return !isEnded ? Uni.createFrom().item(false)
                    : open.of(taken.organization(), taken.credential())
                            .flatMap(now -> credentials.tested(now,
                                    new CredentialChecks.Shown(after, null, after.checkedAt()), taken.by()))
                            .replaceWith(true);
        });
    }
}
