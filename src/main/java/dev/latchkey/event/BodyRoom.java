package dev.latchkey.event;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;

import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;

/**
 * How many bytes of large bodies are held at once, in all and of one organization. A body takes room as it comes, piece by
 * piece: who announces much and sends nothing holds nothing. Who has to wait is not read meanwhile, so that it is his client
 * that holds the rest.
 *
 * <p>
 * <b>Invariant:</b> all who hold room could still come to their end, one after the other, even if each of them came to be as
 * long as he may (Dijkstra's banker, EWD 108). A piece by which that would no longer be so is not given. Otherwise beginnings
 * of bodies would fill the room, each of which waits for the others.
 *
 * <p>
 * <b>Turn.</b> Who holds room goes before who holds none, since his end is what the others wait for. Who holds none waits for
 * those before him, but for those who wait for others of their own organization.
 */
final class BodyRoom {

    private static final int MOST_WAITING = 128;
    private static final int MOST_OF_ONE = 32;
    private static final String RETRY_SECONDS = "2";

    private final long bytes;
    private final long eachOrganization;
    private final long piece;
    private final Duration patience;
    private final Set<Place> holders = new LinkedHashSet<>();
    private final Queue<Waiting> queue = new ArrayDeque<>();

    /**
     * @param eachOrganization at least as long as the longest body
     * @param piece what is given at once
     * @param patience how long anybody waits
     */
    BodyRoom(long bytes, long eachOrganization, long piece, Duration patience) {
        this.bytes = bytes;
        this.eachOrganization = eachOrganization;
        this.piece = piece;
        this.patience = patience;
    }

    private record Waiting(Place place, long more, Runnable admitted) {
    }

    /** That of one body; it takes no room yet. */
    Place place(UUID organization, long most) {
        return new Place(organization, inPieces(most));
    }

    private long inPieces(long wanted) {
        return (wanted + piece - 1) / piece * piece;
    }

    /** What one body holds. */
    final class Place {

        private final UUID organization;
        private final long most;
        private long held;

        private Place(UUID organization, long most) {
            this.organization = organization;
            this.most = most;
        }

        /**
         * Comes when there is room for so many bytes in all, in the context of who waits. Whoever cancels it waits no longer.
         *
         * @throws ProblemException 503 where too many wait, or for too long
         */
        Uni<Void> hold(long wanted) {
            long more = Math.min(inPieces(wanted), most) - held();
            return more <= 0 ? Uni.createFrom().voidItem() : Uni.createFrom().emitter(emitter -> {
                Context context = Vertx.currentContext();
                Waiting mine = new Waiting(this, more, () -> context.runOnContext(now -> emitter.complete(null)));
                long timer = context.owner().setTimer(patience.toMillis(), late -> {
                    if (isLeaving(mine::equals)) {
                        emitter.fail(refusal());
                    }
                });
                emitter.onTermination(() -> {
                    context.owner().cancelTimer(timer);
                    isLeaving(mine::equals);
                });
                if (!isAdmitted(mine)) {
                    emitter.fail(refusal());
                }
            });
        }

        /** Whether anybody waits for what this one holds. */
        boolean isInTheWay() {
            synchronized (BodyRoom.this) {
                return held > 0 && queue.stream().anyMatch(waiting -> waiting.place != this
                        && (waiting.place.organization.equals(organization) || !isOwnFault(waiting)));
            }
        }

        /** Gives back all of it. */
        void leave() {
            BodyRoom.this.leave(this);
        }

        private long held() {
            synchronized (BodyRoom.this) {
                return held;
            }
        }
    }

    private static ProblemException refusal() {
        return new ProblemException(ProblemCode.UNAVAILABLE,
                "Too many large requests come at once; try again in a moment, or send smaller batches.").with("Retry-After",
                        RETRY_SECONDS);
    }

    /** Whether it waited, and does so no longer: whoever stood behind it may have room. */
    private synchronized boolean isLeaving(Predicate<Waiting> who) {
        boolean hasWaited = queue.removeIf(who);
        if (hasWaited) {
            admitOthers();
        }
        return hasWaited;
    }

    private synchronized boolean isAdmitted(Waiting one) {
        boolean isItsTurn = one.place.held > 0
                || queue.stream().allMatch(other -> other.place.held > 0 || isOwnFault(other));
        if (isItsTurn && isSafe(one, holders)) {
            admit(one);
            return true;
        }
        return (one.place.held > 0 || mayQueue(one)) && queue.add(one);
    }

    /** Whoever holds room always may: of them there are no more than pieces, and what they hold would be lost. */
    private boolean mayQueue(Waiting one) {
        List<Waiting> others = queue.stream().filter(other -> other.place.held == 0).toList();
        long ofItsOwn = others.stream().filter(other -> other.place.organization.equals(one.place.organization)).count();
        return others.size() < MOST_WAITING && ofItsOwn < MOST_OF_ONE;
    }

    private synchronized void leave(Place place) {
        isLeaving(waiting -> waiting.place == place);
        if (holders.remove(place)) {
            place.held = 0;
            admitHolders();
            admitOthers();
        }
    }

    private void admitHolders() {
        for (Iterator<Waiting> waiting = queue.iterator(); waiting.hasNext();) {
            Waiting next = waiting.next();
            if (next.place.held > 0 && isSafe(next, holders)) {
                waiting.remove();
                admit(next);
            }
        }
    }

    private void admitOthers() {
        for (Iterator<Waiting> waiting = queue.iterator(); waiting.hasNext();) {
            Waiting next = waiting.next();
            if (next.place.held > 0 || isOwnFault(next)) {
                continue;
            }
            if (!isSafe(next, holders)) {
                // Whoever needs less must not pass him for ever.
                return;
            }
            waiting.remove();
            admit(next);
        }
    }

    /** Whether it waits for others of its organization. */
    private boolean isOwnFault(Waiting one) {
        return !isSafe(one,
                holders.stream().filter(holder -> holder.organization.equals(one.place.organization)).toList());
    }

    /** Whether all of these, and this one with what it asks for, could come to their end. */
    private boolean isSafe(Waiting one, Collection<Place> others) {
        one.place.held += one.more;
        List<Place> open = new ArrayList<>(others);
        if (!open.contains(one.place)) {
            open.add(one.place);
        }
        boolean safe = canAllEnd(open);
        one.place.held -= one.more;
        return safe;
    }

    private boolean canAllEnd(List<Place> open) {
        long free = bytes - open.stream().mapToLong(place -> place.held).sum();
        Map<UUID, Long> freeOfEach = new HashMap<>();
        open.forEach(place -> freeOfEach.merge(place.organization, eachOrganization - place.held,
                (before, now) -> before - place.held));
        for (boolean one = true; one && !open.isEmpty();) {
            one = false;
            for (Iterator<Place> places = open.iterator(); places.hasNext();) {
                Place place = places.next();
                if (place.most - place.held <= Math.min(free, freeOfEach.getOrDefault(place.organization, 0L))) {
                    places.remove();
                    free += place.held;
                    freeOfEach.merge(place.organization, place.held, Long::sum);
                    one = true;
                }
            }
        }
        return open.isEmpty();
    }

    private void admit(Waiting one) {
        one.place.held += one.more;
        holders.add(one.place);
        one.admitted.run();
    }
}
