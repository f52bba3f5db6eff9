package dev.latchkey.credential;

import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

import jakarta.inject.Singleton;

import dev.latchkey.activity.Actor;
import dev.latchkey.credential.RetestTable.Due;
import dev.latchkey.web.ProblemException;
import io.quarkus.runtime.Startup;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Tests stored credentials again and again, so that it is known that one has died before it is needed.
 *
 * <p>
 * <b>Invariants:</b> what is due is tested by one replica at a time; and a host is asked at most once in each
 * {@code latchkey.credential.host-pause}, over all replicas, organizations and credentials. Both rest on one statement that
 * takes free hosts, and of each the credential that is due first ({@link RetestTable}); no connection is held while the host
 * is asked. A replica that dies leaves a claim, which ends by itself. A result that comes too late, since the credential was
 * edited or deleted meanwhile, is dropped by its material version ({@link Credentials#tested}). A host that answers 429 is left
 * alone for a while, and the credential keeps its colour.
 *
 * <p>
 * Hosts are asked at the same time, and what they have shown is written one after the other: transactions of Hibernate stand in
 * the context of the job, and two at a time would be one.
 */
@Startup
@Singleton
class Retests {

    private static final Logger LOG = Logger.getLogger(Retests.class);
    private static final Actor JOB = Actor.system("credential-tests");
    private static final Duration SHORTEST_CLAIM = Duration.ofSeconds(30);

    private final RetestTable table;
    private final OpenCredentials open;
    private final CredentialChecks checks;
    private final Credentials credentials;
    private final CredentialConfig config;
    private final InstantSource clock;

    Retests(RetestTable table, OpenCredentials open, CredentialChecks checks, Credentials credentials,
            CredentialConfig config, InstantSource clock) {
        this.table = table;
        this.open = open;
        this.checks = checks;
        this.credentials = credentials;
        this.config = config;
        this.clock = clock;
        if (config.testBatch() < 1 || config.testInterval().toSeconds() < 1 || config.hostPause().isNegative()
                || config.hostRest().isNegative() || config.testsPerMinute() < 1 || config.maxPerOrganization() < 1) {
            throw new ConfigurationException(
                    "LATCHKEY_CREDENTIAL_TEST_BATCH, _TEST_INTERVAL, _TESTS_PER_MINUTE and _MAX_PER_ORGANIZATION must be positive, _HOST_PAUSE and _HOST_REST not negative.");
        }
        if (config.testClaim().compareTo(SHORTEST_CLAIM) < 0) {
            throw new ConfigurationException("LATCHKEY_CREDENTIAL_TEST_CLAIM is " + config.testClaim() + ", must be at least "
                    + SHORTEST_CLAIM + ": a test takes up to 10 seconds, and would be made twice.");
        }
    }

    /** Two seconds: what is left behind by one run is not left for long. */
    @Scheduled(every = "${latchkey.credential.test-every:2s}", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> run() {
        return Uni.createFrom().deferred(this::batch).repeat().whilst(tested -> tested >= config.testBatch()).collect().last()
                .onFailure().invoke(fault -> LOG.warnf("credentials cannot be tested now, tried again: cause=%s", fault))
                .onFailure().recoverWithNull().replaceWithVoid();
    }

    /** Forgets hosts that no credential names any more. */
    @Scheduled(every = "${latchkey.credential.tidy-every:1h}", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> tidy() {
        return table.forgetHosts().onFailure()
                .invoke(fault -> LOG.warnf("hosts of credentials cannot be tidied up now, tried again: cause=%s", fault))
                .onFailure().recoverWithNull().replaceWithVoid();
    }

    /** Tests what is due, one credential for each host; how many it were. */
    Uni<Integer> batch() {
        return table.claim().flatMap(claimed -> all(claimed).replaceWith(claimed.size()));
    }

    private Uni<Void> all(List<Due> claimed) {
        return Multi.createFrom().iterable(claimed).onItem().transformToUniAndMerge(due -> held(due, look(due))).onItem()
                .transformToUniAndConcatenate(seen -> held(seen.due(), write(seen))).collect().last().replaceWithVoid();
    }

    /** One that fails is due again when its claim ends, and holds up no other. */
    private static <T> Uni<T> held(Due due, Uni<T> work) {
        return work.onFailure().invoke(fault -> LOG.warnf(
                "a credential cannot be tested now, tried again: org=%s credentialId=%s cause=%s", due.organization(),
                due.credential(), fault)).onFailure().recoverWithNull();
    }

    /**
     * What came of a test.
     *
     * @param stored null: it does not open
     * @param shown the same
     * @param unopened why it does not open; null: it does
     */
    private record Seen(Due due, @Nullable OpenCredential stored, CredentialChecks.@Nullable Shown shown,
            @Nullable ProblemException unopened) {
    }

    /** Asks, and writes nothing. */
    private Uni<Seen> look(Due due) {
        return open.of(due.organization(), due.credential())
                .flatMap(stored -> checks.test(stored, Locale.ENGLISH).map(shown -> new Seen(due, stored, shown, null)))
                .onFailure(ProblemException.class)
                .recoverWithItem(problem -> new Seen(due, null, null, (ProblemException) problem));
    }

    private Uni<Void> write(Seen seen) {
        if (seen.stored() != null && seen.shown() != null) {
            // A result that is dropped: it was edited, deleted or tested by someone else meanwhile.
            return credentials.tested(seen.stored(), seen.shown(), JOB).onFailure(ProblemException.class).recoverWithNull();
        }
        // Where this replica cannot open it, nothing is said of it; another one can, or the operator is called already.
        return credentials.unopened(seen.due().organization(), seen.due().credential(),
                OpenCredentials.isBroken(Objects.requireNonNull(seen.unopened(), "unopened"))
                        ? Outcome.broken(clock.instant().truncatedTo(ChronoUnit.MICROS))
                        : Outcome.unopened(),
                JOB);
    }
}
