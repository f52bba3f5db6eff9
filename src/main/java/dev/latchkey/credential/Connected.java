package dev.latchkey.credential;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import jakarta.inject.Singleton;

import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.credential.Authorizations.Taken;
import dev.latchkey.credential.ConnectResult.Code;
import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.net.Destination;
import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Uni;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * New tokens that were given for a credential, and whether they take the place of those that stand.
 *
 * <p>
 * <b>Invariant:</b> a credential that works goes on to work, whatever comes of connecting it again. The old tokens stay until
 * the new ones have passed its test and belong to the same account; only then, in one statement, the new ones are there
 * ({@link Pairs#store}), and only after that the old ones are given back. Renewals go on meanwhile: one that has moved the pair
 * is no reason against the new one, which is then compared and stored anew. Where the credential is dead, or never lived,
 * there is nothing to lose: then tokens are also stored whose test reaches nobody.
 *
 * <p>
 * To give the old tokens back (RFC 7009) may end the new ones: many servers end all that one person has granted one client. So
 * they are given back only where the merchant has said the address himself, where both are not of one session, and not where
 * the new answer left the old refresh token in its place; then the new ones are tested once more, and a server that has ended
 * them is remembered.
 */
@Singleton
class Connected {

    private static final Logger LOG = Logger.getLogger(Connected.class);
    /** Renewals, and others who connect at the same time: none comes so often. */
    private static final int TRIES = 5;

    private final Probes probes;
    private final Pairs pairs;
    private final OpenCredentials open;
    private final CredentialSecrets secrets;
    private final Connections connections;
    private final RenewalEpisodes episodes;
    private final Revocations revocations;
    private final ConnectTokens tokens;
    private final CredentialChecks checks;
    private final Credentials credentials;

    Connected(Probes probes, Pairs pairs, OpenCredentials open, CredentialSecrets secrets, Connections connections,
            RenewalEpisodes episodes, Revocations revocations, ConnectTokens tokens, CredentialChecks checks,
            Credentials credentials) {
        this.probes = probes;
        this.pairs = pairs;
        this.open = open;
        this.secrets = secrets;
        this.connections = connections;
        this.episodes = episodes;
        this.revocations = revocations;
        this.tokens = tokens;
        this.checks = checks;
        this.credentials = credentials;
    }

    /**
     * New tokens.
     *
     * @param stored the credential as it was before
     * @param asked the scopes that were asked for
     * @param answer of the token endpoint
     */
    record Candidate(OpenCredential stored, long pairVersion, CredentialMaterial material, OAuth2 data, List<String> asked,
            Taken taken, CallbackParameters.Said said, Granted granted, JsonNode answer) {

        /** As it would be. */
        CredentialMaterial wanted() {
            return NewPair.in(material, data, granted);
        }

        ProbeSubject subject(Locale locale) {
            return wanted().subject(locale);
        }

        /** What was granted: what is not told is what was asked for (RFC 6749 section 5.1). */
        List<String> scopes() {
            return granted.scopes().isEmpty() ? asked : granted.scopes();
        }

        /** Of what is not stored. */
        ConnectResult refused(Code code, @Nullable String detail) {
            return ConnectResult.of(code, stored.name(), detail, taken.returnTo());
        }

        /** Whether tokens stood before. */
        boolean isAnew() {
            return data.accessToken() != null || data.refreshToken() != null;
        }

        /** The generated one would print the answer. */
        @Override
        public String toString() {
            return "Candidate[" + stored + "]";
        }
    }

    /** Tests them, compares them, and has them take the place of the old ones. */
    Uni<ConnectResult> take(Candidate candidate, Locale locale) {
        return probes.look(candidate.subject(locale)).flatMap(seen -> connections
                .find(candidate.taken().organization(), candidate.taken().credential()).flatMap(known -> {
                    ConnectedAccount account = ConnectedAccount.of(candidate.material().provider(), candidate.said().kept(),
                            candidate.answer(), seen.answer(), candidate.granted().accessToken()).orElse(null);
                    ConnectedAccount before = known.map(Connections.Known::account).orElse(null);
                    ProbeResult result = seen.result();
                    if (account != null && account.to(before) == ConnectedAccount.Likeness.OTHER) {
                        return Uni.createFrom().item(candidate.refused(Code.OTHER_ACCOUNT, null));
                    }
                    if (isRefused(candidate.stored(), result)) {
                        return Uni.createFrom().item(candidate.refused(Code.TEST_FAILED, result.detail()));
                    }
                    return stored(candidate, TRIES).flatMap(done -> done.stored().code() == Pairs.Stored.Code.STORED
                            ? finished(done.candidate(), new Found(result, account, known), done.stored().isRecovering(),
                                    locale)
                            : Uni.createFrom().item(candidate.refused(Code.CHANGED, null)));
                }));
    }

    /** Refused by the provider: never. Nobody reached, or a test that is wrong: not as long as there is something to lose. */
    private static boolean isRefused(OpenCredential stored, ProbeResult result) {
        if (result.status() != CredentialStatus.RED) {
            return false;
        }
        return switch (result.reason()) {
            case INVALID, REAUTHORIZATION_REQUIRED -> true;
            case VALID, EXPIRING, LIMITED, UNREACHABLE, PROVIDER_ERROR, TLS, TIMEOUT, RATE_LIMITED, BLOCKED_ADDRESS,
                    MISCONFIGURED, NOT_CONNECTED, NOT_VERIFIABLE ->
                lives(stored);
        };
    }

    private static boolean lives(OpenCredential stored) {
        return stored.data() instanceof OAuth2 data && (data.accessToken() != null || data.refreshToken() != null)
                && switch (stored.reason()) {
                    case INVALID, REAUTHORIZATION_REQUIRED, NOT_CONNECTED -> false;
                    case VALID, EXPIRING, LIMITED, UNREACHABLE, PROVIDER_ERROR, TLS, TIMEOUT, RATE_LIMITED, BLOCKED_ADDRESS,
                            MISCONFIGURED, NOT_VERIFIABLE ->
                        true;
                };
    }

    /** New tokens, with the credential as it was just before they were stored, and what became of them. */
    private record Done(Candidate candidate, Pairs.Stored stored) {
    }

    /** Where another pair has come in between, the credential is looked at once more. */
    private Uni<Done> stored(Candidate candidate, int tries) {
        Taken taken = candidate.taken();
        return pairs.store(taken.organization(), taken.credential(), candidate.pairVersion(), candidate.granted())
                .flatMap(stored -> stored.code() == Pairs.Stored.Code.MOVED && tries > 0 ? again(candidate, tries - 1)
                        : Uni.createFrom().item(new Done(candidate, stored)));
    }

    private Uni<Done> again(Candidate candidate, int tries) {
        Taken taken = candidate.taken();
        Done gone = new Done(candidate, Pairs.Stored.not(Pairs.Stored.Code.GONE, 0));
        return pairs.version(taken.organization(), taken.credential())
                .flatMap(version -> open.of(taken.organization(), taken.credential())
                        .flatMap(now -> anew(candidate, now, version).map(later -> stored(later, tries))
                                .orElseGet(() -> Uni.createFrom().item(gone))))
                .onFailure(ProblemException.class).recoverWithItem(gone);
    }

    /** The same of a credential that was renewed in between; empty where it leads elsewhere by now. */
    private Optional<Candidate> anew(Candidate candidate, OpenCredential now, long version) {
        if (!(now.data() instanceof OAuth2 data)) {
            return Optional.empty();
        }
        CredentialMaterial material = checks.material(now);
        AuthorizationAddress address = AuthorizationAddress.of(material, data);
        Destination there = address.endpoint();
        Destination tokenUrl = address.tokenEndpoint();
        return there != null && tokenUrl != null
                && tokens.isClient(candidate.taken().client(), data.clientId(), there.url(), tokenUrl.url())
                        ? Optional.of(new Candidate(now, version, material, data, candidate.asked(), candidate.taken(),
                                candidate.said(), candidate.granted(), candidate.answer()))
                        : Optional.empty();
    }

    /**
     * What was found out about them.
     *
     * @param account null: not told
     * @param known of the connection that stood before
     */
    private record Found(ProbeResult result, @Nullable ConnectedAccount account, Optional<Connections.Known> known) {

        List<String> lost(List<String> granted) {
            List<String> lost = new ArrayList<>(known.map(Connections.Known::scopes).orElse(List.of()));
            lost.removeAll(new HashSet<>(granted));
            return lost;
        }

        boolean isSameAccount() {
            return account != null
                    && account.to(known.map(Connections.Known::account).orElse(null)) == ConnectedAccount.Likeness.SAME;
        }
    }

    private Uni<ConnectResult> finished(Candidate candidate, Found found, boolean isRecovering, Locale locale) {
        List<String> lost = found.lost(candidate.scopes());
        boolean isUnproved = candidate.isAnew() && !found.isSameAccount();
        Taken taken = candidate.taken();
        return secrets.key(taken.organization())
                .flatMap(key -> connections.connected(new Connections.Made(candidate.stored(), taken.by(),
                        new Credentials.Tried(candidate.wanted(), Outcome.of(found.result()),
                                Probes.host(candidate.subject(locale)), key),
                        found.account(), isUnproved, candidate.scopes(), lost, candidate.said().kept())))
                .call(() -> isRecovering ? episodes.recovered(taken.organization(), taken.credential())
                        : Uni.createFrom().voidItem())
                .chain(() -> givenBack(candidate, found.known(), locale))
                .map(isEnded -> new ConnectResult(isEnded ? Code.ENDED_WITH_THE_OLD : code(found.result().status()),
                        candidate.stored().name(), found.result().detail(), lost, isUnproved, taken.returnTo()));
    }

    private static Code code(CredentialStatus shown) {
        return switch (shown) {
            case GREEN, YELLOW -> Code.CONNECTED;
            case RED, UNKNOWN -> Code.CONNECTED_UNTESTED;
        };
    }

    /** Gives the old tokens back; whether that has ended the new ones. That it could not be done is written down. */
    private Uni<Boolean> givenBack(Candidate candidate, Optional<Connections.Known> known, Locale locale) {
        if (!isToBeGivenBack(candidate) || known.map(Connections.Known::endsAsGrant).orElse(false)) {
            return Uni.createFrom().item(false);
        }
        OpenCredential before = candidate.stored();
        Taken taken = candidate.taken();
        return revocations.revoke(before, locale).flatMap(revocation -> revocation.isEmpty()
                ? Uni.createFrom().item(false)
                : connections.revoked(before, taken.by(), revocation.get()).chain(() -> probes.test(candidate.subject(locale)))
                        .flatMap(after -> ended(candidate, after)))
                .onFailure().invoke(fault -> LOG.warnf("old tokens were not given back: org=%s credentialId=%s cause=%s",
                        taken.organization(), taken.credential(), fault))
                .onFailure().recoverWithItem(false);
    }

    private static boolean isToBeGivenBack(Candidate candidate) {
        OAuth2 before = candidate.data();
        OAuth2 wanted = NewPair.in(before, candidate.granted());
        boolean isKept = before.refreshToken() != null && before.refreshToken().equals(wanted.refreshToken())
                || before.accessToken() != null && before.accessToken().equals(wanted.accessToken());
        return candidate.isAnew() && !isKept && before.revokeUrl() != null
                && !ConnectedAccount.areOfOneSession(before.refreshToken(), wanted.refreshToken())
                && !ConnectedAccount.areOfOneSession(before.accessToken(), wanted.accessToken());
    }

    private Uni<Boolean> ended(Candidate candidate, ProbeResult after) {
        boolean isEnded = after.reason() == ProbeReason.INVALID || after.reason() == ProbeReason.REAUTHORIZATION_REQUIRED;
        Taken taken = candidate.taken();
        return !isEnded ? Uni.createFrom().item(false)
                : connections.endsAsGrant(taken.credential())
                        .chain(() -> open.of(taken.organization(), taken.credential()))
                        .flatMap(now -> credentials.tested(now,
                                new CredentialChecks.Shown(after, null, after.checkedAt()), taken.by()))
                        .replaceWith(true);
    }
}
