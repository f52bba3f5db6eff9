package dev.latchkey.catalog;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;

import jakarta.inject.Singleton;

import com.github.benmanes.caffeine.cache.Ticker;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jboss.logging.Logger;

/**
 * What a catalogue that is replaced means for the keys of all organizations, which keep what they hold: what the platform is
 * told, and has told to their owners. A scope that is gone gives nothing any more; a pattern goes on letting its key do what
 * the catalogue knows nothing of, for which no scope is demanded.
 */
@Singleton
class HeldGrants {

    private static final Logger LOG = Logger.getLogger(HeldGrants.class);
    private static final Duration PATIENCE = Duration.ofSeconds(25);
    /** On a thread that nobody could stop, in all: within the patience above. */
    private static final Duration COMPARING = Duration.ofSeconds(20);
    /** Patterns are texts of whoever writes them: of many organizations many, each to be compared with all operations. */
    static final int MOST_PATTERNS = 5_000;

    private final HeldGrantsTable table;
    private final Vertx vertx;
    private final Ticker ticker;

    HeldGrants(HeldGrantsTable table, Vertx vertx, Ticker ticker) {
        this.table = table;
        this.vertx = vertx;
        this.ticker = ticker;
    }

    /**
     * What one catalogue has and the next one does not, as far as keys hold it that are not revoked.
     *
     * @param complete false where the search was given up, or there are more patterns than it looks at
     */
    @Schema(name = "CatalogVanished")
    record Vanished(@Schema(description = "Scopes that keys hold") List<Held> scopes,
            @Schema(description = "Patterns of keys that match no operation any more") List<Held> methods,
            @Schema(description = "False where the search took too long and was given up, or keys hold more than 5,000 patterns, of which those that most keys hold were looked at; of `opened` too") boolean complete) {
    }

    /**
     * @param name a scope, or a method pattern
     * @param keys how many hold it
     * @param examples the oldest and the newest of them
     */
    @Schema(name = "CatalogHeld")
    record Held(@Schema(examples = "orders:refund") String name, @Schema(examples = "17") long keys, List<Holder> examples) {
    }

    /** A key that holds it. */
    @Schema(name = "CatalogHolder")
    record Holder(UUID id, @Schema(examples = "ERP order sync") String name,
            @Schema(examples = "acme", description = "The organization's key") String organization) {
    }

    /**
     * What a replacement does to keys.
     *
     * @param opened patterns that let keys do without a scope what demanded one before; of keys that have scopes, since those
     *        that have methods alone may do what these say whatever a catalogue demands
     * @param organizations whose keys these are, as many as are told at most
     */
    record Effect(Vanished vanished, List<Held> opened, List<Affected> organizations) {

        static final Effect NONE = new Effect(new Vanished(List.of(), List.of(), true), List.of(), List.of());
        private static final Effect UNKNOWN = new Effect(new Vanished(List.of(), List.of(), false), List.of(), List.of());
    }

    /**
     * An organization with such keys.
     *
     * @param losing keys that hold what vanished
     * @param lost some of that
     * @param gaining keys that hold patterns which open more
     * @param opened some of these
     */
    record Affected(UUID organization, long losing, List<String> lost, long gaining, List<String> opened) {
    }

    /** Never fails, since what it tells of has been done. */
    Uni<Effect> effect(Catalog before, Catalog after) {
        List<String> scopes = before.scopes().stream().filter(scope -> !after.scopes().contains(scope)).toList();
        return patterns(before, after).flatMap(patterns -> effect(scopes, patterns)).ifNoItem().after(PATIENCE).fail()
                .onFailure().invoke(fault -> LOG.warnf(
                        "keys that lose or gain by the new catalogue could not be searched for, nobody is notified: cause=%s",
                        fault.getMessage()))
                .onFailure().recoverWithItem(Effect.UNKNOWN);
    }

    private Uni<CatalogDifference.Outcome> patterns(Catalog before, Catalog after) {
        long begun = ticker.read();
        return onWorker(() -> new CatalogDifference(before, after, () -> ticker.read() - begun > COMPARING.toNanos()))
                .flatMap(difference -> difference.isNone() ? Uni.createFrom().item(difference.of(List.of()))
                        : table.patterns(MOST_PATTERNS + 1).flatMap(held -> onWorker(() -> compared(difference, held))));
    }

    private static CatalogDifference.Outcome compared(CatalogDifference difference, List<String> held) {
        boolean all = held.size() <= MOST_PATTERNS;
        CatalogDifference.Outcome outcome = difference.of(all ? held : held.subList(0, MOST_PATTERNS));
        return new CatalogDifference.Outcome(outcome.vanished(), outcome.opened(), outcome.complete() && all);
    }

    private Uni<Effect> effect(List<String> scopes, CatalogDifference.Outcome patterns) {
        HeldGrantsTable.Wanted wanted = new HeldGrantsTable.Wanted(scopes, List.copyOf(patterns.vanished()),
                List.copyOf(patterns.opened()));
        return wanted.isEmpty()
                ? Uni.createFrom().item(
                        new Effect(new Vanished(List.of(), List.of(), patterns.complete()), List.of(), List.of()))
                : table.held(wanted).flatMap(held -> table.affected(wanted, CatalogNotices.MOST + 1)
                        .map(organizations -> new Effect(
                                new Vanished(held.scopes(), held.methods(), patterns.complete()), held.opened(),
                                organizations)));
    }

    /** Away from the event loop: each pattern is compared with each operation. */
    private <T> Uni<T> onWorker(Callable<T> work) {
        return Uni.createFrom().completionStage(() -> vertx.executeBlocking(work, false).toCompletionStage());
    }
}
