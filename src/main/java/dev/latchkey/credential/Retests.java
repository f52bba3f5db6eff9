package dev.latchkey.credential;

import java.util.List;
import java.util.Locale;

import jakarta.inject.Singleton;

import dev.latchkey.activity.Actor;
import dev.latchkey.web.ProblemException;
import io.quarkus.runtime.Startup;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import org.jboss.logging.Logger;

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
 */
@Startup
@Singleton
class Retests {

    private static final Logger LOG = Logger.getLogger(Retests.class);
    private static final String JOB = "credential-tests";

    private final RetestTable table;
    private final OpenCredentials open;
    private final CredentialChecks checks;
    private final Credentials credentials;
    private final CredentialConfig config;

    Retests(RetestTable table, OpenCredentials open, CredentialChecks checks, Credentials credentials,
            CredentialConfig config) {
        this.table = table;
        this.open = open;
        this.checks = checks;
        this.credentials = credentials;
        this.config = config;
        if (config.testBatch() < 1 || config.testInterval().toSeconds() < 1 || config.testClaim().toSeconds() < 1
                || config.hostPause().isNegative() || config.hostRest().isNegative()) {
            throw new ConfigurationException(
                    "LATCHKEY_CREDENTIAL_TEST_BATCH, _TEST_INTERVAL and _TEST_CLAIM must be positive, _HOST_PAUSE and _HOST_REST not negative.");
        }
    }

    /** Two seconds: what is left behind by one run is not left for long. */
    @Scheduled(every = "${latchkey.credential.test-every:2s}", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> run() {
        return Uni.createFrom().deferred(this::batch).repeat().whilst(tested -> tested >= config.testBatch()).collect().last()
                .onFailure().invoke(fault -> LOG.warnf("credentials cannot be tested now, tried again: cause=%s", fault))
                .onFailure().recoverWithNull().replaceWithVoid();
    }

    /** Tests what is due, one credential for each host; how many it were. */
    Uni<Integer> batch() {
        return table.claim().flatMap(claimed -> all(claimed).replaceWith(claimed.size()));
    }

    private Uni<Void> all(List<RetestTable.Due> claimed) {
        return Multi.createFrom().iterable(claimed).onItem().transformToUniAndMerge(this::test).collect().last()
                .replaceWithVoid();
    }

    /** One that fails is due again when its claim ends, and holds up no other. */
    private Uni<Void> test(RetestTable.Due due) {
        return open.of(due.organization(), due.credential()).flatMap(stored -> checks.test(stored, Locale.ENGLISH)
                .call(shown -> shown.result().reason() == ProbeReason.RATE_LIMITED ? table.rest(due.host(), config.hostRest())
                        : Uni.createFrom().voidItem())
                .flatMap(shown -> credentials.tested(stored, Outcome.of(shown.result(), stored.data()), shown.host(),
                        Actor.system(JOB))))
                .onFailure(ProblemException.class).recoverWithUni(problem -> unusable(due, (ProblemException) problem))
                .onFailure().invoke(fault -> LOG.warnf(
                        "a credential cannot be tested now, tried again: org=%s credentialId=%s cause=%s", due.organization(),
                        due.credential(), fault))
                .onFailure().recoverWithNull();
    }

    /** Deleted meanwhile, or it does not open, which is logged where that is found: the next turn tries again. */
    private static Uni<Void> unusable(RetestTable.Due due, ProblemException problem) {
        LOG.debugf("a credential was not tested: org=%s credentialId=%s cause=%s", due.organization(), due.credential(),
                problem.getMessage());
        return Uni.createFrom().voidItem();
    }
}
