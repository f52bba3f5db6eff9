package dev.latchkey.webhook;

import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

import dev.latchkey.webhook.ClaimTable.Terms;
import dev.latchkey.webhook.FanOut.Taken;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/**
 * Where in the outbox a replica looks for events, and for how many at once. Not for several threads.
 *
 * <p>
 * Mostly it looks where they arrive. Where there are more than can be taken at once, organizations take turns, in rounds that
 * begin with the first one, until a whole round has found no more than it could take. Now and then, and after a fault, a round
 * goes through all days: that finds what lies behind.
 */
final class Rounds {

    static final int FEWEST_EVENTS = 16;
    /** While nobody has room for what comes of them: so many that steps through a long backlog cost little for each. */
    static final int WITHOUT_ROOM = 64;
    static final int MOST_EVENTS = 500;
    /** Of one statement: a few hundred milliseconds, while nothing else is claimed. */
    static final int MOST_DELIVERIES = 2_000;
    /** Publishers commit in less, and their clocks differ by less; what takes longer is found when all is looked at. */
    private static final Duration LATELY = Duration.ofSeconds(10);
    private static final Duration RECENTLY = Duration.ofHours(1);
    private static final Duration ALL_EVERY = Duration.ofSeconds(10);

    private Look look = Look.ALL;
    private @Nullable UUID after;
    private boolean isFull;
    private long allAt;
    private int events = FEWEST_EVENTS;

    /** Where events are looked for. */
    enum Look {
        /** Where they arrive: cheap, however many were there before. */
        NEWEST,
        /** There are more than can be taken at once: organizations take turns. */
        RECENT,
        /** The same, in all days. */
        ALL
    }

    /** The next step. */
    Uni<Taken> take(FanOut fanOut, Instant now, Terms terms) {
        return switch (look) {
            case NEWEST -> fanOut.newest(events, now.minus(LATELY), terms);
            case RECENT -> fanOut.inTurn(events, after, now.minus(RECENTLY), terms);
            case ALL -> fanOut.inTurn(events, after, null, terms);
        };
    }

    /**
     * What a step has come to.
     *
     * @param now by the monotonic clock
     * @return whether there may be more to take
     */
    boolean goOn(Taken taken, long now) {
        isFull |= taken.isFull();
        after = taken.nextAfter();
        boolean isDone = after == null && !isFull;
        if (after == null) {
            isFull = false;
        }
        if (look == Look.ALL && isDone) {
            allAt = now;
        }
        look = isDone ? Look.NEWEST : look == Look.NEWEST ? Look.RECENT : look;
        adjust(taken);
        return !isDone;
    }

    /**
     * Events whose deliveries nobody has room for are as well off in the outbox, from where they go out in one step; so few of
     * them are taken at once, but not so few that the steps cost more than they spare.
     */
    private void adjust(Taken taken) {
        boolean isInVain = taken.claimed().size() < taken.events() / 2 && !taken.left().isEmpty();
        int most = isInVain ? WITHOUT_ROOM : MOST_EVENTS;
        if (taken.deliveries() > MOST_DELIVERIES) {
            events = Math.max(FEWEST_EVENTS, Math.toIntExact(taken.events() * MOST_DELIVERIES / taken.deliveries()));
        } else if (isInVain && events > most) {
            events = Math.max(most, events / 2);
        } else if (taken.isFull() && 2 * taken.deliveries() <= MOST_DELIVERIES) {
            events = Math.min(most, 2 * events);
        }
    }

    /** A step has failed, perhaps for its size; what was published meanwhile may lie behind. */
    void failed() {
        look = Look.ALL;
        events = Math.max(1, events / 2);
    }

    /** The clock, once a second. */
    void tick(long now) {
        if (look == Look.NEWEST && now - allAt > ALL_EVERY.toNanos()) {
            look = Look.ALL;
            after = null;
        }
    }

    Look look() {
        return look;
    }

    /** How many the next step takes. */
    int events() {
        return events;
    }
}
