package dev.latchkey.event;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;

import dev.latchkey.web.ProblemCode;
import dev.latchkey.web.ProblemException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;

/**
 * How many bytes of large bodies are held at once. Those that come later wait in their turn and are not read meanwhile, so that
 * it is their clients who hold them; what an organization may hold is bounded, too, so that it keeps no other one waiting.
 */
final class BodyRoom {

    private static final int MOST_WAITING = 500;

    private final long eachOrganization;
    private final Map<UUID, Long> held = new HashMap<>();
    private final Queue<Waiting> queue = new ArrayDeque<>();
    private long free;

    /** @param eachOrganization at least as long as the longest body */
    BodyRoom(long bytes, long eachOrganization) {
        this.free = bytes;
        this.eachOrganization = eachOrganization;
    }

    private record Waiting(UUID organization, long bytes, Runnable admitted) {
    }

    /**
     * Comes when there is room, in the context of who waits; the room has to be given back.
     *
     * @throws ProblemException 503 where too many wait
     */
    Uni<Void> take(UUID organization, long bytes) {
        return Uni.createFrom().emitter(emitter -> {
            Context context = Vertx.currentContext();
            Waiting mine = new Waiting(organization, bytes, () -> context.runOnContext(now -> emitter.complete(null)));
            if (!isAdmitted(mine)) {
                emitter.fail(new ProblemException(ProblemCode.UNAVAILABLE,
                        "Too many large requests are waiting; try again in a moment.").with("Retry-After", "1"));
            }
        });
    }

    synchronized void give(UUID organization, long bytes) {
        free += bytes;
        held.computeIfPresent(organization, (who, before) -> before == bytes ? null : before - bytes);
        for (Iterator<Waiting> waiting = queue.iterator(); waiting.hasNext();) {
            Waiting next = waiting.next();
            if (isOwnFault(next)) {
                continue;
            }
            if (next.bytes > free) {
                // Whoever needs less must not pass him for ever.
                return;
            }
            waiting.remove();
            admit(next);
        }
    }

    private synchronized boolean isAdmitted(Waiting one) {
        if (!isOwnFault(one) && one.bytes <= free && queue.stream().allMatch(this::isOwnFault)) {
            admit(one);
            return true;
        }
        return queue.size() < MOST_WAITING && queue.add(one);
    }

    /** Whether it waits for others of its organization. */
    private boolean isOwnFault(Waiting one) {
        return held.getOrDefault(one.organization, 0L) + one.bytes > eachOrganization;
    }

    private void admit(Waiting one) {
        free -= one.bytes;
        held.merge(one.organization, one.bytes, Long::sum);
        one.admitted.run();
    }
}
