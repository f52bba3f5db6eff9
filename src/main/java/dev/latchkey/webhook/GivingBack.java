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
import org.jspecify.annotations.Nullable;

/**
 * Collects deliveries that have come to nothing and gives them back, many at once: where all connections to a host are taken
 * there are hundreds in a moment, and a statement for each would keep everything else waiting. On one context of Vert.x; one
 * statement is under way at a time.
 */
final class GivingBack {

    private static final Logger LOG = Logger.getLogger(GivingBack.class);
    private static final long PATIENCE_MILLIS = 10;

    private final HeldTable held;
    private final Vertx vertx;
    private final Consumer<List<Claimed>> onOver;
    private final Map<Terms, List<Claimed>> waiting = new LinkedHashMap<>();
    private boolean isArmed;
    private boolean isWriting;

    /**
     * How they are given back.
     *
     * @param pause before they are claimed again
     * @param error why nobody could be asked, as the log tells it; null: it is not told
     */
    record Terms(Duration pause, @Nullable String error) {

        /** Whoever comes first may have them. */
        static final Terms AT_ONCE = after(Duration.ZERO);

        static Terms after(Duration pause) {
            return new Terms(pause, null);
        }
    }

    /** @param onOver told which have been given back, or else are left to their claims, which run out */
    GivingBack(HeldTable held, Vertx vertx, Consumer<List<Claimed>> onOver) {
        this.held = held;
        this.vertx = vertx;
        this.onOver = onOver;
    }

    void add(Collection<Claimed> deliveries, Terms terms) {
        if (!deliveries.isEmpty()) {
            waiting.computeIfAbsent(terms, first -> new ArrayList<>()).addAll(deliveries);
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
        Map.Entry<Terms, List<Claimed>> first = waiting.entrySet().iterator().next();
        Terms terms = first.getKey();
        List<Claimed> given = first.getValue();
        waiting.remove(terms);
        isWriting = true;
        Uni.createFrom().deferred(() -> held.giveBack(given, terms)).subscribe().with(done -> over(given), fault -> {
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
