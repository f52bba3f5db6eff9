package dev.latchkey.credential;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import jakarta.inject.Singleton;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.credential.RefreshOutcome.Code;
import dev.latchkey.credential.RenewalTable.Claim;
import dev.latchkey.credential.Setback.Fault;
import dev.latchkey.credential.TokenRequests.Kind;
import dev.latchkey.net.Outbound;
import dev.latchkey.net.OutboundLimits;
import dev.latchkey.net.OutboundRequest;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import io.vertx.pgclient.PgException;
import org.jboss.logging.Logger;

/**
 * One renewal, from the claim to the pair.
 *
 * <p>
 * <b>Invariant:</b> a refresh token that can be spent once is presented once; a second time only where the answer to the first
 * may be lost; and never a third time. And a pair that was given is stored, unless another one stands by then. Two at once
 * would kill the whole grant at an identity provider that detects reuse, and a pair that is not stored is as good as none.
 *
 * <p>
 * <b>Who may break it, and what holds.</b>
 * <ol>
 * <li><em>Two replicas, or a job and a request, that renew at once.</em> The claim: a lease, a fence and the attempt are
 * durable before anything is asked ({@link RenewalTable}). A lease that has run out lets the next one in: its holder is dead,
 * or late.
 * <li><em>A holder that is late</em>: stopped between claim and request, by a hypervisor, a full disk, a collector of garbage.
 * Right before the request is written, the monotonic clock says whether more than a third of the lease has passed since before
 * the claim was sent. If so nothing is sent. The answer is waited for a third of the lease, so that it is here before the lease
 * ends.
 * <li><em>A holder that dies with a request under way.</em> That the token is presented is durable before it is
 * ({@link RenewalTable#present}). Whoever comes next finds it presented without an answer, and presents it once more, since
 * many providers keep a token until its successor is used; after that it is over, with the reason <em>lost response</em>. A
 * connection that did not come about is no lost answer, and is taken back.
 * <li><em>A pair that is written by someone else</em>: a person, a connection made anew, a holder that was late. That the pair
 * which stands is the one that was claimed is checked when the token is about to be presented, after it was read; so what is
 * presented is that pair's. A success is stored where it still stands, whatever became of the lease ({@link Pairs}), and is
 * tried until it is stored or the pair has moved: it exists nowhere but here. A failure counts only under the last claim and
 * for that pair; whoever has lost either drops it, and marks nothing red ({@link RenewalEpisodes}). Whoever is refused after a
 * token was presented before reads again after a moment: that one may be about to write its success.
 * <li><em>The database is away when an answer comes.</em> It is held and tried again; an answer that refuses is dropped
 * when the lease ends, and counts as lost then.
 * </ol>
 *
 * <p>
 * No connection to the database is held while the endpoint is asked. Times that are stored are the database's: it is taken from
 * the claim, and carried on by the monotonic clock.
 */
@Singleton
class Renewal {

    private static final Logger LOG = Logger.getLogger(Renewal.class);
    private static final int MAX_BODY_BYTES = 256 * 1024;
    private static final int THIRDS = 3;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
    /** For whoever has an answer and has not written it yet. */
    private static final Duration MOMENT = Duration.ofSeconds(3);
    private static final Duration OURS = Duration.ofSeconds(1);
    private static final int SERVER_ERROR = 500;

    private final RenewalTable table;
    private final TokenHosts hosts;
    private final OpenCredentials open;
    private final CredentialChecks checks;
    private final Pairs pairs;
    private final RenewalEpisodes episodes;
    private final OwnContext contexts;
    private final Outbound outbound;
    private final RenewalConfig config;
    private final Ticker ticker;
    private final SecureRandom random;
    private final MeterRegistry metrics;
    private final AtomicInteger held = new AtomicInteger();

    Renewal(RenewalTable table, TokenHosts hosts, OpenCredentials open, CredentialChecks checks, Pairs pairs,
            RenewalEpisodes episodes,
            OwnContext contexts, Outbound outbound, RenewalConfig config, Ticker ticker, SecureRandom random,
            MeterRegistry metrics) {
        this.table = table;
        this.hosts = hosts;
        this.open = open;
        this.checks = checks;
        this.pairs = pairs;
        this.episodes = episodes;
        this.contexts = contexts;
        this.outbound = outbound;
        this.config = config;
        this.ticker = ticker;
        this.random = random;
        this.metrics = metrics;
        Gauge.builder("latchkey.renewals.held", held, AtomicInteger::get)
                .description("New pairs of tokens that could not be written yet and stand in memory alone").register(metrics);
    }

    /**
     * What one run knows.
     *
     * @param begun when the claim was asked for, by the monotonic clock
     */
    private record Run(Claim claim, long begun, OpenCredential stored, CredentialMaterial material, OAuth2 data, Kind kind) {

        boolean survivesLoss() {
            return TokenRequests.survivesLoss(kind, material.provider());
        }
    }

    /**
     * Carries it out, in a context of its own. Fails only where the database is away, and then leaves it to its lease.
     *
     * @return whether the token host has answered, as far as it was asked
     */
    Uni<Boolean> carryOut(Claim claim, long begun) {
        if (isLate(begun)) {
            count("late");
            return table.giveBack(claim, Duration.ZERO).replaceWith(true);
        }
        if (claim.presented() >= Setback.MOST_PRESENTED) {
            return setBack(claim, begun, Setback.lostForGood(claim.presented()), "lost").replaceWith(true);
        }
        return open.of(claim.organization(), claim.credential()).onItemOrFailure()
                .transformToUni((stored, fault) -> fault == null ? prepared(claim, begun, stored)
                        : unopened(claim, begun, fault));
    }

    private Uni<Boolean> unopened(Claim claim, long begun, Throwable fault) {
        if (OpenCredentials.isBroken(fault)) {
            return setBack(claim, begun, Setback.unsendable("sealed-secret-broken", claim.presented(), config.retry()),
                    "unsendable").replaceWith(true);
        }
        if (fault instanceof ProblemException problem && problem.code() == ProblemCode.NOT_FOUND) {
            return Uni.createFrom().item(true);
        }
        // Another replica may have the master key that this one lacks; the lease lets it in.
        return Uni.createFrom().failure(fault);
    }

    private Uni<Boolean> prepared(Claim claim, long begun, OpenCredential stored) {
        OutboundRequest request;
        Run run;
        try {
            CredentialMaterial material = checks.material(stored);
            Kind kind = stored.data() instanceof OAuth2 data ? TokenRequests.kind(data, material.provider()) : null;
            if (kind == null) {
                return table.giveBack(claim, Duration.ofDays(1)).replaceWith(true);
            }
            run = new Run(claim, begun, stored, material, (OAuth2) stored.data(), kind);
            request = TokenRequests.of(material, run.data(), kind,
                    OutboundLimits.of(config.lease().dividedBy(THIRDS), MAX_BODY_BYTES));
        } catch (ProblemException doesNotFit) {
            return setBack(claim, begun, Setback.unsendable("does-not-fit-provider", claim.presented(), config.retry()),
                    "unsendable").replaceWith(true);
        }
        return table.present(claim, !run.survivesLoss())
                .flatMap(isMine -> isMine ? sent(run, request) : lost(claim).replaceWith(true));
    }

    /** Someone else was faster. */
    private Uni<Void> lost(Claim claim) {
        count("superseded");
        return table.release(claim);
    }

    private Uni<Boolean> sent(Run run, OutboundRequest request) {
        if (isLate(run.begun())) {
            count("late");
            return table.giveBack(run.claim(), Duration.ZERO).replaceWith(true);
        }
        return outbound.send(request)
                .map(outcome -> TokenReading.read(outcome, run.material().provider(), run.claim().at()))
                .flatMap(outcome -> outcome.code() == Code.GRANTED ? keep(run, outcome).replaceWith(true)
                        : failed(run, outcome));
    }

    private boolean isLate(long begun) {
        return ticker.read() - begun > config.lease().dividedBy(THIRDS).toNanos();
    }

    /** What was given exists nowhere else: tried until it is written, or nobody wants it any more. */
    private Uni<Void> keep(Run run, RefreshOutcome outcome) {
        Claim claim = run.claim();
        Granted granted = Objects.requireNonNull(outcome.granted(), "granted");
        AtomicBoolean isHeld = new AtomicBoolean();
        return Uni.createFrom().deferred(() -> pairs.store(run.stored(), claim.pairVersion(), granted, claim.at()))
                .onFailure(Renewal::isPassing).invoke(fault -> {
                    if (isHeld.compareAndSet(false, true)) {
                        held.incrementAndGet();
                        LOG.errorf("a new pair of tokens cannot be written; it is held and tried again: org=%s credentialId=%s "
                                + "cause=%s", claim.organization(), claim.credential(), fault);
                    }
                })
                .onFailure(Renewal::isPassing).retry().withBackOff(FIRST_PAUSE, LONGEST_PAUSE).indefinitely()
                .onFailure().invoke(fault -> LOG.errorf("a new pair of tokens cannot be written and is dropped, since trying "
                        + "again mends nothing: org=%s credentialId=%s cause=%s", claim.organization(), claim.credential(),
                        fault))
                .onTermination().invoke(() -> held.addAndGet(isHeld.get() ? -1 : 0)).flatMap(stored -> kept(run, stored));
    }

    /**
     * Not what no trying mends: that it was damaged meanwhile, or that the database takes no such values (SQLSTATE classes 22
     * and 23), of which one tenant's provider could otherwise have as many held as it likes.
     */
    static boolean isPassing(Throwable fault) {
        if (fault instanceof ProblemException problem) {
            return problem.code() == ProblemCode.UNAVAILABLE;
        }
        String state = fault instanceof PgException refused ? refused.getSqlState() : null;
        return state == null || !state.startsWith("22") && !state.startsWith("23");
    }

    private Uni<Void> kept(Run run, Pairs.Stored stored) {
        Claim claim = run.claim();
        return switch (stored.code()) {
            case STORED -> {
                count("granted");
                yield (claim.hasFailedHost() ? hosts.answered(claim.host()) : Uni.createFrom().voidItem())
                        .chain(() -> stored.isRecovering() || claim.hasFailedApp()
                                ? contexts.run(() -> episodes.recovered(claim.organization(), claim.credential()))
                                : Uni.createFrom().voidItem())
                        .chain(() -> stored.lostScopes().isEmpty() ? Uni.createFrom().voidItem()
                                : contexts.run(() -> episodes.narrowed(claim.organization(), claim.credential(),
                                        stored.lostScopes())))
                        // Told by the next look: the pair is written.
                        .onFailure().recoverWithNull();
            }
            case MOVED -> lost(claim);
            case GONE -> Uni.createFrom().voidItem();
        };
    }

    private Uni<Boolean> failed(Run run, RefreshOutcome outcome) {
        Claim claim = run.claim();
        Setback setback = Setback.of(outcome,
                new Setback.Standing(run.kind(), run.survivesLoss(), claim.presented(), claim.attempt()),
                new Setback.Pauses(config.retry(), config.retryAtMost()), random.nextDouble());
        if (setback.fault() == Fault.OURS) {
            count("busy");
            return table.giveBack(claim, OURS).replaceWith(true);
        }
        LOG.infof("a credential was not renewed: org=%s credentialId=%s host=%s error=%s status=%s attempt=%d next=%s",
                claim.organization(), claim.credential(), claim.host(), setback.error(), setback.httpStatus(), claim.attempt(),
                setback.pause() == null ? "none" : setback.pause());
        boolean mayBeBeaten = outcome.code() == Code.GRANT_REFUSED && claim.presented() > 0;
        Integer status = outcome.httpStatus();
        return (setback.fault() == Fault.HOST ? hosts.failed(claim.host())
                : claim.hasFailedHost() && status != null && status < SERVER_ERROR ? hosts.answered(claim.host())
                        : Uni.createFrom().voidItem())
                .onFailure().recoverWithNull().chain(() -> mayBeBeaten ? contexts.pause(MOMENT) : Uni.createFrom().voidItem())
                .chain(() -> setBack(claim, run.begun(), setback,
                        outcome.code().name().toLowerCase(Locale.ROOT).replace('_', '-')))
                .replaceWith(setback.fault() != Fault.HOST);
    }

    private Uni<Void> setBack(Claim claim, long begun, Setback setback, String outcome) {
        return Uni.createFrom().deferred(() -> contexts.run(() -> episodes.setBack(claim, setback, now(claim, begun))))
                // Until another one may be at it: what is not written counts as presented, though nothing may have been spent.
                .onFailure().retry().withBackOff(FIRST_PAUSE, LONGEST_PAUSE).expireIn(config.lease().toMillis())
                .invoke(written -> count(written ? outcome : "superseded")).replaceWithVoid();
    }

    /** By the database's clock, not earlier than it is. */
    private Instant now(Claim claim, long begun) {
        return claim.at().plusNanos(ticker.read() - begun);
    }

    private void count(String outcome) {
        metrics.counter("latchkey.renewals", "outcome", outcome).increment();
    }
}
