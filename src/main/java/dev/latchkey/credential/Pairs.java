package dev.latchkey.credential;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

import jakarta.inject.Singleton;

import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.credential.PairTable.Agreed;
import dev.latchkey.credential.PairTable.Planned;
import dev.latchkey.credential.PairTable.Wanted;
import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/**
 * The pair of tokens that a credential has: the one place that replaces it by another that an endpoint has given.
 *
 * <p>
 * <b>Invariant:</b> a pair is replaced only by what was given for it. {@code credential.pair_version} names the pair that
 * stands, and a trigger raises it whenever either token changes, whoever writes. What was given for another pair is dropped:
 * whoever stored that one was connected anew, or was faster. Nothing else counts, neither a lease nor who holds it: a pair that
 * was given and is not stored is a grant that is lost. In particular an edit of anything else does not stand in the way of a
 * renewal; it raises the material version that the seal is bound to, so that the pair is sealed again and written then.
 *
 * <p>
 * One statement, so that pair, plan and state, and whose account it is, stand together or not at all; and neither ETag nor the
 * people's edit moves.
 */
@Singleton
class Pairs {

    private final PairTable table;
    private final OpenCredentials open;
    private final CredentialSecrets secrets;
    private final CredentialChecks checks;
    private final RenewalApps apps;
    private final RenewalConfig config;

    Pairs(PairTable table, OpenCredentials open, CredentialSecrets secrets, CredentialChecks checks, RenewalApps apps,
            RenewalConfig config) {
        this.table = table;
        this.open = open;
        this.secrets = secrets;
        this.checks = checks;
        this.apps = apps;
        this.config = config;
    }

    /**
     * What became of a pair.
     *
     * @param pairVersion of the pair that stands now; 0 where none does
     * @param isRecovering whether it was not green, or people have been told that it fails: {@link RenewalEpisodes#recovered}
     *        is to follow
     * @param lostScopes what its provider had granted once, and does not any more: {@link RenewalEpisodes#narrowed} is to
     *        follow
     */
    record Stored(Code code, long pairVersion, boolean isRecovering, List<String> lostScopes) {

        /** That it was written by a try whose answer was lost, and with it whether anything is to follow. */
        static Stored before(long pairVersion) {
            return new Stored(Code.STORED, pairVersion, true, List.of());
        }

        /** That nothing was written. */
        static Stored not(Code code, long pairVersion) {
            return new Stored(code, pairVersion, false, List.of());
        }

        /** How it ended. */
        enum Code {
            STORED,
            /** Another pair stands than that which it was given for. */
            MOVED,
            /** The credential is deleted, or OAuth 2 no more. */
            GONE
        }
    }

    /**
     * Stores what a renewal was given for the pair of that version, unless another one stands.
     *
     * @param opened when the pair was that of the version
     * @param issued when it was given, by the database's clock
     * @throws ProblemException 409 or 503 where the credential does not open, 422 where it fits its provider's entry no more
     */
    Uni<Stored> store(OpenCredential opened, long pairVersion, Granted granted, Instant issued) {
        Planned planned = planned(opened, granted, true, issued);
        return planned == null ? Uni.createFrom().item(Stored.not(Stored.Code.GONE, 0))
                : write(new Wanted(opened, pairVersion, granted, null, planned)).flatMap(
                        stored -> stored != null ? Uni.createFrom().item(stored)
                                : again(opened, pairVersion, granted, issued));
    }

    /**
     * Stores what was given since a person has agreed. Moved it is also where anything else of it was edited, which may be what
     * he has agreed for.
     *
     * @throws ProblemException as above
     */
    Uni<Stored> store(OpenCredential opened, long pairVersion, Granted granted, Instant issued, Agreed agreed) {
        Planned planned = planned(opened, granted, agreed.keeps(), issued);
        return planned == null ? Uni.createFrom().item(Stored.not(Stored.Code.GONE, 0))
                : write(new Wanted(opened, pairVersion, granted, agreed, planned))
                        .map(stored -> stored != null ? stored : Stored.not(Stored.Code.MOVED, 0));
    }

    private Uni<@Nullable Stored> write(Wanted wanted) {
        return secrets.key(wanted.opened().organization()).flatMap(key -> table.write(wanted, key));
    }

    /**
     * Edited in between: the same for what stands now, as long as the pair is that one. Where the answer to a former try was
     * lost, the pair that stands may be this one already.
     */
    private Uni<Stored> again(OpenCredential opened, long pairVersion, Granted granted, Instant issued) {
        return table.version(opened.organization(), opened.id())
                .flatMap(now -> now > pairVersion + 1 ? Uni.createFrom().item(Stored.not(Stored.Code.MOVED, now))
                        : open.of(opened.organization(), opened.id())
                                .flatMap(current -> now == pairVersion ? store(current, pairVersion, granted, issued)
                                        : Uni.createFrom().item(isOf(current, granted) ? Stored.before(now)
                                                : Stored.not(Stored.Code.MOVED, now))))
                .onFailure(Pairs::isNotFound).recoverWithItem(Stored.not(Stored.Code.GONE, 0));
    }

    private static boolean isOf(OpenCredential current, Granted granted) {
        return current.data() instanceof OAuth2 data && granted.accessToken().equals(data.accessToken())
                && (granted.refreshToken() == null || granted.refreshToken().equals(data.refreshToken()));
    }

    private static boolean isNotFound(Throwable fault) {
        return fault instanceof ProblemException problem && problem.code().status() == 404;
    }

    /** Null for what is OAuth 2 no more. */
    private @Nullable Planned planned(OpenCredential opened, Granted granted, boolean keeps, Instant issued) {
        if (!(opened.data() instanceof OAuth2 before)) {
            return null;
        }
        CredentialMaterial material = checks.material(opened);
        OAuth2 data = NewPair.in(before, granted, keeps);
        Provider provider = material.provider();
        TokenRequests.Kind kind = TokenRequests.kind(data, provider);
        String host = TokenRequests.host(opened.organization(), material, data, kind);
        Instant refreshEnds = kind == TokenRequests.Kind.REFRESH_TOKEN ? refreshEnds(granted, provider, issued) : null;
        return new Planned(host, apps.of(host, data), issued, refreshEnds, Ending.forGood(data, provider),
                RenewalPlan.of(kind, data, provider, issued, refreshEnds, config.lead()));
    }

    /** As the answer says, else as the entry knows of each new one; null: of one that stays, as it was. */
    private static @Nullable Instant refreshEnds(Granted granted, @Nullable Provider provider, Instant issued) {
        if (granted.refreshEndsAt() != null) {
            return granted.refreshEndsAt();
        }
        Duration lifetime = provider == null || provider.oauth2() == null ? null
                : provider.oauth2().renewal().refreshTokenLifetime();
        return granted.refreshToken() == null || lifetime == null ? null : issued.plus(lifetime);
    }
}
