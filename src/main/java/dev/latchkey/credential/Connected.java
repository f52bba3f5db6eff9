package dev.latchkey.credential;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

import jakarta.inject.Singleton;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.latchkey.credential.Authorizations.Taken;
import dev.latchkey.credential.ConnectResult.Code;
import dev.latchkey.credential.ConnectedAccount.Likeness;
import io.smallrye.mutiny.Uni;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * New tokens that were given for a credential, and whether they take the place of those that stand.
 *
 * <p>
 * <b>Invariant:</b> tokens that stand are replaced by nothing that is not known to be as good. They stay until the new ones
 * have passed the test and belong to the same account; only then, in one statement, the new ones are there, with whose they are
 * ({@link Pairs}), and only after that the old ones are given back ({@link OldTokens}). What a person has agreed to takes the
 * place of both tokens: an old refresh token beside a new access token could be another account's ({@link Candidate#mayKeep}).
 * Where the credential is dead, or never lived, there is nothing to lose: then tokens are also stored whose test reaches
 * nobody.
 *
 * <p>
 * <b>Who may break it.</b> Renewals go on meanwhile, people edit, and two may connect at once. Whoever has moved the pair, or
 * edited anything, since the credential was read makes the statement write nothing; then it is read, and compared with what
 * stands by now, anew. Where the database is away, the new tokens, which exist nowhere else, are held for a while.
 */
@Singleton
class Connected {

    private static final Logger LOG = Logger.getLogger(Connected.class);
    /** Renewals, and others who connect at the same time: none comes so often. */
    private static final int TRIES = 5;
    /** A person waits. */
    private static final Duration HELD = Duration.ofSeconds(30);
    private static final Duration PAUSE = Duration.ofMillis(500);

    private final Probes probes;
    private final Pairs pairs;
    private final Connectables connectables;
    private final CredentialSecrets secrets;
    private final Connections connections;
    private final RenewalEpisodes episodes;
    private final OldTokens oldTokens;
    private final OwnContext contexts;
    private final Ticker ticker;

    Connected(Probes probes, Pairs pairs, Connectables connectables, CredentialSecrets secrets, Connections connections,
            RenewalEpisodes episodes, OldTokens oldTokens, OwnContext contexts, Ticker ticker) {
        this.probes = probes;
        this.pairs = pairs;
        this.connectables = connectables;
        this.secrets = secrets;
        this.connections = connections;
        this.episodes = episodes;
        this.oldTokens = oldTokens;
        this.contexts = contexts;
        this.ticker = ticker;
    }

    /**
     * What was found out about new tokens.
     *
     * @param account null: not told
     */
    private record Shown(ProbeResult result, @Nullable ConnectedAccount account) {
    }

    /**
     * What became of them.
     *
     * @param candidate with the credential as it was just before
     * @param known of the connection that stood before
     * @param refusal null: they are stored
     */
    private record Done(Candidate candidate, Shown shown, Optional<Connections.Known> known, boolean keeps,
            Pairs.Stored stored, @Nullable ConnectResult refusal) {

        Likeness likeness() {
            return likeness(shown, known);
        }

        static Likeness likeness(Shown shown, Optional<Connections.Known> known) {
            return shown.account() == null ? Likeness.UNKNOWN
                    : shown.account().to(known.map(Connections.Known::account).orElse(null));
        }

        static Done not(Candidate candidate, Shown shown, ConnectResult refusal) {
            return new Done(candidate, shown, Optional.empty(), false, Pairs.Stored.not(Pairs.Stored.Code.GONE, 0), refusal);
        }

        /** Compared with the last time; with what was asked for where there was none, and the names are the same ones. */
        List<String> lost() {
            List<String> granted = candidate.scopes();
            List<String> asked = candidate.taken().scopes();
            List<String> lost = new ArrayList<>(known.map(Connections.Known::scopes)
                    .orElse(new HashSet<>(asked).containsAll(granted) ? asked : List.of()));
            lost.removeAll(Set.copyOf(granted));
            return lost;
        }
    }

    /** Tests them, compares them, and has them take the place of the old ones. */
    Uni<ConnectResult> take(Candidate candidate, Locale locale) {
        return probes.look(candidate.subject(candidate.mayKeep(), locale)).flatMap(seen -> {
            ConnectedAccount account = ConnectedAccount.of(candidate.before().material().provider(),
                    candidate.said().kept(), candidate.answer(), seen.answer(), candidate.granted().accessToken())
                    .orElse(null);
            return held(candidate, new Shown(seen.result(), account), ticker.read());
        }).flatMap(done -> done.refusal() == null ? finished(done, locale) : Uni.createFrom().item(done.refusal()));
    }

    private Uni<Done> held(Candidate candidate, Shown shown, long since) {
        return Uni.createFrom().deferred(() -> placed(candidate, shown, TRIES))
                .onFailure(fault -> Renewal.isPassing(fault) && ticker.read() - since < HELD.toNanos())
                .recoverWithUni(fault -> {
                    LOG.warnf("new tokens of a connection cannot be written; they are held and tried again: org=%s"
                            + " credentialId=%s cause=%s", candidate.taken().organization(), candidate.taken().credential(),
                            fault);
                    return contexts.pause(PAUSE).chain(() -> held(candidate, shown, since));
                });
    }

    private Uni<Done> placed(Candidate candidate, Shown shown, int tries) {
        Taken taken = candidate.taken();
        return connections.find(taken.organization(), taken.credential()).flatMap(known -> {
            ConnectResult refusal = refusal(candidate, shown, known);
            if (refusal != null) {
                return Uni.createFrom().item(Done.not(candidate, shown, refusal));
            }
            Likeness likeness = Done.likeness(shown, known);
            boolean keeps = candidate.mayKeep() && likeness == Likeness.SAME;
            // Of several names of one account that which is known stays.
            ConnectedAccount account = likeness == Likeness.SAME ? known.map(Connections.Known::account).orElse(null)
                    : shown.account();
            return pairs.store(candidate.before().stored(), candidate.before().pairVersion(), candidate.granted(),
                    candidate.issued(), new PairTable.Agreed(keeps, account, candidate.scopes(), candidate.said().kept(),
                            taken.by().name()))
                    .flatMap(stored -> switch (stored.code()) {
                        case STORED -> Uni.createFrom().item(new Done(candidate, shown, known, keeps, stored, null));
                        case MOVED -> again(candidate, shown, tries);
                        case GONE -> Uni.createFrom().item(changed(candidate, shown));
                    });
        });
    }

    /** Something else stands by now: the same for that. */
    private Uni<Done> again(Candidate candidate, Shown shown, int tries) {
        Taken taken = candidate.taken();
        return connectables.find(taken.organization(), taken.credential()).flatMap(
                now -> tries == 0 || now.isEmpty() || !connectables.isStillFor(taken, now.get())
                        ? Uni.createFrom().item(changed(candidate, shown))
                        : placed(candidate.to(now.get()), shown, tries - 1));
    }

    private static Done changed(Candidate candidate, Shown shown) {
        return Done.not(candidate, shown, candidate.refused(Code.CHANGED, null));
    }

    private static @Nullable ConnectResult refusal(Candidate candidate, Shown shown, Optional<Connections.Known> known) {
        if (Done.likeness(shown, known) == Likeness.OTHER) {
            return candidate.refused(Code.OTHER_ACCOUNT, null);
        }
        Connectable before = candidate.before();
        if (isRefused(before, shown.result())) {
            return candidate.refused(Code.TEST_FAILED, shown.result().detail());
        }
        boolean isSilent = shown.account() == null && known.map(Connections.Known::account).isPresent();
        return isSilent && before.lives() ? candidate.refused(Code.ACCOUNT_UNKNOWN, null) : null;
    }

    /**
     * Refused by the provider: never. A test that says nothing, that reaches nobody or is wrong: not as long as there is
     * something to lose; one that shows less than what stands can do: not in the place of what can do it.
     */
    private static boolean isRefused(Connectable before, ProbeResult result) {
        if (result.keepsFormerStatus()) {
            return before.lives();
        }
        return switch (result.reason()) {
            case INVALID, REAUTHORIZATION_REQUIRED -> true;
            case UNREACHABLE, PROVIDER_ERROR, TLS, TIMEOUT, RATE_LIMITED, BLOCKED_ADDRESS, MISCONFIGURED, NOT_CONNECTED ->
                before.lives();
            case LIMITED -> before.lives() && before.stored().status() == CredentialStatus.GREEN;
            case VALID, EXPIRING, NOT_VERIFIABLE -> false;
        };
    }

    private Uni<ConnectResult> finished(Done done, Locale locale) {
        Candidate candidate = done.candidate();
        Taken taken = candidate.taken();
        ProbeResult result = done.shown().result();
        List<String> lost = done.lost();
        boolean isUnproved = candidate.before().hasTokens() && done.likeness() != Likeness.SAME;
        return secrets.key(taken.organization())
                .flatMap(key -> connections.connected(new Connections.Made(candidate.before().stored(), taken.by(),
                        done.stored().pairVersion(),
                        new Credentials.Tried(candidate.wanted(done.keeps()), Outcome.of(result),
                                Probes.host(candidate.subject(done.keeps(), locale)), key),
                        done.shown().account(), isUnproved, candidate.scopes(), lost)))
                .call(() -> done.stored().isRecovering() ? episodes.connected(taken.organization(), taken.credential())
                        : Uni.createFrom().voidItem())
                .chain(() -> oldTokens.giveBack(candidate, done.keeps(), locale))
                .map(isEnded -> new ConnectResult(isEnded ? Code.ENDED_WITH_THE_OLD : code(result.status()),
                        candidate.before().stored().name(), result.detail(), lost, isUnproved, taken.returnTo()));
    }

    private static Code code(CredentialStatus shown) {
        return switch (shown) {
            case GREEN -> Code.CONNECTED;
            case YELLOW -> Code.CONNECTED_LIMITED;
            case RED, UNKNOWN -> Code.CONNECTED_UNTESTED;
        };
    }
}
