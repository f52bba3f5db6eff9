package dev.latchkey.credential;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import jakarta.inject.Singleton;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.latchkey.credential.CredentialData.OAuth2;
import dev.latchkey.credential.RenewalQueries.Standing;
import dev.latchkey.credential.RenewalTable.Claim;
import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/**
 * Has a token renewed that is wanted now and has ended, or is about to. Whoever finds it so joins the renewal that is under
 * way, on whichever replica, or begins it where none is: never beside another one. However many wait on a replica, one of them
 * claims and looks for all.
 */
@Singleton
class FreshTokens {

    private static final Duration FIRST_LOOK = Duration.ofMillis(50);
    private static final Duration RAREST_LOOK = Duration.ofMillis(400);
    private static final Duration SHORTEST_WAIT = Duration.ofSeconds(1);

    private final RenewalTable table;
    private final RenewalQueries queries;
    private final Renewals renewals;
    private final Providers providers;
    private final OwnContext contexts;
    private final RenewalConfig config;
    private final InstantSource clock;
    private final Ticker ticker;
    private final Map<UUID, CompletableFuture<Void>> joined = new ConcurrentHashMap<>();

    FreshTokens(RenewalTable table, RenewalQueries queries, Renewals renewals, Providers providers, OwnContext contexts,
            RenewalConfig config, InstantSource clock, Ticker ticker) {
        this.table = table;
        this.queries = queries;
        this.renewals = renewals;
        this.providers = providers;
        this.contexts = contexts;
        this.config = config;
        this.clock = clock;
        this.ticker = ticker;
    }

    /** Whether it is to be renewed before it is used. */
    boolean isStale(OpenCredential stored) {
        return isRenewed(stored) && endsBefore(stored, clock.instant().plus(config.stale()));
    }

    /**
     * What was waited for in vain is not used.
     *
     * @throws ProblemException 503 where its token has ended, and there is no other one yet
     */
    Uni<OpenCredential> requireAlive(OpenCredential stored) {
        if (!isRenewed(stored) || !endsBefore(stored, clock.instant())) {
            return Uni.createFrom().item(stored);
        }
        return queries.standing(stored.organization(), stored.id()).map(standing -> {
            Duration wait = standing.map(Standing::pause).orElse(null);
            long seconds = wait == null || wait.compareTo(SHORTEST_WAIT) < 0 ? 1 : wait.toSeconds();
            throw new ProblemException(ProblemCode.UNAVAILABLE,
                    "The access token has ended and could not be renewed yet; it is tried again.")
                    .with("Retry-After", Long.toString(seconds));
        });
    }

    private boolean isRenewed(OpenCredential stored) {
        return stored.data() instanceof OAuth2 data && TokenRequests.kind(data, provider(stored)) != null;
    }

    private @Nullable Provider provider(OpenCredential stored) {
        String key = stored.provider();
        return key == null ? null : providers.find(key).orElse(null);
    }

    private static boolean endsBefore(OpenCredential stored, Instant moment) {
        return stored.data() instanceof OAuth2 data
                && (data.accessToken() == null || data.expiresAt() != null && !data.expiresAt().isAfter(moment));
    }

    /** Waits, for a bounded time, until its renewal has ended, however it ends. */
    Uni<Void> renewed(UUID organization, UUID credential) {
        CompletableFuture<Void> mine = new CompletableFuture<>();
        CompletableFuture<Void> first = joined.putIfAbsent(credential, mine);
        if (first != null) {
            return contexts.await(first);
        }
        // Whoever gives up waiting gives up for himself.
        contexts.run(() -> joined(organization, credential, false)).onTermination().invoke(() -> joined.remove(credential))
                .subscribe().with(mine::complete, mine::completeExceptionally);
        return contexts.await(mine);
    }

    /** The same for a person, who does not wait for its turn, and for as long as a lease lasts at most. */
    Uni<Void> renewedNow(UUID organization, UUID credential) {
        return joined(organization, credential, true);
    }

    private Uni<Void> joined(UUID organization, UUID credential, boolean isForced) {
        long begun = ticker.read();
        Wait wait = Wait.begin(organization, credential, begun + (isForced ? config.lease() : config.join()).toNanos());
        if (renewals.isQuiet()) {
            return watch(wait);
        }
        return table.claimOne(organization, credential, isForced)
                .flatMap(claimed -> claimed.isPresent() ? renewed(claimed.get(), begun, wait) : watch(wait));
    }

    private Uni<Void> renewed(Claim claim, long begun, Wait wait) {
        CompletableFuture<Void> end = renewals.begin(claim, begun);
        return contexts.await(end.copy().completeOnTimeout(null, wait.end() - ticker.read(), TimeUnit.NANOSECONDS));
    }

    /** Another replica is at it, or this one's job. */
    private Uni<Void> watch(Wait wait) {
        return queries.standing(wait.organization(), wait.credential())
                .flatMap(found -> found.isEmpty() || wait.isOver(found.get(), ticker.read()) ? Uni.createFrom().voidItem()
                        : contexts.pause(wait.pause()).chain(() -> watch(wait.next(found.get()))));
    }

    /**
     * How far somebody is who waits for what others carry out.
     *
     * @param end of the patience, by the monotonic clock
     * @param pairVersion of the pair that stood at the last look; null: there was none yet
     * @param pause before the next look
     */
    record Wait(UUID organization, UUID credential, long end, @Nullable Long pairVersion, Duration pause) {

        static Wait begin(UUID organization, UUID credential, long end) {
            return new Wait(organization, credential, end, null, FIRST_LOOK);
        }

        /** After a look in vain. Most renewals end soon; whoever waits for a slow one looks twice as rarely each time. */
        Wait next(Standing seen) {
            Duration longer = pause.multipliedBy(2);
            return new Wait(organization, credential, end, seen.pairVersion(),
                    longer.compareTo(RAREST_LOOK) > 0 ? RAREST_LOOK : longer);
        }

        boolean isOver(Standing seen, long now) {
            return !seen.isLeased() || pairVersion != null && seen.pairVersion() != pairVersion || now - end > 0;
        }
    }
}
