package dev.latchkey.webhook;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import org.jboss.logging.Logger;

/**
 * Collects deliveries that have come to nothing and gives them back, many at once: where all connections to a host are taken
 * there are hundreds in a moment, and a statement for each would keep everything else waiting. On one context of Vert.x; one
 * statement is under way at a time.
 */
final class GivingBack {

    private static final Logger LOG = Logger.getLogger(GivingBack.class);
    private static final long PATIENCE_MILLIS = 10;

    private final ClaimTable claims;
    private final Vertx vertx;
    private final Consumer<List<Claimed>> onOver;
    private final Map<Duration, List<Claimed>> waiting = new LinkedHashMap<>();
    private boolean isArmed;
    private boolean isWriting;

    /** @param onOver told which have been given back, or else are left to their claims, which run out */
    GivingBack(ClaimTable claims, Vertx vertx, Consumer<List<Claimed>> onOver) {
        this.claims = claims;
        this.vertx = vertx;
        this.onOver = onOver;
    }

    /** @param pause before they are claimed again */
    void add(Collection<Claimed> deliveries, Duration pause) {
        if (!deliveries.isEmpty()) {
            waiting.computeIfAbsent(pause, first -> new ArrayList<>()).addAll(deliveries);
            arm();
        }
    }

    /** Whether nothing is left to be given back. */
    boolean isDone() {
        return waiting.isEmpty() && !isWriting;
    }

    private void arm() {
        if (!isArmed && !isWriting) {
            isArmed = true;
            vertx.setTimer(PATIENCE_MILLIS, over -> {
                isArmed = false;
                write();
            });
        }
    }

    private void write() {
        Map.Entry<Duration, List<Claimed>> first = waiting.entrySet().iterator().next();
        Duration pause = first.getKey();
        List<Claimed> given = first.getValue();
        waiting.remove(pause);
        isWriting = true;
        Uni.createFrom().deferred(() -> claims.giveBack(given, pause)).subscribe().with(done -> over(given), fault -> {
            LOG.warnf("deliveries could not be given back, their claims run out: deliveries=%d cause=%s", given.size(), fault);
            over(given);
        });
    }

    private void over(List<Claimed> given) {
        isWriting = false;
        if (!waiting.isEmpty()) {
            arm();
        }
        onOver.accept(given);
    }
}
