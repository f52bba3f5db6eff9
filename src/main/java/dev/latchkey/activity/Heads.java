package dev.latchkey.activity;

import java.time.Instant;
import java.time.InstantSource;
import java.util.UUID;

import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The farthest head of each organization that this replica has seen, and the anchors that it logs.
 *
 * <p>
 * A log that is cut off at its end, rows and head alike, is a sound log of an earlier day: nothing in the database tells. It
 * shows only against a head that is kept elsewhere. One place is this memory, against which the linker and each verification
 * compare; it ends with the process, and forgets the organization that was quiet longest. The other is the log of the
 * process, as long as it is collected out of reach of whoever may write to the database: one line with a head, an
 * <em>anchor</em>, when a log has grown by so many entries, or grown at all and some time has passed; the first a minute
 * after the start at the latest, all that are open at an orderly stop. Which heads were logged stands in memory, not in the
 * database, where one could set it so that no anchor is ever due.
 */
@Singleton
class Heads {

    private static final Logger LOG = Logger.getLogger(Heads.class);

    private final ActivityConfig config;
    private final InstantSource clock;
    private final Cache<UUID, Seen> seen;

    Heads(ActivityConfig config, InstantSource clock) {
        this.config = config;
        this.clock = clock;
        this.seen = Caffeine.newBuilder().maximumSize(config.maxHeads()).build();
    }

    /** The farthest head that was seen; null: none. Read it before the database, which is then at least as far. */
    @Nullable
    Head farthest(UUID organization) {
        Seen known = seen.getIfPresent(organization);
        return known == null ? null : known.head;
    }

    /** Takes note of a head that is committed and checked. */
    void saw(UUID organization, Head head) {
        seen.asMap().merge(organization, new Seen(head, 0, Instant.EPOCH),
                (known, now) -> head.isFartherThan(known.head) ? new Seen(head, known.anchored, known.anchoredAt) : known);
        seen.asMap().computeIfPresent(organization,
                (id, known) -> known.head.position() - known.anchored >= config.anchorEntries() ? anchor(id, known) : known);
    }

    @Scheduled(every = "${latchkey.activity.anchor-check:1m}", concurrentExecution = ConcurrentExecution.SKIP)
    void anchorWhatIsDue() {
        Instant old = clock.instant().minus(config.anchorInterval());
        anchorSince(old);
    }

    void anchorAtTheEnd(@Observes ShutdownEvent stopping) {
        anchorSince(Instant.MAX);
    }

    private void anchorSince(Instant old) {
        seen.asMap().keySet().forEach(organization -> seen.asMap().computeIfPresent(organization,
                (id, known) -> known.head.position() > known.anchored && !known.anchoredAt.isAfter(old) ? anchor(id, known)
                        : known));
    }

    private Seen anchor(UUID organization, Seen known) {
        LOG.infof("activity anchor: org=%s position=%d link=%s", organization, known.head.position(), known.head.linkText());
        return new Seen(known.head, known.head.position(), clock.instant());
    }

    /**
     * @param anchored the position that was last logged; 0: none yet
     * @param anchoredAt when
     */
    private record Seen(Head head, long anchored, Instant anchoredAt) {
    }
}
